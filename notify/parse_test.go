package notify_test

import (
	"context"
	"crypto"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

func TestVectorsAPIv3(t *testing.T) {
	v, accepted := loadMaterial(t), 0
	for _, tt := range v.V3 {
		t.Run(tt.Name, func(t *testing.T) {
			req := post(tt.Body)
			for name, value := range tt.Headers {
				req.Header.Set(name, value)
			}
			n, err := newReceiver(t).Parse(req)
			if !tt.Accept {
				if err == nil || n != nil {
					t.Errorf("Parse = %v, %v", n, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			accepted++
			if n.EventType != tt.EventType || string(n.Resource) != tt.Plaintext || string(n.Raw) != tt.Body {
				t.Errorf("Parse = %s %s %s", n.EventType, n.Resource, n.Raw)
			}
			checkPayment(t, n)
		})
	}
	if accepted != 1 || len(v.V3) != 3 {
		t.Errorf("%d of %d notifications accepted, want 1 of 3", accepted, len(v.V3))
	}
}

// checkPayment checks what the notification of the official example says.
func checkPayment(t *testing.T, n *notify.Notification) {
	t.Helper()
	if n.ID != "EV-2018022511223320873" || n.Summary != "支付成功" || !n.CreateTime.Equal(time.Date(2015, 5, 20, 5, 29, 35, 0, time.UTC)) {
		t.Errorf("Parse = %s %s %s", n.ID, n.Summary, n.CreateTime)
	}
	if got := n.Get("transaction_id").String(); got != "1217752501201407033233368018" {
		t.Errorf("transaction_id is %s", got)
	}
	var payment struct{ Amount struct{ Total int } }
	if err := n.Decode(&payment); err != nil || payment.Amount.Total != 100 {
		t.Errorf("Decode: %+v, %v", payment, err)
	}
}

// Whatever the platform comes to tell, it is handed over whole.
func TestParseTakesAnyEvent(t *testing.T) {
	r := newReceiver(t)
	for _, event := range []string{"REFUND.CLOSED", "COUPON.USE", "MCHTRANSFER.BILL.FINISHED", "NEXT.YEARS.EVENT", "完成"} {
		const text = `{"no":12345678901234567890,"s":"\u003c&","more":{"x":[1,null]}}`
		body := envelope(t, "EV-1", event, text, func(fields m) { fields["new_field"] = m{"a": 1} })
		n, err := r.Parse(signed(t, body))
		if err != nil {
			t.Fatalf("%s: %v", event, err)
		}
		if n.EventType != event || n.Get("no").Raw != "12345678901234567890" || n.Get("s").String() != "<&" || n.Get("@this").Raw != text || string(n.Raw) != body {
			t.Errorf("%s: %s %s", event, n.Get("@this"), n.Raw)
		}
	}
	n, err := r.Parse(signed(t, envelope(t, "EV-1", "COUPON.USE", `{}`, func(fields m) { fields["create_time"] = "20180225112233" })))
	if err != nil || !n.CreateTime.IsZero() {
		t.Errorf("with a time in another form: %v, %v", n, err)
	}
}

func TestDecodeError(t *testing.T) {
	n := &notify.Notification{Resource: []byte(`{"total":"x"}`)}
	var v struct{ Total int }
	if err := n.Decode(&v); err == nil || !strings.HasPrefix(err.Error(), "notify: Decode: ") {
		t.Errorf("Decode: %v", err)
	}
}

// failing is a store whose keys cannot be had.
type failing struct{ keys.Static }

func (failing) PublicKey(context.Context, string) (crypto.PublicKey, error) {
	return nil, context.DeadlineExceeded
}

// A refusal is a request that Parse and Handler refuse, with the edited
// configuration of a Receiver, and how they do.
type refusal struct {
	name   string
	req    func() *http.Request
	edit   func(*notify.Config) // nil changes nothing
	status int
	reason string // of a [signer.VerifyError]
	want   string // what the error says
}

func (tt refusal) check(t *testing.T) {
	edit := tt.edit
	if edit == nil {
		edit = func(*notify.Config) {}
	}
	n, err := newReceiver(t, edit).Parse(tt.req())
	if n != nil {
		t.Errorf("Parse = %v", n)
	}
	checkRefusal(t, err, tt.status, tt.want)
	checkUnverified(t, err, tt.reason)
	if got, want := errors.Is(err, cipher.ErrDecrypt), tt.status == 500 && tt.reason == ""; got != want {
		t.Errorf("errors.Is(%v, ErrDecrypt) = %v", err, got)
	}

	var told error
	h := newReceiver(t, edit, func(c *notify.Config) { c.OnError = func(_ context.Context, err error) { told = err } }).
		Handler(func(context.Context, *notify.Notification) error { t.Error("handed over"); return nil })
	// Without APIv3 there is but one protocol to answer what shows none.
	checkAnswer(t, serve(h, tt.req()), tt.status, false)
	checkRefusal(t, told, tt.status, tt.want)
}

// raw is a signed request with a body.
func raw(t *testing.T, body string) func() *http.Request {
	return func() *http.Request { return signed(t, body) }
}

// good is the body of a notification that is well.
func good(t *testing.T) string { return envelope(t, "EV-1", "TRANSACTION.SUCCESS", `{}`) }

// requestWith is a good request, edited after it was signed.
func requestWith(t *testing.T, edit func(*http.Request)) func() *http.Request {
	return func() *http.Request {
		req := signed(t, good(t))
		edit(req)
		return req
	}
}

// headerWith is a good request with another value of a header.
func headerWith(t *testing.T, name, value string) func() *http.Request {
	return requestWith(t, func(req *http.Request) { req.Header.Set(name, value) })
}

// envelopeWith is a good request, edited before it was signed.
func envelopeWith(t *testing.T, edit func(m)) func() *http.Request {
	return raw(t, envelope(t, "EV-1", "TRANSACTION.SUCCESS", `{}`, edit))
}

// resourceWith is a signed request with another value of a field of its resource.
func resourceWith(t *testing.T, name string, value any) func() *http.Request {
	return envelopeWith(t, func(fields m) { fields["resource"].(m)[name] = value })
}

// skewed sets the clock off by d.
func skewed(t *testing.T, d time.Duration) func(*notify.Config) {
	now := time.Unix(loadMaterial(t).Now, 0)
	return func(c *notify.Config) { c.Clock = func() time.Time { return now.Add(d) } }
}

func TestParseRefusesRequest(t *testing.T) {
	for _, tt := range []refusal{
		{"GET", requestWith(t, func(r *http.Request) { r.Method = "GET" }), nil, 405, "", "POST"},
		{"no method", requestWith(t, func(r *http.Request) { r.Method = "" }), nil, 405, "", "POST"},
		{"announced as too long", requestWith(t, func(r *http.Request) {
			r.ContentLength = 1<<20 + 1
			r.Body = io.NopCloser(iotest.ErrReader(errors.New("read")))
		}), nil, 413, "", "1048576"},
		{"too long", requestWith(t, func(r *http.Request) {
			r.ContentLength = -1
			r.Body = io.NopCloser(strings.NewReader(strings.Repeat(" ", 1<<20+1)))
		}), nil, 413, "", "1048576"},
		{"longer than announced", requestWith(t, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(strings.Repeat(" ", 1<<20+1))) }), nil, 413, "", "1048576"},
		{"cut off", requestWith(t, func(r *http.Request) { r.Body = io.NopCloser(iotest.TimeoutReader(iotest.OneByteReader(r.Body))) }), nil, 400, "", "timeout"},
	} {
		t.Run(tt.name, tt.check)
	}
}

func TestParseRefusesSignature(t *testing.T) {
	for _, tt := range []refusal{
		{"no timestamp", headerWith(t, "Wechatpay-Timestamp", ""), nil, 401, signer.ReasonHeader, "Wechatpay-Timestamp"},
		{"no nonce", headerWith(t, "Wechatpay-Nonce", ""), nil, 401, signer.ReasonHeader, "Wechatpay-Nonce"},
		{"no serial", headerWith(t, "Wechatpay-Serial", ""), nil, 401, signer.ReasonHeader, "Wechatpay-Serial"},
		{"no signature", headerWith(t, "Wechatpay-Signature", ""), nil, 401, signer.ReasonHeader, "Wechatpay-Signature"},
		{"no header", func() *http.Request { return post(good(t)) }, nil, 401, signer.ReasonHeader, "Wechatpay-Timestamp"},
		{"timestamp is no number", headerWith(t, "Wechatpay-Timestamp", "now"), nil, 401, signer.ReasonHeader, "number"},
		{"301 s late", raw(t, good(t)), skewed(t, 301*time.Second), 401, signer.ReasonTimestamp, "behind"},
		{"301 s early", raw(t, good(t)), skewed(t, -301*time.Second), 401, signer.ReasonTimestamp, "ahead"},
		{"unknown serial", headerWith(t, "Wechatpay-Serial", "X"), nil, 401, signer.ReasonSerial, "unknown serial"},
		{"key of another serial", headerWith(t, "Wechatpay-Serial", loadMaterial(t).PlatformPublicKeyID), nil, 401, signer.ReasonSignature, loadMaterial(t).PlatformPublicKeyID},
		{"another nonce", headerWith(t, "Wechatpay-Nonce", "x"), nil, 401, signer.ReasonSignature, ""},
		{"a probe", headerWith(t, "Wechatpay-Signature", "WECHATPAY/SIGNTEST/AAAA"), nil, 401, signer.ReasonSignature, "probe"},
		{"not base64", headerWith(t, "Wechatpay-Signature", "%"), nil, 401, signer.ReasonSignature, "base64"},
		{"a byte more", requestWith(t, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(good(t) + " ")) }), nil, 401, signer.ReasonSignature, ""},
		{"store of keys fails", raw(t, good(t)), func(c *notify.Config) { c.Keys = failing{} }, 500, signer.ReasonSerial, "deadline"},
		{"no APIv3", raw(t, good(t)), func(c *notify.Config) { c.Keys, c.APIv3Key = nil, "" }, 401, signer.ReasonSerial, "APIv3Key"},
	} {
		t.Run(tt.name, tt.check)
	}
}

func TestParseRefusesContent(t *testing.T) {
	for _, tt := range []refusal{
		{"another APIv3 key", raw(t, good(t)), func(c *notify.Config) { c.APIv3Key = strings.Repeat("k", 32) }, 500, "", "EV-1 does not open with APIv3Key"},
		{"other associated data", resourceWith(t, "associated_data", "x"), nil, 500, "", "APIv3Key"},
		{"another algorithm", resourceWith(t, "algorithm", "AEAD_SM4_GCM"), nil, 400, "", "AEAD_SM4_GCM"},
		{"ciphertext is not base64", resourceWith(t, "ciphertext", "%"), nil, 400, "", "base64"},
		{"nonce of 11 bytes", resourceWith(t, "nonce", "0123456789a"), nil, 400, "", "nonce"},
		{"no resource", envelopeWith(t, func(fields m) { delete(fields, "resource") }), nil, 400, "", "resource"},
		{"resource is a text", envelopeWith(t, func(fields m) { fields["resource"] = "x" }), nil, 400, "", "resource"},
		{"no id", envelopeWith(t, func(fields m) { delete(fields, "id") }), nil, 400, "", "id"},
		{"id is a number", envelopeWith(t, func(fields m) { fields["id"] = 1 }), nil, 400, "", "id"},
		{"no event type", envelopeWith(t, func(fields m) { fields["event_type"] = "" }), nil, 400, "", "event_type"},
		{"not JSON", raw(t, "OK"), nil, 400, "", "not a notification"},
		{"empty", raw(t, ""), nil, 400, "", "the body is empty"},
		{"a list", raw(t, "["+good(t)+"]"), nil, 400, "", "not a notification"},
		{"more after it", raw(t, good(t)+"{}"), nil, 400, "", "after top-level value"},
		{"XML with the headers", raw(t, "<xml><a>1</a></xml>"), nil, 400, "", "not a notification"},
		{"a nonce that is a list", raw(t, `{"id":"1","event_type":"X","resource":{"nonce":[]}}`), nil, 400, "", "resource.nonce is not a string"},
		{"resource holds no JSON", raw(t, envelope(t, "EV-1", "X", `{"a":1`)), nil, 400, "", "resource"},
		{"resource holds nothing", raw(t, envelope(t, "EV-1", "X", ``)), nil, 400, "", "resource"},
	} {
		t.Run(tt.name, tt.check)
	}
}

func TestParseAtTheBounds(t *testing.T) {
	v := loadMaterial(t)
	for _, d := range []time.Duration{-300 * time.Second, 300 * time.Second} {
		r := newReceiver(t, func(c *notify.Config) { c.Clock = func() time.Time { return time.Unix(v.Now, 0).Add(d) } })
		if _, err := r.Parse(paid(t, "EV-1")); err != nil {
			t.Errorf("%v off: %v", d, err)
		}
	}
	body := envelope(t, "EV-1", "X", `{}`)
	body += strings.Repeat(" ", 1<<20-len(body))
	for _, length := range []int64{1 << 20, -1} {
		req := signed(t, body)
		req.ContentLength = length
		if n, err := newReceiver(t).Parse(req); err != nil || len(n.Raw) != 1<<20 {
			t.Errorf("1 MiB: %v", err)
		}
	}
}

func TestReceiverNotMade(t *testing.T) {
	for name, r := range map[string]*notify.Receiver{"nil": nil, "zero": {}} {
		_, err := r.Parse(paid(t, "EV-1"))
		checkRefusal(t, err, 500, "New")
		checkAnswer(t, serve(r.Handler(nil), paid(t, "EV-1")), 500, false)
		if err := r.Shutdown(t.Context()); err != nil {
			t.Errorf("%s: Shutdown: %v", name, err)
		}
	}
}
