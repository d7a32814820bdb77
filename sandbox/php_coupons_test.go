package sandbox_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// A phpCoupon is a call that wechatpay-php 1.4.12 made: it sends a coupon or lists
// those of a user, in one of the three spellings, and at once or later. See
// testdata/php_coupons.json. The parameters of a query are in alphabetical order,
// as this library writes them.
type phpCoupon struct {
	Call     string // in PHP
	Spelling string
	Async    bool
	Method   string
	Options  struct {
		OpenID string
		JSON   json.RawMessage
		Query  wechatpay.M
	}
	URL, Body     string
	Timestamp     int64
	Nonce         string
	Message       string // what is signed
	Authorization string
}

// Each call of PHP sends the same bytes in Go, with the same signature, and the
// sandbox takes what either sent.
func TestCouponsAsInPHP(t *testing.T) {
	var calls []phpCoupon
	vectors.LoadFile(t, "php_coupons.json", &calls)
	if len(calls) != 12 {
		t.Errorf("%d calls, want 12", len(calls))
	}
	for _, call := range calls {
		t.Run(call.Call, func(t *testing.T) {
			ofPHP, ofGo := call.sandbox(t), call.sandbox(t)
			for _, sb := range []*sandbox.Sandbox{ofPHP, ofGo} { // so that there is one to list
				if call.Method == "GET" {
					sendOne(t, sb, call.Options.OpenID)
				}
			}
			call.checkAnswer(t, call.replay(t, ofPHP))

			sent := &sending{to: ofGo.URL()}
			resp, err := call.make(t, ofGo.Client(func(c *wechatpay.Config) {
				c.BaseURL, c.Nonce, c.Transport = "", func() string { return call.Nonce }, sent
			}))
			if err != nil {
				t.Fatal(err)
			}
			call.checkAnswer(t, resp.Bytes())
			if sent.method != call.Method || sent.url.String() != call.URL || sent.body != call.Body {
				t.Errorf("%s %s %s, want %s %s %s", sent.method, &sent.url, sent.body, call.Method, call.URL, call.Body)
			}
			message := signer.RequestMessage(sent.method, sent.url.RequestURI(), strconv.FormatInt(call.Timestamp, 10), call.Nonce, []byte(sent.body))
			if string(message) != call.Message {
				t.Errorf("the signed text is %q, want %q", message, call.Message)
			}
			// The signature depends on nothing but the text and the key.
			if got, want := authorization(sent.authorization), authorization(call.Authorization); !maps.Equal(got, want) {
				t.Errorf("Authorization: %v, want %v", got, want)
			}
		})
	}
}

// A sending is a transport that redirects a request to a sandbox, and keeps it.
type sending struct {
	to            string
	method        string
	url           url.URL
	body          string
	authorization string
}

func (s *sending) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := middleware.RequestBody(req)
	if err != nil {
		return nil, err
	}
	s.method, s.url, s.body, s.authorization = req.Method, *req.URL, string(body), req.Header.Get("Authorization")
	to, err := url.Parse(s.to)
	if err != nil {
		return nil, err
	}
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host, req.Host, req.Body = to.Scheme, to.Host, "", io.NopCloser(bytes.NewReader(body))
	return http.DefaultTransport.RoundTrip(req)
}

// authorization returns the fields of the header.
func authorization(header string) map[string]string {
	scheme, rest, _ := strings.Cut(header, " ")
	fields := map[string]string{"": scheme}
	for field := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(field, "=")
		fields[name] = value
	}
	return fields
}

// sandbox starts a sandbox at the time of the call, of PHP's merchant.
func (call phpCoupon) sandbox(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	v := vectors.Load(t)
	block, _ := pem.Decode([]byte(v.MerchantCertificatePEM))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return sandbox.Start(t, func(c *sandbox.Config) {
		c.Demo, c.Clock = true, func() time.Time { return time.Unix(call.Timestamp, 0) }
		c.Merchants = []sandbox.Merchant{{MchID: sandbox.DefaultMchID, PrivateKey: vectors.MerchantKey(t), Certificate: certificate,
			SerialNo: v.MerchantSerialNo, APIv3Key: v.APIv3Key, APIv2Key: v.APIv2Key}}
	})
}

func sendOne(t *testing.T, sb *sandbox.Sandbox, openID string) {
	t.Helper()
	if _, err := sb.Client().Chain("v3/marketing/favor/users/{openid}/coupons").Post(t.Context(), wechatpay.Bind("openid", openID), wechatpay.JSON(wechatpay.M{
		"stock_id": "9856000", "out_request_no": "89560002019101000121", "appid": "wx233544546545989",
		"stock_creator_mchid": "8956000", "coupon_value": 100, "coupon_minimum": 100,
	})); err != nil {
		t.Fatal(err)
	}
}

// replay sends what PHP sent, and returns the answer.
func (call phpCoupon) replay(t *testing.T, sb *sandbox.Sandbox) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), call.Method, strings.Replace(call.URL, "https://api.mch.weixin.qq.com/", sb.URL(), 1), strings.NewReader(call.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", call.Authorization)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v: %s %s", err, resp.Status, body)
	}
	return body
}

// verbs are the methods that the three spellings have.
type verbs interface {
	Get(context.Context, ...wechatpay.Option) (*wechatpay.Response, error)
	Post(context.Context, ...wechatpay.Option) (*wechatpay.Response, error)
	GetAsync(context.Context, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]
	PostAsync(context.Context, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]
}

// make makes the call in Go.
func (call phpCoupon) make(t *testing.T, client *wechatpay.Client) (*wechatpay.Response, error) {
	t.Helper()
	options := wechatpay.Options{"openid": call.Options.OpenID}
	if call.Method == "POST" {
		options["json"] = call.Options.JSON
	} else {
		options["query"] = call.Options.Query
	}
	ctx := t.Context()
	chain := map[string]verbs{
		"property": client.V3().Marketing().Favor().Users().Openid().Coupons(),
		"path":     client.Chain("v3/marketing/favor/users/{openid}/coupons"),
		"segments": client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons"),
	}[call.Spelling]
	switch {
	case call.Method == "POST" && call.Async:
		return chain.PostAsync(ctx, options).Wait()
	case call.Method == "POST":
		return chain.Post(ctx, options)
	case call.Async:
		return chain.GetAsync(ctx, options).Wait()
	}
	return chain.Get(ctx, options)
}

func (call phpCoupon) checkAnswer(t *testing.T, answer []byte) {
	t.Helper()
	want := `"coupon_id":"`
	if call.Method == "GET" {
		want = `"total_count":1,`
	}
	if !strings.Contains(string(answer), want) {
		t.Errorf("the answer is %s", answer)
	}
}
