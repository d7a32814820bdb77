package openapi

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/middleware"
)

// A ValidationError lists the mistakes of a request, which was not sent. It contains
// names of the request and no values, so you can log it.
type ValidationError struct {
	Operation *Operation
	// Problems are the problems of the path, the query, the headers and the body, in
	// this order: at most a hundred errors and a hundred warnings.
	Problems []Problem
}

// A Problem is a mistake in a request.
type Problem struct {
	// In is the place of the problem: "path", "query", "header" or "body".
	In string
	// Field is the path of the field: "amount.total", "goods_detail.0.price". It is ""
	// for the body itself.
	Field string
	// Label is the official name of the field, in Chinese, or "".
	Label string
	Kind  Kind
	// Message says what is wrong, such as "a string, want an integer".
	Message string
	// Nearest is the known name that is closest to an unknown name, or "".
	Nearest string
	// Warning says that this problem alone does not stop a request.
	Warning bool
}

// A Kind is the kind of a [Problem].
type Kind string

// The kinds of problems.
const (
	KindRequired  Kind = "required"  // a required field is missing, null or empty
	KindType      Kind = "type"      // not of its type
	KindLength    Kind = "length"    // too many characters, or (a warning) too few
	KindRange     Kind = "range"     // a number out of its bounds
	KindDuplicate Kind = "duplicate" // given more than once
	KindSyntax    Kind = "syntax"    // the body is not valid JSON or XML, or the query is malformed
	KindUnknown   Kind = "unknown"   // a name that is not documented; a warning
	KindEnum      Kind = "enum"      // a value that is not documented; a warning
	KindFormat    Kind = "format"    // a text that is not the date, time or JSON it should be; a warning
)

// Error is one line: the operation, and all problems.
func (e *ValidationError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "openapi: %s: %d problem", e.Operation, len(e.Problems))
	if len(e.Problems) != 1 {
		b.WriteByte('s')
	}
	separator := ": "
	for _, p := range e.Problems {
		b.WriteString(separator)
		b.WriteString(p.String())
		separator = "; "
	}
	return b.String()
}

// Is reports whether target is [middleware.ErrNotSent].
func (e *ValidationError) Is(target error) bool { return target == middleware.ErrNotSent }

// String is such as "body stock_id: required, missing (批次号)".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.In)
	if p.Field != "" {
		b.WriteByte(' ')
		b.WriteString(printable(p.Field))
	}
	b.WriteString(": ")
	b.WriteString(p.Message)
	if p.Nearest != "" {
		fmt.Fprintf(&b, ", did you mean %q?", p.Nearest)
	}
	if p.Label != "" {
		fmt.Fprintf(&b, " (%s)", p.Label)
	}
	return b.String()
}

// printable is name in a form that fits into a line: names come from the
// request.
func printable(name string) string {
	const most = 100
	cut := name
	if len(name) > most {
		cut = strings.ToValidUTF8(name[:most], "") + "…"
	}
	if quoted := strconv.Quote(cut); quoted[1:len(quoted)-1] != cut || strings.ContainsAny(cut, " ;:") {
		return quoted
	}
	return cut
}
