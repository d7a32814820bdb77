package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var faultVariable = regexp.MustCompile(`\{[^/{}]*\}`)

// pattern returns the method of a Path, or "", and its pattern without what only
// the catalogue has: the variables and the v2 of APIv2.
func (f Fault) pattern() (method, pattern string) {
	pattern = strings.TrimSpace(f.Path)
	if m, rest, ok := strings.Cut(pattern, " "); ok {
		method, pattern = strings.ToUpper(m), strings.TrimSpace(rest)
	}
	pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, "/"), "v2/")
	return method, faultVariable.ReplaceAllString(pattern, "*")
}

// checkPath returns why no request can match the Path, or nil.
func (f Fault) checkPath() error {
	method, pattern := f.pattern()
	switch _, err := path.Match(pattern, ""); {
	case err != nil:
		return err
	case strings.Contains(pattern, "://"):
		return errors.New("it is a URL; a path is wanted, such as v3/pay/transactions/*")
	case strings.ContainsFunc(pattern, unicode.IsSpace), f.Path != "" && pattern == "", slices.Contains(methods, strings.ToUpper(pattern)):
		return errors.New(`a path is wanted, or a method, a space and a path, such as "POST v3/pay/transactions/*"`)
	case method != "" && !slices.Contains(methods, method):
		return fmt.Errorf("%.16q is not a method of the platform, which are %s", method, strings.Join(methods, ", "))
	}
	return nil
}

// methods are those that a Path can name.
var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// matches reports whether the fault can affect a request.
func (f Fault) matches(method, requested string) bool {
	if f.Path == "" {
		return true
	}
	want, pattern := f.pattern()
	if want != "" && want != method {
		return false
	}
	requested = strings.TrimPrefix(requested, "/")
	if product, ok := strings.CutSuffix(pattern, "/..."); ok {
		depth := strings.Count(product, "/") + 1
		segments := strings.Split(requested, "/")
		if len(segments) <= depth {
			return false
		}
		pattern, requested = product, strings.Join(segments[:depth], "/")
	}
	ok, err := path.Match(pattern, requested)
	return ok && err == nil
}
