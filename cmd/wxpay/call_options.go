package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// options makes of items the options of a call: a variable of the template is
// bound, all others are fields of the body or of the query.
func options(method, template string, items []item, stdin io.Reader) ([]wechatpay.Option, error) {
	vars := uritemplate.Names(template)
	var bound []string
	var opts, fields []wechatpay.Option
	body := make(wechatpay.M) // of APIv2
	query := make(map[string][]string)
	for _, i := range items {
		switch {
		case i.kind == fileItem:
			opt, err := fileOption(method, template, i.value, stdin)
			if err != nil {
				return nil, err
			}
			opts = append(opts, opt) // which the fields are added to
		case i.kind == queryItem:
			query[i.name] = append(query[i.name], i.value)
		case slices.Contains(vars, i.name):
			bound = append(bound, i.name)
			fields = append(fields, wechatpay.Bind(i.name, i.scalar()))
		case method == http.MethodGet:
			return nil, fmt.Errorf("GET has no body for %s, which is no variable of the path either; write %[1]s==… for the query", i.name)
		case isV2(template):
			body[i.name] = i.decoded()
		default:
			fields = append(fields, wechatpay.Set(i.name, i.raw()))
		}
	}
	for _, name := range vars {
		if !slices.Contains(bound, name) && !isQueryVariable(template, name) {
			return nil, fmt.Errorf("the path has the variable {%s}, which has no value; add %[1]s=…", name)
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

// fileOption sends a file: uploaded where the operation is an upload, or else
// as the body.
func fileOption(method, template, path string, stdin io.Reader) (wechatpay.Option, error) {
	if op := operation(method, template); op != nil && len(op.Form) > 0 {
		return wechatpay.File(path), nil
	}
	text, err := fileOrStdin(path, stdin)
	if err != nil {
		return nil, err
	}
	if isV2(template) {
		return wechatpay.Body("text/xml; charset=utf-8", strings.NewReader(string(text))), nil
	}
	if !json.Valid(text) {
		return nil, fmt.Errorf("@%s is not valid JSON", path)
	}
	return wechatpay.JSON(json.RawMessage(text)), nil
}
