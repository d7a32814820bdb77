package wechatpaytest

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// A variable is bound to one of these and, once the client has filled the
// template in, makes way for what it matches: one segment or several. Each is
// one character, which a prefix such as {var:3} leaves whole.
const oneSegment, segments = "\ue000", "\ue001"

// patternOf makes of a template the pattern of the URLs that fit it, with a group
// for each of the variables.
func patternOf(template string) (pattern string, variables []string, err error) {
	chain := new(wechatpay.Client).Chain(template)
	for e := range uritemplate.Expressions(chain.String()) {
		if e.Optional() { // the query is ignored
			continue
		}
		mark := oneSegment
		if e.Operator != 0 {
			mark = segments
		}
		for _, name := range e.Names() {
			chain = chain.Bind(name, mark)
			variables = append(variables, name)
		}
	}
	u, err := chain.URL(wechatpay.BaseURL("https://mock/"))
	if err != nil {
		return "", nil, err
	}
	path := strings.NewReplacer(
		url.PathEscape(oneSegment), `([^/?]+)`,
		url.PathEscape(segments), `([^?]+)`,
	).Replace(regexp.QuoteMeta(strings.TrimPrefix(u.EscapedPath(), "/")))
	return `^[a-z]+://[^/]+/` + path + `(?:\?.*)?$`, variables, nil
}

// unknown says why a method and a template are probably mistyped. It returns "" if
// the catalogue knows them, or cannot.
func unknown(method, template string) string {
	template, _ = uritemplate.CutQuery(new(wechatpay.Client).Chain(template).String())
	for e := range uritemplate.Expressions(template) {
		if e.Operator != 0 {
			return "" // it matches many operations
		}
	}
	if openapi.Match(method, "/"+template) != nil {
		return ""
	}
	doubt := "the catalogue does not know this operation"
	if op := openapi.Nearest(method, template); op != nil {
		doubt += "; did you mean " + op.String() + "?"
	}
	return doubt
}
