package keys_test

import (
	"context"
	"crypto/x509"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// A badAnswer is what makes a Downloader refuse an answer, and the error.
type badAnswer struct {
	name   string
	edit   func(t *testing.T, p *fakePlatform)
	kind   error
	reason string // of a VerifyError
	want   string
}

// body replaces the body of an answer.
func body(text string) func(*http.Response) error {
	return func(resp *http.Response) error {
		resp.Body.Close()
		resp.Body = http.NoBody
		if text != "" {
			resp.Body = readCloser{strings.NewReader(text)}
		}
		return nil
	}
}

func TestDownloaderRefuses(t *testing.T) {
	testBadAnswers(t, []badAnswer{
		{"a wrong APIv3 key", func(t *testing.T, p *fakePlatform) { p.apiv3Key = strings.Repeat("x", 32) }, nil, "", "APIv3Key"},
		{"no certificates", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusNotFound
				return body(`{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}`)(resp)
			}
		}, keys.ErrNoCertificates, "", "platform public key"},
		{"an empty list", func(t *testing.T, p *fakePlatform) { p.answer = body(`{"data":[]}`) }, keys.ErrNoCertificates, "", ""},
		{"a wrong signature of the merchant", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusUnauthorized
				return body(`{"code":"SIGN_ERROR","message":"签名错误"}`)(resp)
			}
		}, nil, "", "MchID, SerialNo and PrivateKey"},
		{"a proxy's page", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusBadGateway
				return body(`<html>`)(resp)
			}
		}, nil, "", "502 Bad Gateway"},
		{"a redirect", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusFound
				resp.Header.Set("Location", "https://example.com/")
				return nil
			}
		}, nil, "", "302"},
		{"a stale answer", func(t *testing.T, p *fakePlatform) { p.answer = resealed(p, -301*time.Second) }, signer.ErrVerify, signer.ReasonTimestamp, "clock"},
		{"an answer of the future", func(t *testing.T, p *fakePlatform) { p.answer = resealed(p, 301*time.Second) }, signer.ErrVerify, signer.ReasonTimestamp, "clock"},
		{"an unsigned answer", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error { resp.Header.Del("Wechatpay-Signature"); return nil }
		}, signer.ErrVerify, signer.ReasonHeader, "Wechatpay-Signature"},
		{"a changed answer", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				list, err := p.list()
				if err != nil {
					return err
				}
				return body(string(list) + " ")(resp)
			}
		}, signer.ErrVerify, signer.ReasonSignature, "changed"},
		{"a signature by a certificate not in it", func(t *testing.T, p *fakePlatform) { p.signedBy = issue(t, 1, year) }, signer.ErrVerify, signer.ReasonSerial, ""},
	})
}

func TestDownloaderRefusesLists(t *testing.T) {
	testBadAnswers(t, []badAnswer{
		{"a wrong serial number", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				list, err := p.list()
				if err != nil {
					return err
				}
				return body(strings.Replace(string(list), p.certs[0].serial(), "ABCD", 1))(resp)
			}
		}, nil, "", "really"},
		{"expired certificates", func(t *testing.T, p *fakePlatform) {
			p.certs = []issued{issue(t, 0, time.Hour)}
			time.Sleep(2 * time.Hour)
		}, nil, "", "none of the 1 certificates is in force"},
		{"a time that is none", func(t *testing.T, p *fakePlatform) {
			p.times = func(issued) (from, until any) { return "tomorrow", nil }
		}, nil, "", `effective_time "tomorrow"`},
		{"an end that is none", func(t *testing.T, p *fakePlatform) {
			p.times = func(issued) (from, until any) { return nil, "tomorrow" }
		}, nil, "", `expire_time "tomorrow"`},
		{"another's refusal", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusTooManyRequests
				return body(`{"code":"FREQUENCY_LIMITED","message":"slow down"}`)(resp)
			}
		}, nil, "", `429 "FREQUENCY_LIMITED": "slow down"`},
		{"no JSON", func(t *testing.T, p *fakePlatform) { p.answer = body(`{"data":`) }, nil, "", "not a list"},
		{"too long", func(t *testing.T, p *fakePlatform) { p.answer = body(strings.Repeat(" ", 1<<20+1)) }, nil, "", "limit"},
	})
}

// What the platform refuses is told as it is, with what to do about it where
// that is known.
func TestDownloaderTellsOfRefusals(t *testing.T) {
	const merchant = "; MchID, SerialNo and PrivateKey must be of one merchant API certificate that has not expired, and this machine's clock right"
	for _, tt := range []struct {
		status     int
		body, want string
	}{
		{404, `{"code":"RESOURCE_NOT_EXISTS","message":"m"}`, keys.ErrNoCertificates.Error() + " (404 RESOURCE_NOT_EXISTS)"},
		{404, `{"code":"NOT_FOUND","message":"m"}`, `404 "NOT_FOUND": "m"`},
		{404, `<html>`, "404 Not Found: the answer is not the platform's JSON"},
		{400, `{"code":"RESOURCE_NOT_EXISTS","message":"m"}`, `400 "RESOURCE_NOT_EXISTS": "m"`},
		{401, `{"code":"SIGN_ERROR","message":"m"}`, `401 "SIGN_ERROR": "m"` + merchant},
		{401, `<html>`, "401 Unauthorized: the answer is not the platform's JSON"},
		{403, `{"code":"NO_AUTH","message":"m"}`, `403 "NO_AUTH": "m"`},
		{429, `{"code":"FREQUENCY_LIMITED","message":"m"}`, `429 "FREQUENCY_LIMITED": "m"`},
		{204, ``, "204 No Content: the answer is not the platform's JSON"},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &fakePlatform{t: t, certs: []issued{issue(t, 0, year)}}
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = tt.status
				return body(tt.body)(resp)
			}
			err := p.downloader().Refresh(t.Context())
			if want := "keys: downloader: GET v3/certificates: " + tt.want; err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
			if got, want := errors.Is(err, keys.ErrNoCertificates), strings.HasPrefix(tt.want, keys.ErrNoCertificates.Error()); got != want {
				t.Errorf("errors.Is(%v, ErrNoCertificates) = %v", err, got)
			}
		})
	}
}

func testBadAnswers(t *testing.T, cases []badAnswer) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cert := issue(t, 0, year)
				p := &fakePlatform{t: t, certs: []issued{cert}}
				tt.edit(t, p)
				d := p.downloader()
				_, _, err := d.Current(t.Context())
				if err == nil || !strings.Contains(err.Error(), tt.want) || tt.kind != nil && !errors.Is(err, tt.kind) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
				var bad *signer.VerifyError
				if errors.As(err, &bad); tt.reason != "" && (bad == nil || bad.Reason != tt.reason) {
					t.Errorf("error %v, want reason %q", err, tt.reason)
				}
				// Nothing of it was kept, and the error is the same again.
				if key, again := d.PublicKey(t.Context(), cert.serial()); key != nil || again == nil || again.Error() != err.Error() {
					t.Errorf("PublicKey: %T, %v", key, again)
				}
				p.checkRequests(1)
			})
		})
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// resealed signs the answer at another time.
func resealed(p *fakePlatform, beside time.Duration) func(*http.Response) error {
	return func(resp *http.Response) error {
		list, err := p.list()
		if err != nil {
			return err
		}
		return seal(resp.Request.Context(), p.certs[0], resp.Header, time.Now().Add(beside), list)
	}
}

func TestNewDownloaderRefuses(t *testing.T) {
	p := &fakePlatform{t: t}
	for _, tt := range []struct {
		name string
		edit func(*keys.DownloaderConfig)
		want []string
	}{
		{"nothing", func(c *keys.DownloaderConfig) { *c = keys.DownloaderConfig{} }, []string{"MchID", "SerialNo", "PrivateKey", "APIv3Key"}},
		{"all at once", func(c *keys.DownloaderConfig) {
			*c = keys.DownloaderConfig{MchID: "wx8888888888888888", SerialNo: "37:75", APIv3Key: "short", BaseURL: "ftp://h/", Trusted: []*x509.Certificate{nil}}
		}, []string{"MchID", "is an appid", "SerialNo", "has colons", "PrivateKey", "5 bytes", "BaseURL", "Trusted[0]"}},
		{"a short APIv3 key", func(c *keys.DownloaderConfig) { c.APIv3Key = "short" }, []string{"APIv3Key", "5 bytes"}},
		{"a host without scheme", func(c *keys.DownloaderConfig) { c.BaseURL = "api.mch.weixin.qq.com" }, []string{"BaseURL", `write "https://api.mch.weixin.qq.com"`}},
		{"a password in the URL", func(c *keys.DownloaderConfig) { c.BaseURL = "https://u:secret@h/" }, []string{"BaseURL"}},
		{"another scheme", func(c *keys.DownloaderConfig) { c.BaseURL = "ftp://h/" }, []string{"BaseURL", `write "http://h/"`}},
		{"no host", func(c *keys.DownloaderConfig) { c.BaseURL = "https:///path/" }, []string{"BaseURL", "must be https://"}},
		{"a user in the URL", func(c *keys.DownloaderConfig) { c.BaseURL = "https://u@h/" }, []string{"BaseURL", "must be https://"}},
		{"a query in the URL", func(c *keys.DownloaderConfig) { c.BaseURL = "https://h/?a=1" }, []string{"BaseURL", "must be https://"}},
		{"a fragment in the URL", func(c *keys.DownloaderConfig) { c.BaseURL = "https://h/#a" }, []string{"BaseURL", "must be https://"}},
		{"a port that is no number", func(c *keys.DownloaderConfig) { c.BaseURL = "https://h:secret/" }, []string{"BaseURL is not a URL"}},
		{"a version in the URL", func(c *keys.DownloaderConfig) { c.BaseURL = "https://api.mch.weixin.qq.com/v3/" }, []string{"BaseURL", "ends in v3/"}},
		{"the platform without TLS", func(c *keys.DownloaderConfig) { c.BaseURL = "http://api.mch.weixin.qq.com/" }, []string{"BaseURL", "https://"}},
		{"an appid", func(c *keys.DownloaderConfig) { c.MchID = "wx8888888888888888" }, []string{"MchID", "is an appid"}},
		{"a key for a merchant", func(c *keys.DownloaderConfig) { c.MchID = "secretsecretsecretsecretsecret12" }, []string{"MchID"}},
		{"a serial number with colons", func(c *keys.DownloaderConfig) { c.SerialNo = "37:75" }, []string{"SerialNo", "has colons"}},
		{"a key for a serial number", func(c *keys.DownloaderConfig) { c.SerialNo = "-----BEGIN secret-----" }, []string{"SerialNo"}},
		{"two signers", func(c *keys.DownloaderConfig) { c.Signer = otherSigner{} }, []string{"Signer", "PrivateKey"}},
		{"a signer that is a nil pointer", func(c *keys.DownloaderConfig) { c.PrivateKey, c.Signer = nil, (*otherSigner)(nil) }, []string{"Signer is a nil pointer"}},
		{"no certificate", func(c *keys.DownloaderConfig) { c.Trusted = []*x509.Certificate{nil} }, []string{"Trusted[0] is empty"}},
		{"an empty certificate", func(c *keys.DownloaderConfig) { c.Trusted = []*x509.Certificate{{}} }, []string{"Trusted[0] is empty"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := p.config()
			tt.edit(&config)
			d, err := keys.NewDownloader(t.Context(), config)
			if d != nil || err == nil {
				t.Fatal("it was made")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q", err)
			}
		})
	}
}

// A downloader asks the host of its BaseURL, below its path.
func TestDownloaderAsksItsBaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"":                               "https://api.mch.weixin.qq.com/v3/certificates",
		"https://api2.mch.weixin.qq.com": "https://api2.mch.weixin.qq.com/v3/certificates",
		"https://proxy.example/wechat/":  "https://proxy.example/wechat/v3/certificates",
		"http://127.0.0.1:8080":          "http://127.0.0.1:8080/v3/certificates",
	} {
		var asked []string
		p := &fakePlatform{t: t}
		d := p.downloader(func(c *keys.DownloaderConfig) {
			c.BaseURL = base
			c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
				asked = append(asked, req.URL.String())
				return nil, http.ErrAbortHandler
			})
		})
		if err := d.Refresh(t.Context()); !errors.Is(err, http.ErrAbortHandler) || len(asked) != 1 || asked[0] != want {
			t.Errorf("BaseURL %q: asked %q, want %s: %v", base, asked, want, err)
		}
	}
}

// The error of a download names a proxy that makes no connection.
func TestDownloaderNamesTheProxy(t *testing.T) {
	refuses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refuses.Close()
	proxy, err := url.Parse(refuses.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := &fakePlatform{t: t}
	d := p.downloader(func(c *keys.DownloaderConfig) { c.Transport = &http.Transport{Proxy: http.ProxyURL(proxy)} })
	if err := d.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "Proxy is "+refuses.URL) {
		t.Errorf("error %v, want one that names %s", err, refuses.URL)
	}
}

// A Signer signs in place of SerialNo and PrivateKey.
func TestDownloaderWithASigner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, cert := loadMaterial(t), issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		s, err := signer.NewRSA(m.merchantNo, m.private)
		if err != nil {
			t.Fatal(err)
		}
		wantCurrent(t, p.downloader(func(c *keys.DownloaderConfig) { c.SerialNo, c.PrivateKey, c.Signer = "", nil, s }), cert.serial())
		p.checkRequests(1)
	})
}

// A DownloaderConfig shows which secrets it has.
func TestDownloaderConfigString(t *testing.T) {
	m := loadMaterial(t)
	for _, tt := range []struct {
		config keys.DownloaderConfig
		want   string
	}{
		{keys.DownloaderConfig{}, `MchID: "", SerialNo: "", PrivateKey: (none), APIv3Key: (none)`},
		{keys.DownloaderConfig{MchID: merchantNo, PrivateKey: m.private}, `MchID: "1900000109", SerialNo: "", PrivateKey: (given), APIv3Key: (none)`},
		{keys.DownloaderConfig{SerialNo: "AB", Signer: otherSigner{}}, `MchID: "", SerialNo: "AB", PrivateKey: (given), APIv3Key: (none)`},
		{keys.DownloaderConfig{APIv3Key: apiv3Key}, `MchID: "", SerialNo: "", PrivateKey: (none), APIv3Key: (given)`},
	} {
		if got, want := tt.config.String(), "keys.DownloaderConfig{"+tt.want+"}"; got != want {
			t.Errorf("String = %s, want %s", got, want)
		}
	}
}

type otherSigner struct{}

func (otherSigner) Scheme() string                               { return signer.SchemeRSA }
func (otherSigner) SerialNo() string                             { return "AB" }
func (otherSigner) Sign(context.Context, []byte) ([]byte, error) { return nil, errors.ErrUnsupported }

func TestDownloaderPrintsNoSecret(t *testing.T) {
	p := &fakePlatform{t: t}
	config := p.config()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	d := p.downloader()
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s %v", config, config, config, config, d, d, d, text, slog.AnyValue(config).Resolve())
	if strings.Contains(printed, apiv3Key) || strings.Contains(printed, loadMaterial(t).private.D.String()) {
		t.Errorf("printed: %s", printed)
	}
	if err := gob.NewEncoder(io.Discard).Encode(config); err == nil {
		t.Error("gob encodes it")
	}
	config.SerialNo = apiv3Key // pasted into the wrong field
	if printed := fmt.Sprint(config); strings.Contains(printed, apiv3Key) {
		t.Errorf("printed: %s", printed)
	}
	if !strings.Contains(printed, merchantNo) {
		t.Errorf("no merchant in %s", printed)
	}
}
