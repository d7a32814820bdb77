package item

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// Options turns items into the options of a call. It binds the variables of the
// template. All other items become fields of the body or of the query, or headers. A
// variable of the template that is documented as a field of the body too sets both.
func Options(method, template string, items []Item, stdin io.Reader) ([]wechatpay.Option, error) {
	vars := uritemplate.Names(template)
	var bound []string
	var opts, fields []wechatpay.Option
	body := make(wechatpay.M) // the fields of an APIv2 body
	query := make(map[string][]string)
	for _, i := range items {
		switch {
		case i.Kind == File:
			opt, err := fileOption(method, template, i.Value, stdin)
			if err != nil {
				return nil, err
			}
			opts = append(opts, opt) // the fields are added to this file's body
		case i.Kind == Query:
			query[i.Name] = append(query[i.Name], i.Value)
		case i.Kind == Header:
			fields = append(fields, wechatpay.Header(i.Name, i.Value))
		case slices.Contains(vars, i.Name):
			bound = append(bound, i.Name)
			fields = append(fields, wechatpay.Bind(i.Name, i.scalar()))
			if isField(method, template, i.Name) {
				fields = append(fields, wechatpay.Set(i.Name, i.raw()))
			}
		case method == http.MethodGet:
			return nil, lang.Errorf("GET has no body, and %s is not a variable of the path; write %[1]s==… for the query", i.Name)
		case operation.IsV2(template):
			body[i.Name] = i.Decoded()
		default:
			fields = append(fields, wechatpay.Set(i.Name, i.raw()))
		}
	}
	for _, name := range vars {
		if !slices.Contains(bound, name) && !operation.IsQueryVariable(template, name) {
			return nil, lang.Errorf("the variable {%s} of the path has no value; add %[1]s=…", name)
		}
	}
	if len(body) > 0 {
		fields = append(fields, wechatpay.XML(body))
	}
	if len(query) > 0 {
		fields = append(fields, wechatpay.Query(query))
	}
	return append(opts, fields...), nil
}

// isField reports whether the JSON body of an operation has a field of that name.
func isField(method, template, name string) bool {
	op := operation.Find(method, template)
	return op != nil && op.JSON != nil && op.JSON.Property(name) != nil
}

// fileOption sends a file. If the operation is an upload, the file is uploaded.
// Otherwise the file is the body.
func fileOption(method, template, path string, stdin io.Reader) (wechatpay.Option, error) {
	if op := operation.Find(method, template); op != nil && len(op.Form) > 0 {
		return wechatpay.File(path), nil
	}
	text, err := read.FileOrStdin(path, stdin)
	if err != nil {
		return nil, err
	}
	if operation.IsV2(template) {
		return wechatpay.Body("text/xml; charset=utf-8", strings.NewReader(string(text))), nil
	}
	if text, err = read.JSON("@"+path, text); err != nil {
		return nil, err
	}
	return wechatpay.JSON(json.RawMessage(text)), nil
}
