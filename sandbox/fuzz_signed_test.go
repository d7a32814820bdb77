package sandbox_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// FuzzSignedServer sends signed requests, so that they reach the products. Each
// is answered, the answer is signed by the platform, and the sandbox does not
// fail.
func FuzzSignedServer(f *testing.F) {
	w, seeds := newFuzzWorld(f)
	for _, s := range seeds {
		f.Add(s.method, s.target, s.contentType, s.body)
	}
	for op := range openapi.Operations() {
		if sandbox.HasHandler(op.String()) {
			target, contentType, body := exampleOf(op)
			f.Add(op.Method, target, contentType, body)
		}
	}
	merchant := sign(f, w.Merchant())
	f.Fuzz(func(t *testing.T, method, target, contentType, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || strings.HasPrefix(u.Path, "/_sandbox/") {
			return // net/http answers the one; FuzzControl has the other
		}
		req := &http.Request{Method: method, URL: u, RequestURI: target, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{"Content-Type": {contentType}, "Wechatpay-Serial": {serialOf(w.Sandbox)}}}
		signed, err := platform.Signed(req.Header, []byte(body))
		if err != nil {
			signed = nil
		}
		nonce, timestamp := rand.Text(), strconv.FormatInt(w.clock.Now().Unix(), 10)
		signature, err := merchant.Sign(t.Context(), signer.RequestMessage(method, target, timestamp, nonce, signed))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", fmt.Sprintf(`%s mchid="%s",nonce_str="%s",timestamp="%s",serial_no="%s",signature="%s"`,
			merchant.Scheme(), w.Merchant().MchID, nonce, timestamp, merchant.SerialNo(), base64.StdEncoding.EncodeToString(signature)))
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, req)
		w.soundV3(t, req, rec)
	})
}

// FuzzSignedServerV2 sends requests signed with the key of APIv2. Each is
// answered, and the sandbox does not fail.
func FuzzSignedServerV2(f *testing.F) {
	w, seeds := newFuzzWorld(f)
	for _, s := range seeds {
		if !strings.HasPrefix(s.target, "/v3/") {
			f.Add(s.target, s.body)
		}
	}
	for op := range openapi.Operations() {
		if path, ok := strings.CutPrefix(op.Template, "v2/"); ok && sandbox.HasHandler(op.String()) {
			_, _, body := exampleOf(op)
			f.Add("/"+path, body)
		}
	}
	f.Fuzz(func(t *testing.T, target, body string) {
		u, err := url.ParseRequestURI(target)
		if err != nil {
			return // FuzzServer has it
		}
		if op := openapi.Match("POST", u.EscapedPath()); op == nil || !strings.HasPrefix(op.Template, "v2/") {
			return // FuzzSignedServer has it
		}
		text, err := signedBodyV2(w, body)
		if err != nil {
			return // FuzzServer has it
		}
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, &http.Request{Method: "POST", URL: u, RequestURI: target, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(text))})
		if !strings.HasPrefix(rec.Header().Get("Content-Type"), "text/xml") {
			return // a bill, or the way to a page
		}
		answer, err := xmlmap.Decode(rec.Body.Bytes())
		if err != nil || rec.Code >= 500 || answer["err_code"] == "SYSTEMERROR" {
			t.Errorf("%s %s: answered %d %s, %v", target, text, rec.Code, rec.Body, err)
		}
	})
}

// signedBodyV2 returns the XML of body as the world's merchant would have signed
// and sent it. It fails if body is not XML, or names an unknown sign type.
func signedBodyV2(w *world, body string) ([]byte, error) {
	fields, err := xmlmap.Decode([]byte(body))
	if err != nil {
		return nil, err
	}
	fields["mch_id"], fields["nonce_str"] = w.Merchant().MchID, middleware.NewNonce()
	delete(fields, "sign")
	texts := make(map[string]string)
	for name, v := range fields {
		if text, ok := v.(string); ok {
			texts[name] = text
		}
	}
	if fields["sign"], err = signer.V2Sign(texts["sign_type"], w.Merchant().APIv2Key, texts); err != nil {
		return nil, err
	}
	return xmlmap.Encode(fields)
}

// soundV3 checks that an answer is complete and comes from the platform.
func (w *world) soundV3(t *testing.T, req *http.Request, rec *httptest.ResponseRecorder) {
	t.Helper()
	h, body := rec.Header(), rec.Body.Bytes()
	if rec.Code >= 500 {
		t.Fatalf("%s %q: answered %d %s", req.Method, req.RequestURI, rec.Code, body)
	}
	if strings.HasPrefix(h.Get("Content-Type"), "application/json") && !json.Valid(body) {
		t.Errorf("%s %q: answered %q, which is not JSON", req.Method, req.RequestURI, body)
	}
	if h.Get("Wechatpay-Signature") == "" || h.Get("Wechatpay-Statement-Sha1") != "" {
		return // a file, or APIv2
	}
	signature, err := base64.StdEncoding.DecodeString(h.Get("Wechatpay-Signature"))
	if err != nil {
		t.Fatal(err)
	}
	message := signer.ResponseMessage(h.Get("Wechatpay-Timestamp"), h.Get("Wechatpay-Nonce"), body)
	if err := signer.Verify(t.Context(), w.PlatformKeys(), h.Get("Wechatpay-Serial"), message, signature); err != nil {
		t.Errorf("%s %q: the answer is not the platform's: %v", req.Method, req.RequestURI, err)
	}
}

// sign returns the signer of a merchant.
func sign(t testing.TB, m sandbox.Merchant) signer.Signer {
	t.Helper()
	s, err := signer.NewRSA(m.SerialNo, m.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var variable = regexp.MustCompile(`{[^}]*}`)

// exampleOf returns the request of the documentation's example, by the sandbox's
// merchant.
func exampleOf(op *openapi.Operation) (target, contentType, body string) {
	query := make(url.Values)
	for _, p := range op.Query {
		query.Set(p.Name, openapi.ExampleValue(p))
	}
	u := url.URL{Path: "/" + variable.ReplaceAllString(op.Template, "1"), RawQuery: query.Encode()}
	ours := strings.NewReplacer(examplesMchID, sandbox.DefaultMchID)
	text := openapi.Example(op, 0)
	switch {
	case op.XML != nil:
		var fields map[string]any
		if json.Unmarshal(text, &fields) == nil {
			text, _ = xmlmap.Encode(fields) // of the catalogue
		}
	case text != nil:
		contentType = "application/json"
	}
	return ours.Replace(u.RequestURI()), contentType, ours.Replace(string(text))
}
