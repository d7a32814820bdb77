package resilience_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/signer"
)

const (
	platformKeyID = "PUB_KEY_ID_0114232134912410000000000000"
	apiv2Key      = "resilience-APIv2-key-of-32-bytes"
	mainHost      = "api.mch.weixin.qq.com"
	backupHost    = "api2.mch.weixin.qq.com"
	backupURL     = "https://" + backupHost + "/"
)

// A sent is a request as the platform received it.
type sent struct {
	*http.Request
	body string
	at   time.Time
}

// A platform answers what its function says, and signs it.
type platform struct {
	t      testing.TB
	answer func(n int, r sent) (*http.Response, error) // n counts from 1

	mu   sync.Mutex
	sent []sent
}

func (p *platform) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	r := sent{Request: req, at: time.Now()}
	if req.Body != nil {
		b, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		req.Body.Close()
		r.body = string(b)
	}
	p.mu.Lock()
	p.sent = append(p.sent, r)
	n := len(p.sent)
	p.mu.Unlock()
	resp, err := p.answer(n, r)
	if err != nil {
		return nil, err
	}
	if resp.Header.Get("Wechatpay-Signature") == "" {
		p.sign(resp)
	}
	return resp, nil
}

func (p *platform) sign(resp *http.Response) {
	b, _ := io.ReadAll(resp.Body)
	resp.Body = io.NopCloser(bytes.NewReader(b))
	timestamp := strconv.FormatInt(time.Now().Unix(), 10)
	digest := sha256.Sum256(signer.ResponseMessage(timestamp, "n", b))
	signature, err := platformKey().Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		p.t.Error(err)
	}
	resp.Header.Set("Wechatpay-Timestamp", timestamp)
	resp.Header.Set("Wechatpay-Nonce", "n")
	resp.Header.Set("Wechatpay-Serial", platformKeyID)
	resp.Header.Set("Wechatpay-Signature", base64.StdEncoding.EncodeToString(signature))
}

// count returns how many requests came, to any host or to one.
func (p *platform) count(host ...string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, r := range p.sent {
		if len(host) == 0 || r.URL.Host == host[0] {
			n++
		}
	}
	return n
}

// newClient returns a client of p whose stack is edited.
func newClient(t testing.TB, p *platform, edits ...middleware.Edit) *wechatpay.Client {
	t.Helper()
	client, err := wechatpay.New(newConfig(t, p, edits...))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func newConfig(t testing.TB, p *platform, edits ...middleware.Edit) wechatpay.Config {
	t.Helper()
	p.t = t
	return wechatpay.Config{
		MchID:        "1900000109",
		SerialNo:     "3775B6A45ACD588826D15E583A95F5DD12345678",
		PrivateKey:   vectors.MerchantKey(t),
		PlatformKeys: keys.Static{platformKeyID: platformKey().Public()},
		APIv2Key:     apiv2Key,
		Transport:    p,
		Middleware:   middleware.Edits(edits...),
	}
}

// platformKey is the key of every platform. The vectors have none.
var platformKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Request-Id": {"REQ-1"}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// always answers every request in the same way.
func always(status int, body string) func(int, sent) (*http.Response, error) {
	return func(int, sent) (*http.Response, error) { return answer(status, body), nil }
}

// inOrder answers with one after the other, and with the last one from then on.
func inOrder(answers ...func(int, sent) (*http.Response, error)) func(int, sent) (*http.Response, error) {
	return func(n int, r sent) (*http.Response, error) { return answers[min(n, len(answers))-1](n, r) }
}

func failing(err error) func(int, sent) (*http.Response, error) {
	return func(int, sent) (*http.Response, error) { return nil, err }
}

var (
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}

	noConnection = failing(errDial)
	reset        = failing(errReset)
	systemError  = always(500, `{"code":"SYSTEM_ERROR","message":"again"}`)
	unavailable  = always(503, `{"code":"SERVICE_UNAVAILABLE"}`)
	tooMany      = always(429, `{"code":"FREQUENCY_LIMITED"}`)
	fine         = always(200, `{}`)
)

// v2 answers with the fields of APIv2, signed.
func v2(fields map[string]string) func(int, sent) (*http.Response, error) {
	return func(int, sent) (*http.Response, error) {
		all := map[string]any{}
		sign, err := signer.V2Sign("", apiv2Key, fields)
		if err != nil {
			return nil, err
		}
		for name, value := range fields {
			all[name] = value
		}
		all["sign"] = sign
		body, err := xmlmap.Encode(all)
		if err != nil {
			return nil, err
		}
		return answer(200, string(body)), nil
	}
}

func v2Refusal(code string) func(int, sent) (*http.Response, error) {
	return v2(map[string]string{"return_code": "SUCCESS", "result_code": "FAIL", "err_code": code})
}

// events records what an Observer is told.
type events struct {
	mu   sync.Mutex
	list []resilience.Event
}

func (e *events) observe() resilience.Observer {
	return resilience.Observe(func(_ context.Context, event resilience.Event) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.list = append(e.list, event)
	})
}

func (e *events) kinds() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var kinds []string
	for _, event := range e.list {
		kinds = append(kinds, string(event.Kind))
	}
	return strings.Join(kinds, " ")
}

var (
	native = wechatpay.M{"appid": "wx1", "mchid": "1900000109", "description": "x", "out_trade_no": "T1", "notify_url": "https://shop.example/", "amount": wechatpay.M{"total": 1}}
	refund = wechatpay.M{"out_trade_no": "T1", "out_refund_no": "R1", "amount": wechatpay.M{"refund": 1, "total": 1, "currency": "CNY"}}
)

func placeOrder(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(native))
	return err
}

func certificates(ctx context.Context, client *wechatpay.Client) error {
	_, err := client.Chain("v3/certificates").Get(ctx)
	return err
}

// refused checks that New refuses an edit, and says why.
func refused(t *testing.T, edit middleware.Edit, says string) {
	t.Helper()
	_, err := wechatpay.New(newConfig(t, &platform{answer: fine}, edit))
	if !errors.Is(err, wechatpay.ErrConfig) || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, want ErrConfig with %q", err, says)
	}
}
