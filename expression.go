package wechatpay

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	stduritemplate "github.com/std-uritemplate/std-uritemplate/go/v2"
)

// appendExpression appends one expression of a URI template, {…}, filled in.
func appendExpression(b []byte, expression string, value func(name string) (any, bool)) ([]byte, error) {
	specs := expression[1 : len(expression)-1]
	if isVariableName(specs) {
		// In {name}, a value of unreserved characters expands to itself (RFC
		// 6570, section 3.2.2): most values do, and need no more work.
		v, _ := value(specs)
		if s, ok := v.(string); ok && isUnreserved(s) && checkPathValue(specs, v, -1) == nil {
			return append(b, s...), nil
		}
	}
	operator := ""
	if specs != "" && strings.IndexByte("+#./;?&", specs[0]) >= 0 {
		operator, specs = specs[:1], specs[1:]
	}
	if operator == "#" {
		return nil, fmt.Errorf("expression %s makes a fragment (#…), which is never sent", expression)
	}
	values := make(stduritemplate.Substitutions, 1)
	plain := true // expression has no prefix such as {var:3}
	for spec := range strings.SplitSeq(specs, ",") {
		name, prefix, err := parseSpec(spec)
		if err != nil {
			return nil, fmt.Errorf("expression %s: %w", expression, err)
		}
		v, ok := value(name)
		if ok {
			if v, err = templateValue(v); err != nil {
				return nil, fmt.Errorf("variable {%s}: %w", name, err)
			}
		}
		// In a query, and only there, a variable may be left out, or empty.
		if operator != "?" && operator != "&" {
			if err := checkPathValue(name, v, prefix); err != nil {
				return nil, err
			}
		}
		if prefix >= 0 {
			plain = false
			s, ok := v.(string)
			if v != nil && !ok {
				return nil, fmt.Errorf("variable {%s} is a list or a map, of which %s can take no prefix", name, expression)
			}
			if ok {
				v = cutRunes(s, prefix)
			}
		}
		if _, twice := values[name]; twice && !plain {
			return nil, fmt.Errorf("expression %s names {%s} twice", expression, name)
		}
		if v != nil {
			values[name] = v
		}
	}
	if !plain {
		// The library counts a prefix in bytes, RFC 6570 in characters: the
		// values are cut already.
		expression = dropPrefixes(expression)
	}
	text, err := stduritemplate.Expand(expression, values)
	if err != nil {
		return nil, fmt.Errorf("expression %s: %w", expression, err)
	}
	return appendLiteral(b, text) // {+var} leaves in what no URL may hold
}

func isUnreserved(s string) bool {
	for i := range len(s) {
		if urlChars[s[i]] != unreserved {
			return false
		}
	}
	return true
}

// parseSpec takes apart name, name*, or name:3, whose prefix is -1 if absent.
func parseSpec(spec string) (name string, prefix int, err error) {
	name, digits, ok := strings.Cut(spec, ":")
	prefix = -1
	if ok {
		// RFC 6570, section 2.4.1: below 10000.
		if prefix, err = strconv.Atoi(digits); err != nil || prefix < 1 || prefix > 9999 {
			return "", 0, fmt.Errorf("prefix %q is not a number from 1 to 9999", digits)
		}
	} else {
		name = strings.TrimSuffix(name, "*")
	}
	if !isVariableName(name) {
		return "", 0, fmt.Errorf("%q is not a variable name (letters, digits, _ and inner dots)", name)
	}
	return name, prefix, nil
}

// variableNames returns the names of the variables in a template, in order.
func variableNames(template string) []string {
	var names []string
	for _, part := range strings.Split(template, "{")[1:] {
		specs, _, _ := strings.Cut(part, "}")
		for spec := range strings.SplitSeq(strings.TrimLeft(specs, "+#./;?&"), ",") {
			if name, _, err := parseSpec(spec); err == nil {
				names = append(names, name)
			}
		}
	}
	return names
}

func dropPrefixes(expression string) string {
	specs := strings.Split(strings.TrimSuffix(expression, "}"), ",")
	for i, spec := range specs {
		specs[i], _, _ = strings.Cut(spec, ":")
	}
	return strings.Join(specs, ",") + "}"
}

func cutRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// checkPathValue refuses a value of a path that would leave a segment out or
// climb out of it.
func checkPathValue(name string, v any, prefix int) error {
	one := func(s string) error {
		if prefix >= 0 {
			s = cutRunes(s, prefix)
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

// templateValue turns what a caller binds to a variable into what RFC 6570
// knows: a string, a list of strings, a map of strings, or nil for undefined.
func templateValue(v any) (any, error) {
	if s, ok := v.(string); ok {
		return v, checkText(s)
	}
	rv := indirect(reflect.ValueOf(v))
	if !rv.IsValid() {
		return nil, nil
	}
	switch {
	case isList(rv):
		return listText(rv)
	case rv.Kind() == reflect.Map && rv.Type().Key().Kind() == reflect.String:
		return mapText(rv)
	}
	text, ok, err := scalarText(rv)
	if err != nil || !ok {
		return nil, err
	}
	return text, nil
}

// mapText returns a map's values as text; those that are nil are left out.
func mapText(rv reflect.Value) (map[string]string, error) {
	m := make(map[string]string, rv.Len())
	for key, elem := range rv.Seq2() {
		text, ok, err := scalarText(elem)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", key, err)
		}
		if ok {
			m[key.String()] = text
		}
	}
	return m, nil
}

// isList tells a list from a value that writes itself, such as a net.IP.
func isList(rv reflect.Value) bool {
	if rv.Kind() != reflect.Slice && rv.Kind() != reflect.Array {
		return false
	}
	return !rv.Type().Implements(textMarshaler)
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

// listText returns the texts of a list's elements; those that are nil are
// left out.
func listText(rv reflect.Value) ([]string, error) {
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		return nil, fmt.Errorf("%s is neither text nor a list; make it a string", rv.Type())
	}
	list := make([]string, 0, rv.Len())
	for i := range rv.Len() {
		text, ok, err := scalarText(rv.Index(i))
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		if ok {
			list = append(list, text)
		}
	}
	return list, nil
}

var errText = errors.New("not valid UTF-8: was it cut in the middle of a character?")

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return errText
	}
	return nil
}

// indirect follows interfaces and pointers, but not to the inside of a value
// that writes itself; a nil ends in the zero Value.
func indirect(rv reflect.Value) reflect.Value {
	for rv.Kind() == reflect.Pointer || rv.Kind() == reflect.Interface {
		if rv.IsNil() {
			return reflect.Value{}
		}
		if rv.Kind() == reflect.Pointer && rv.Type().Implements(textMarshaler) {
			return rv
		}
		rv = rv.Elem()
	}
	return rv
}

// maxExactFloat is 2^53: past it a float64 does not hold every integer.
const maxExactFloat = 1 << 53

// scalarText writes one value of a path or a query as text. It never rounds
// or abbreviates. A nil gives false.
func scalarText(rv reflect.Value) (string, bool, error) {
	rv = indirect(rv)
	if !rv.IsValid() {
		return "", false, nil
	}
	if rv.CanInterface() {
		if m, ok := rv.Interface().(encoding.TextMarshaler); ok {
			text, err := m.MarshalText()
			if err != nil {
				return "", false, err
			}
			return string(text), true, checkText(string(text))
		}
	}
	switch rv.Kind() {
	case reflect.String:
		s := rv.String()
		return s, true, checkText(s)
	case reflect.Bool:
		return strconv.FormatBool(rv.Bool()), true, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(rv.Int(), 10), true, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(rv.Uint(), 10), true, nil
	case reflect.Float32, reflect.Float64:
		f := rv.Float()
		if math.IsNaN(f) || math.Abs(f) > maxExactFloat {
			return "", false, fmt.Errorf("the %s %v cannot be written exactly; pass a string or an integer", rv.Kind(), f)
		}
		return strconv.FormatFloat(f, 'f', -1, rv.Type().Bits()), true, nil
	}
	return "", false, fmt.Errorf("%s cannot be written as text; use a string, a number, a bool or a list of them", rv.Type())
}
