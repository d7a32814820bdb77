package resilience

import (
	"io"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

var errSign = signer.ErrSign

// Idempotent reports whether req can be sent twice without a second effect, and returns
// the merchant's number that makes it so, such as the value of out_refund_no. The facts
// are those of [openapi.Operation.Repeat].
//
// A GET is safe without a number, and so is an operation whose repetition is documented
// to give the same result without one. Any other request is safe only if it has its
// number. Never safe are operations with a second effect, operations that are not in the
// catalogue, and payments by a code that the shop has scanned: query these.
//
// Idempotent does not consume the body of req.
//
// [openapi.Operation.Repeat]: https://pkg.go.dev/github.com/wxchain/wechatpay/openapi#Operation
func Idempotent(req *http.Request) (number string, ok bool) {
	switch methodOf(req) {
	case http.MethodGet, http.MethodHead:
		return "", true
	}
	op := operationOf(req)
	if op == nil || op.ByCode {
		return "", false
	}
	switch op.Class {
	case operation.SameResult, operation.ErrorSaysDone, operation.Harmless:
		number = numberOf(op, req)
		return number, number != "" || op.Class == operation.SameResult && op.Number == ""
	}
	return "", false
}

// numberOf returns the merchant's number of a request, or "". If there are several, as
// in the elements of a list, it returns the first one, or "" if an element has none.
func numberOf(op *operation.Operation, req *http.Request) string {
	switch op.Where {
	case "path":
		return op.Variable(op.Number, pathOf(req))
	case "query":
		return req.URL.Query().Get(op.Number)
	case "header":
		return req.Header.Get(op.Number)
	case "json":
		return inJSON(contentOf(req).Bytes, op.Number)
	case "xml":
		return inXML(contentOf(req), op.Number)
	}
	return ""
}

func inJSON(b []byte, number string) string {
	if !gjson.ValidBytes(b) {
		return ""
	}
	list, name, isList := strings.Cut(number, "[].")
	if !isList {
		return textOf(gjson.GetBytes(b, number))
	}
	first := ""
	for i, element := range gjson.GetBytes(b, list).Array() {
		text := textOf(element.Get(name))
		if text == "" {
			return ""
		}
		if i == 0 {
			first = text
		}
	}
	return first
}

func textOf(v gjson.Result) string {
	if v.Type == gjson.String || v.Type == gjson.Number {
		return v.String()
	}
	return ""
}

func inXML(c body.Content, number string) string {
	if c.XML == nil && len(c.Bytes) > xmlmap.MaxSize {
		return ""
	}
	d, err := c.Document()
	if err != nil {
		return ""
	}
	return d.Texts()[number]
}

// contentOf returns the body of a request as it can be read again, or nothing.
func contentOf(req *http.Request) body.Content {
	if held, ok := req.Body.(*body.Held); ok {
		return held.Content
	}
	if middleware.ExchangeOf(req.Context()).Streamed || req.GetBody == nil {
		return body.Content{}
	}
	r, err := req.GetBody()
	if err != nil {
		return body.Content{}
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, middleware.DefaultMaxBodyBytes+1))
	if err != nil || len(b) > middleware.DefaultMaxBodyBytes {
		return body.Content{}
	}
	return body.Content{Bytes: b}
}
