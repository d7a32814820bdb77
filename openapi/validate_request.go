package openapi

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// maxBodyBytes is the length of the longest body that is looked at.
const maxBodyBytes = 10 << 20

// problems returns what is wrong with req, or nil when no more than a warning
// is.
func (v validator) problems(op *Operation, req *http.Request) []Problem {
	var steps [16]step // more than any documented field needs
	c := checker{strict: v.strict, sealed: op.Encrypts, path: steps[:0]}
	c.pathOf(op, req.URL.EscapedPath())
	c.signed = op.isV2()
	c.queryOf(op, req.URL.RawQuery)
	c.signed = false
	c.headersOf(op, req.Header)
	c.bodyOf(op, req)
	if c.errors == 0 {
		return nil
	}
	return c.problems
}

// pathOf checks the variables of an escaped path.
func (c *checker) pathOf(op *Operation, path string) {
	c.in, c.text = "path", true
	if len(op.Path) == 0 {
		return
	}
	path = strings.TrimPrefix(strings.TrimPrefix(path, "/"), "v2/")
	for segment := range strings.SplitSeq(wirePath(op.Template), "/") {
		var value string
		value, path, _ = strings.Cut(path, "/")
		name, ok := uritemplate.Variable(segment)
		if !ok {
			continue
		}
		for i := range op.Path {
			if p := &op.Path[i]; p.Name == name {
				c.enter(name)
				c.parameter(&p.Schema, unescape(value))
				c.leave()
			}
		}
	}
}

// unescape returns a segment as it was, or as it is when it is malformed:
// the transport says so.
func unescape(segment string) string {
	if s, err := url.PathUnescape(segment); err == nil {
		return s
	}
	return segment
}

func (c *checker) queryOf(op *Operation, query string) {
	c.in, c.text = "query", true
	if query == "" && len(op.Query) == 0 {
		return
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		c.add(Problem{Kind: KindSyntax, Message: "malformed"})
		return
	}
	c.parameters(op.Query, values)
	c.oneOf(op.QueryOneOf, func(name string) bool { return values.Get(name) != "" })
}

func (c *checker) headersOf(op *Operation, header http.Header) {
	c.in, c.text = "header", true
	for i := range op.Headers {
		p := &op.Headers[i]
		c.enter(p.Name)
		if text := header.Get(p.Name); text != "" {
			c.parameter(&p.Schema, text)
		} else if p.Required {
			c.required(p.Label, "missing")
		}
		c.leave()
	}
}

func (c *checker) bodyOf(op *Operation, req *http.Request) {
	c.in, c.text = "body", op.XML != nil
	if len(op.Form) > 0 {
		return
	}
	body, ok := readBody(req)
	if !ok {
		return
	}
	s := op.Body()
	switch {
	case s == nil && len(body) == 0:
	case s == nil:
		c.add(Problem{Kind: KindUnknown, Message: "none is documented", Warning: true})
	case len(body) == 0:
		c.signed = op.isV2()
		c.value(s, gjson.Result{Type: gjson.JSON, Raw: "{}"})
	case op.XML != nil:
		c.signed = true
		fields, err := xmlmap.Decode(body)
		if err != nil {
			c.add(Problem{Kind: KindSyntax, Message: "not valid XML"}) // err may hold a value
			return
		}
		c.value(s, gjson.ParseBytes(xmlmap.AppendJSON(nil, fields)))
	default:
		if !shallow.ValidJSON(body) {
			c.add(Problem{Kind: KindSyntax, Message: "not valid JSON"})
			return
		}
		c.value(s, gjson.ParseBytes(body))
	}
}

// readBody returns what req would send, with the space around it left out, and
// whether that can be known.
func readBody(req *http.Request) (body []byte, ok bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, true
	}
	if req.GetBody == nil || req.ContentLength > maxBodyBytes || isForm(req.Header.Get("Content-Type")) {
		return nil, false
	}
	r, err := req.GetBody()
	if err != nil || r == nil {
		return nil, false
	}
	defer r.Close()
	var buf bytes.Buffer
	buf.Grow(int(max(req.ContentLength, 0)) + bytes.MinRead)
	n, err := buf.ReadFrom(io.LimitReader(r, maxBodyBytes+1))
	if err != nil || n > maxBodyBytes {
		return nil, false
	}
	return bytes.Trim(buf.Bytes(), " \t\r\n"), true
}

func isForm(contentType string) bool {
	const form = "multipart/"
	return len(contentType) > len(form) && strings.EqualFold(contentType[:len(form)], form)
}

func (op *Operation) isV2() bool { return strings.HasPrefix(op.Template, "v2/") }
