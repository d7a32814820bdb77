package wechatpay_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
)

// A skewed platform answers a client whose clock is wrong. Its own clock is at.
type skewed struct {
	at     time.Time
	noDate bool
	old    time.Duration // how old the timestamp of the answer is
	status int
	body   string
}

// client returns a client whose clock is ahead of the platform's. A call takes the time
// of flight until it arrives, and the same until the answer does.
func (p skewed) client(t *testing.T, ahead, flight time.Duration, edits ...middleware.Edit) *wechatpay.Client {
	t.Helper()
	at := p.at
	_, config := newSigning(t, func(*http.Request, []byte) *http.Response {
		at = at.Add(flight)
		resp := answer(p.status, p.body)
		if !p.noDate {
			resp.Header.Set("Date", at.UTC().Format(http.TimeFormat))
		}
		return resp
	})
	platform := config.Transport.(*signing)
	config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		platform.now = at.Add(flight - p.old).Unix()
		resp, err := platform.RoundTrip(req)
		at = at.Add(flight)
		return resp, err
	})
	config.Clock = func() time.Time { return at.Add(ahead) }
	config.Middleware = middleware.Edits(edits...)
	config.APIv2Key = strings.Repeat("k", 32)
	return newClient(t, config)
}

// An answer that is too old or too new says by how much this machine's clock is wrong,
// and whether it is that.
func TestVerifyErrorSkew(t *testing.T) {
	at := time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		platform      skewed
		ahead, flight time.Duration
		reason        string
		skew          time.Duration
		says, not     string
	}{
		"clock ahead": {skewed{}, 400 * time.Second, 0, "timestamp", 400 * time.Second,
			"by the header Date too, this machine's clock is 400 s ahead of the platform's", "old one"},
		"clock behind": {skewed{}, -301 * time.Second, 0, "timestamp", -301 * time.Second,
			"by the header Date too, this machine's clock is 301 s behind the platform's", "old one"},
		"an old answer": {skewed{old: 10 * time.Minute}, 0, 0, "timestamp", 0,
			"600 s behind this machine's clock, more than the 300 s allowed: set the clock by NTP, or suspect a replay; by the header Date, this machine's clock is right, so the answer is an old one", "platform's"},
		"no Date": {skewed{noDate: true}, 400 * time.Second, 0, "timestamp", 400 * time.Second,
			"is 400 s behind this machine's clock, more than the 300 s allowed: set the clock by NTP, or suspect a replay", "by the header"},
		"slow": {skewed{body: "forged"}, 0, 100 * time.Second, "signature", 0, "", "this machine's clock"},
		"wrong, but not yet too much": {skewed{body: "forged"}, 90 * time.Second, 0, "signature", 90 * time.Second,
			"this machine's clock is 90 s ahead of the platform's: set it by NTP", ""},
		"slow and wrong": {skewed{body: "forged"}, -200 * time.Second, 50 * time.Second, "signature", -150 * time.Second,
			"this machine's clock is 150 s behind the platform's: set it by NTP", ""},
		"hardly wrong": {skewed{body: "forged"}, 59 * time.Second, 0, "signature", 59 * time.Second, "", "this machine's clock"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.platform.at, tt.platform.status = at, 200
			client := tt.platform.client(t, tt.ahead, tt.flight, forge(tt.platform.body))
			_, err := client.Chain("v3/certificates").Get(background())
			var bad *wechatpay.VerifyError
			if !errors.As(err, &bad) || bad.Reason != tt.reason || bad.Skew != tt.skew {
				t.Fatalf("%#v of %v, want %s and %s", bad, err, tt.reason, tt.skew)
			}
			if text := err.Error(); !strings.Contains(text, tt.says) || tt.not != "" && strings.Contains(text, tt.not) {
				t.Errorf("%s\nwant it to say %q, and not %q", text, tt.says, tt.not)
			}
		})
	}
}

// forge changes the signatures of answers if body is "forged".
func forge(body string) middleware.Edit {
	if body != "forged" {
		return nil
	}
	return func(_ middleware.Protocol, s *middleware.Stack) error {
		return s.Push("forge", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				resp, err := next.RoundTrip(req)
				resp.Header.Set("Wechatpay-Signature", "AAAA")
				return resp, err
			})
		})
	}
}

// The platform refuses requests of a wrong clock with SIGN_ERROR. The error blames the
// clock, and not the key.
func TestSignErrorSkew(t *testing.T) {
	refusal := `{"code":"SIGN_ERROR","message":"timestamp","detail":{"sign_information":{"truncated_sign_message":"GET\n/v3/certificates\n"}}}`
	for ahead, blamed := range map[time.Duration]string{
		-400 * time.Second: "the platform refuses timestamps that are wrong, and this machine's clock is 400 s behind the platform's: set it by NTP",
		290 * time.Second:  "this machine's clock is 290 s ahead of the platform's: set it by NTP", // it takes time to arrive
		100 * time.Second:  "the private key",
		0:                  "the private key",
	} {
		p := skewed{at: time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC), status: 401, body: refusal}
		_, err := p.client(t, ahead, 0).Chain("v3/certificates").Get(background())
		if !wechatpay.IsCode(err, "SIGN_ERROR") || !strings.Contains(err.Error(), blamed) ||
			strings.Contains(err.Error(), "the private key") == strings.Contains(blamed, "clock") {
			t.Errorf("%s: %v\nwant it to say %q", ahead, err, blamed)
		}
	}
}

// A middleware learns the skew of each call, long before calls fail.
func TestExchangeSkew(t *testing.T) {
	at := time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		platform skewed
		ahead    time.Duration
		template string
		want     time.Duration
	}{
		"APIv3":   {skewed{at: at, status: 200, body: "{}"}, 75 * time.Second, "v3/certificates", 75 * time.Second},
		"refused": {skewed{at: at, status: 404, body: "{}"}, 75 * time.Second, "v3/certificates", 75 * time.Second},
		"APIv2":   {skewed{at: at, status: 200, body: "<xml/>"}, -time.Hour, "v2/pay/orderquery", -time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			var got time.Duration
			var ok bool
			client := tt.platform.client(t, tt.ahead, 0, func(_ middleware.Protocol, s *middleware.Stack) error {
				return s.Unshift("skew", func(next http.RoundTripper) http.RoundTripper {
					return roundTripper(func(req *http.Request) (*http.Response, error) {
						resp, err := next.RoundTrip(req)
						got, ok = middleware.ExchangeOf(req.Context()).Skew()
						return resp, err
					})
				})
			})
			if strings.HasPrefix(tt.template, "v2/") {
				_, _ = client.Chain(tt.template).Post(background(), wechatpay.XML(wechatpay.M{"a": "b"}))
			} else {
				_, _ = client.Chain(tt.template).Get(background())
			}
			if got != tt.want || !ok {
				t.Errorf("skew %s, %t, want %s", got, ok, tt.want)
			}
		})
	}
}
