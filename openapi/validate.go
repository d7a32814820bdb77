package openapi

import (
	"cmp"
	"net/http"
)

// A ValidateOption changes how [Validate] works.
type ValidateOption int

// Strict makes errors of what is only a warning otherwise: names and values
// that the catalogue does not know, texts that are too short or not in their
// format.
const Strict ValidateOption = 1

// Validate returns a middleware that checks requests before they are signed
// and sent. It has its place outside the signer:
//
//	stack.Before(middleware.NameSigner, "validate", openapi.Validate())
//
// A request that does not fit its operation is not sent; the error is a
// [*ValidationError] with all that is wrong: a required field that is missing,
// null or an empty text; a field of another type, too long, out of bounds or
// given twice. As the platform grows faster than any catalogue, a request to
// an operation that is not in it passes; so do, without [Strict], fields,
// query parameters and enum values that are not in it, texts that are shorter
// than documented, and dates, times and JSON texts that cannot be read. These
// are warnings, which are listed when something else is wrong.
//
// A null and an empty text of an optional field count as absent. In APIv2 all
// values are text, and what is added on the way (nonce_str, sign, sign_type and
// the merchant's number) may be absent, and of transaction_id and out_trade_no, or
// refund_id and out_refund_no, one is enough where both are documented as
// required. Fields that travel encrypted may be of any
// length. Where a call has no body, each required field of the body is
// missing.
//
// When the platform refuses a request that is of no operation, the error of the
// call says which one was probably meant; see [UnknownError].
//
// The body is read from [http.Request.GetBody]. One that has no GetBody, is a
// form or is longer than 10 MiB is not looked at; path, query and headers are.
func Validate(opts ...ValidateOption) func(http.RoundTripper) http.RoundTripper {
	var v validator
	for _, o := range opts {
		v.strict = v.strict || o == Strict
	}
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) { return v.roundTrip(next, req) })
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

type validator struct {
	strict bool
}

func (v validator) roundTrip(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	op := operationOf(req)
	if op != nil {
		if problems := v.problems(op, req); problems != nil {
			if req.Body != nil {
				req.Body.Close() // as a RoundTripper must, also when it fails
			}
			return nil, &ValidationError{op, problems}
		}
	}
	resp, err := next.RoundTrip(req)
	if err == nil && op == nil {
		adviseUnknown(req, resp)
	}
	return resp, err
}

// operationOf returns the operation of a request, or nil.
func operationOf(req *http.Request) *Operation {
	if req.URL == nil {
		return nil // the transport says so
	}
	return Match(cmp.Or(req.Method, http.MethodGet), req.URL.EscapedPath())
}
