// Package record describes the result of a call for logs, spans and metrics. Its words
// hold nothing of bodies, and of headers only the request id.
package record

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/skew"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A Call is the result of a call.
type Call struct {
	Status    int    // HTTP status, or 0 without an answer
	Code      string // of the platform, or ""
	RequestID string // header Request-ID, or ""
	Outcome   middleware.Outcome
	Tries     int    // requests that were given to the transport
	Failure   string // what failed in place of an answer, or ""
	// ClockSkew is how far this machine's clock is ahead of the platform's, or behind if it
	// is negative. It is 0 if that is less than a minute, or not known.
	ClockSkew time.Duration
}

// Of returns the result of a request. resp and err are what a RoundTripper returned. Of
// reads the body of an answer that is not streamed, and puts it back.
func Of(req *http.Request, resp *http.Response, err error) Call {
	x := middleware.ExchangeOf(req.Context())
	tries, _ := x.Tries()
	call := Call{Outcome: middleware.OutcomeOf(req, resp, err), Tries: tries, Failure: Failure(err)}
	if ahead, _ := x.Skew(); skew.IsNotable(ahead) {
		call.ClockSkew = ahead
	}
	if resp != nil && err == nil {
		call.Status = resp.StatusCode
		call.Code = word(middleware.CodeOf(req, resp))
		call.RequestID = word(resp.Header.Get("Request-Id"))
	}
	return call
}

// word returns s if it looks like a code or an id, and else "": it comes from outside.
func word(s string) string {
	const longest = 64
	if len(s) > longest {
		return ""
	}
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-', c == '.':
		default:
			return ""
		}
	}
	return s
}

// Operation returns the method and the template of a request: that of the catalogue,
// or the path as the caller spelled it, without what may be a number or an id.
func Operation(req *http.Request) (method, template string) {
	x := middleware.ExchangeOf(req.Context())
	path := strings.TrimPrefix(req.URL.EscapedPath(), cmp.Or(x.Base, "/"))
	if op := operation.Find(req.Method, path); op != nil {
		if op.IsV2() {
			return req.Method, "v2/" + op.Path
		}
		return req.Method, op.Path
	}
	spelled, _, _ := strings.Cut(cmp.Or(x.Template, path), "?")
	segments := strings.Split(strings.TrimPrefix(spelled, "/"), "/")
	const most = 20
	if len(segments) > most {
		segments = append(segments[:most], "…")
	}
	for i, s := range segments {
		if !isPlain(s) {
			segments[i] = "{…}"
		}
	}
	return known(req.Method), strings.Join(segments, "/")
}

// known returns a method that HTTP has, because a caller may invent any.
func known(method string) string {
	switch method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions:
		return method
	}
	return "_OTHER"
}

// isPlain reports whether a segment is a word of a path or a variable, and not a value:
// numbers and ids have capitals or many digits.
func isPlain(segment string) bool {
	const longest, digits = 40, 4
	name, isVariable := strings.CutPrefix(segment, "{")
	if isVariable {
		name = strings.TrimSuffix(name, "}")
	}
	found := 0
	for i := range len(name) {
		switch c := name[i]; {
		case c >= '0' && c <= '9':
			found++
		case c >= 'a' && c <= 'z', c == '-', c == '_':
		default:
			return false
		}
	}
	return len(name) <= longest && found <= digits
}

// Failure returns what kind of error err is, in one or two words, or "" if it is nil.
// There are few of them, so that metrics can count them.
func Failure(err error) string {
	if err == nil {
		return ""
	}
	return failure(err) // which allocates
}

func failure(err error) string {
	var verify *signer.VerifyError
	var op *net.OpError
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &verify):
		return "verify " + cmp.Or(word(verify.Reason), "answer")
	case errors.Is(err, signer.ErrVerify):
		return "verify answer"
	case errors.Is(err, signer.ErrSign):
		return "sign"
	case errors.Is(err, context.Canceled):
		return "canceled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.As(err, &dns):
		return "resolve"
	case isTLS(err):
		return "tls"
	case errors.As(err, &op):
		return network(op.Op)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "read"
	case errors.Is(err, middleware.ErrNotSent):
		return "not sent"
	}
	return "other"
}

// network returns what a connection failed at.
func network(op string) string {
	switch op {
	case "dial", "proxyconnect", "read", "write":
		return op
	}
	return "network"
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	var alert tls.AlertError
	return errors.As(err, &certificate) || errors.As(err, &header) || errors.As(err, &alert)
}
