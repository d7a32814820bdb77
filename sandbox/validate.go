package sandbox

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
)

// valid is where requests end that fit their operation.
type valid struct{}

func (valid) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// check holds a request against the catalogue.
func (s *Server) check(in *inbound) error {
	body := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(in.body)), nil }
	req := &http.Request{
		Method:        in.method,
		URL:           &url.URL{Path: in.path, RawPath: in.path, RawQuery: in.query},
		Header:        in.header,
		GetBody:       body,
		ContentLength: int64(len(in.body)),
	}
	if path, err := url.PathUnescape(in.path); err == nil {
		req.URL.Path = path
	}
	req.Body, _ = body()
	_, err := s.validate.RoundTrip(req.WithContext(in.ctx))
	if e := (*openapi.ValidationError)(nil); errors.As(err, &e) {
		i := slices.IndexFunc(e.Problems, func(p openapi.Problem) bool { return !p.Warning && !in.excused(p) })
		if i < 0 {
			return nil
		}
		return in.problem(e.Problems[i])
	}
	return err
}

// excused tells a problem of the catalogue, which requires of all what the
// platform requires of some: a sub_mchid of merchants that combine their own
// orders, an sp_openid of who names a user by sub_openid, and for a refund the
// numbers of a combined order and where the money comes from.
func (in *inbound) excused(p openapi.Problem) bool {
	if in.isV2() && p.Field == "sign" {
		return true // it is verified by then; the catalogue often has room for MD5 alone
	}
	if p.Kind != openapi.KindRequired || in.op == nil {
		return false
	}
	switch in.op.Template {
	case "v3/combine-transactions/jsapi", "v3/combine-transactions/h5", "v3/combine-transactions/native":
		return strings.HasPrefix(p.Field, "sub_orders.") && strings.HasSuffix(p.Field, ".sub_mchid")
	case "v3/pay/partner/transactions/jsapi":
		return p.Field == "payer.sp_openid" && gjson.GetBytes(in.body, "payer.sub_openid").String() != ""
	case "v3/ecommerce/refunds/apply":
		return p.Field == "combine_transaction_id" || p.Field == "funds_account" ||
			p.Field == "transaction_id" && gjson.GetBytes(in.body, "out_trade_no").String() != ""
	}
	return false
}

// problem is a problem as the platform tells it.
func (in *inbound) problem(p openapi.Problem) error {
	location, value := p.In, any(nil)
	switch p.In {
	case "path":
		location = "uri_template"
		value = in.vars()[p.Field]
	case "query":
		if q, err := url.ParseQuery(in.query); err == nil && q.Has(p.Field) {
			value = q.Get(p.Field)
		}
	case "header":
		if text := in.header.Get(p.Field); text != "" {
			value = text
		}
	case "body":
		value = in.value(p.Field)
	}
	field := p.Field
	if p.In == "body" {
		field = "/" + strings.ReplaceAll(p.Field, ".", "/")
	}
	return paramError(location, field, value, p.Message)
}

// maxShownValue is how long a value is, in bytes, that is sent back.
const maxShownValue = 256

// value is a scalar of the body, or nil.
func (in *inbound) value(field string) any {
	if field == "" {
		return nil
	}
	if in.op.XML != nil {
		fields, _ := xmlmap.Decode(in.body)
		text, ok := fields[field].(string)
		if !ok || len(text) > maxShownValue {
			return nil
		}
		return text
	}
	v := gjson.GetBytes(in.body, field)
	if v.Type == gjson.JSON || len(v.Raw) > maxShownValue {
		return nil
	}
	return v.Value()
}
