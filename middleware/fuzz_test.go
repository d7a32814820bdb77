package middleware_test

import (
	"crypto/sha1"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/middleware"
)

// FuzzVerifier throws answers at the verifier. The private key of the vectors
// is lost, so that no answer may pass but those that were recorded.
func FuzzVerifier(f *testing.F) {
	v := vectors.Load(f)
	signed := make(map[string]bool) // the messages that the platform signed
	for _, r := range v.Responses {
		timestamp, nonce := r.Headers["Wechatpay-Timestamp"], r.Headers["Wechatpay-Nonce"]
		digest, body := r.Headers["Wechatpay-Statement-Sha1"], r.Body
		if digest != "" {
			body = `{"sha1":"` + digest + `"}`
		}
		if r.Accept && timestamp != "" {
			signed[timestamp+"\n"+nonce+"\n"+body+"\n"] = true
		}
		f.Add(timestamp, nonce, r.Headers["Wechatpay-Serial"], r.Headers["Wechatpay-Signature"], digest, []byte(r.Body))
	}
	verifier := middleware.Verifier(vectorKeys(f), middleware.Clock(func() time.Time { return time.Unix(v.Now, 0) }))
	f.Fuzz(func(t *testing.T, timestamp, nonce, serial, signature, digest string, body []byte) {
		h := http.Header{
			"Wechatpay-Timestamp":      {timestamp},
			"Wechatpay-Nonce":          {nonce},
			"Wechatpay-Serial":         {serial},
			"Wechatpay-Signature":      {signature},
			"Wechatpay-Statement-Sha1": {digest},
		}
		sum := sha1.Sum(body)
		errorSigned := signed[timestamp+"\n"+nonce+"\n"+string(body)+"\n"]
		for path, message := range map[string]string{
			"/v3/x":                              string(body),
			"/v3/merchant-service/images/upload": string(body),
			"/hk/v3/statements":                  `{"sha1":"` + digest + `"}`,
		} {
			genuine := signed[timestamp+"\n"+nonce+"\n"+message+"\n"]
			if path == "/hk/v3/statements" && !strings.EqualFold(digest, hex.EncodeToString(sum[:])) {
				genuine = false
			}
			checkVerifier(t, verifier, path, 200, h, string(body), genuine)
			checkVerifier(t, verifier, path, 400, h, string(body), errorSigned)
		}
	})
}

// checkVerifier checks an answer, held and streamed: it may be Verified only if it is
// genuine, and an answer of 200 is accepted when it is Verified.
func checkVerifier(t *testing.T, verifier middleware.Middleware, path string, status int, h http.Header, body string, genuine bool) {
	t.Helper()
	rt := verifier(answering(status, h, body))
	var accepted []bool
	for _, stream := range []bool{false, true} {
		x := &middleware.Exchange{Stream: stream}
		got, err := readAll(rt.RoundTrip(newRequest(t, "GET", path, x)))
		switch {
		case status == 200 && (err == nil) != verified(x):
			t.Errorf("%s: error %v, Verified is %v", path, err, verified(x))
		case verified(x) && !genuine:
			t.Errorf("%s: an answer of %d is Verified that nobody signed", path, status)
		case err == nil && got != body:
			t.Errorf("%s: the body of an answer of %d is %q, was %q", path, status, got, body)
		}
		accepted = append(accepted, verified(x))
	}
	if accepted[0] != accepted[1] {
		t.Errorf("%s: an answer of %d is Verified %v when held, %v when streamed", path, status, accepted[0], accepted[1])
	}
}
