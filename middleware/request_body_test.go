package middleware_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A body that something in the stack has read or changed is sent whole, or not at
// all.
func TestRequestBody(t *testing.T) {
	const whole = "0123456789"
	const absent, failing = noGetBody, failingGetBody
	tests := []bodyTest{
		{"untouched", "POST", 10, whole, absent, whole, whole, ""},
		{"untouched, and GetBody is not asked", "POST", 10, whole, failing, whole, whole, ""},
		{"no body, and GetBody is not asked", "POST", 0, "", failing, "", "", ""},
		{"read to its end", "POST", 10, "", whole, whole, whole, ""},
		{"read in part", "POST", 10, "789", whole, whole, whole, ""},
		{"read in part, of unknown length", "POST", -1, "789", whole, whole, whole, ""},
		{"read in part, length taken away", "POST", 0, "789", whole, whole, whole, ""},
		{"GetBody fails", "POST", 10, "789", failing, whole, "", "it is gone"},
		{"read in part, without GetBody", "POST", 10, "789", absent, whole, "", "3 of 10 bytes are left"},
		{"read to its end, without GetBody", "POST", 10, "", absent, whole, "", "0 of 10 bytes are left"},
		{"read in part, of unknown length, without GetBody", "POST", -1, "789", absent, whole, "", "3 bytes of it are left"},
		{"taken away", "POST", 0, "", absent, whole, "", "0 bytes of it are left"},
		{"GetBody of another length", "POST", 10, "789", "x789", whole, "", "3 of 10 bytes are left"},
		{"GetBody of another body", "POST", 3, "xyz", whole, whole, "xyz", ""},
		{"changed, of unknown length", "POST", -1, "xyz", whole, whole, "xyz", ""},
		{"changed, as long as before", "POST", 10, "abcdefghij", whole, whole, "abcdefghij", ""},
		{"longer than its length", "POST", 10, whole + "x", absent, whole, "", "11 bytes, not 10"},
		{"made by hand", "POST", 10, whole, absent, "", whole, ""},
		{"a GET made of a POST", "GET", 0, "", absent, whole, "", ""},
		{"a HEAD made of a POST", "HEAD", 0, "", absent, whole, "", ""},
		{"no method", "", 0, "", absent, whole, "", ""},
		{"a GET with half a body", "GET", -1, "789", absent, whole, "", "3 bytes of it are left"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := &closing{Reader: iotest.OneByteReader(strings.NewReader(tt.body))}
			req := tt.request(t, body)
			got, err := middleware.RequestBody(req)
			if tt.problem != "" {
				if !errors.Is(err, signer.ErrSign) || !strings.Contains(err.Error(), tt.problem) || got != nil {
					t.Errorf("%q, %v; want an ErrSign that says %q", got, err, tt.problem)
				}
			} else if err != nil || string(got) != tt.want {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
			if body.closed != (tt.body != "") {
				t.Errorf("the body was closed: %v", body.closed)
			}
		})
	}
}

// A bodyTest is a request as something in the stack has left it, and the body
// that is sent of it.
type bodyTest struct {
	name    string
	method  string
	length  int64
	body    string // "" for http.NoBody
	getBody string
	entered string // what entered the stack
	want    string
	problem string
}

// What GetBody may be, beside a body.
const (
	noGetBody      = "(no GetBody)"
	failingGetBody = "(a GetBody that fails)"
)

func (tt bodyTest) request(t *testing.T, body io.ReadCloser) *http.Request {
	t.Helper()
	x := &middleware.Exchange{Body: []byte(tt.entered)}
	req, err := http.NewRequestWithContext(middleware.WithExchange(t.Context(), x), "POST", "https://api.mch.weixin.qq.com/v3/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Method, req.ContentLength, req.Body, req.GetBody = tt.method, tt.length, http.NoBody, nil
	if tt.body != "" {
		req.Body = body
	}
	switch tt.getBody {
	case noGetBody:
	case failingGetBody:
		req.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("it is gone") }
	default:
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(tt.getBody)), nil }
	}
	return req
}

func TestRequestBodyFails(t *testing.T) {
	req := newRequest(t, "POST", "/v3/x", nil)
	req.Body, req.ContentLength = io.NopCloser(iotest.ErrReader(io.ErrUnexpectedEOF)), 10
	if got, err := middleware.RequestBody(req); got != nil || !errors.Is(err, io.ErrUnexpectedEOF) || !errors.Is(err, signer.ErrSign) {
		t.Errorf("a body that fails: %q, %v", got, err)
	}
}
