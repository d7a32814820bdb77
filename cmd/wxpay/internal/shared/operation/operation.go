// Package operation finds operations in the catalogue and describes them.
package operation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// IsQueryVariable reports whether a variable of the template is optional.
func IsQueryVariable(template, name string) bool {
	_, query := uritemplate.CutQuery(template)
	return slices.Contains(uritemplate.Names(query), name)
}

// IsV2 reports whether a path belongs to an APIv2 call.
func IsV2(template string) bool {
	first, _, _ := strings.Cut(template, "/")
	return strings.EqualFold(first, "v2")
}

// Find returns the operation that the catalogue has for a template or a
// filled-in path. It returns nil if there is no such operation.
func Find(method, path string) *openapi.Operation {
	path, _, _ = strings.Cut(path, "?")
	if op := openapi.Lookup(method, path); op != nil {
		return op
	}
	return openapi.Match(method, "/"+strings.TrimPrefix(path, "/"))
}

// Methods are the HTTP methods that the platform's operations use.
var Methods = [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// CheckMethod returns the method in capital letters. It accepts small letters
// too.
func CheckMethod(method string) (string, error) {
	upper := strings.ToUpper(method)
	if !slices.Contains(Methods[:], upper) {
		return "", exit.Misuse(lang.Errorf("%q is not a METHOD of the platform; use one of %s", term.Cut(method), lang.Words(Methods[:])))
	}
	return upper, nil
}

// EachField calls f for each field of a body and of the objects in it, with the
// name that an item uses for that field.
func EachField(s *openapi.Schema, prefix string, f func(name string, p openapi.Property)) {
	if s == nil {
		return
	}
	for _, p := range s.Properties {
		f(prefix+p.Name, p)
		if p.Type == openapi.Object {
			EachField(p.Schema, prefix+p.Name+".", f)
		}
	}
}
