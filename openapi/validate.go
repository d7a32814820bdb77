package openapi

import (
	"cmp"
	"net/http"
)

// A ValidateOption changes how [Validate] works.
type ValidateOption int

// Strict makes errors of warnings: names and values that the catalogue does not know,
// and texts that are too short or not in their format.
const Strict ValidateOption = 1

// Validate returns a middleware that checks requests before they are signed and sent.
// Put it outside the signer:
//
//	stack.Before(middleware.NameSigner, "validate", openapi.Validate())
//
// A request that does not fit its operation is not sent. The error is a
// [*ValidationError] that lists the mistakes: a required field that is missing, null or
// empty; none of fields of which one is needed ([OneOf]); a field of a wrong type, too
// long, out of bounds or given twice.
//
// The platform adds operations, fields and values all the time. So a request to an
// operation that the catalogue does not know passes. These are only warnings, which are
// listed if something else is wrong, and are errors with [Strict]: unknown fields, query
// parameters and enum values, texts that are shorter than documented, and dates, times
// and JSON texts that cannot be parsed.
//
// A null or an empty text of an optional field counts as absent. In APIv2 all values
// are text. The fields that the signer adds (nonce_str, sign, sign_type and the merchant
// number) may be absent. Encrypted fields may have any length. If a call has no body,
// each required field of the body is missing.
//
// If the platform refuses a request to an unknown operation, the error of the call
// names the one that was probably meant; see [UnknownError].
//
// Validate reads the body from [http.Request.GetBody]. It does not check a body without
// GetBody, a form, or a body longer than 10 MiB; it still checks path, query and headers.
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
