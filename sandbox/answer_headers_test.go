package sandbox_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// The headers of answers of APIv3.
var (
	signatureHeaders = []string{"Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Signature-Type", "Wechatpay-Timestamp", "Wechatpay-Nonce"}
	alwaysHeaders    = []string{"Request-ID", "Content-Language", "Cache-Control"}
)

// Every kind of answer has the headers that the platform sends. Only files and refusals
// of unknown merchants differ.
func TestAnswersHaveTheHeadersOfThePlatform(t *testing.T) {
	w := newWorld(t)
	w.paid(t, "of-headers", 100)
	image, err := w.upload("v3/merchant-service/images/upload", "a.png", png)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Faults(sandbox.Fault{Path: "v3/pay/transactions/app", Kind: sandbox.FaultTooMany}); err != nil {
		t.Fatal(err)
	}
	get := func(path string, opts ...wechatpay.Option) (*wechatpay.Response, error) {
		return w.call("GET", path, nil, opts...)
	}
	answers := map[string]struct {
		call        func() (*wechatpay.Response, error)
		status      int
		contentType string // "" if there is no body
		unsigned    bool
		also        []string // other headers
	}{
		"rules": {func() (*wechatpay.Response, error) {
			return get("v3/pay/transactions/out-trade-no/of-headers", wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
		}, 200, "application/json; charset=utf-8", false, nil},
		"no body": {func() (*wechatpay.Response, error) {
			w.mustCall(t, "POST", native, w.order("to-close", 1))
			return w.call("POST", "v3/pay/transactions/out-trade-no/to-close/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
		}, 204, "", false, nil},
		"example": {func() (*wechatpay.Response, error) { return get("v3/capital/capitallhh/areas/provinces") },
			200, "application/json; charset=utf-8", false, []string{"Wechatpay-Sandbox"}},
		"upload": {func() (*wechatpay.Response, error) { return w.upload("v3/merchant/media/upload", "a.png", png) },
			200, "application/json; charset=utf-8", false, nil},
		"not found": {func() (*wechatpay.Response, error) { return get("v3/refund/domestic/refunds/never") },
			404, "application/json; charset=utf-8", false, nil},
		"wrong parameter": {func() (*wechatpay.Response, error) { return w.call("POST", native, wechatpay.M{}) },
			400, "application/json; charset=utf-8", false, nil},
		"unknown operation": {func() (*wechatpay.Response, error) { return get("v3/there/is/no/such") },
			404, "application/json; charset=utf-8", false, nil},
		"fault": {func() (*wechatpay.Response, error) {
			return w.call("POST", "v3/pay/transactions/app", w.order("fault", 1))
		},
			429, "application/json; charset=utf-8", false, nil},
		"signature": {func() (*wechatpay.Response, error) {
			return w.between(t, func(req *http.Request) { req.Header.Set("Authorization", req.Header.Get("Authorization")+"x") }).
				Chain("v3/certificates").Get(t.Context())
		}, 401, "application/json; charset=utf-8", false, nil},
		"statement": {func() (*wechatpay.Response, error) {
			return get("v3/global/statements", wechatpay.Query(wechatpay.M{"date": "20180607"}))
		}, 200, "", false, []string{"Wechatpay-Statement-Sha1", "Wechatpay-Sandbox"}},
		"image": {func() (*wechatpay.Response, error) {
			return get("v3/merchant-service/images/{media_id}", wechatpay.Bind("media_id", image.Get("media_id").String()))
		}, 200, "image/png", true, nil},
	}
	for name, tt := range answers {
		t.Run(name, func(t *testing.T) {
			resp, err := tt.call()
			var refused *wechatpay.Error
			if errors.As(err, &refused) {
				resp = refused.Response
			} else if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != tt.status || resp.Header.Get("Content-Type") != tt.contentType {
				t.Errorf("%d %q, want %d %q: %s", resp.StatusCode, resp.Header.Get("Content-Type"), tt.status, tt.contentType, resp.Bytes())
			}
			want := slices.Clone(alwaysHeaders)
			if !tt.unsigned {
				want = append(want, signatureHeaders...)
			}
			checkHeaders(t, resp.Header, append(want, tt.also...))
			if got := resp.Header.Get("Wechatpay-Signature-Type"); !tt.unsigned && got != signer.SchemeRSA {
				t.Errorf("Wechatpay-Signature-Type is %q", got)
			}
		})
	}
}

// checkHeaders checks that an answer has these headers, each once, and no other of the
// platform.
func checkHeaders(t *testing.T, h http.Header, want []string) {
	t.Helper()
	for _, name := range want {
		if values := h.Values(name); len(values) != 1 || values[0] == "" {
			t.Errorf("%s is %q", name, values)
		}
	}
	for name := range h {
		if strings.HasPrefix(name, "Wechatpay-") && !slices.Contains(want, name) {
			t.Errorf("%s is not wanted", name)
		}
	}
}

// An answer of APIv2 has a Request-ID and no signature beside that in its XML.
func TestAnswersOfV2HaveNoSignatureHeaders(t *testing.T) {
	w := newWorld(t)
	w.paid(t, "of-headers", 100)
	resp, err := w.client.Chain("v2/pay/orderquery").Post(t.Context(), wechatpay.XML(queryV2("of-headers")))
	if err != nil {
		t.Fatal(err)
	}
	checkHeaders(t, resp.Header, []string{"Request-ID"})
	if got := resp.Header.Get("Content-Type"); got != "text/xml; charset=utf-8" {
		t.Errorf("Content-Type is %q", got)
	}
}

// The state of a member's points has a body.
//
// https://pay.weixin.qq.com/docs/merchant/apis/smart-business-circle/points/get-points-commit-status.html
func TestPointsCommitStatusHasABody(t *testing.T) {
	const path = "v3/businesscircle/users/{openid}/points/commit_status"
	w := newWorld(t)
	resp := w.mustCall(t, "GET", path, nil, wechatpay.Bind("openid", "oUpF8uMuAJOM2pxb1Q"), wechatpay.Query(wechatpay.M{"brandid": 1000, "appid": "wx931386123456789e"}))
	documented(t, "GET", path, resp)
	if got := resp.Get("points_commit_status").String(); got != "PENDING" && got != "FINISHED" {
		t.Errorf("%s", resp.Bytes())
	}
}

// The header Date is by the clock that signs the answer.
func TestAnswersAreDated(t *testing.T) {
	fixed := time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC)
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.Clock = func() time.Time { return fixed } })
	ahead := func() (skew time.Duration, ok bool) {
		t.Helper()
		resp, err := sb.Client().Chain("v3/certificates").Get(t.Context(), wechatpay.HTTPErrors(false))
		if err != nil {
			t.Fatal(err)
		}
		return middleware.ExchangeOf(resp.Request.Context()).Skew()
	}
	for _, advance := range []time.Duration{0, time.Hour} {
		if advance > 0 {
			if err := sb.Advance(advance); err != nil {
				t.Fatal(err)
			}
		}
		if skew, ok := ahead(); skew != 0 || !ok {
			t.Errorf("after %s the clock is ahead by %s, %t", advance, skew, ok)
		}
	}
	// APIv2 does not say whose clock a caller follows.
	resp, err := sb.Client().Chain("v2/pay/orderquery").Post(t.Context(), wechatpay.XML(wechatpay.M{"appid": "wx1", "out_trade_no": "1"}), wechatpay.HTTPErrors(false))
	if err != nil || resp.Header.Get("Date") != "" {
		t.Errorf("Date %q, %v", resp.Header.Get("Date"), err)
	}
}
