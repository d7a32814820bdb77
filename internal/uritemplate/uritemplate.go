// Package uritemplate reads and expands URI templates (RFC 6570) for request
// paths. A template cannot make a fragment, and a variable of the path cannot be
// left out.
package uritemplate

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Cut splits a template around its first expression, such as {openid}. At the end
// of the template, expression and rest are empty. If a brace is unpaired,
// expression is empty and rest starts with that brace.
func Cut(template string) (text, expression, rest string) {
	text, _, _ = strings.Cut(template, "{")
	text, _, _ = strings.Cut(text, "}")
	if text == template {
		return template, "", ""
	}
	rest = template[len(text):]
	end := strings.IndexByte(rest, '}')
	if rest[0] == '}' || end < 0 {
		return text, "", rest
	}
	return text, rest[:end+1], rest[end+1:]
}

// Segments yields the text between the slashes of a template. Slashes inside an
// expression, such as {/parts*}, do not separate segments.
func Segments(template string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, pos := 0, 0
		for pos < len(template) {
			text, expression, _ := Cut(template[pos:])
			for {
				i := strings.IndexByte(text, '/')
				if i < 0 {
					break
				}
				if !yield(template[start : pos+i]) {
					return
				}
				pos += i + 1
				start, text = pos, text[i+1:]
			}
			if expression == "" {
				break
			}
			pos += len(text) + len(expression)
		}
		yield(template[start:])
	}
}

// CutQuery splits a template where its query starts: at a question mark in the
// text, or at an expression {?…} or {&…}. The query keeps that start.
func CutQuery(template string) (path, query string) {
	for pos := 0; pos < len(template); {
		text, expression, _ := Cut(template[pos:])
		if i := strings.IndexByte(text, '?'); i >= 0 {
			return template[:pos+i], template[pos+i:]
		}
		pos += len(text)
		if expression == "" {
			break
		}
		if expression[1] == '?' || expression[1] == '&' {
			return template[:pos], template[pos:]
		}
		pos += len(expression)
	}
	return template, ""
}

// Variable returns the name in a segment that consists of one variable, such as
// {openid}.
func Variable(segment string) (name string, ok bool) {
	text, expression, rest := Cut(segment)
	if text != "" || rest != "" || len(expression) < 3 {
		return "", false
	}
	name = expression[1 : len(expression)-1]
	return name, IsName(name)
}

// IsName reports whether name is a varname of RFC 6570, section 2.3, without
// percent-encoded characters.
func IsName(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		case c == '.' && i > 0 && i < len(name)-1 && name[i-1] != '.':
		default:
			return false
		}
	}
	return name != ""
}

// An Expression is the text between two braces of a template.
type Expression struct {
	// Operator is one of + # . / ; ? &, or 0 for none.
	Operator byte
	// specs are the variables as written.
	specs string
}

// parse reads an expression with its braces, as [Cut] returns it.
func parse(expression string) Expression {
	specs := expression[1 : len(expression)-1]
	if specs != "" && strings.IndexByte("+#./;?&", specs[0]) >= 0 {
		return Expression{specs[0], specs[1:]}
	}
	return Expression{0, specs}
}

// Expressions yields the expressions of a template up to an unpaired brace.
func Expressions(template string) iter.Seq[Expression] {
	return func(yield func(Expression) bool) {
		for {
			_, expression, rest := Cut(template)
			if expression == "" || !yield(parse(expression)) {
				return
			}
			template = rest
		}
	}
}

// Names returns the names of the variables in the expression, in order. Malformed
// names are left out.
func (e Expression) Names() []string {
	var names []string
	for spec := range strings.SplitSeq(e.specs, ",") {
		if name, _, err := parseSpec(spec); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// Optional reports whether the variables of the expression may be left out, such
// as those of a query.
func (e Expression) Optional() bool { return e.Operator == '?' || e.Operator == '&' }

// Names returns the names of the variables in a template, in order.
func Names(template string) []string {
	var names []string
	for e := range Expressions(template) {
		names = append(names, e.Names()...)
	}
	return names
}

// parseSpec reads name, name*, or name:3. The prefix is -1 if there is none.
func parseSpec(spec string) (name string, prefix int, err error) {
	name, digits, ok := strings.Cut(spec, ":")
	prefix = -1
	if ok {
		// RFC 6570, section 2.4.1: the length is below 10000.
		if prefix, err = strconv.Atoi(digits); err != nil || prefix < 1 || prefix > 9999 {
			return "", 0, fmt.Errorf("prefix %q is not a number from 1 to 9999", digits)
		}
	} else {
		name = strings.TrimSuffix(name, "*")
	}
	if !IsName(name) {
		return "", 0, fmt.Errorf("%q is not a variable name (letters, digits, _ and inner dots)", name)
	}
	return name, prefix, nil
}
