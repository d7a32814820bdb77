package openapi

import (
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// A route is a place in the trie of paths as they are sent. The empty segment
// is the slash at the end of a path.
type route struct {
	literals   map[string]*route
	variable   *route
	operations []*Operation // that end here
}

func (r *route) add(op *Operation) {
	for segment := range strings.SplitSeq(op.wirePath(), "/") {
		r = r.grow(segment)
	}
	r.operations = append(r.operations, op)
}

func (r *route) grow(segment string) *route {
	if _, ok := uritemplate.Variable(segment); ok {
		if r.variable == nil {
			r.variable = new(route)
		}
		return r.variable
	}
	next := r.literals[segment]
	if next == nil {
		if r.literals == nil {
			r.literals = make(map[string]*route)
		}
		next = new(route)
		r.literals[segment] = next
	}
	return next
}

// find returns the operation of a path, literal segments before variables.
func (r *route) find(method, path string) *Operation {
	segment, rest, more := strings.Cut(path, "/")
	for _, next := range [...]*route{r.literals[segment], r.variable} {
		switch {
		case next == nil, segment == "" && next == r.variable:
		case more:
			if op := next.find(method, rest); op != nil {
				return op
			}
		default:
			for _, op := range next.operations {
				if op.Method == method {
					return op
				}
			}
		}
	}
	return nil
}

// Match returns the operation of a request, or nil, by its method and its path as sent
// (escaped, as from [net/url.URL.EscapedPath]), such as
// "/v3/marketing/favor/users/oUpF/coupons". It ignores a query. If a literal segment and
// a variable both match, the literal segment wins. If two templates differ only in the
// name of a variable, the first wins. The path of an APIv2 operation may start with v2,
// or not, as it is sent.
func Match(method, path string) *Operation {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimPrefix(path, "/")
	return load().routes.find(method, strings.TrimPrefix(path, "v2/"))
}
