package middleware_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// vectorKeys are the platform's keys in the vectors, by id and by serial.
func vectorKeys(t testing.TB) keys.Static {
	t.Helper()
	v := vectors.Load(t)
	key := vectors.PlatformKey(t)
	return keys.Static{v.PlatformPublicKeyID: key, v.PlatformSerialNo: key}
}

// checkRefusal checks that err is a VerifyError of that reason.
func checkRefusal(t *testing.T, err error, reason string) {
	t.Helper()
	var e *signer.VerifyError
	if !errors.As(err, &e) || !errors.Is(err, signer.ErrVerify) {
		t.Fatalf("error is %v, want a VerifyError of reason %q", err, reason)
	}
	if e.Reason != reason {
		t.Errorf("reason %q, want %q (%v)", e.Reason, reason, err)
	}
}

// bothWays runs f with answers held in memory and with answers streamed.
func bothWays(t *testing.T, f func(t *testing.T, stream bool)) {
	t.Helper()
	t.Run("held", func(t *testing.T) { f(t, false) })
	t.Run("streamed", func(t *testing.T) { f(t, true) })
}

func TestVerifierVectors(t *testing.T) {
	v := vectors.Load(t)
	if len(v.Responses) != 16 {
		t.Fatalf("%d vectors, want 16", len(v.Responses))
	}
	at := middleware.Clock(func() time.Time { return time.Unix(v.Now, 0) })
	verifier := middleware.Verifier(vectorKeys(t), at)
	for _, r := range v.Responses {
		t.Run(r.Name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, stream bool) {
				h := make(http.Header)
				for name, value := range r.Headers {
					h.Set(name, value)
				}
				x := &middleware.Exchange{Stream: stream}
				body, err := readAll(verifier(answering(r.Status, h, r.Body)).RoundTrip(newRequest(t, "GET", r.RequestPath, x)))
				if !r.Accept {
					checkRefusal(t, err, r.RejectKind)
					if verified(x) {
						t.Error("Verified is true")
					}
					return
				}
				if err != nil || body != r.Body {
					t.Fatalf("body %q, %v; want %q", body, err, r.Body)
				}
				if signed := r.Headers["Wechatpay-Signature"] != ""; verified(x) != signed {
					t.Errorf("Verified is %v, want %v", verified(x), signed)
				}
				if answerOf(x).StatusCode != r.Status {
					t.Errorf("Exchange.Response has status %d, want %d", answerOf(x).StatusCode, r.Status)
				}
			})
		})
	}
}

func TestVerifierWorksWithoutAnExchange(t *testing.T) {
	rt := middleware.Verifier(platformKeys(t), clock)(answering(200, seal(t, "{}"), "{}"))
	if body, err := readAll(rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil))); err != nil || body != "{}" {
		t.Errorf("body %q, %v", body, err)
	}
	rt = middleware.Verifier(platformKeys(t), clock)(answering(200, nil, "{}"))
	_, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil))
	checkRefusal(t, err, signer.ReasonHeader)
}

// Of a request without a template, the path is what the caller spelled.
func TestUnsignedByThePath(t *testing.T) {
	tests := []struct {
		path     string
		unsigned bool
	}{
		{"/v3/billdownload/file", true},
		{"/v3/billdownload/file?token=a", true},
		{"/v3/merchant-service/images/ChsyMDAxMTA", true},
		{"/v3/merchant-service/images/uploaded", true},
		{"/v3/merchant-service/images/a%2Db", true},

		{"/v3/merchant-service/images/a%2Fb", true},
		{"/v3/merchant-service/images/a/b", true},
		{"/v3/merchant-service/images/a%2F%2Fb=", true},
		{"/v3/global/merchant-service/images/a%2Fb", true},
		{"/v3/transferdownload/signfile?token=a", true},
		{"/v3/transferdownload/elecvoucherfile?token=a", true},
		{"/v3/new-tax-control-fapiao/download?token=a", true},

		{"/V3/BillDownload/File", false},
		{"/v3/bill%64ownload/file", false},
		{"/v3/Merchant-Service/IMAGES/ChsyMDAxMTA", false},
		{"/v3/global/merchant-service/images/upload", false},
		{"/v3/merchant-service/images/..%2F..%2Fpay%2Ftransactions%2Fid%2F1", false},
		{"/v3/merchant-service/images/a%5Cb", false},
		{"/v3/merchant-service/images/a%2F..%2Fb", false},
		{"/v3/merchant-service/images/a/%2e%2E/b", false},
		{"/v3/merchant-service/images/%252e%252e%252fb", false},
		{"/v3/merchant-service/images/.", false},
		{"/v3/merchant-service/images/%2F", false},
		{"/v3/merchant-service/images/%2Fupload", false},
		{"/v3/merchant-service/images/upload%2Fa", false},
		{"/v3/merchant-service/images/upload;a", false},
		{"/v3/merchant-service/images/upload%20", false},
		{"/v3/merchant-service/images/upload%00", false},
		{"/v3/merchant-service/images/", false},
		{"/v3/merchant-service%2Fimages/a", false},
		{"/v3/billdownload%2Ffile", false},
		{"/v3/merchant-service/images/upload", false},
		{"/v3/merchant-service/images/upload/", false},
		{"/v3/merchant-service/images/upload//", false},
		{"/v3/merchant-service/images/UPLOAD", false},
		{"/v3/merchant-service/images/%75pload", false},
		{"/v3/merchant-service/images/upload?a=b", false},
		{"/v3/merchant-service/images", false},
		{"/v3/merchant-service/complaints-v2", false},
		{"/v3/billdownload/files", false},
		{"/v3/billdownload/file/x", false},
		{"/x/v3/billdownload/file", false},
		{"/v3/bill/tradebill", false},
		{"/v3/x?path=/v3/billdownload/file", false},
		{"/hk/v3/statements", false},
		{"/v3/global/statements", false},
		{"/", false},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			bothWays(t, func(t *testing.T, stream bool) {
				rt := middleware.Verifier(platformKeys(t), clock)(answering(200, nil, "bytes"))
				x := &middleware.Exchange{Stream: stream}
				body, err := readAll(rt.RoundTrip(newRequest(t, "GET", tt.path, x)))
				if verified(x) {
					t.Error("Verified is true without a signature")
				}
				if !tt.unsigned {
					checkRefusal(t, err, signer.ReasonHeader)
				} else if err != nil || body != "bytes" {
					t.Errorf("body %q, %v", body, err)
				}
			})
		})
	}
}

func TestStatements(t *testing.T) {
	const (
		csv    = "csv"
		digest = "6cc981744e5c893179434506139a3107851b061e" // SHA-1 of csv
		other  = "da39a3ee5e6b4b0d3255bfef95601890afd80709" // of nothing
	)
	signed := func(digest string) http.Header {
		h := seal(t, `{"sha1":"`+digest+`"}`)
		h.Set("Wechatpay-Statement-Sha1", digest)
		return h
	}
	without := signed(digest)
	without.Del("Wechatpay-Statement-Sha1")
	changed := signed(other)
	changed.Set("Wechatpay-Statement-Sha1", digest)
	tests := []struct {
		name   string
		h      http.Header
		body   string
		reason string // "" for an answer that verifies
	}{
		{"right", signed(digest), csv, ""},
		{"right, in capitals", signed(strings.ToUpper(digest)), csv, ""},
		{"an empty statement", signed(other), "", ""},
		{"wrong digest", signed(other), csv, signer.ReasonSignature},
		{"body changed", signed(digest), csv + " ", signer.ReasonSignature},
		{"body cut", signed(digest), "cs", signer.ReasonSignature},
		{"digest not the one signed", changed, csv, signer.ReasonSignature},
		{"no digest", without, csv, signer.ReasonHeader},
		{"no digest, and that is signed", signed(""), csv, signer.ReasonHeader},
		{"no digest, no body, and that is signed", signed(""), "", signer.ReasonHeader},
		{"digest is no hexadecimal", signed("csv"), csv, signer.ReasonSignature},
		{"body signed in place of the digest", seal(t, csv), csv, signer.ReasonHeader},
		{"nothing signed", http.Header{"Wechatpay-Statement-Sha1": {digest}}, csv, signer.ReasonHeader},
	}
	for _, path := range []string{"/hk/v3/statements", "/v3/global/statements"} {
		for _, tt := range tests {
			t.Run(path+" "+tt.name, func(t *testing.T) {
				bothWays(t, func(t *testing.T, stream bool) {
					rt := middleware.Verifier(platformKeys(t), clock)(answering(200, tt.h, tt.body))
					x := &middleware.Exchange{Stream: stream}
					body, err := readAll(rt.RoundTrip(newRequest(t, "GET", path, x)))
					if verified(x) != (tt.reason == "") {
						t.Errorf("Verified is %v", verified(x))
					}
					if tt.reason != "" {
						checkRefusal(t, err, tt.reason)
					} else if err != nil || body != tt.body {
						t.Errorf("body %q, %v", body, err)
					}
				})
			})
		}
	}
}

func TestMaxBodyBytes(t *testing.T) {
	tests := []struct {
		body  string
		limit int64
		ok    bool
	}{
		{"0123456789", 10, true},
		{"0123456789", 9, false},
		{"0123456789", 1, false},
		{"", 1, true},
		{strings.Repeat("x", 3000), 3000, true},
		{strings.Repeat("x", 3000), 2999, false},
		{strings.Repeat("x", 3000), 1<<63 - 1, true},
	}
	for _, tt := range tests {
		for _, status := range []int{200, 400} {
			for _, announced := range []bool{true, false} {
				name := strconv.Itoa(len(tt.body)) + " of " + strconv.FormatInt(tt.limit, 10) + ", " + strconv.Itoa(status)
				if announced {
					name += ", Content-Length"
				}
				t.Run(name, func(t *testing.T) {
					body := &closing{Reader: strings.NewReader(tt.body)}
					rt := middleware.Verifier(platformKeys(t), clock, middleware.MaxBodyBytes(tt.limit))(
						transport(func(*http.Request) (*http.Response, error) {
							resp := &http.Response{StatusCode: status, Header: seal(t, tt.body), Body: body, ContentLength: -1}
							if announced {
								resp.ContentLength = int64(len(tt.body))
							}
							return resp, nil
						}))
					got, err := readAll(rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil)))
					if !tt.ok {
						if !errors.Is(err, middleware.ErrTooLong) {
							t.Errorf("error is %v, want ErrTooLong", err)
						} else if limit := strconv.FormatInt(tt.limit, 10); !strings.Contains(err.Error(), limit) {
							t.Errorf("error %q does not name the limit", err)
						}
					} else if err != nil || got != tt.body {
						t.Errorf("%d bytes, %v; want %d", len(got), err, len(tt.body))
					}
					if !body.closed {
						t.Error("the body was not closed")
					}
				})
			}
		}
	}
}

func TestErrorAnswers(t *testing.T) {
	const body = `{"code":"PARAM_ERROR","message":"参数错误"}`
	stale := seal(t, body)
	stale.Set("Wechatpay-Timestamp", "1780000001")
	tests := []struct {
		name     string
		h        http.Header
		verified bool
	}{
		{"good signature", seal(t, body), true},
		{"bad signature", seal(t, body+" "), false},
		{"stale", stale, false},
		{"no signature", http.Header{}, false},
	}
	for _, tt := range tests {
		for _, path := range []string{"/v3/x", "/v3/billdownload/file", "/hk/v3/statements"} {
			for _, status := range []int{302, 400, 401, 500} {
				t.Run(tt.name+" "+strconv.Itoa(status)+" "+path, func(t *testing.T) {
					bothWays(t, func(t *testing.T, stream bool) {
						x := &middleware.Exchange{Stream: stream}
						rt := middleware.Verifier(platformKeys(t), clock)(answering(status, tt.h, body))
						got, err := readAll(rt.RoundTrip(newRequest(t, "GET", path, x)))
						if err != nil || got != body {
							t.Fatalf("body %q, %v", got, err)
						}
						if verified(x) != tt.verified {
							t.Errorf("Verified is %v, want %v", verified(x), tt.verified)
						}
					})
				})
			}
		}
	}
}

// A retry outside of the verifier must not find the outcome of an earlier
// answer.
func TestVerifiedIsThatOfTheLastAnswer(t *testing.T) {
	tests := map[string]transport{
		"an error, not signed":  answering(400, nil, "{}"),
		"an answer, not signed": answering(200, nil, "{}"),
		"an answer, signed ill": answering(200, seal(t, ""), "{}"),
	}
	for name, last := range tests {
		t.Run(name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, stream bool) {
				x := &middleware.Exchange{Stream: stream}
				for i, base := range []transport{answering(200, seal(t, "{}"), "{}"), last} {
					rt := middleware.Verifier(platformKeys(t), clock)(base)
					_, err := readAll(rt.RoundTrip(newRequest(t, "GET", "/v3/x", x)))
					if want := i == 0; verified(x) != want {
						t.Errorf("answer %d: Verified is %v (error %v)", i+1, verified(x), err)
					}
				}
			})
		})
	}
}

func TestVerifierKeepsTheTransportsError(t *testing.T) {
	reset := errors.New("connection reset")
	rt := middleware.Verifier(platformKeys(t), clock)(transport(func(*http.Request) (*http.Response, error) { return nil, reset }))
	if resp, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil)); err != reset || resp != nil {
		t.Errorf("%v, %v; want %v", resp, err, reset)
	}
}

func TestVerifierTakesCarelessAnswers(t *testing.T) {
	rt := middleware.Verifier(platformKeys(t), clock)(transport(func(*http.Request) (*http.Response, error) { return nil, nil }))
	if _, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil)); err == nil || !strings.Contains(err.Error(), "middleware_test.transport") {
		t.Errorf("error %v does not name who gave no answer", err)
	}
	bothWays(t, func(t *testing.T, stream bool) {
		rt := middleware.Verifier(platformKeys(t), clock)(transport(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 204, Header: seal(t, "")}, nil
		}))
		x := &middleware.Exchange{Stream: stream}
		if body, err := readAll(rt.RoundTrip(newRequest(t, "GET", "/v3/x", x))); body != "" || err != nil || !verified(x) {
			t.Errorf("body %q, %v, verified %v", body, err, verified(x))
		}
	})
}

func TestHeldAnswerCutShort(t *testing.T) {
	rt := middleware.Verifier(platformKeys(t), clock)(transport(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: seal(t, "{}"), Body: io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))}, nil
	}))
	if _, err := rt.RoundTrip(newRequest(t, "GET", "/v3/x", nil)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error is %v, want io.ErrUnexpectedEOF", err)
	}
}
