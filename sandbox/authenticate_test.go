package sandbox_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// between returns a client whose requests f changes after they are signed.
func (w *world) between(t testing.TB, f func(*http.Request)) *wechatpay.Client {
	t.Helper()
	return w.Client(func(c *wechatpay.Config) {
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			f(req)
			return inprocess.Transport(w.Server).RoundTrip(req)
		})
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

const native = "v3/pay/transactions/native"

func TestAuthenticateRefuses(t *testing.T) {
	replace := func(old, new string) func(*http.Request) {
		return func(req *http.Request) {
			header := req.Header.Get("Authorization")
			if !strings.Contains(header, old) {
				panic(old + " is not in " + header)
			}
			req.Header.Set("Authorization", strings.Replace(header, old, new, 1))
		}
	}
	tests := []struct {
		name, field string
		edit        func(*http.Request)
	}{
		{"no Authorization", "authorization", func(req *http.Request) { req.Header.Del("Authorization") }},
		{"another scheme", "authorization", replace("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2-WITH-SM3")},
		{"another merchant", "mchid", replace(sandbox.DefaultMchID, "1900000110")},
		{"another serial", "serial_no", replace(`serial_no="`, `serial_no="0`)},
		{"another nonce", "signature", replace(`nonce_str="`, `nonce_str="0`)},
		{"another signature", "signature", replace(`signature="`, `signature="AAAA`)},
		{"not base64", "signature", replace(`signature="`, `signature="!`)},
		{"another body", "signature", func(req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			body = bytes.Replace(body, []byte(`"total":1`), []byte(`"total":2`), 1)
			middleware.SetBody(req, body)
		}},
		{"a query more", "signature", func(req *http.Request) { req.URL.RawQuery = "a=b" }},
	}
	w := newWorld(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.between(t, tt.edit).Chain(native).Post(context.Background(), wechatpay.JSON(w.order("refused", 1)))
			e := refused(t, err, 401, "SIGN_ERROR")
			if e.Detail.Get("field").String() != tt.field || e.Detail.Get("location").String() != "authorization" {
				t.Errorf("detail %s, want the field %s", e.Detail, tt.field)
			}
			if got := e.Detail.Get("sign_information").Exists(); got != (tt.field == "signature") {
				t.Errorf("detail %s", e.Detail)
			}
			verified(t, w, e.Response)
		})
	}
	_, err := w.call("GET", "v3/pay/transactions/out-trade-no/refused", nil, wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID}))
	refused(t, err, 404, "ORDER_NOT_EXIST") // no such request did anything
}

// verified checks that an answer is the platform's, whatever its status.
func verified(t testing.TB, w *world, resp *wechatpay.Response) {
	t.Helper()
	if err := signer.SealOf(resp.Header.Get).Verify(context.Background(), w.PlatformKeys(), w.clock.Now(), resp.Bytes()); err != nil {
		t.Errorf("the answer is not signed: %v", err)
	}
}

func TestSignInformation(t *testing.T) {
	w := newWorld(t)
	var sent *http.Request
	body := []byte(`{"name":"值"}`)
	_, err := w.between(t, func(req *http.Request) {
		req.URL.RawQuery, sent = "c=%E5%80%BC", req
		middleware.SetBody(req, body)
	}).Chain(native).Post(context.Background(), wechatpay.JSON(w.order("refused", 1)))
	info := refused(t, err, 401, "SIGN_ERROR").Detail.Get("sign_information")
	fields := strings.Split(sent.Header.Get("Authorization"), `"`)
	var nonce, timestamp string
	for i, f := range fields {
		switch {
		case strings.HasSuffix(f, "nonce_str="):
			nonce = fields[i+1]
		case strings.HasSuffix(f, "timestamp="):
			timestamp = fields[i+1]
		}
	}
	const target = "/v3/pay/transactions/native?c=%E5%80%BC"
	message := signer.RequestMessage("POST", target, timestamp, nonce, body)
	if info.Get("method").String() != "POST" || info.Get("url").String() != target || info.Get("sign_message_length").Int() != int64(len(message)) {
		t.Errorf("sign_information %s", info)
	}
	if got := strings.TrimSuffix(info.Get("truncated_sign_message").String(), "\n"); !strings.HasPrefix(string(message), got) || len(got) >= len(message)-1 {
		t.Errorf("truncated_sign_message %q, want a start of %q", got, message)
	}
}

func TestTimestamp(t *testing.T) {
	for skew, ok := range map[time.Duration]bool{
		0: true, 300 * time.Second: true, -300 * time.Second: true, 301 * time.Second: false, -301 * time.Second: false,
	} {
		w := newWorld(t, migrating)
		client := w.Client(func(c *wechatpay.Config) {
			c.Transport = inprocess.Transport(w.Server)
			c.Clock = func() time.Time { return w.clock.Now().Add(skew) }
		})
		_, err := client.Chain("v3/certificates").Get(context.Background())
		if ok && err != nil {
			t.Errorf("%v off: %v", skew, err)
		}
		if !ok && refused(t, err, 401, "SIGN_ERROR").Detail.Get("field").String() != "timestamp" {
			t.Errorf("%v off: %v", skew, err)
		}
	}
}

func TestReplay(t *testing.T) {
	w := newWorld(t, migrating)
	var kept *http.Request
	if _, err := w.between(t, func(req *http.Request) { kept = req.Clone(context.Background()) }).Chain("v3/certificates").Get(context.Background()); err != nil {
		t.Fatal(err)
	}
	again := func() *http.Response {
		resp, err := inprocess.Transport(w.Server).RoundTrip(kept)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	if resp := again(); resp.StatusCode != 401 {
		t.Errorf("a request sent twice: %d, want 401", resp.StatusCode)
	}
	w.clock.add(301 * time.Second)
	if resp := again(); resp.StatusCode != 401 {
		t.Errorf("a request sent twice, later: %d, want 401", resp.StatusCode)
	}
	latest := w.Requests()
	if len(latest) != 3 || latest[0].Status != 200 || latest[1].Code != "SIGN_ERROR" || latest[0].Operation != "GET v3/certificates" ||
		latest[0].MchID != sandbox.DefaultMchID || latest[1].MchID != "" {
		t.Errorf("requests %+v", latest)
	}
}

// In an upload, only the part meta is signed.
func TestUpload(t *testing.T) {
	w := newWorld(t)
	upload := func(f func(*http.Request)) error {
		_, err := w.between(t, f).Chain("v3/merchant/media/upload").Post(context.Background(), wechatpay.Upload("x.png", strings.NewReader(png+"picture")))
		return err
	}
	if err := upload(func(*http.Request) {}); err != nil {
		t.Error(err)
	}
	edit := func(old, new string) func(*http.Request) {
		return func(req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			middleware.SetBody(req, bytes.Replace(body, []byte(old), []byte(new), 1))
		}
	}
	refused(t, upload(edit("x.png", "y.png")), 401, "SIGN_ERROR")
	refused(t, upload(edit(`name="meta"`, `name="mate"`)), 400, "PARAM_ERROR")
	refused(t, upload(edit(`name="file"`, `name="life"`)), 400, "PARAM_ERROR")
	refused(t, upload(func(req *http.Request) { req.Header.Set("Content-Type", "image/png") }), 401, "SIGN_ERROR")
	if e := refused(t, upload(edit("picture", "forgery")), 400, "PARAM_ERROR"); e.Detail.Get("field").String() != "/meta/sha256" {
		t.Error(e)
	}
}

// Answers are signed by the key that the request names, else by the newest
// certificate.
func TestAnswersAreSignedByTheKeyAskedFor(t *testing.T) {
	w := newWorld(t, migrating)
	var publicKey string
	serials := make(map[string]bool)
	for serial := range w.PlatformKeys() {
		serials[serial] = true
		if strings.HasPrefix(serial, "PUB_KEY_ID_") {
			publicKey = serial
		}
		resp := w.mustCall(t, "GET", "v3/certificates", nil, wechatpay.Header("Wechatpay-Serial", serial))
		if got := resp.Header.Get("Wechatpay-Serial"); got != serial {
			t.Errorf("asked for %s, signed by %s", serial, got)
		}
	}
	if len(serials) != 3 || publicKey == "" {
		t.Errorf("the platform's keys are %v, want two certificates and a public key", serials)
	}
	certs := w.mustCall(t, "GET", "v3/certificates", nil).Get("data").Array()
	newest := certs[0]
	for _, c := range certs {
		if c.Get("effective_time").String() > newest.Get("effective_time").String() {
			newest = c
		}
	}
	resp, err := w.between(t, func(req *http.Request) { req.Header.Set("Wechatpay-Serial", "0000") }).Chain("v3/certificates").Get(context.Background())
	if err != nil || resp.Header.Get("Wechatpay-Serial") != newest.Get("serial_no").String() {
		t.Errorf("signed by %v, %v; want %s", resp, err, newest)
	}
}

func TestPaths(t *testing.T) {
	w := newWorld(t)
	_, err := w.call("GET", "v3/pay/nothing", nil)
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	_, err = w.call("DELETE", native, nil)
	e := refused(t, err, 405, "INVALID_REQUEST")
	if got := e.Response.Header.Get("Allow"); got != "POST" {
		t.Errorf("Allow is %q", got)
	}
	verified(t, w, e.Response)
}

func TestBodyLimit(t *testing.T) {
	w := newWorld(t)
	order := w.order("oversized", 1)
	order["attach"] = strings.Repeat("x", 1<<20)
	_, err := w.call("POST", native, order)
	refused(t, err, 413, "INVALID_REQUEST")
}

func TestAPIv2Refuses(t *testing.T) {
	w := newWorld(t)
	edit := func(old, new string) func(*http.Request) {
		return func(req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			middleware.SetBody(req, bytes.Replace(body, []byte(old), []byte(new), 1))
		}
	}
	for name, tt := range map[string]struct {
		edit func(*http.Request)
		body wechatpay.M
		want string
	}{
		"no order":         {func(*http.Request) {}, queryV2("1217752501"), "ORDERNOTEXIST"},
		"another body":     {edit("1217752501", "1217752502"), queryV2("1217752501"), "SIGNERROR"},
		"another merchant": {edit(sandbox.DefaultMchID, "1900000110"), queryV2("1217752501"), "MCHID_NOT_EXIST"},
		"not XML":          {edit("</xml>", ""), queryV2("1217752501"), "PARAM_ERROR"},
		"a field missing":  {func(*http.Request) {}, wechatpay.M{"appid": "wxd678efh567hg6787"}, "PARAM_ERROR"},
	} {
		_, err := w.between(t, tt.edit).Chain("v2/pay/orderquery").Post(context.Background(), wechatpay.XML(tt.body))
		if !wechatpay.IsCode(err, tt.want) {
			t.Errorf("%s: error is %v, want %s", name, err, tt.want)
		}
	}
}
