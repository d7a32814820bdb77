// Package outgoing reads requests before they are signed: their operation, their body and
// the merchant's number in them. It does not consume a body.
package outgoing

import (
	"io"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
)

// Operation returns the operation of a request, or nil if the catalogue does not have it.
func Operation(req *http.Request) *operation.Operation {
	return operation.Find(Method(req), Path(req))
}

// Method returns the method of a request.
func Method(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// Path returns the escaped path of the operation of a request.
func Path(req *http.Request) string {
	path := req.URL.EscapedPath()
	if base := middleware.ExchangeOf(req.Context()).Base; base != "" {
		path = strings.TrimPrefix(path, base)
	}
	return strings.TrimPrefix(path, "/")
}

// Number returns the merchant's number by which the platform recognises a request of op,
// or "". If there are several, as in the elements of a list, it returns the first one, or
// "" if an element has none.
func Number(op *operation.Operation, req *http.Request) string {
	switch op.Where {
	case "path":
		return op.Variable(op.Number, Path(req))
	case "query":
		return req.URL.Query().Get(op.Number)
	case "header":
		return req.Header.Get(op.Number)
	case "json":
		return inJSON(Content(req).Bytes, op.Number)
	case "xml":
		return inXML(Content(req), op.Number)
	}
	return ""
}

// Field returns the value of a field of a request of op, from its path or its body, or "".
func Field(op *operation.Operation, req *http.Request, name string) string {
	if v := op.Variable(name, Path(req)); v != "" {
		return v
	}
	content := Content(req)
	if op.IsV2() {
		return inXML(content, name)
	}
	if !gjson.ValidBytes(content.Bytes) {
		return ""
	}
	return text(gjson.GetBytes(content.Bytes, name))
}

func inJSON(b []byte, number string) string {
	if !gjson.ValidBytes(b) {
		return ""
	}
	list, name, isList := strings.Cut(number, "[].")
	if !isList {
		return text(gjson.GetBytes(b, number))
	}
	first := ""
	for i, element := range gjson.GetBytes(b, list).Array() {
		v := text(element.Get(name))
		if v == "" {
			return ""
		}
		if i == 0 {
			first = v
		}
	}
	return first
}

func text(v gjson.Result) string {
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

// Content returns the body of a request as it can be read again, or nothing.
func Content(req *http.Request) body.Content {
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
