package mcp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/openapi"
)

// parts are what a request has beside its operation.
type parts struct {
	Path    map[string]string `json:"path,omitempty" jsonschema:"the variables of the template"`
	Query   map[string]any    `json:"query,omitempty" jsonschema:"the parameters of the query: texts, numbers, booleans, or lists of these"`
	Headers map[string]string `json:"headers,omitempty" jsonschema:"headers beside those of every call, such as Idempotency-Key"`
	Body    rawJSON           `json:"body,omitempty" jsonschema:"the body: an object, also for the XML of APIv2; or a text that is sent as it is"`
}

// find returns the operation that a text names. If the text has values in place of
// variables, or a query, find adds them to the path and the query.
func (r *parts) find(text string) (*openapi.Operation, error) {
	op, err := findOperation(text)
	if err != nil {
		return nil, err
	}
	if path := strings.TrimPrefix(strings.Fields(text)[1], "/"); path != op.Template {
		r.fill(op, path)
	}
	return op, nil
}

// fill takes the variables from a path that has values in place of them, and the
// parameters of its query. It keeps those that the parts have.
func (r *parts) fill(op *openapi.Operation, path string) {
	path, query, _ := strings.Cut(path, "?")
	r.fillQuery(query)
	values := maps.Clone(r.Path)
	if values == nil {
		values = make(map[string]string)
	}
	for segment := range strings.SplitSeq(op.Template, "/") {
		var value string
		value, path, _ = strings.Cut(path, "/")
		name, ok := uritemplate.Variable(segment)
		if _, given := values[name]; !ok || given || value == segment {
			continue
		}
		if text, err := url.PathUnescape(value); err == nil {
			values[name] = text
		}
	}
	r.Path = values
}

func (r *parts) fillQuery(query string) {
	parameters, err := url.ParseQuery(query)
	if err != nil || len(parameters) == 0 {
		return
	}
	values := make(map[string]any)
	for name, list := range parameters {
		all := make([]any, len(list))
		for i, value := range list {
			all[i] = value
		}
		values[name] = all
	}
	maps.Copy(values, r.Query)
	r.Query = values
}

// forbidden are headers that the client writes.
var forbidden = []string{"Authorization", "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding", "Cookie"}

// checkPath checks the variables of a template: each has one value, which stays within
// its segment.
func (r *parts) checkPath(op *openapi.Operation) error {
	names := uritemplate.Names(op.Template)
	for _, name := range names {
		value, ok := r.Path[name]
		switch {
		case !ok || value == "":
			return fmt.Errorf("path.%s is missing: it is a variable of %s", name, op.Template)
		case strings.Trim(value, ".") == "" || strings.ContainsAny(value, "/\\?#") || strings.ContainsFunc(value, isControl):
			return fmt.Errorf("path.%s leads to another path: it is dots, or has a slash, ?, # or a control character; write the value alone", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Path)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("path.%s is not a variable of %s%s", cut(name, 64), op.Template, listed("; the variables are ", names))
		}
	}
	if openapi.Match(op.Method, "/"+r.expand(op)) != op {
		return fmt.Errorf("the path with these values is that of another operation than %s", op)
	}
	return nil
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

// expand returns the escaped path. A variable without a value stays as it is.
func (r *parts) expand(op *openapi.Operation) string {
	segments := strings.Split(op.Template, "/")
	for i, segment := range segments {
		if name, ok := uritemplate.Variable(segment); ok && r.Path[name] != "" {
			segments[i] = url.PathEscape(r.Path[name])
		}
	}
	return strings.Join(segments, "/")
}

func listed(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return before + strings.Join(names, ", ")
}

// checkHeaders checks the headers. Only those that the operation documents may be sent
// if strict is true.
func (r *parts) checkHeaders(op *openapi.Operation, strict bool) error {
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		canonical := http.CanonicalHeaderKey(name)
		known := slices.ContainsFunc(op.Headers, func(p openapi.Parameter) bool { return http.CanonicalHeaderKey(p.Name) == canonical })
		if slices.Contains(forbidden, canonical) || strict && !known {
			return fmt.Errorf("headers.%s cannot be set: the client writes it, or the operation does not take it; leave it out", cut(name, 64))
		}
	}
	return nil
}

// options returns the options of the call.
func (r *parts) options(op *openapi.Operation, strict bool) ([]wechatpay.Option, error) {
	if len(op.Form) > 0 {
		return nil, fmt.Errorf("%s uploads a file, which this tool does not send; use wxpay call", op)
	}
	if err := errors.Join(r.checkPath(op), r.checkHeaders(op, strict)); err != nil {
		return nil, err
	}
	var all []wechatpay.Option
	for name, value := range r.Path {
		all = append(all, wechatpay.Bind(name, value))
	}
	for name, value := range r.Headers {
		all = append(all, wechatpay.Header(name, value))
	}
	query, err := r.values()
	if err != nil {
		return nil, err
	}
	if len(query) > 0 {
		all = append(all, wechatpay.Query(query))
	}
	body, isText, err := r.content()
	switch {
	case err != nil:
		return nil, err
	case body == nil:
		return all, nil
	case op.Method == http.MethodGet:
		return nil, fmt.Errorf("%s has no body; leave out body", op)
	case operation.IsV2(op.Template):
		return appendV2(all, body, isText)
	case !isText && body[0] != '{' && body[0] != '[':
		return nil, errors.New("body: want an object, or a text that is sent as it is")
	case isText:
		return append(all, wechatpay.Body("application/json", bytes.NewReader(body))), nil
	}
	return append(all, wechatpay.JSON(json.RawMessage(body))), nil
}

// appendV2 adds the body of an APIv2 call.
func appendV2(all []wechatpay.Option, body []byte, isText bool) ([]wechatpay.Option, error) {
	if isText {
		return append(all, wechatpay.Body("text/xml; charset=utf-8", bytes.NewReader(body))), nil
	}
	fields, err := fieldsOf(body)
	if err != nil {
		return nil, err
	}
	return append(all, wechatpay.XML(fields)), nil
}

// fieldsOf returns the fields of an APIv2 body.
func fieldsOf(body []byte) (wechatpay.M, error) {
	var fields wechatpay.M
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		return nil, errors.New("body: want an object with the fields of the XML")
	}
	for name, v := range fields {
		switch v := v.(type) {
		case json.Number:
			fields[name] = v.String()
		case string, map[string]any, []any:
		default:
			return nil, fmt.Errorf("body.%s: want a text", cut(name, 64))
		}
	}
	return fields, nil
}

// content returns the body as it is sent, and whether it is a text that was given.
func (r *parts) content() (body []byte, isText bool, err error) {
	raw := bytes.TrimSpace(r.Body)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, false, nil
	case raw[0] == '"':
		var text string
		err := json.Unmarshal(raw, &text)
		return []byte(text), true, err
	}
	return raw, false, nil
}

// values returns the query.
func (r *parts) values() (url.Values, error) {
	values := make(url.Values)
	for name, v := range r.Query {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, v := range list {
			text, ok := textOf(v)
			if !ok {
				return nil, fmt.Errorf("query.%s: want a text, a number, a boolean, or a list of these", cut(name, 64))
			}
			values.Add(name, text)
		}
	}
	return values, nil
}

func textOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case bool, float64:
		text, err := json.Marshal(v)
		return string(text), err == nil
	}
	return "", false
}

// plain returns the request as it would be sent, without a signature.
func (r *parts) plain(op *openapi.Operation) (*http.Request, error) {
	query, err := r.values()
	if err != nil {
		return nil, err
	}
	body, isText, err := r.content()
	if err != nil {
		return nil, err
	}
	if body != nil && !isText && operation.IsV2(op.Template) {
		fields, err := fieldsOf(body)
		if err != nil {
			return nil, err
		}
		if body, err = xmlmap.Encode(fields); err != nil {
			return nil, fmt.Errorf("body: %w", err)
		}
	}
	req, err := http.NewRequest(op.Method, wechatpay.DefaultBaseURL+r.expand(op)+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("path or query: a value cannot be in a URL")
	}
	for name, value := range r.Headers {
		req.Header.Set(name, value)
	}
	return req, nil
}
