// Package control is the control API of a sandbox. Its callers play the user and
// the network. It uses the sandbox only through Actions.
package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

const (
	// Path is the path of the control API. Paths of the platform do not start
	// with it.
	Path = "/_sandbox/"
	// ImagePath is the path of images, below the sandbox's URL.
	ImagePath = "_sandbox/images/"
)

// The largest bodies, in bytes. A call may carry a file of 6 MiB in base64.
const (
	maxBody = 64 << 10
	maxCall = 9 << 20
)

// Actions are the actions of the control API. Merchants and orders have the names
// that the caller uses.
type Actions struct {
	MchID string // whose an order is that names no merchant

	Pay                  func(mchID, outTradeNo string, p Payment) (transactionID string, err error)
	FailPayment          func(mchID, outTradeNo string) error
	Expire               func(mchID, outTradeNo string) error
	Complain             func(mchID, outTradeNo, detail string) (complaintID string, err error)
	SettleRefund         func(mchID, outRefundNo, state string) error
	SettleTransfer       func(mchID, outBillNo, state string) error
	FailTransfer         func(mchID, outBillNo, reason string) error
	ConfirmAuthorization func(mchID, outAuthorizationNo string) error
	CloseAuthorization   func(mchID, outAuthorizationNo, reason string) error
	NameUser             func(openID, name string) error
	FailUser             func(openID, reason string) error
	FailReceiver         func(account, reason string) error
	NotifySharing        func(mchID, url string) error
	UseCoupon            func(mchID, couponID, transactionID string) error
	OpenRedPacket        func(mchID, mchBillNo, openID string) (amount int64, err error)
	Balance              func(mchID, account string) (any, error)
	SetBalance           func(mchID, account string, available int64) error
	Keys                 Keys

	Wallet       func(openID string) (any, error)
	PrepaidOrder func(prepayID string) (any, error)
	OrderToPay   func(mchID, outTradeNo string) (any, error)
	Lists

	Now         func() string
	Advance     func(time.Duration) error
	Resend      func(id string) error
	Faults      func() []Fault
	SetFaults   func([]Fault) error
	AddFault    func(Fault) (id string, err error)
	RemoveFault func(id string) error
	FaultsMet   func() []FaultMet
	Image       func(id string) (contentType string, data []byte, err error)
	Try         func(context.Context, Call) (any, error)
	CheckFront  func(front, appID, openID string, params []byte) (any, error)

	// Explain returns an error in the platform's form, or false if the platform
	// has no form for it.
	Explain func(error) (*wire.Refusal, bool)
}

// A Payment is how a user pays.
type Payment struct {
	OpenID            string     `json:"openid"`
	BankType          string     `json:"bank_type"`
	CouponIDs         []string   `json:"coupon_ids"`
	SubOrderCouponIDs [][]string `json:"sub_order_coupon_ids"`
}

// A Call is a call that the sandbox makes to itself for a merchant.
type Call struct {
	Method   string            `json:"method"`
	Template string            `json:"template"`
	MchID    string            `json:"mchid"`
	Path     map[string]string `json:"path"`
	Query    map[string]string `json:"query"`
	Header   map[string]string `json:"header"`
	Body     json.RawMessage   `json:"body"`
	FileName string            `json:"file_name"`
	File     []byte            `json:"file"` // base64
	BaseURL  string            `json:"-"`
}

// A Fault is something that goes wrong with requests.
type Fault struct {
	Path   string   `json:"path,omitempty"`
	Kind   string   `json:"kind"`
	Count  int      `json:"count,omitempty"`
	Delay  Duration `json:"delay,omitzero"`
	Chance *float64 `json:"chance,omitempty"` // nil is always

	Code    string `json:"code,omitempty"`
	Status  int    `json:"status,omitempty"`
	Message string `json:"message,omitempty"`
	After   bool   `json:"after,omitempty"`
}

// check returns what is wrong with a fault that only JSON can say.
func (f Fault) check() error {
	if f.Chance != nil && *f.Chance == 0 {
		return errors.New("the chance of a fault is 0: it would never happen; leave chance out for a fault that always happens")
	}
	return nil
}

// A FaultMet is a fault with how many requests met it.
type FaultMet struct {
	ID     string `json:"id"`
	Met    int    `json:"met"`
	Active bool   `json:"active"`
	Fault  Fault  `json:"fault"`
}

// A Duration is a duration that is written like "1m30s".
type Duration time.Duration

// MarshalText writes a duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// New returns the control API. Callers may name it by localhost, by IP addresses
// and by the names in allowed.
func New(a Actions, allowed Hosts) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f action) { mux.Handle(pattern, a.answer(f)) }
	handle("POST /_sandbox/orders/{number}/pay", a.pay)
	handle("POST /_sandbox/orders/{number}/fail", a.order(a.FailPayment))
	handle("POST /_sandbox/orders/{number}/expire", a.order(a.Expire))
	handle("POST /_sandbox/orders/{number}/complain", a.complain)
	handle("POST /_sandbox/refunds/{number}/settle", a.numbered("state", a.SettleRefund))
	handle("POST /_sandbox/transfers/{number}/settle", a.numbered("state", a.SettleTransfer))
	handle("POST /_sandbox/transfers/{number}/fail", a.numbered("fail_reason", a.FailTransfer))
	handle("POST /_sandbox/authorizations/{number}/confirm", a.order(a.ConfirmAuthorization))
	handle("POST /_sandbox/authorizations/{number}/close", a.numbered("close_reason", a.CloseAuthorization))
	handle("POST /_sandbox/users/{account}/name", account("name", a.NameUser))
	handle("POST /_sandbox/users/{account}/fail", account("fail_reason", a.FailUser))
	handle("POST /_sandbox/receivers/{account}/fail", account("fail_reason", a.FailReceiver))
	handle("PUT /_sandbox/receivers/{account}/notify", a.notifySharing)
	handle("POST /_sandbox/coupons/{number}/use", a.numbered("transaction_id", a.UseCoupon))
	handle("POST /_sandbox/redpackets/{number}/open", a.openRedPacket)
	handle("GET /_sandbox/balances/{account}", a.balance)
	handle("PUT /_sandbox/balances/{account}", a.setBalance)
	a.Keys.handle(handle)
	handle("GET /_sandbox/clock", a.now)
	handle("POST /_sandbox/clock", a.advance)
	a.Lists.add(handle)
	mux.Handle("GET /_sandbox/events", a.events())
	handle("POST /_sandbox/notifications/{id}/resend", func(r *http.Request) (any, error) { return nil, a.Resend(r.PathValue("id")) })
	handle("GET /_sandbox/faults", a.faults)
	handle("PUT /_sandbox/faults", a.setFaults)
	handle("POST /_sandbox/faults", a.addFault)
	handle("GET /_sandbox/faults/met", func(*http.Request) (any, error) { return map[string]any{"faults": a.FaultsMet()}, nil })
	handle("DELETE /_sandbox/faults/{id}", func(r *http.Request) (any, error) { return nil, a.RemoveFault(r.PathValue("id")) })
	handle("DELETE /_sandbox/faults", func(*http.Request) (any, error) { return nil, a.SetFaults(nil) })
	handle("GET /_sandbox/images/{media_id}", a.image)
	handle("GET /_sandbox/users/{account}/wallet", func(r *http.Request) (any, error) { return a.Wallet(r.PathValue("account")) })
	handle("GET /_sandbox/prepay/{prepay_id}", func(r *http.Request) (any, error) { return a.PrepaidOrder(r.PathValue("prepay_id")) })
	handle("GET /_sandbox/orders/{number}/cashier", func(r *http.Request) (any, error) { return a.OrderToPay(a.mchID(r), r.PathValue("number")) })
	mux.Handle("POST /_sandbox/calls", a.answerUpTo(maxCall, a.try))
	handle("POST "+checkPath, a.checkFront)
	mux.HandleFunc("OPTIONS "+checkPath, allowAll)
	handle(Path, func(r *http.Request) (any, error) {
		return nil, &wire.Refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "the control API has no " + r.Method + " " + r.URL.Path}
	})
	// A page that is open in a browser on this machine must not control the
	// sandbox.
	protection := http.NewCrossOriginProtection()
	protection.AddInsecureBypassPattern("POST " + checkPath) // it changes nothing
	protection.SetDenyHandler(a.answer(func(*http.Request) (any, error) {
		return nil, &wire.Refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: "a page that is open in a browser may not use the control API"}
	}))
	protected := protection.Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if allowed.allows(r) {
			protected.ServeHTTP(w, r)
			return
		}
		a.answer(func(*http.Request) (any, error) {
			return nil, &wire.Refusal{Status: http.StatusForbidden, Code: "NO_AUTH", Message: allowed.refusal(r)}
		}).ServeHTTP(w, r)
	})
}

// An action returns a value that becomes JSON, a shown, or nil, or an error.
type action func(*http.Request) (any, error)

// A shown is a body that is not JSON.
type shown struct {
	contentType string
	data        []byte
}

// An open answer is one that the pages of all origins may read.
type open struct{ answer any }

// answer returns a handler that carries out an action.
func (a Actions) answer(f action) http.Handler { return a.answerUpTo(maxBody, f) }

// answerUpTo does what answer does for bodies of at most so many bytes.
func (a Actions) answerUpTo(most int64, f action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		out := wire.Reply{Status: http.StatusNoContent, ContentType: wire.TypeJSON}
		answer, err := f(r)
		if o, ok := answer.(open); ok {
			w.Header().Set("Access-Control-Allow-Origin", "*")
			answer = o.answer
		}
		if image, ok := answer.(shown); ok && err == nil {
			out = wire.Reply{Status: http.StatusOK, ContentType: image.contentType, Body: image.data}
		} else if err == nil && answer != nil {
			out.Status = http.StatusOK
			out.Body, err = plainjson.Encode(answer)
		}
		if err != nil {
			out = a.refuse(err)
		}
		out.Write(w)
	})
}

// refuse returns the answer for an error.
func (a Actions) refuse(err error) wire.Reply {
	if no := (*wire.Refusal)(nil); errors.As(err, &no) {
		return no.JSON()
	}
	if no, ok := a.Explain(err); ok {
		return (&wire.Refusal{Status: no.Status, Code: no.Code, Message: err.Error()}).JSON()
	}
	return wire.Invalid(err.Error()).JSON()
}

// mchID returns the merchant of an order.
func (a Actions) mchID(r *http.Request) string { return cmp.Or(r.URL.Query().Get("mchid"), a.MchID) }

// pay pays an order. The body is optional.
func (a Actions) pay(r *http.Request) (any, error) {
	var by Payment
	if err := read(r, &by); err != nil && !errors.Is(err, errNoBody) {
		return nil, err
	}
	id, err := a.Pay(a.mchID(r), r.PathValue("number"), by)
	return map[string]string{"transaction_id": id}, err
}

func (a Actions) order(f func(mchID, outTradeNo string) error) action {
	return func(r *http.Request) (any, error) { return nil, f(a.mchID(r), r.PathValue("number")) }
}

func (a Actions) complain(r *http.Request) (any, error) {
	var body struct {
		Detail string `json:"detail"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	id, err := a.Complain(a.mchID(r), r.PathValue("number"), body.Detail)
	return map[string]string{"complaint_id": id}, err
}

// numbered returns an action on what has a merchant's number in the path. The body
// has one field, a text.
func (a Actions) numbered(field string, f func(mchID, number, text string) error) action {
	return func(r *http.Request) (any, error) {
		text, err := readText(r, field)
		if err != nil {
			return nil, err
		}
		return nil, f(a.mchID(r), r.PathValue("number"), text)
	}
}

// account returns an action on the user or merchant in the path. The body has one
// field, a text.
func account(field string, f func(account, text string) error) action {
	return func(r *http.Request) (any, error) {
		text, err := readText(r, field)
		if err != nil {
			return nil, err
		}
		return nil, f(r.PathValue("account"), text)
	}
}

func (a Actions) notifySharing(r *http.Request) (any, error) {
	var body struct {
		URL string `json:"url"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return nil, a.NotifySharing(r.PathValue("account"), body.URL)
}

func (a Actions) openRedPacket(r *http.Request) (any, error) {
	amount, err := a.OpenRedPacket(a.mchID(r), r.PathValue("number"), r.URL.Query().Get("openid"))
	return map[string]int64{"amount": amount}, err
}

func (a Actions) balance(r *http.Request) (any, error) {
	return a.Balance(a.mchID(r), r.PathValue("account"))
}

func (a Actions) setBalance(r *http.Request) (any, error) {
	var body struct {
		Available *int64 `json:"available_amount"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if body.Available == nil {
		return nil, errors.New("the body has no available_amount")
	}
	return nil, a.SetBalance(a.mchID(r), r.PathValue("account"), *body.Available)
}

func (a Actions) now(*http.Request) (any, error) { return map[string]string{"now": a.Now()}, nil }

func (a Actions) advance(r *http.Request) (any, error) {
	var body struct {
		Advance Duration `json:"advance"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := a.Advance(time.Duration(body.Advance)); err != nil {
		return nil, err
	}
	return a.now(r)
}

type faults struct {
	Faults []Fault `json:"faults"`
}

func (a Actions) faults(*http.Request) (any, error) { return faults{a.Faults()}, nil }

func (a Actions) setFaults(r *http.Request) (any, error) {
	var body faults
	if err := read(r, &body); err != nil {
		return nil, err
	}
	for _, f := range body.Faults {
		if err := f.check(); err != nil {
			return nil, err
		}
	}
	return nil, a.SetFaults(body.Faults)
}

func (a Actions) addFault(r *http.Request) (any, error) {
	var body Fault
	if err := read(r, &body); err != nil {
		return nil, err
	}
	if err := body.check(); err != nil {
		return nil, err
	}
	id, err := a.AddFault(body)
	return map[string]string{"id": id}, err
}

// try makes a call for a merchant.
func (a Actions) try(r *http.Request) (any, error) {
	var c Call
	if err := read(r, &c); err != nil {
		return nil, err
	}
	c.BaseURL = "http://" + r.Host + "/"
	if r.TLS != nil {
		c.BaseURL = "https://" + r.Host + "/"
	}
	return a.Try(r.Context(), c)
}

// image returns an image. Everybody may see it.
func (a Actions) image(r *http.Request) (any, error) {
	contentType, data, err := a.Image(r.PathValue("media_id"))
	return shown{contentType, data}, err
}

// readText returns the only field that a body can have. Without it, the text is
// empty.
func readText(r *http.Request, field string) (string, error) {
	var body map[string]string
	if err := read(r, &body); err != nil {
		return "", err
	}
	for name := range body {
		if name != field {
			return "", fmt.Errorf("the body: unknown field %.64q; the field is %q", name, field)
		}
	}
	return body[field], nil
}

// read decodes a body and refuses unknown fields.
func read(r *http.Request, v any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return bodyError(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("the body: there is something after the JSON")
	}
	return nil
}

// errNoBody says that an action wants a body.
var errNoBody = errors.New("the body is empty, and must be a JSON object")

// bodyError returns what is wrong with a body, without the names of Go types.
func bodyError(err error) error {
	tooLong, wrong := (*http.MaxBytesError)(nil), (*json.UnmarshalTypeError)(nil)
	switch {
	case err == io.EOF:
		return errNoBody
	case errors.As(err, &tooLong):
		return fmt.Errorf("the body is too large: at most %d bytes are taken", tooLong.Limit)
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf("the body is JSON of the type %s, and must be an object", wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("the body: the field %s cannot be a value of the type %s", wrong.Field, wrong.Value)
	}
	return fmt.Errorf("the body: %w", err)
}
