package sandbox

import (
	"path"
	"regexp"
	"strings"
)

var faultVariable = regexp.MustCompile(`\{[^/{}]*\}`)

// pattern returns the method of a Path, or "", and its pattern without what only
// the catalogue has: the variables and the v2 of APIv2.
func (f Fault) pattern() (method, pattern string) {
	pattern = f.Path
	if m, rest, ok := strings.Cut(f.Path, " "); ok {
		method, pattern = m, rest
	}
	pattern = strings.TrimPrefix(strings.TrimPrefix(pattern, "/"), "v2/")
	return method, faultVariable.ReplaceAllString(pattern, "*")
}

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
