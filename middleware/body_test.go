package middleware_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
)

func TestSetBodyCanBeReadAgain(t *testing.T) {
	for _, text := range []string{"", "{}", strings.Repeat("x", 100_000)} {
		req := newRequest(t, "POST", "/v3/x", nil)
		middleware.SetBody(req, []byte(text))
		if req.ContentLength != int64(len(text)) {
			t.Errorf("ContentLength is %d, want %d", req.ContentLength, len(text))
		}
		for range 2 {
			body, err := io.ReadAll(req.Body)
			if err != nil || string(body) != text {
				t.Errorf("read %d bytes, %v; want %d", len(body), err, len(text))
			}
			if err := req.Body.Close(); err != nil {
				t.Error(err)
			}
			if req.Body, err = req.GetBody(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Whoever is outside of the verifier finds the body as if nobody had read it.
func TestReadBodyAfterTheVerifier(t *testing.T) {
	rt := middleware.Verifier(platformKeys(t), clock)(answering(200, seal(t, "{}"), "{}"))
	resp, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		body, err := middleware.ReadBody(resp, 10)
		if err != nil || string(body) != "{}" {
			t.Errorf("ReadBody = %q, %v", body, err)
		}
	}
}

// A Content-Length is what the other side says: it must not be believed.
func TestReadBodyDoesNotTrustTheLength(t *testing.T) {
	for _, length := range []int64{-1, 0, 1, 5, 1 << 20, 1 << 40} {
		resp := &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("hello")), ContentLength: length}
		body, err := middleware.ReadBody(resp, 1<<41)
		if err != nil || string(body) != "hello" {
			t.Errorf("ContentLength %d: %q, %v", length, body, err)
		}
		if cap(body) > 2<<20 {
			t.Errorf("ContentLength %d: %d bytes were taken for 5", length, cap(body))
		}
	}
}
