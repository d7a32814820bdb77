package uritemplate

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	stduritemplate "github.com/std-uritemplate/std-uritemplate/go/v2"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// Expand appends to b a template filled in, in the escaped form that is sent.
// It calls value for each variable; ok is false for one without a value. A
// value is a string, a number, a bool, or a list or a map of them.
//
// A variable of the path without a value, with an empty one, or with "." or
// ".." is an error. A variable of {?…} and {&…} may be left out.
func Expand(b []byte, template string, value func(name string) (v any, ok bool)) ([]byte, error) {
	if !utf8.ValidString(template) {
		return nil, fmt.Errorf("template %q is not valid UTF-8", template)
	}
	for rest := template; rest != ""; {
		text, expression, after := Cut(rest)
		var err error
		if b, err = appendLiteral(b, text); err != nil {
			return nil, err
		}
		switch {
		case expression != "":
			if b, err = appendExpression(b, expression, value); err != nil {
				return nil, err
			}
		case after != "":
			return nil, fmt.Errorf("template %q has a brace without its other half", template)
		}
		rest = after
	}
	return b, nil
}

// appendExpression appends one expression, {…}, filled in.
func appendExpression(b []byte, expression string, value func(name string) (any, bool)) ([]byte, error) {
	e := parse(expression)
	if e.Operator == 0 && IsName(e.specs) {
		// In {name}, a value of unreserved characters expands to itself (RFC
		// 6570, section 3.2.2): most values do, and need no more work.
		v, _ := value(e.specs)
		if s, ok := v.(string); ok && isUnreserved(s) && checkPathValue(e.specs, v, -1) == nil {
			return append(b, s...), nil
		}
	}
	if e.Operator == '#' {
		return nil, fmt.Errorf("expression %s makes a fragment (#…), which is never sent", expression)
	}
	values, plain, err := e.substitutions(expression, value)
	if err != nil {
		return nil, err
	}
	if !plain {
		// The library counts a prefix in bytes, RFC 6570 in characters. The
		// values are already cut.
		expression = dropPrefixes(expression)
	}
	text, err := stduritemplate.Expand(expression, values)
	if err != nil {
		return nil, fmt.Errorf("expression %s: %w", expression, err)
	}
	return appendLiteral(b, text) // {+var} keeps characters that a URL must not contain
}

// substitutions returns the values of an expression's variables as the library
// takes them, cut to their prefixes. The expression, which errors show, is plain
// if it has no prefix such as {var:3}.
func (e Expression) substitutions(expression string, value func(name string) (any, bool)) (values stduritemplate.Substitutions, plain bool, err error) {
	values, plain = make(stduritemplate.Substitutions, 1), true
	for spec := range strings.SplitSeq(e.specs, ",") {
		name, prefix, err := parseSpec(spec)
		if err != nil {
			return nil, false, fmt.Errorf("expression %s: %w", expression, err)
		}
		plain = plain && prefix < 0
		v, ok := value(name)
		if ok {
			if v, err = substitution(v); err != nil {
				return nil, false, fmt.Errorf("variable {%s}: %w", name, err)
			}
		}
		if !e.Optional() {
			if err := checkPathValue(name, v, prefix); err != nil {
				return nil, false, err
			}
		}
		if v, ok = cutPrefix(v, prefix); !ok {
			return nil, false, fmt.Errorf("variable {%s} is a list or a map, of which %s can take no prefix", name, expression)
		}
		if _, twice := values[name]; twice && !plain {
			return nil, false, fmt.Errorf("expression %s names {%s} twice", expression, name)
		}
		if v != nil {
			values[name] = v
		}
	}
	return values, plain, nil
}

// cutPrefix cuts a text to its first n characters. If n is negative, the value
// stays unchanged. For a list or a map, ok is false.
func cutPrefix(v any, n int) (_ any, ok bool) {
	if n < 0 || v == nil {
		return v, true
	}
	s, ok := v.(string)
	return stringify.Prefix(s, n), ok
}

func dropPrefixes(expression string) string {
	specs := strings.Split(strings.TrimSuffix(expression, "}"), ",")
	for i, spec := range specs {
		specs[i], _, _ = strings.Cut(spec, ":")
	}
	return strings.Join(specs, ",") + "}"
}

// checkPathValue refuses a value that would remove a segment from the path or
// lead out of it.
func checkPathValue(name string, v any, prefix int) error {
	one := func(s string) error {
		if prefix >= 0 {
			s = stringify.Prefix(s, prefix)
		}
		switch s {
		case "":
			return fmt.Errorf("variable {%s} is empty", name)
		case ".", "..":
			return fmt.Errorf("variable {%s} is %q, which leads to another path", name, s)
		}
		return nil
	}
	switch v := v.(type) {
	case nil:
		return fmt.Errorf("variable {%s} has no value; give it with Bind(%q, …) or as an option %q", name, name, name)
	case string:
		return one(v)
	case []string:
		if len(v) == 0 {
			return one("")
		}
		for _, s := range v {
			if err := one(s); err != nil {
				return err
			}
		}
	case map[string]string:
		if len(v) == 0 {
			return one("")
		}
	}
	return nil
}

// substitution converts a bound value to a type of RFC 6570: a string, a list of
// strings, a map of strings, or nil for undefined.
func substitution(v any) (any, error) {
	if s, ok := v.(string); ok {
		return v, stringify.Check(s)
	}
	rv := stringify.Indirect(reflect.ValueOf(v))
	switch {
	case !rv.IsValid():
		return nil, nil
	case stringify.IsList(rv):
		return stringify.List(rv)
	case stringify.IsMap(rv):
		return stringify.Map(rv)
	}
	text, ok, err := stringify.Scalar(rv)
	if err != nil || !ok {
		return nil, err
	}
	return text, nil
}

// appendLiteral appends text outside of expressions, and percent-encodes
// characters that a URL must not contain.
func appendLiteral(b []byte, text string) ([]byte, error) {
	start := 0
	for i := range len(text) {
		c := text[i]
		if urlChars[c] != escaped || c == '%' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			continue
		}
		if c == '#' {
			return nil, fmt.Errorf("%q has a fragment (#…), which is never sent; put it into a variable", text)
		}
		if c < ' ' || c == 0x7f {
			return nil, fmt.Errorf("%q has a control character", text)
		}
		const digits = "0123456789ABCDEF"
		b = append(append(b, text[start:i]...), '%', digits[c>>4], digits[c&15])
		start = i + 1
	}
	return append(b, text[start:]...), nil
}

func isUnreserved(s string) bool {
	for i := range len(s) {
		if urlChars[s[i]] != unreserved {
			return false
		}
	}
	return true
}

// urlChars has the characters that a path and a query contain unencoded (RFC
// 3986, section 2).
var urlChars = func() (kinds [256]charKind) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") {
		kinds[c] = unreserved
	}
	for _, c := range []byte("/:@!$&'()*+,;=?") {
		kinds[c] = reserved
	}
	return kinds
}()

type charKind uint8

const (
	escaped  charKind = iota
	reserved          // except #, [ and ]
	unreserved
)

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
