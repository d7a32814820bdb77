package openapi

import (
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// A route is a place in the trie of paths as they are sent. The empty segment
// is the slash at the end of a path.
type route struct {
	literals map[string]*route
	variable *route
	records  []*record // that end here
}

func (r *route) add(rec *record) {
	for segment := range strings.SplitSeq(wirePath(rec.template), "/") {
		r = r.grow(segment)
	}
	r.records = append(r.records, rec)
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

// find returns the record of a path, or nil, literal segments before variables.
func (r *route) find(method, path string) *record {
	segment, rest, more := strings.Cut(path, "/")
	for _, next := range [...]*route{r.literals[segment], r.variable} {
		switch {
		case next == nil, segment == "" && next == r.variable:
		case more:
			if found := next.find(method, rest); found != nil {
				return found
			}
		default:
			for _, rec := range next.records {
				if rec.method == method {
					return rec
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
	return load().match(method, path)
}

func (c *catalogue) match(method, path string) *Operation {
	path, _, _ = strings.Cut(path, "?")
	path = strings.TrimPrefix(path, "/")
	r := c.routes.find(method, strings.TrimPrefix(path, "v2/"))
	if r == nil {
		return nil
	}
	return r.operation()
}
