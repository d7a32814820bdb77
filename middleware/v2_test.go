package middleware_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

const v2Key = "exposed_your_key_here_have_risks"

// newXML makes an APIv2 request with a body, or with none.
func newXML(t testing.TB, path, body string, x *middleware.Exchange) *http.Request {
	t.Helper()
	req := newRequest(t, "POST", path, x)
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	middleware.SetBody(req, []byte(body))
	return req
}

// through sends req through V2Signer and returns the bodies and requests that
// leave, as often as it is sent.
func through(t testing.TB, req *http.Request, times int) (sent []*http.Request, bodies []string, err error) {
	t.Helper()
	rt := middleware.V2Signer(v2Key)(transport(func(req *http.Request) (*http.Response, error) {
		body, err := middleware.RequestBody(req)
		if err != nil {
			return nil, err
		}
		sent, bodies = append(sent, req), append(bodies, string(body))
		return answering(200, nil, "")(req)
	}))
	for range times {
		var resp *http.Response
		if resp, err = rt.RoundTrip(req); err == nil {
			resp.Body.Close()
		}
	}
	return sent, bodies, err
}

func decoded(t testing.TB, body string) map[string]string {
	t.Helper()
	fields, err := xmlmap.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	texts := make(map[string]string)
	for name, v := range fields {
		if text, ok := v.(string); ok {
			texts[name] = text
		}
	}
	return texts
}

// A request that is sent again is signed anew, and what it is made from stays
// as it is.
func TestV2SignerAgain(t *testing.T) {
	const body = `<xml><a>1</a><b>&lt;</b></xml>`
	req := newXML(t, "/pay/orderquery", body, nil)
	sent, bodies, err := through(t, req, 2)
	if err != nil {
		t.Fatal(err)
	}
	var nonces []string
	for i := range sent {
		fields := decoded(t, bodies[i])
		if err := signer.V2Verify(v2Key, fields); err != nil || fields["a"] != "1" || fields["b"] != "<" || len(fields) != 4 {
			t.Errorf("sent %s: %v", bodies[i], err)
		}
		if sent[i] == req || sent[i].ContentLength != int64(len(bodies[i])) {
			t.Errorf("%d: a length of %d for %d bytes", i, sent[i].ContentLength, len(bodies[i]))
		}
		nonces = append(nonces, fields["nonce_str"])
	}
	if nonces[0] == nonces[1] || len(nonces[0]) != 32 {
		t.Errorf("nonces %s", nonces)
	}
	if again, err := io.ReadAll(req.Body); err != nil || string(again) != body {
		t.Errorf("the request was changed to %s, %v", again, err)
	}
}

func TestV2SignerNonce(t *testing.T) {
	for _, tt := range []struct {
		body      string
		nonceless bool
		want      string // the nonce, or a number of characters
	}{
		{`<xml><nonce_str>given</nonce_str></xml>`, false, "given"},
		{`<xml><nonce_str>given</nonce_str></xml>`, true, "given"},
		{`<xml><a>1</a></xml>`, true, ""},
	} {
		_, bodies, err := through(t, newXML(t, "/x", tt.body, &middleware.Exchange{Nonceless: tt.nonceless}), 1)
		if err != nil {
			t.Fatal(err)
		}
		fields := decoded(t, bodies[0])
		if got := fields["nonce_str"]; got != tt.want || signer.V2Verify(v2Key, fields) != nil {
			t.Errorf("%s, nonceless %v: sent %s", tt.body, tt.nonceless, bodies[0])
		}
	}
}

func TestV2SignerQuery(t *testing.T) {
	req := newRequest(t, "GET", "/papay/entrustweb?b=x%20y%26&a=%E4%B8%AD&empty=&sign_type=HMAC-SHA256", nil)
	sent, bodies, err := through(t, req, 2)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := sent[0].URL.Query().Get("nonce_str"), sent[1].URL.Query().Get("nonce_str"); len(a) != 32 || a == b {
		t.Errorf("nonces %q and %q", a, b)
	}
	for i := range sent {
		fields := make(map[string]string)
		for name, values := range sent[i].URL.Query() {
			fields[name] = values[0]
		}
		if err := signer.V2Verify(v2Key, fields); err != nil || fields["a"] != "中" || fields["b"] != "x y&" || len(fields["sign"]) != 64 || bodies[i] != "" {
			t.Errorf("sent %s: %v", sent[i].URL, err)
		}
		if !strings.HasPrefix(sent[i].URL.RawQuery, req.URL.RawQuery+"&") {
			t.Errorf("sent %s", sent[i].URL)
		}
	}
}

func TestV2SignerRefuses(t *testing.T) {
	for name, req := range map[string]*http.Request{
		"not XML":               newXML(t, "/x", "a=b", nil),
		"a DTD":                 newXML(t, "/x", `<!DOCTYPE a><xml><a>1</a></xml>`, nil),
		"a sign type":           newXML(t, "/x", `<xml><sign_type>RSA</sign_type></xml>`, nil),
		"a sign type in query":  newRequest(t, "GET", "/x?sign_type=RSA", nil),
		"a name twice":          newRequest(t, "GET", "/x?a=1&a=2", nil),
		"a sign":                newRequest(t, "GET", "/x?sign=1", nil),
		"a query badly escaped": {Method: "GET", Header: http.Header{}, URL: &url.URL{Path: "/x", RawQuery: "a=%zz"}},
	} {
		if sent, _, err := through(t, req, 1); !errors.Is(err, signer.ErrSign) || len(sent) > 0 || strings.Contains(err.Error(), v2Key) {
			t.Errorf("%s: %v, %d sent", name, err, len(sent))
		}
	}
	if _, bodies, err := through(t, func() *http.Request {
		req := newXML(t, "/x", "--b--", nil)
		req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		return req
	}(), 1); err != nil || bodies[0] != "--b--" {
		t.Errorf("multipart: %q, %v", bodies, err)
	}
}

// FuzzV2Verifier throws answers at the verifier: none passes for signed but one
// whose sign holds, and what passes is what came.
func FuzzV2Verifier(f *testing.F) {
	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		sign, err := signer.V2Sign(signType, v2Key, map[string]string{"return_code": "SUCCESS", "a": "1"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add([]byte("<xml><a>1</a><return_code>SUCCESS</return_code><sign>" + sign + "</sign></xml>"))
		f.Add([]byte("<xml><a>2</a><return_code>SUCCESS</return_code><sign>" + sign + "</sign></xml>"))
		f.Add([]byte("<xml><a>1</a><return_code>SUCCESS</return_code><sign>" + sign + "</sign><sign/></xml>"))
	}
	for _, seed := range []string{"<xml><return_code>FAIL</return_code><return_code/></xml>", "", "<xml/>", "<xml><return_code>FAIL</return_code></xml>", "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code></xml>", "<xml><sign><a/></sign></xml>", "\x1f\x8b", "`1,`2"} {
		f.Add([]byte(seed))
	}
	verifier := middleware.V2Verifier(v2Key)
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, _ := xmlmap.Decode(body)
		texts := make(map[string]string)
		for name, v := range fields {
			texts[name], _ = v.(string)
		}
		isXML := strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(body), "\ufeff"), " \t\r\n"), "<")
		holds := fields != nil && signer.V2Verify(v2Key, texts) == nil
		failed := fields != nil && (!apiv2.Succeeded(texts["return_code"]) || !apiv2.Succeeded(texts["result_code"]))
		rt := verifier(answering(200, nil, string(body)))
		for _, tt := range []struct {
			path               string
			accepted, verified bool
		}{
			{"/pay/orderquery", holds || failed, holds},                        // signed
			{"/pay/downloadbill", !isXML || texts["return_code"] != "", false}, // a text, or why there is none
			{"/payitil/report", texts["return_code"] != "", false},             // not signed
		} {
			isVerified, err := checkBody(t, rt, tt.path, string(body))
			if (err == nil) != tt.accepted || isVerified != tt.verified {
				t.Errorf("%s: %v, Verified is %v", tt.path, err, isVerified)
			}
		}
	})
}

// checkBody checks that an answer is accepted with its whole body, or not with
// an ErrVerify. It returns whether the answer is Verified.
func checkBody(t *testing.T, rt http.RoundTripper, path, body string) (isVerified bool, err error) {
	t.Helper()
	x := &middleware.Exchange{}
	got, err := readAll(rt.RoundTrip(newRequest(t, "POST", path, x)))
	switch {
	case err != nil && !errors.Is(err, signer.ErrVerify):
		t.Errorf("%s: %v, want ErrVerify", path, err)
	case err == nil && got != body:
		t.Errorf("%s: the body is %q, was %q", path, got, body)
	}
	return verified(x), err
}

// Deprecated names work until they go.
func TestDeprecated(t *testing.T) {
	for body, want := range map[string]bool{"<xml></xml>": true, "交易时间": false} {
		if got := middleware.IsXML(&http.Response{Body: io.NopCloser(strings.NewReader(body))}); got != want {
			t.Errorf("IsXML of %s is %v", body, got)
		}
	}
	if !middleware.V2Succeeded("SUCCESS") || middleware.V2Succeeded("FAIL") {
		t.Error("V2Succeeded mistakes FAIL for SUCCESS")
	}
}

// Texts and pages are streamed, whatever their length; XML is not, and an answer
// that must be signed is held and bounded.
func TestV2VerifierStreams(t *testing.T) {
	const long = "`2026-11-23,`1"
	for _, tt := range []struct {
		template string
		stream   bool
		status   int
		body     string
		passes   bool
		want     error // of one that does not
	}{
		{"v2/pay/downloadbill", true, 200, long, true, nil},
		{"v2/papay/entrustweb", true, 200, long, true, nil},
		{"v2/pay/downloadbill", false, 200, long, false, middleware.ErrTooLong},
		{"v2/pay/downloadbill", true, 206, long, false, middleware.ErrTooLong},
		{"v2/papay/entrustweb", true, 500, long, false, middleware.ErrTooLong},
		{"v2/pay/downloadbill", true, 200, "<xml>12345</xml>", false, middleware.ErrTooLong},
		{"v2/pay/orderquery", true, 200, long, false, signer.ErrVerify},
		{"v2/pay/orderquery", true, 500, long, false, middleware.ErrTooLong},
		{"v2/risk/getpublickey", true, 200, long, false, signer.ErrVerify},
	} {
		x := &middleware.Exchange{Stream: tt.stream, Template: tt.template}
		path := strings.TrimPrefix(tt.template, "v2")
		rt := middleware.V2Verifier(v2Key, middleware.MaxBodyBytes(10))(answering(tt.status, nil, tt.body))
		body, err := readAll(rt.RoundTrip(newRequest(t, "POST", path, x)))
		if tt.passes && (err != nil || body != tt.body) || !tt.passes && !errors.Is(err, tt.want) {
			t.Errorf("%s, stream %v, %d: %q, %v; want %v", tt.template, tt.stream, tt.status, body, err, tt.want)
		}
		if errors.Is(err, signer.ErrVerify) != (tt.want == signer.ErrVerify) {
			t.Errorf("%s, stream %v, %d: %v; want ErrVerify %v", tt.template, tt.stream, tt.status, err, tt.want == signer.ErrVerify)
		}
	}
}

// From 200 to 299 an answer must be signed; any other is looked at.
func TestStatusThatMustBeSigned(t *testing.T) {
	for status, must := range map[int]bool{199: false, 200: true, 201: true, 299: true, 300: false, 302: false, 404: false, 500: false} {
		for name, verifier := range map[string]middleware.Middleware{"APIv2": middleware.V2Verifier(v2Key), "APIv3": middleware.Verifier(platformKeys(t), clock)} {
			for _, stream := range []bool{false, true} {
				x := &middleware.Exchange{Stream: stream}
				_, err := readAll(verifier(answering(status, nil, "<xml><return_code>SUCCESS</return_code></xml>")).RoundTrip(newRequest(t, "POST", "/pay/orderquery", x)))
				if status == 199 { // no final answer
					if err == nil || errors.Is(err, signer.ErrVerify) {
						t.Errorf("%s, %d: %v", name, status, err)
					}
				} else if errors.Is(err, signer.ErrVerify) != must || !must && err != nil {
					t.Errorf("%s, %d, stream %v: %v, want ErrVerify %v", name, status, stream, err, must)
				}
			}
		}
	}
}
