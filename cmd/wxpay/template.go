package main

import (
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// isQueryVariable reports whether a variable may be left out.
func isQueryVariable(template, name string) bool {
	_, query := uritemplate.CutQuery(template)
	return slices.Contains(uritemplate.Names(query), name)
}

// isV2 tells the path of an APIv2 call.
func isV2(template string) bool {
	first, _, _ := strings.Cut(template, "/")
	return strings.EqualFold(first, "v2")
}

// operation is what the catalogue has under a template or a path that is
// filled in, or nil.
func operation(method, path string) *openapi.Operation {
	path, _, _ = strings.Cut(path, "?")
	if op := openapi.Lookup(method, path); op != nil {
		return op
	}
	return openapi.Match(method, "/"+strings.TrimPrefix(path, "/"))
}
