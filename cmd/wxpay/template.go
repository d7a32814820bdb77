package main

import (
	"regexp"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/openapi"
)

var expression = regexp.MustCompile(`\{[+#./;?&]?([^{}]*)\}`)

// variables lists the variables of a template.
func variables(template string) []string {
	var names []string
	for _, m := range expression.FindAllStringSubmatch(template, -1) {
		for spec := range strings.SplitSeq(m[1], ",") {
			name, _, _ := strings.Cut(strings.TrimSuffix(spec, "*"), ":")
			names = append(names, name)
		}
	}
	return names
}

// isQueryVariable tells a variable that may be left out.
func isQueryVariable(template, name string) bool {
	_, query, _ := strings.Cut(template, "{?")
	return slices.Contains(variables("{?"+query), name)
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
