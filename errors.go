package wechatpay

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/internal/skew"
	"github.com/wxchain/wechatpay/internal/stringify"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// These errors report where a call failed. Test for them with [errors.Is]. If an
// error wraps one of the first four, nothing was sent. If a middleware repeats a
// call, this is true of the last attempt; [OutcomeOf] counts all of them.
var (
	ErrConfig   = errors.New("configuration") // a setting of Config is missing or wrong
	ErrTemplate = errors.New("template")      // a path or one of its variables
	ErrOption   = errors.New("option")        // an option
	ErrSign     = signer.ErrSign              // the request could not be signed, and was not sent
	ErrVerify   = signer.ErrVerify            // the answer could not be verified; the error is a *VerifyError
)

// A fault is an error of this side, not of the platform.
type fault struct {
	what    string // "POST v3/…", or "config"
	kind    error  // ErrConfig, ErrTemplate, ErrOption or nil
	err     error
	entered bool // the call entered the stack, and outcome is its result
	outcome Outcome
	request *http.Request // that entered the stack, or nil
}

func (f *fault) Error() string {
	what := f.what
	if what != "" { // empty if a chain failed at its first segment
		what += ": "
	}
	return "wechatpay: " + what + strings.ReplaceAll(f.err.Error(), "\n", "; ")
}

func (f *fault) Unwrap() []error {
	if f.kind == nil {
		return []error{f.err}
	}
	return []error{f.kind, f.err}
}

// An Error is the platform's refusal of a call: an answer that is not 2xx, such
// as a 4xx or 5xx, or an APIv2 answer whose return_code or result_code is not
// SUCCESS, whatever its status. A refusal does not always mean that nothing was
// done: [OutcomeOf] reports what to do next.
type Error struct {
	StatusCode int
	Code       string       // such as "PARAM_ERROR", "SIGN_ERROR" or "NOT_ENOUGH"; empty if the answer has no code. For APIv2: err_code, error_code ("20002"), retcode or "FAIL"
	Message    string       // the platform's message
	Detail     gjson.Result // the field, the issue and the location, if the platform reports them
	RequestID  string       // identifies the call for the platform's support
	Verified   bool         // the answer had a signature, and it was valid
	Response   *Response

	advice  error
	signed  []byte   // for SIGN_ERROR: the signed message; nil if the signer was replaced
	altered []string // the parts of the request that changed after signing
	skew    time.Duration
}

func newError(r *Response, verified bool, x *middleware.Exchange) *Error {
	e := &Error{StatusCode: r.StatusCode, RequestID: r.RequestID(), Verified: verified, Response: r, advice: x.Advice()}
	code, message, refused := apiv2.Refusal(r.text)
	switch {
	case r.isV2 && refused:
		e.Code, e.Message = cmp.Or(code, r.text("result_code")), message
	case json.Valid(r.json):
		e.Code, e.Message, e.Detail = r.Get("code").String(), r.Get("message").String(), r.Get("detail")
	}
	if e.Code == codeSign {
		e.signed, e.altered = x.Message(), x.Altered()
		e.skew, _ = x.Skew()
	}
	if e.Code == "" && e.Message == "" {
		e.Message = e.unspoken()
	}
	return e
}

// unspoken returns the message for an answer that is not the platform's JSON.
func (e *Error) unspoken() string {
	if location := e.Response.Header.Get("Location"); location != "" && e.StatusCode/100 == 3 {
		return "a redirect, which is not followed"
	}
	if start := shorten(string(e.Response.body), 200); start != "" {
		return "not JSON: " + start
	}
	return http.StatusText(e.StatusCode)
}

// Error names the call, the code, the message, the field at fault and the
// Request-ID. For SIGN_ERROR it shows the message that the signer signed and the
// one that the platform says it computed. It also names what changed the request
// in between. If nothing did, it says that the private key does not belong to the
// certificate, or that this machine's clock is wrong.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("wechatpay: ")
	if req := e.request(); req != nil {
		b.WriteString(req.Method + " " + req.URL.EscapedPath() + ": ")
	}
	fmt.Fprintf(&b, "%d", e.StatusCode)
	if e.Code != "" {
		b.WriteString(" " + shorten(e.Code, 64))
	}
	if e.Message != "" {
		b.WriteString(": " + shorten(e.Message, 500))
	}
	if field := e.Detail.Get("field").String(); field != "" {
		b.WriteString(" (field " + shorten(field, 100))
		if issue := e.Detail.Get("issue").String(); issue != "" {
			b.WriteString(": " + shorten(issue, 200))
		}
		b.WriteString(")")
	}
	if e.Code == codeSign {
		b.WriteString(e.bothSides())
	}
	if e.RequestID != "" {
		b.WriteString(" (Request-ID " + shorten(e.RequestID, 64) + ")")
	}
	if !e.Verified {
		b.WriteString(" (answer not verified)")
	}
	if e.advice != nil {
		b.WriteString("; " + e.advice.Error())
	}
	return b.String()
}

// Unwrap returns the advice of a middleware about the refusal, or nil.
func (e *Error) Unwrap() error { return e.advice }

func (e *Error) request() *http.Request {
	if e.Response == nil {
		return nil
	}
	return e.Response.Request
}

// shorten makes text from an answer fit for an error: one line of limited length.
func shorten(s string, runes int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s))
	if c := stringify.Prefix(s, runes); c != s {
		return c + "…"
	}
	return s
}

// IsCode reports whether err is, or wraps, an [*Error] with one of the codes.
func IsCode(err error, code ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(code, e.Code)
}

// RequestOf returns the request of the call that returned err, or nil if err is not the
// error of a call that came to its stack. GetBody returns its body. Do not log the
// request: it has what the call sends.
func RequestOf(err error) *http.Request {
	refused, local := (*Error)(nil), (*fault)(nil)
	switch {
	case errors.As(err, &refused):
		return refused.request()
	case errors.As(err, &local):
		return local.request
	}
	return nil
}

// A VerifyError reports an answer that could not be verified to come from the
// platform. It says what is wrong with the answer and what to do. It wraps
// [ErrVerify].
type VerifyError struct {
	// Reason is "header" (a header is missing or malformed), "timestamp" (more
	// than 300 seconds from this machine's clock), "serial" (no key has that
	// serial number) or "signature" (it does not match).
	Reason string
	// Response is the answer as received. Do not trust anything in it.
	Response *Response
	// Skew is how far this machine's clock is ahead of the platform's, or behind if it
	// is negative, as [middleware.Exchange.Skew] measures it. It is 0 if the answer has
	// no time.
	Skew time.Duration

	err error
}

// Error says what is wrong and what to do about it. If this machine's clock is wrong by
// a minute or more, it says by how much.
func (e *VerifyError) Error() string {
	s := ErrVerify.Error() + " (" + e.Reason + ")"
	if e.err != nil {
		s = e.err.Error()
	}
	s += e.clock()
	if e.Response == nil {
		return s
	}
	s = fmt.Sprintf("answer %d: %s", e.Response.StatusCode, s)
	if id := e.Response.RequestID(); id != "" {
		s += " (Request-ID " + shorten(id, 64) + ")"
	}
	return s
}

// clock says whether this machine's clock is wrong, as far as the answer shows it.
func (e *VerifyError) clock() string {
	isStale, isWrong := e.Reason == signer.ReasonTimestamp, skew.IsNotable(e.Skew)
	isDated := e.Response != nil && skew.IsDated(e.Response.Header)
	switch {
	case isStale && !isDated: // the error has said all that is known
		return ""
	case isStale && isWrong:
		return "; by the header Date too, " + skew.Text(e.Skew)
	case isStale:
		return "; by the header Date, this machine's clock is right, so the answer is an old one"
	case isWrong:
		return "; " + skew.Advice(e.Skew)
	}
	return ""
}

// Unwrap returns [ErrVerify] and the underlying error.
func (e *VerifyError) Unwrap() []error { return []error{ErrVerify, e.err} }

// failed returns the error of a call that ended in the stack or below it.
func (t *trip) failed(err error) error {
	var bad *signer.VerifyError
	switch {
	case errors.As(err, &bad):
		v := &VerifyError{Reason: bad.Reason, err: err}
		v.Skew, _ = t.exchange.Skew()
		if resp, _ := t.exchange.Answer(); resp != nil {
			v.Response = t.response(resp)
			if t.sink == nil {
				// The body is in memory by now. The rest of a stream is not read.
				_ = t.hold(v.Response, resp) // a body that cannot be read is left out
			}
		}
		err = v
	case errors.Is(err, middleware.ErrTooLong):
		err = fmt.Errorf("%w; stream it with Sink, or raise Config.MaxBodyBytes", err)
	}
	f := t.fault(nil, err)
	f.entered, f.outcome, f.request = true, middleware.OutcomeOf(&t.entered, nil, err), &t.entered
	return f
}
