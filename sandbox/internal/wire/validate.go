package wire

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
)

// valid receives the requests that fit their operation.
type valid struct{}

func (valid) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// A Validator checks requests against the catalogue.
type Validator struct{ checks, strict http.RoundTripper }

// NewValidator returns a Validator.
func NewValidator() Validator {
	return Validator{openapi.Validate()(valid{}), openapi.Validate(openapi.Strict)(valid{})}
}

// Check refuses a request that does not fit its operation. It ignores problems
// that excused accepts, if it is not nil.
func (v Validator) Check(in *Request, excused func(openapi.Problem) bool) error {
	return in.checkBy(v.checks, func(p openapi.Problem) bool { return !p.Warning && (excused == nil || !excused(p)) })
}

// CheckKnown refuses a field of the body that its operation does not document.
func (v Validator) CheckKnown(in *Request) error {
	err := in.checkBy(v.strict, func(p openapi.Problem) bool { return p.Kind == openapi.KindUnknown && p.In == "body" })
	if no := (*Refusal)(nil); errors.As(err, &no) {
		no.Message += " (请求中含有未在API文档中定义的参数)"
	}
	return err
}

// Problems returns what does not fit the operation of a request, warnings too.
func (v Validator) Problems(in *Request) []openapi.Problem {
	if e := (*openapi.ValidationError)(nil); errors.As(in.validate(v.strict), &e) {
		return e.Problems
	}
	return nil
}

// checkBy refuses a request for the first of its problems that counts.
func (in *Request) checkBy(validator http.RoundTripper, counts func(openapi.Problem) bool) error {
	err := in.validate(validator)
	if e := (*openapi.ValidationError)(nil); errors.As(err, &e) {
		i := slices.IndexFunc(e.Problems, counts)
		if i < 0 {
			return nil
		}
		return in.problem(e.Problems[i])
	}
	return err
}

// validate returns what a validator says of a request.
func (in *Request) validate(validator http.RoundTripper) error {
	body := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(in.Body)), nil }
	req := &http.Request{
		Method:        in.Method,
		URL:           &url.URL{Path: in.Path, RawPath: in.Path, RawQuery: in.Query},
		Header:        in.Header,
		GetBody:       body,
		ContentLength: int64(len(in.Body)),
	}
	if path, err := url.PathUnescape(in.Path); err == nil {
		req.URL.Path = path
	}
	req.Body, _ = body()
	_, err := validator.RoundTrip(req.WithContext(in.Ctx))
	return err
}

// problem returns a problem in the platform's form.
func (in *Request) problem(p openapi.Problem) error {
	location, value := p.In, any(nil)
	switch p.In {
	case "path":
		location = "uri_template"
		value = in.Vars()[p.Field]
	case "query":
		if q, err := url.ParseQuery(in.Query); err == nil && q.Has(p.Field) {
			value = q.Get(p.Field)
		}
	case "header":
		if text := in.Header.Get(p.Field); text != "" {
			value = text
		}
	case "body":
		value = in.value(p.Field)
	}
	field := p.Field
	if p.In == "body" {
		field = "/" + strings.ReplaceAll(p.Field, ".", "/")
	}
	return ParamError(location, field, value, p.Message)
}

// maxShownValue is the length, in bytes, of the longest value that a refusal
// quotes.
const maxShownValue = 256

// value returns a scalar of the body, or nil.
func (in *Request) value(field string) any {
	if field == "" {
		return nil
	}
	if in.Op.XML != nil {
		fields, _ := xmlmap.Decode(in.Body)
		text, ok := fields[field].(string)
		if !ok || len(text) > maxShownValue {
			return nil
		}
		return text
	}
	v := shallow.ParseJSON(in.Body).Get(field)
	if v.Type == gjson.JSON || len(v.Raw) > maxShownValue {
		return nil
	}
	return v.Value()
}
