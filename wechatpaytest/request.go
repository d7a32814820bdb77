package wechatpaytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cipher"
)

// A Request is a request that a [Mock] received and expected.
type Request struct {
	Method   string
	Template string            // as On was given it
	Vars     map[string]string // the variables of the template, decoded
	URL      *url.URL          // as sent
	Header   http.Header       // as sent, with the signature
	Body     []byte            // as sent
}

// Get reads a field of a JSON body by its gjson path, such as "amount.total".
func (r Request) Get(field string) gjson.Result { return gjson.GetBytes(r.Body, field) }

// Requests returns the requests that the mock received and expected, in their order.
// Each sending of a call that is repeated is a request of its own.
func (m *Mock) Requests() []Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// Decrypt returns the plain text of a field that was sent encrypted, such as a
// [wechatpay.Secret]. If it does not decrypt, the test ends.
func (m *Mock) Decrypt(ciphertext string) string {
	m.t.Helper()
	text, err := cipher.DecryptOAEP(m.decrypter, ciphertext)
	if err != nil {
		m.t.Fatalf("wechatpaytest: Decrypt: %v", err)
	}
	return text
}

// newRequest copies what arrived for an expectation.
func newRequest(e *expectation, req *http.Request, body []byte) Request {
	u := *req.URL
	r := Request{Method: req.Method, Template: e.template, URL: &u, Header: req.Header.Clone(), Body: body}
	groups := e.pattern.FindStringSubmatch(u.String())
	for i, name := range e.variables {
		if r.Vars == nil {
			r.Vars = make(map[string]string)
		}
		if i+1 < len(groups) {
			value, err := url.PathUnescape(groups[i+1])
			if err != nil {
				value = groups[i+1]
			}
			r.Vars[name] = value
		}
	}
	return r
}

// testLine returns the beginning of a report: the line of the test that runs in this
// goroutine, such as "coupon_test.go:34: ", or "" if that is not known.
func testLine() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers[:])])
	for more := true; more; {
		var frame runtime.Frame
		if frame, more = frames.Next(); strings.HasSuffix(frame.File, "_test.go") {
			return fmt.Sprintf("%s:%d: ", path.Base(frame.File), frame.Line)
		}
	}
	return ""
}

// placed notes the line of the test with each request. httpmock answers in a goroutine
// of its own, where the line is not known.
type placed struct{ http.RoundTripper }

type lineKey struct{}

func (p placed) RoundTrip(req *http.Request) (*http.Response, error) {
	return p.RoundTripper.RoundTrip(req.WithContext(context.WithValue(req.Context(), lineKey{}, testLine())))
}

// lineOf returns what testLine returned where the request was sent.
func lineOf(req *http.Request) string {
	line, _ := req.Context().Value(lineKey{}).(string)
	return line
}

// drain reads a body and puts it back.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil {
		return nil, nil
	}
	b, err := io.ReadAll(*body)
	(*body).Close()
	*body = io.NopCloser(bytes.NewReader(b))
	return b, err
}

// show writes a request for people to read.
func show(req *http.Request, body []byte) string {
	r := *req
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		r.Body = nil
	}
	dump, err := httputil.DumpRequestOut(&r, true)
	if err != nil {
		return req.Method + " " + req.URL.String()
	}
	return string(dump)
}
