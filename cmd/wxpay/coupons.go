package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/signer"
)

const (
	maxBody    = 64 << 10 // bytes of a request's body
	maxCoupons = 100_000  // coupons held in memory, the budget of all stocks
	maxLimit   = 100      // coupons on a page

	couponLife = 30 * 24 * time.Hour

	// signedBody is how much of a signed body the platform shows, in bytes.
	signedBody = 8
)

// couponPlatform is a WeChat Pay that knows cash coupons alone, of one
// merchant and in memory: an http.Handler that checks what it is sent and
// signs all that it answers.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_2.shtml (sending) and
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_9.shtml (listing)
type couponPlatform struct {
	mchID     string
	merchants signer.PublicKeys
	signer    signer.Signer
	clock     func() time.Time

	mu     sync.Mutex
	nonces nonces
	byNo   map[string]*coupon   // by out_request_no
	byUser map[string][]*coupon // by openid, oldest first
}

// newCouponPlatform returns a platform for the merchant mchID, whose keys are
// merchants. Its answers are signed with s.
func newCouponPlatform(mchID string, merchants signer.PublicKeys, s signer.Signer, clock func() time.Time) *couponPlatform {
	return &couponPlatform{
		mchID:     mchID,
		merchants: merchants,
		signer:    s,
		clock:     clock,
		byNo:      make(map[string]*coupon),
		byUser:    make(map[string][]*coupon),
	}
}

// A coupon is one that was sent to a user.
type coupon struct {
	id     string
	openid string
	order  couponOrder
	sent   time.Time
}

// couponOrder is the body that sends a coupon.
type couponOrder struct {
	StockID           string `json:"stock_id"`
	OutRequestNo      string `json:"out_request_no"`
	AppID             string `json:"appid"`
	StockCreatorMchID string `json:"stock_creator_mchid"`
	CouponValue       int64  `json:"coupon_value"`
	CouponMinimum     int64  `json:"coupon_minimum"`
}

// A refusal is an answer that says no.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Detail  any    `json:"detail,omitempty"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

// fieldDetail says which field of a request is at fault.
type fieldDetail struct {
	Field    string `json:"field"`
	Issue    string `json:"issue"`
	Location string `json:"location"`
}

func (p *couponPlatform) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := http.StatusOK
	answer, err := p.answer(w, r)
	if err != nil {
		no := new(refusal)
		if !errors.As(err, &no) {
			// Whatever it is, it is not the caller's to know.
			no = &refusal{Status: http.StatusInternalServerError, Code: "SYSTEM_ERROR", Message: "the platform failed"}
		}
		status, answer = no.Status, no
	}
	body, err := json.Marshal(answer)
	if err == nil {
		err = platform.Sign(r.Context(), p.signer, w.Header(), strconv.FormatInt(p.clock().Unix(), 10), body)
	}
	if err != nil {
		// An answer that cannot be signed is none; the connection ends.
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Request-ID", rand.Text())
	w.WriteHeader(status)
	w.Write(body)
}

func (p *couponPlatform) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return nil, &refusal{Status: http.StatusRequestEntityTooLarge, Code: "INVALID_REQUEST",
			Message: fmt.Sprintf("the body is longer than %d bytes", tooLong.Limit)}
	}
	if err != nil {
		return nil, &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST", Message: "the body ended too early"}
	}
	if err := p.authenticate(r, body); err != nil {
		return nil, err
	}
	openid, ok := userOf(r.URL.EscapedPath())
	if !ok {
		return nil, &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "there is nothing at " + r.URL.Path}
	}
	switch r.Method {
	case http.MethodPost:
		return p.send(openid, body)
	case http.MethodGet:
		return p.list(openid, r.URL.RawQuery)
	}
	w.Header().Set("Allow", "GET, POST")
	return nil, &refusal{Status: http.StatusMethodNotAllowed, Code: "INVALID_REQUEST", Message: r.Method + " is not for this path"}
}

// userOf takes the openid out of the one path that the platform knows.
func userOf(path string) (openid string, ok bool) {
	path, under := strings.CutPrefix(path, "/v3/marketing/favor/users/")
	segment, ends := strings.CutSuffix(path, "/coupons")
	if !under || !ends || segment == "" || strings.Contains(segment, "/") {
		return "", false
	}
	openid, err := url.PathUnescape(segment)
	return openid, err == nil
}

// authenticate finds out whether a request is the merchant's, made just now
// and for the first time.
func (p *couponPlatform) authenticate(r *http.Request, body []byte) error {
	unsigned := func(field, issue string) error {
		return &refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: issue,
			Detail: fieldDetail{field, issue, "authorization"}}
	}
	a, err := platform.ParseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return unsigned("authorization", err.Error())
	}
	now := p.clock()
	if err := a.CheckTime(now); err != nil {
		return unsigned("timestamp", err.Error())
	}
	if a.MchID != p.mchID {
		return unsigned("mchid", fmt.Sprintf("there is no merchant %q", a.MchID))
	}
	err = platform.Verify(r.Context(), p.merchants, r.Method, r.RequestURI, a, body)
	switch {
	case errors.Is(err, signer.ErrUnknownSerial):
		return unsigned("serial_no", fmt.Sprintf("merchant %s has no certificate %q", a.MchID, a.SerialNo))
	case err != nil:
		return &refusal{Status: http.StatusUnauthorized, Code: "SIGN_ERROR", Message: "the signature does not match",
			Detail: signDetail(r, a, body)}
	}
	// Only a nonce that the merchant signed is kept: nobody else can use one
	// up, or fill the memory.
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.nonces.first(a.Nonce, now) {
		return unsigned("nonce_str", "the nonce was used before: each request, a repeated one too, is signed afresh")
	}
	return nil
}

// signDetail shows what the platform computed for a request whose signature
// does not match, with the body cut short.
func signDetail(r *http.Request, a platform.Authorization, body []byte) any {
	shown := bytes.ToValidUTF8(body[:min(len(body), signedBody)], nil)
	return map[string]any{
		"field":    "signature",
		"location": "authorization",
		"detail":   map[string]string{"issue": "sign not match"},
		"sign_information": map[string]any{
			"method":                 r.Method,
			"url":                    r.RequestURI,
			"truncated_sign_message": string(signer.RequestMessage(r.Method, r.RequestURI, a.Timestamp, a.Nonce, shown)),
			"sign_message_length":    len(signer.RequestMessage(r.Method, r.RequestURI, a.Timestamp, a.Nonce, body)),
		},
	}
}

// nonces remembers the nonces of requests for as long as their timestamps
// hold, in two halves, so that old ones go without being looked for.
type nonces struct {
	since         time.Time
	recent, older map[string]struct{}
}

// first reports whether nonce was not seen before.
func (n *nonces) first(nonce string, now time.Time) bool {
	// A timestamp holds from MaxSkew before it to MaxSkew after.
	if n.recent == nil || now.Sub(n.since) > 2*signer.MaxSkew {
		n.since, n.recent, n.older = now, make(map[string]struct{}), n.recent
	}
	_, inRecent := n.recent[nonce]
	_, inOlder := n.older[nonce]
	if inRecent || inOlder {
		return false
	}
	n.recent[nonce] = struct{}{}
	return true
}

// send sends a coupon, once for each out_request_no.
func (p *couponPlatform) send(openid string, body []byte) (any, error) {
	var order couponOrder
	if err := json.Unmarshal(body, &order); err != nil {
		field := ""
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
			field = wrong.Field
		}
		return nil, paramError("body", "/"+field, "is not the JSON that it must be")
	}
	if err := order.check(); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	c, known := p.byNo[order.OutRequestNo]
	switch {
	case known && (c.openid != openid || c.order != order):
		return nil, &refusal{Status: http.StatusBadRequest, Code: "INVALID_REQUEST",
			Message: fmt.Sprintf("out_request_no %s was used for another coupon; repeat that request as it was, or take a new number", order.OutRequestNo)}
	case !known && len(p.byNo) >= maxCoupons:
		return nil, &refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", Message: "the budget of the stock is spent"}
	case !known:
		// The first id is that of the official example.
		c = &coupon{id: strconv.Itoa(9867041 + len(p.byNo)), openid: openid, order: order, sent: p.clock()}
		p.byNo[order.OutRequestNo] = c
		p.byUser[openid] = append(p.byUser[openid], c)
	}
	return map[string]string{"coupon_id": c.id}, nil
}

func (o *couponOrder) check() error {
	for _, f := range [...]struct {
		name, value string
		max         int
	}{
		{"stock_id", o.StockID, 20},
		{"out_request_no", o.OutRequestNo, 128},
		{"appid", o.AppID, 128},
		{"stock_creator_mchid", o.StockCreatorMchID, 20},
	} {
		switch {
		case f.value == "":
			return paramError("body", "/"+f.name, "is required")
		case utf8.RuneCountInString(f.value) > f.max:
			return paramError("body", "/"+f.name, fmt.Sprintf("is longer than %d characters", f.max))
		}
	}
	if o.CouponValue < 0 {
		return paramError("body", "/coupon_value", "is less than 0")
	}
	if o.CouponMinimum < 0 {
		return paramError("body", "/coupon_minimum", "is less than 0")
	}
	return nil
}

func paramError(location, field, issue string) error {
	return &refusal{Status: http.StatusBadRequest, Code: "PARAM_ERROR", Message: field + " " + issue,
		Detail: fieldDetail{field, issue, location}}
}

// couponPage is a page of a user's coupons.
type couponPage struct {
	TotalCount int          `json:"total_count"`
	Offset     int          `json:"offset"`
	Limit      int          `json:"limit"`
	Data       []couponInfo `json:"data"`
}

type couponInfo struct {
	StockCreatorMchID  string     `json:"stock_creator_mchid"`
	StockID            string     `json:"stock_id"`
	CouponID           string     `json:"coupon_id"`
	CouponName         string     `json:"coupon_name"`
	Status             string     `json:"status"`
	CreateTime         string     `json:"create_time"`
	CouponType         string     `json:"coupon_type"`
	AvailableBeginTime string     `json:"available_begin_time"`
	AvailableEndTime   string     `json:"available_end_time"`
	NormalInformation  couponRule `json:"normal_coupon_information"`
}

type couponRule struct {
	CouponAmount       int64 `json:"coupon_amount"`
	TransactionMinimum int64 `json:"transaction_minimum"`
}

// list lists a user's coupons, oldest first.
func (p *couponPlatform) list(openid, rawQuery string) (any, error) {
	q, err := url.ParseQuery(rawQuery)
	if err != nil {
		return nil, paramError("query", "query", "is malformed")
	}
	if q.Get("appid") == "" {
		return nil, paramError("query", "appid", "is required")
	}
	offset, err := number(q, "offset", 0, 0, maxCoupons)
	if err != nil {
		return nil, err
	}
	limit, err := number(q, "limit", 20, 1, maxLimit)
	if err != nil {
		return nil, err
	}
	if err := oneOf(q, "status", "SENDED", "USED", "EXPIRED"); err != nil {
		return nil, err
	}
	if err := oneOf(q, "business_type", "MULTIUSE"); err != nil {
		return nil, err
	}
	// Every coupon here was sent by the one merchant, and is good at the one
	// that made its stock. Of the two the query heeds creator_mchid first.
	creator := cmp.Or(q.Get("creator_mchid"), q.Get("available_mchid"))
	sender := q.Get("sender_mchid")

	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	page := couponPage{Offset: offset, Limit: limit, Data: []couponInfo{}}
	for _, c := range p.byUser[openid] {
		info := c.info(now)
		if c.order.AppID != q.Get("appid") ||
			!matches(q.Get("stock_id"), info.StockID) ||
			!matches(q.Get("status"), info.Status) ||
			!matches(creator, info.StockCreatorMchID) ||
			!matches(sender, p.mchID) {
			continue
		}
		// The offset counts pages, not coupons.
		if page.TotalCount/limit == offset {
			page.Data = append(page.Data, info)
		}
		page.TotalCount++
	}
	return page, nil
}

// matches reports whether a filter lets value through, as an empty one always
// does.
func matches(filter, value string) bool { return filter == "" || filter == value }

// number reads a whole number of the query, absent if it is not there.
func number(q url.Values, name string, absent, least, most int) (int, error) {
	if !q.Has(name) {
		return absent, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < least || n > most {
		return 0, paramError("query", name, fmt.Sprintf("is not a number from %d to %d", least, most))
	}
	return n, nil
}

func oneOf(q url.Values, name string, values ...string) error {
	if value := q.Get(name); value != "" && !slices.Contains(values, value) {
		return paramError("query", name, "is not one of "+strings.Join(values, ", "))
	}
	return nil
}

func (c *coupon) info(now time.Time) couponInfo {
	end := c.sent.Add(couponLife)
	status := "SENDED"
	if now.After(end) {
		status = "EXPIRED"
	}
	return couponInfo{
		StockCreatorMchID:  c.order.StockCreatorMchID,
		StockID:            c.order.StockID,
		CouponID:           c.id,
		CouponName:         "微信支付代金券",
		Status:             status,
		CreateTime:         beijing(c.sent),
		CouponType:         "NORMAL",
		AvailableBeginTime: beijing(c.sent),
		AvailableEndTime:   beijing(end),
		NormalInformation:  couponRule{c.order.CouponValue, c.order.CouponMinimum},
	}
}

// beijing writes a time as the platform does.
func beijing(t time.Time) string {
	return t.In(time.FixedZone("", 8*60*60)).Format("2006-01-02T15:04:05.000-07:00")
}

// serve serves handler on a free port of this machine, which no other can
// reach. stop ends it, after the requests under way.
func serve(ctx context.Context, handler http.Handler) (baseURL string, stop func() error, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       30 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	stop = func() error {
		// What ends ctx is often the reason for stopping.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		err := server.Shutdown(ctx)
		if err != nil {
			server.Close()
		}
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
	return "http://" + listener.Addr().String() + "/", stop, nil
}
