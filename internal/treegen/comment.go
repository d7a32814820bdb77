package main

import (
	"cmp"
	"fmt"
	"slices"
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
	for _, answer := range op.Responses {
		if answer.Body != nil && len(answer.Body.Properties) > 0 {
			fmt.Fprintf(&b, "\nThe answer, %d:\n\n", answer.Status)
			writeFields(&b, 1, answer.Body)
		}
	}
	return commented(b.String())
}

// commented makes of text the lines of a comment, as gofmt has them: without a space
// at the end of an empty line or before a tab.
func commented(text string) string {
	text = "// " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n// ")
	return strings.NewReplacer("// \n", "//\n", "// \t", "//\t").Replace(text)
}

// nodeComment is the documentation comment of the method that leads to a node: its
// operations, or where it leads. here are the operations of the node, and behind those
// of the nodes after it.
func nodeComment(n *naming.Node, here, behind []*openapi.Operation) string {
	var b strings.Builder
	switch {
	case n.Variable() != "":
		fmt.Fprintf(&b, "%s is %s, which is bound to the value if there is one, or else by the options.\n", n.Name, n.Segment)
	case n.Name == "Bind":
		b.WriteString("Bind is the segment bind. To bind a variable here, call Chain(\"\").Bind.\n")
	default:
		fmt.Fprintf(&b, "%s is %s.\n", n.Name, n.Template())
	}
	if len(here) > 0 {
		b.WriteString("\n")
		for _, op := range here {
			fmt.Fprintf(&b, "\t%s %s\n", op.Method, oneLine(op.Title))
		}
	}
	switch len(behind) {
	case 0:
	case 1:
		fmt.Fprintf(&b, "\nIt leads to %s: %s.\n", behind[0], oneLine(behind[0].Title))
	default:
		fmt.Fprintf(&b, "\nIt leads to %d operations%s.\n", len(behind), products(behind))
	}
	return commented(b.String())
}

// maxProducts is how many products a comment names.
const maxProducts = 6

// products names the products of operations, those with the most operations first.
func products(operations []*openapi.Operation) string {
	count := make(map[string]int)
	var names []string
	for _, op := range operations {
		for _, tag := range op.Tags {
			if count[tag]++; count[tag] == 1 {
				names = append(names, tag)
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(count[b], count[a]) })
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > maxProducts {
		names, more = names[:maxProducts], ", …"
	}
	return " of " + oneLine(strings.Join(names, ", ")) + more
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
