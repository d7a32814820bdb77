package main

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// Keys take long to make and protect nothing here.
var testKeys = sync.OnceValue(func() (pair [3]*rsa.PrivateKey) {
	for i := range pair {
		key, err := rsa.GenerateKey(rand.Reader, signer.MinBits)
		if err != nil {
			panic(err)
		}
		pair[i] = key
	}
	return pair
})

// A world is a platform that listens, and what it takes to call it.
type world struct {
	t        *testing.T
	baseURL  string
	merchant *rsa.PrivateKey
	stranger *rsa.PrivateKey
	platform *rsa.PublicKey
	server   *httptest.Server
	handler  *couponPlatform
}

func newWorld(t *testing.T) *world {
	pair := testKeys()
	s, err := signer.NewRSA(demoPublicKeyID, pair[1])
	if err != nil {
		t.Fatal(err)
	}
	handler := newCouponPlatform(demoMchID, keys.Static{demoSerialNo: pair[0].Public()}, s, time.Now)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &world{t, server.URL, pair[0], pair[2], &pair[1].PublicKey, server, handler}
}

func (w *world) client(edit ...func(*wechatpay.Config)) *wechatpay.Client {
	w.t.Helper()
	config := wechatpay.Config{
		MchID:        demoMchID,
		SerialNo:     demoSerialNo,
		PrivateKey:   w.merchant,
		PlatformKeys: keys.Static{demoPublicKeyID: w.platform},
		BaseURL:      w.baseURL,
		Transport:    w.server.Client().Transport,
	}
	for _, f := range edit {
		f(&config)
	}
	client, err := wechatpay.New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

const couponsPath = "v3/marketing/favor/users/{openid}/coupons"

// send sends a coupon under a number and returns its id.
func (w *world) send(client *wechatpay.Client, no string, opts ...wechatpay.Option) (string, error) {
	opts = append([]wechatpay.Option{
		wechatpay.Options{"openid": demoOpenID, "json": demoCoupon()},
		wechatpay.Set("out_request_no", no),
	}, opts...)
	resp, err := client.Chain(couponsPath).Post(w.t.Context(), opts...)
	if err != nil {
		return "", err
	}
	return resp.Get("coupon_id").String(), nil
}

func (w *world) mustSend(client *wechatpay.Client, no string, opts ...wechatpay.Option) string {
	w.t.Helper()
	id, err := w.send(client, no, opts...)
	if err != nil || id == "" {
		w.t.Fatalf("coupon_id %q, error %v", id, err)
	}
	return id
}

func (w *world) list(client *wechatpay.Client, query wechatpay.M) (*wechatpay.Response, error) {
	return client.Chain(couponsPath).Get(w.t.Context(), wechatpay.Options{"openid": demoOpenID, "query": query})
}

func (w *world) mustList(client *wechatpay.Client, query wechatpay.M) *wechatpay.Response {
	w.t.Helper()
	resp, err := w.list(client, query)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp
}

// wantRefusal checks that err is a verified refusal whose text has all of texts.
func wantRefusal(t *testing.T, err error, status int, code string, texts ...string) *wechatpay.Error {
	t.Helper()
	var refusal *wechatpay.Error
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v, want %d %s", err, status, code)
	}
	if refusal.StatusCode != status || refusal.Code != code {
		t.Errorf("%d %s, want %d %s", refusal.StatusCode, refusal.Code, status, code)
	}
	if !refusal.Verified {
		t.Errorf("not verified: %v", err)
	}
	if refusal.RequestID == "" {
		t.Error("no Request-ID")
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error lacks %q: %v", text, err)
		}
	}
	return refusal
}

func TestWrongKey(t *testing.T) {
	w := newWorld(t)
	client := w.client(func(c *wechatpay.Config) { c.PrivateKey = w.stranger })
	_, err := w.send(client, "1")
	const signed = `POST\n/v3/marketing/favor/users/` + demoOpenID + `/coupons\n`
	refusal := wantRefusal(t, err, http.StatusUnauthorized, "SIGN_ERROR",
		`signed here: `, `bytes, "`+signed, `computed by the platform: `)
	if n := strings.Count(err.Error(), signed); n != 2 {
		t.Errorf("the error shows %d strings, want 2: %v", n, err)
	}
	sent, readErr := refusal.Response.Request.GetBody()
	if readErr != nil {
		t.Fatal(readErr)
	}
	defer sent.Close()
	info := refusal.Detail.Get("sign_information")
	if got := info.Get("method").String(); got != http.MethodPost {
		t.Errorf("method %q", got)
	}
	if got := info.Get("url").String(); got != "/v3/marketing/favor/users/"+demoOpenID+"/coupons" {
		t.Errorf("url %q", got)
	}
	theirs := info.Get("truncated_sign_message").String()
	length := info.Get("sign_message_length").Int()
	if want := int64(len(theirs)) - signedBody + refusal.Response.Request.ContentLength; length != want {
		t.Errorf("sign_message_length %d, want %d", length, want)
	}
	if !strings.HasSuffix(theirs, "\n{\"appid\"\n") && !strings.HasSuffix(theirs, "\n{\"appid\n") {
		t.Errorf("truncated_sign_message %q", theirs)
	}
	if w.count() != 0 {
		t.Error("a coupon was sent all the same")
	}
}

// count is how many coupons the platform has sent.
func (w *world) count() int {
	w.handler.mu.Lock()
	defer w.handler.mu.Unlock()
	return len(w.handler.byNo)
}

func TestUnauthorized(t *testing.T) {
	w := newWorld(t)
	used := w.client(func(c *wechatpay.Config) { c.Nonce = func() string { return "once" } })
	w.mustSend(used, "1")
	// Only the requests are signed at another time: the answers still verify.
	signedAt := func(d time.Duration) *wechatpay.Client {
		return w.client(func(c *wechatpay.Config) {
			c.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
				key, err := signer.NewRSA(demoSerialNo, w.merchant)
				if err != nil {
					return err
				}
				return s.Replace(middleware.NameSigner, middleware.Signer(demoMchID, key,
					middleware.Clock(func() time.Time { return time.Now().Add(d) })))
			}
		})
	}
	for _, test := range []struct {
		name   string
		client *wechatpay.Client
		want   string
	}{
		{"stale timestamp", signedAt(-signer.MaxSkew - 2*time.Second), "(field timestamp: "},
		{"timestamp ahead", signedAt(signer.MaxSkew + 10*time.Second), "(field timestamp: "},
		{"unknown serial", w.client(func(c *wechatpay.Config) { c.SerialNo = "ABCDEF" }), `no certificate "ABCDEF"`},
		{"unknown merchant", w.client(func(c *wechatpay.Config) { c.MchID = "1" }), `(field mchid: there is no merchant "1")`},
		{"replayed nonce", used, "the nonce was used before"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.send(test.client, "2")
			wantRefusal(t, err, http.StatusUnauthorized, "SIGN_ERROR", test.want)
		})
	}
	if w.count() != 1 {
		t.Errorf("%d coupons were sent, want 1", w.count())
	}
}

func TestNoAuthorization(t *testing.T) {
	w := newWorld(t)
	resp, err := w.server.Client().Get(w.baseURL + "/v3/marketing/favor/users/a/coupons")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || resp.Header.Get("Wechatpay-Signature") == "" || resp.Header.Get("Request-ID") == "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	client := w.client()
	send := func(opts ...wechatpay.Option) error {
		_, err := w.send(client, "1", opts...)
		return err
	}
	do := func(method, path string, opts ...wechatpay.Option) error {
		_, err := client.Chain(path).Do(t.Context(), method, opts...)
		return err
	}
	list := func(name string, value any) error {
		query := demoQuery()
		query[name] = value
		_, err := w.list(client, query)
		return err
	}
	for _, test := range []struct {
		name   string
		err    error
		status int
		code   string
		want   string
	}{
		{"unknown path", do("GET", "v3/certificates"), 404, "RESOURCE_NOT_EXISTS", "/v3/certificates"},
		{"path above", do("GET", "v3/marketing/favor/users/a"), 404, "RESOURCE_NOT_EXISTS", ""},
		{"path below", do("GET", "v3/marketing/favor/users/a/b/coupons"), 404, "RESOURCE_NOT_EXISTS", ""},
		{"wrong method", do("DELETE", "v3/marketing/favor/users/a/coupons"), 405, "INVALID_REQUEST", "DELETE"},
		{"oversized body", send(wechatpay.Set("stock_id", strings.Repeat("9", maxBody))), 413, "INVALID_REQUEST", "65536 bytes"},
		{"no JSON", do("POST", "v3/marketing/favor/users/a/coupons", wechatpay.Body("application/json", strings.NewReader("{"))), 400, "PARAM_ERROR", "(field /: "},
		{"no body", do("POST", "v3/marketing/favor/users/a/coupons"), 400, "PARAM_ERROR", "(field /: "},
		{"wrong type", send(wechatpay.Set("coupon_value", "1")), 400, "PARAM_ERROR", "(field /coupon_value: "},
		{"missing field", send(wechatpay.Set("stock_id", "")), 400, "PARAM_ERROR", "(field /stock_id: is required)"},
		{"long field", send(wechatpay.Set("stock_id", strings.Repeat("9", 21))), 400, "PARAM_ERROR", "(field /stock_id: is longer than 20 characters)"},
		{"negative value", send(wechatpay.Set("coupon_value", -1)), 400, "PARAM_ERROR", "(field /coupon_value: is less than 0)"},
		{"negative minimum", send(wechatpay.Set("coupon_minimum", -1)), 400, "PARAM_ERROR", "(field /coupon_minimum: is less than 0)"},
		{"no appid", list("appid", nil), 400, "PARAM_ERROR", "(field appid: is required)"},
		{"unknown status", list("status", "SENT"), 400, "PARAM_ERROR", "(field status: is not one of SENDED, USED, EXPIRED)"},
		{"unknown business", list("business_type", "X"), 400, "PARAM_ERROR", "(field business_type: "},
		{"bad offset", list("offset", -1), 400, "PARAM_ERROR", "(field offset: "},
		{"bad limit", list("limit", 0), 400, "PARAM_ERROR", "(field limit: is not a number from 1 to 100)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantRefusal(t, test.err, test.status, test.code, test.want)
		})
	}
	if w.count() != 0 {
		t.Errorf("%d coupons were sent, want none", w.count())
	}
}

func TestIdempotence(t *testing.T) {
	w := newWorld(t)
	client := w.client()
	id := w.mustSend(client, "1")
	if again := w.mustSend(client, "1"); again != id {
		t.Errorf("the same request gave %s, then %s", id, again)
	}
	if other := w.mustSend(client, "2"); other == id {
		t.Errorf("another number gave the same coupon %s", id)
	}
	for name, opt := range map[string]wechatpay.Option{
		"another value": wechatpay.Set("coupon_value", 200),
		"another stock": wechatpay.Set("stock_id", "1"),
		"another user":  wechatpay.Bind("openid", "somebody"),
	} {
		_, err := w.send(client, "1", opt)
		t.Run(name, func(t *testing.T) {
			wantRefusal(t, err, http.StatusBadRequest, "INVALID_REQUEST", "out_request_no 1 was used")
		})
	}
	if got := w.mustList(client, demoQuery()).Get("data.#.coupon_id").Raw; got != fmt.Sprintf(`[%q,"9867042"]`, id) {
		t.Errorf("the coupons are %s", got)
	}
}

func TestList(t *testing.T) {
	w := newWorld(t)
	client := w.client()
	for n := range 5 {
		w.mustSend(client, strconv.Itoa(n)) // 9867041 to 9867045
	}
	w.mustSend(client, "stock", wechatpay.Set("stock_id", "7"))              // 9867046
	w.mustSend(client, "creator", wechatpay.Set("stock_creator_mchid", "8")) // 9867047
	w.mustSend(client, "app", wechatpay.Set("appid", "wx9"))
	w.mustSend(client, "user", wechatpay.Bind("openid", "a b/c"))

	with := func(pairs ...any) wechatpay.M {
		query := wechatpay.M{"appid": demoAppID}
		for i := 0; i < len(pairs); i += 2 {
			query[pairs[i].(string)] = pairs[i+1]
		}
		return query
	}
	for _, test := range []struct {
		name  string
		query wechatpay.M
		total int64
		ids   string
	}{
		{"all", with(), 7, `["9867041","9867042","9867043","9867044","9867045","9867046","9867047"]`},
		{"stock", with("stock_id", "7"), 1, `["9867046"]`},
		{"no such stock", with("stock_id", "6"), 0, `[]`},
		{"sent", with("status", "SENDED", "stock_id", "7"), 1, `["9867046"]`},
		{"used", with("status", "USED"), 0, `[]`},
		{"expired", with("status", "EXPIRED"), 0, `[]`},
		{"creator", with("creator_mchid", "8"), 1, `["9867047"]`},
		{"available", with("available_mchid", "8"), 1, `["9867047"]`},
		{"creator before available", with("creator_mchid", "8", "available_mchid", "5"), 1, `["9867047"]`},
		{"sender", with("sender_mchid", "8"), 0, `[]`},
		{"app", with("appid", "wx9"), 1, `["9867048"]`},
		{"first page", with("limit", 3), 7, `["9867041","9867042","9867043"]`},
		{"second page", with("limit", 3, "offset", 1), 7, `["9867044","9867045","9867046"]`},
		{"last page", with("limit", 3, "offset", 2), 7, `["9867047"]`},
		{"beyond", with("limit", 3, "offset", 3), 7, `[]`},
		{"filtered page", with("limit", 2, "offset", 1, "stock_id", demoStockID, "creator_mchid", demoMchID), 5, `["9867043","9867044"]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			resp := w.mustList(client, test.query)
			if got := resp.Get("total_count").Int(); got != test.total {
				t.Errorf("total_count %d, want %d", got, test.total)
			}
			if got := resp.Get("data.#.coupon_id").Raw; got != test.ids {
				t.Errorf("coupons %s, want %s", got, test.ids)
			}
			offset, limit := 0, 20
			if v, ok := test.query["offset"].(int); ok {
				offset = v
			}
			if v, ok := test.query["limit"].(int); ok {
				limit = v
			}
			if resp.Get("offset").Raw != strconv.Itoa(offset) || resp.Get("limit").Raw != strconv.Itoa(limit) {
				t.Errorf("offset %s, limit %s, want %d, %d", resp.Get("offset").Raw, resp.Get("limit").Raw, offset, limit)
			}
		})
	}

	resp, err := client.Chain(couponsPath).Get(t.Context(), wechatpay.Bind("openid", "a b/c"), wechatpay.Query(with()))
	if err != nil || resp.Get("data.#.coupon_id").Raw != `["9867049"]` {
		t.Errorf("of the other user: %v, %v", resp, err)
	}
}

func TestCouponFields(t *testing.T) {
	w := newWorld(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	var mu sync.Mutex
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	w.handler.clock = clock
	client := w.client(func(c *wechatpay.Config) { c.Clock = clock })
	w.mustSend(client, "1")
	want := map[string]string{
		"stock_creator_mchid":  demoMchID,
		"stock_id":             demoStockID,
		"coupon_id":            "9867041",
		"coupon_name":          "微信支付代金券",
		"status":               "SENDED",
		"create_time":          "2026-01-02T11:04:05.678+08:00",
		"coupon_type":          "NORMAL",
		"available_begin_time": "2026-01-02T11:04:05.678+08:00",
		"available_end_time":   "2026-02-01T11:04:05.678+08:00",
		"normal_coupon_information.coupon_amount":       "100",
		"normal_coupon_information.transaction_minimum": "100",
	}
	resp := w.mustList(client, demoQuery())
	for path, value := range want {
		if got := resp.Get("data.0." + path).String(); got != value {
			t.Errorf("%s is %q, want %q", path, got, value)
		}
	}

	mu.Lock()
	now = now.Add(couponLife + time.Millisecond)
	mu.Unlock()
	expired := demoQuery()
	expired["status"] = "EXPIRED"
	if got := w.mustList(client, expired).Get("data.#.status").Raw; got != `["EXPIRED"]` {
		t.Errorf("a month later the coupons have the statuses %s", got)
	}
	if got := w.mustList(client, demoQuery()).Get("total_count").Int(); got != 0 {
		t.Errorf("a month later %d coupons are good, want none", got)
	}
}

func TestConcurrentSends(t *testing.T) {
	const n = 50
	for _, test := range []struct {
		name string
		no   func(i int) string
		want int
	}{
		{"distinct numbers", strconv.Itoa, n},
		{"one number", func(int) string { return "1" }, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			client := w.client()
			var wg sync.WaitGroup
			ids := make([]string, n)
			for i := range n {
				wg.Go(func() {
					id, err := w.send(client, test.no(i))
					if err != nil {
						t.Error(err)
					}
					ids[i] = id
				})
			}
			wg.Wait()
			distinct := make(map[string]bool)
			for _, id := range ids {
				distinct[id] = true
			}
			query := demoQuery()
			query["limit"] = maxLimit
			resp := w.mustList(client, query)
			if len(distinct) != test.want || resp.Get("total_count").Int() != int64(test.want) || resp.Get("data.#").Int() != int64(test.want) {
				t.Errorf("%d ids, total_count %s, %s coupons; want %d", len(distinct), resp.Get("total_count").Raw, resp.Get("data.#").Raw, test.want)
			}
		})
	}
}

func TestBudget(t *testing.T) {
	w := newWorld(t)
	for i := range maxCoupons {
		w.handler.byNo["spent "+strconv.Itoa(i)] = new(coupon)
	}
	_, err := w.send(w.client(), "1")
	wantRefusal(t, err, http.StatusForbidden, "NOT_ENOUGH")
}

func TestNonces(t *testing.T) {
	var seen nonces
	start := time.Unix(1_700_000_000, 0)
	at := func(d time.Duration, nonce string, want bool) {
		t.Helper()
		if got := seen.first(nonce, start.Add(d)); got != want {
			t.Errorf("%v: first(%q) is %v", d, nonce, got)
		}
	}
	const window = 2 * signer.MaxSkew
	at(0, "a", true)
	at(window, "b", true)
	at(window, "a", false)
	at(window+time.Second, "c", true)
	at(2*window, "b", false) // for as long as its timestamp can hold
	at(2*window+2*time.Second, "d", true)
	at(2*window+2*time.Second, "c", false)
	at(2*window+2*time.Second, "a", true) // forgotten
}

// A refusal is an error, so that it can be returned as one.
func TestRefusalError(t *testing.T) {
	if got := paramError("query", "appid", "is required").Error(); got != "PARAM_ERROR: appid is required" {
		t.Error(got)
	}
}
