package gotypes

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/wxchain/wechatpay/internal/naming"
	"github.com/wxchain/wechatpay/openapi"
)

// A typer writes the types of one body.
type typer struct {
	*writer
	isV2     bool // all values are text
	isSigned bool // the signer adds fields
	encrypts bool // base64 marks fields that are sent encrypted
}

// root writes the type of a whole body.
func (t typer) root(name string, s *openapi.Schema, text string) string {
	if s.Type == openapi.Object && len(s.Properties) > 0 {
		return t.object(name, s, text)
	}
	name = t.name(name)
	goType := t.typeOf(name, s)
	fmt.Fprintf(t.out, "// %s %s\ntype %s %s\n\n", name, text, name, goType)
	return name
}

// object writes the struct of an object, after its name and a text, and then the types of
// its fields.
func (t typer) object(name string, s *openapi.Schema, text string) string {
	name = t.name(name)
	before := t.out
	t.out = new(bytes.Buffer)
	fields, numbered := t.fieldsOf(name, s)
	parts := t.out
	t.out = before
	fmt.Fprintf(t.out, "// %s %s\n", name, text)
	for _, one := range s.OneOf {
		fmt.Fprintf(t.out, "// One of these is needed: %s.\n", one)
	}
	if len(numbered) > 0 {
		fmt.Fprintf(t.out, "// It lacks the numbered fields, which Get reads: %s.\n", strings.Join(numbered, ", "))
	}
	fmt.Fprintf(t.out, "type %s struct {\n", name)
	for _, f := range fields {
		for line := range strings.Lines(f.comment) {
			fmt.Fprintf(t.out, "\t// %s\n", strings.TrimSpace(line))
		}
		fmt.Fprintf(t.out, "\t%s %s `json:%s`\n", f.name, f.goType, strconv.Quote(f.tag))
	}
	t.out.WriteString("}\n\n")
	t.out.Write(parts.Bytes())
	return name
}

// A field is one of a struct.
type field struct{ name, goType, tag, comment string }

// fieldsOf returns the fields of a struct, whose types it writes, and the names of those
// that it cannot have.
func (t typer) fieldsOf(name string, s *openapi.Schema) (fields []field, numbered []string) {
	names := make(map[string]bool)
	for _, p := range s.Properties {
		if isNumbered(p.Name) {
			numbered = append(numbered, p.Name)
			continue
		}
		f := field{name: unique(names, fieldName(p.Name)), tag: p.Name, comment: comment(p)}
		f.goType = t.typeOf(name+f.name, p.Schema)
		if t.isSigned && slices.Contains(signed, p.Name) {
			continue
		}
		if !p.Required || t.isSigned {
			f.tag += omit(f.goType)
			if isPointer(f.goType, p.Schema) {
				f.goType = "*" + f.goType
			}
		}
		fields = append(fields, f)
	}
	return fields, numbered
}

// typeOf returns the Go type of a value, and writes those that it needs under names that
// start with name.
func (t typer) typeOf(name string, s *openapi.Schema) string {
	switch {
	case s == nil:
		return "any"
	case t.isV2 && s.Type != openapi.Array && s.Type != openapi.Object:
		return "string"
	}
	switch s.Type {
	case openapi.Object:
		if len(s.Properties) == 0 {
			return "map[string]any"
		}
		return t.object(name, s, "is a part of the type that its name starts with.")
	case openapi.Array:
		return "[]" + t.typeOf(name, s.Items)
	case openapi.Integer:
		if s.Format == "uint64" {
			return "uint64"
		}
		return "int64"
	case openapi.Number:
		return "float64"
	case openapi.Boolean:
		return "bool"
	case openapi.String:
		return t.text(name, s)
	}
	return "any"
}

// text returns the type of a text.
func (t typer) text(name string, s *openapi.Schema) string {
	switch {
	case t.encrypts && s.Format == "base64":
		t.needsRoot = true
		return "wechatpay.Secret"
	case len(s.Enum) == 0:
		return "string"
	}
	name = t.name(name)
	fmt.Fprintf(t.out, "// %s is one of the values below, or a value that the platform adds later.\ntype %s string\n\n// The known values of %s.\nconst (\n", name, name, name)
	for _, value := range s.Enum {
		fmt.Fprintf(t.out, "\t%s %s = %s\n", t.name(name+constant(value)), name, strconv.Quote(value))
	}
	t.out.WriteString(")\n\n")
	return name
}

// signed are the fields that the signer of APIv2 adds.
var signed = []string{"nonce_str", "sign", "sign_type"}

// omit returns the option of a tag that leaves out what is not set, but not an empty
// list or map.
func omit(goType string) string {
	if strings.HasPrefix(goType, "[]") || strings.HasPrefix(goType, "map[") {
		return ",omitzero"
	}
	return ",omitempty"
}

// isPointer reports whether an optional field is a pointer, because its zero value means
// something.
func isPointer(goType string, s *openapi.Schema) bool {
	switch goType {
	case "bool", "int64", "uint64", "float64":
		return true
	}
	return s != nil && s.Type == openapi.Object && len(s.Properties) > 0
}

// isNumbered reports whether the name of a field stands for many, such as coupon_id_$n.
func isNumbered(name string) bool { return strings.Contains(name, "$") }

// fieldName returns the name of a field in Go.
func fieldName(name string) string {
	goName := naming.Name(name)
	if first := []rune(goName + "_")[0]; !unicode.IsUpper(first) {
		return "X" + goName
	}
	return goName
}

// unique returns name, or name with a number that makes it unique among names.
func unique(names map[string]bool, want string) string {
	name := want
	for n := 2; names[name]; n++ {
		name = fmt.Sprintf("%s%d", want, n)
	}
	names[name] = true
	return name
}

// constant returns the end of the name of a value's constant: TradeError for TRADE_ERROR.
func constant(value string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(value, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if strings.ToUpper(word) == word {
			word = strings.ToLower(word)
		}
		b.WriteString(naming.Name(word))
	}
	if b.Len() == 0 {
		return "Empty"
	}
	return b.String()
}

// comment describes a field: its label, its unit, and its limits.
func comment(p openapi.Property) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if label := strings.Join(strings.Fields(p.Label), " "); label != "" {
		add("%s", label)
	}
	if p.Type == openapi.Integer && isAmount(p) {
		add("in fen, or the smallest unit of the currency")
	}
	switch p.Format {
	case "rfc3339", "date", "media_id", "url", "json":
		add("%s", map[string]string{
			"rfc3339": "a time of RFC 3339", "date": "a date such as 2006-01-02", "media_id": "the media_id of an upload", "url": "a URL", "json": "a JSON text",
		}[p.Format])
	}
	if p.MaxLength > 0 {
		add("at most %d characters", p.MaxLength)
	}
	if p.Required {
		add("required")
	}
	return strings.Join(parts, "; ")
}

// isAmount reports whether an integer is an amount of money.
func isAmount(p openapi.Property) bool {
	return slices.ContainsFunc([]string{"金额", "面额", "费", "单价"}, func(word string) bool {
		return strings.Contains(p.Label, word) && !strings.Contains(p.Label, "率") && !strings.Contains(p.Label, "类型")
	})
}
