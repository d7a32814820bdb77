package wechatpay

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
)

// A target is where a call goes: a template with the values of its variables, a
// base, and a query.
type target struct {
	template  string
	base      base
	elsewhere bool // base is not the client's
	vars      []variable
	varsBuf   [4]variable
	query     url.Values // the parameters that options add
}

type variable struct {
	name   string
	value  any
	origin origin
	used   bool
}

// origin tells where a variable was bound.
type origin int

const (
	fromChain origin = iota
	fromOption
)

func (t *target) bind(name string, value any, from origin) {
	if t.vars == nil {
		t.vars = t.varsBuf[:0]
	}
	t.vars = append(t.vars, variable{name: name, value: value, origin: from})
}

// bindAll binds the oldest variable first, so the newest wins.
func (t *target) bindAll(b *binding) {
	if b != nil {
		t.bindAll(b.older)
		t.bind(b.name, b.value, fromChain)
	}
}

// value returns the value that was bound last to a name.
func (t *target) value(name string) (any, bool) {
	var value any
	found := false
	for i := range t.vars {
		if v := &t.vars[i]; v.name == name {
			value, found, v.used = v.value, true, true
		}
	}
	return value, found
}

// resolve returns the URL of the call and the protocol. An APIv2 call with GET
// has its fields in the query, so resolve adds the merchant's number there.
func (t *target) resolve(method, mchID string) (*url.URL, Protocol, error) {
	var buf [512]byte
	b, err := uritemplate.Expand(append(buf[:0], t.base.path...), t.template, t.value)
	if unbound := t.unused(); unbound != nil {
		return nil, "", unbound
	}
	if err != nil {
		return nil, "", &fault{kind: ErrTemplate, err: err}
	}
	full := string(b)
	path := full[len(t.base.path):]
	// {+path} and {/path*} may start with a slash, and two slashes would start a
	// host.
	path = strings.TrimPrefix(path, "/")
	if err := checkPath(path); err != nil {
		return nil, "", &fault{kind: ErrTemplate, err: err}
	}
	protocol := APIv3
	if first, rest, _ := strings.Cut(path, "/"); strings.EqualFold(first, "v2") && t.spellsProtocol() {
		if rest == "" || rest[0] == '?' {
			return nil, "", &fault{kind: ErrTemplate, err: errors.New("the path ends at v2, which is not sent")}
		}
		protocol, path = APIv2, rest
		if method == http.MethodGet {
			if err := t.completeQuery(path, mchID); err != nil {
				return nil, "", &fault{kind: ErrOption, err: err}
			}
		}
	}
	if path, err = mergeQuery(path, t.query); err != nil {
		return nil, "", &fault{kind: ErrTemplate, err: err}
	}
	if full[len(t.base.path):] != path {
		full = t.base.path + path
	}
	u, err := t.base.url(full)
	if err != nil {
		return nil, "", &fault{kind: ErrTemplate, err: fmt.Errorf("%q is not the path of a URL", path)}
	}
	return u, protocol, nil
}

// spellsProtocol reports whether the caller spelled the first segment. If not,
// the segment is the value of a variable that may happen to be "v2".
func (t *target) spellsProtocol() bool {
	return !strings.HasPrefix(t.template, "{") || strings.HasPrefix(t.template, "{+")
}

// operation returns the path of the operation at a URL, without the path of the
// base and without the v2 that is not sent.
func (t *target) operation(u *url.URL) string {
	return strings.TrimPrefix(u.EscapedPath(), t.base.path)
}

// completeQuery adds the merchant's number to the query of an APIv2 call.
func (t *target) completeQuery(path, mchID string) error {
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return fmt.Errorf("the query %q is not escaped correctly", query)
	}
	given, err := checkMchID(mchID, func(name string) (any, bool) {
		v, ok := t.query[name]
		if !ok {
			v, ok = values[name]
		}
		return strings.Join(v, ","), ok && strings.Join(v, "") != ""
	})
	if err != nil {
		return fmt.Errorf(`option "query": %w`, err)
	}
	if t.query == nil {
		t.query = make(url.Values)
	}
	if !given {
		t.query.Set(mchIDField(path), mchID)
	}
	t.query["sign"] = nil // it is made anew
	return nil
}

// unused returns an error if the template lacks a variable that was bound, such
// as a mistyped name.
func (t *target) unused() error {
	for _, v := range t.vars {
		if v.used {
			continue
		}
		names := uritemplate.Names(t.template)
		if slices.Contains(names, v.name) { // expansion failed before it reached this variable
			continue
		}
		if v.origin == fromChain {
			return &fault{kind: ErrTemplate, err: fmt.Errorf("Bind: the template has no variable {%s}%s", v.name,
				cmp.Or(asVariable(v.name, t.template), didYouMean(v.name, names)))}
		}
		if len(names) == 0 {
			return &fault{kind: ErrOption, err: fmt.Errorf("unknown option %q, and the template has no variables%s", v.name,
				cmp.Or(asVariable(v.name, t.template), didYouMean(v.name, knownKeys)))}
		}
		return &fault{kind: ErrOption, err: fmt.Errorf("option %q is neither known nor a variable of the template (%s)%s",
			v.name, strings.Join(names, ", "), cmp.Or(asVariable(v.name, t.template), didYouMean(v.name, append(names, knownKeys...))))}
	}
	return nil
}
