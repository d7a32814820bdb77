package main

import (
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/internal/naming"
	"github.com/wxchain/wechatpay/openapi"
)

// comment is the documentation comment of an operation's verb: what a person
// reads in the editor before writing the call.
func comment(op *openapi.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is %s", naming.Verb(op.Method), oneLine(op.Title))
	if len(op.Tags) > 0 {
		fmt.Fprintf(&b, " (%s)", oneLine(strings.Join(op.Tags, ", ")))
	}
	fmt.Fprintf(&b, ": %s.\n", op)
	for _, fact := range facts(op) {
		b.WriteString("\n" + fact + "\n")
	}
	for _, page := range op.Docs {
		fmt.Fprintf(&b, "\n%s\n", page)
	}
	for _, s := range [...]struct {
		title  string
		fields []openapi.Parameter
	}{{"Path", op.Path}, {"Query", op.Query}, {"Headers", op.Headers}, {"Form", op.Form}} {
		if len(s.fields) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s:\n\n", s.title)
		for i := range s.fields {
			p := &s.fields[i]
			writeField(&b, 1, p.Name, p.Required, &p.Schema)
		}
		if s.title == "Query" {
			writeOneOf(&b, 1, op.QueryOneOf)
		}
	}
	if body := op.Body(); body != nil && len(body.Properties) > 0 {
		title := "JSON"
		if op.XML != nil {
			title = "XML"
		}
		fmt.Fprintf(&b, "\n%s:\n\n", title)
		writeFields(&b, 1, body)
	}
	// As gofmt has it: no space at the end of an empty line or before a tab.
	text := "// " + strings.ReplaceAll(strings.TrimSuffix(b.String(), "\n"), "\n", "\n// ")
	return strings.NewReplacer("// \n", "//\n", "// \t", "//\t").Replace(text)
}

// facts are what the tree does for an operation by itself.
func facts(op *openapi.Operation) []string {
	var facts []string
	if op.BaseURL != "" {
		facts = append(facts, "It calls "+op.BaseURL+".")
	}
	if op.ClientCert {
		facts = append(facts, "It presents the merchant's client certificate.")
	}
	if op.Encrypts {
		facts = append(facts, "Fields marked encrypted take a [Secret].")
	}
	return facts
}

// writeFields writes the fields of an object, each on a line of its own and
// what is in it further in.
func writeFields(b *strings.Builder, depth int, s *openapi.Schema) {
	for _, p := range s.Properties {
		writeField(b, depth, p.Name, p.Required, p.Schema)
	}
	writeOneOf(b, depth, s.OneOf)
}

// writeOneOf writes the fields of which the call needs one.
func writeOneOf(b *strings.Builder, depth int, groups []openapi.OneOf) {
	for _, group := range groups {
		fmt.Fprintf(b, "%sone of* %s\n", strings.Repeat("\t", depth), group)
	}
}

func writeField(b *strings.Builder, depth int, name string, required bool, s *openapi.Schema) {
	fmt.Fprintf(b, "%s%s", strings.Repeat("\t", depth), name)
	if required {
		b.WriteString("*")
	}
	b.WriteString(" " + typeOf(s))
	if s.Label != "" {
		b.WriteString(" " + oneLine(s.Label))
	}
	if len(s.Enum) > 0 {
		b.WriteString(": " + enum(s.Enum))
	}
	b.WriteString("\n")
	for s.Items != nil {
		s = s.Items
	}
	writeFields(b, depth+1, s)
}

// typeOf is the type of a field: string, []object, string(32).
func typeOf(s *openapi.Schema) string {
	switch {
	case s.Type == openapi.Array && s.Items != nil:
		return "[]" + typeOf(s.Items)
	case s.Type == "":
		return "any"
	case s.Format == "base64":
		return "string, encrypted"
	case s.Type == openapi.String && s.Format != "":
		return "string, " + s.Format
	case s.MaxLength > 0:
		return fmt.Sprintf("%s(%d)", s.Type, s.MaxLength)
	}
	return string(s.Type)
}

// maxEnum is how many values of an enum are shown.
const maxEnum = 12

func enum(values []string) string {
	more := ""
	if len(values) > maxEnum {
		values, more = values[:maxEnum], ", …"
	}
	return oneLine(strings.Join(values, ", ")) + more
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
