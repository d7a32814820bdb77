// Package explain says what the catalogue knows of an operation, in words and in code:
// the tables of its fields, its limits, and its call in every language. The command
// wxpay api and the pages of the sandbox show it.
package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/pretty"

	"github.com/wxchain/wechatpay/internal/gotypes"
	"github.com/wxchain/wechatpay/openapi"
)

// A Page is what is shown of an operation. The templates of this package show its parts.
type Page struct {
	Op     *openapi.Operation
	Repeat Text
	Limits []Text
	Tables []Table
	Errors []openapi.ErrorCode
	Code   []Code
	Body   string // an example of the body
	Answer string // and of the answer
	Types  string // Go types
}

// A Table is a table of fields.
type Table struct {
	Name   Text
	Fields []Field
}

// A Field is a field, as deep in its table as the objects that it is in.
type Field struct {
	Depth    int
	Name     string
	Required bool
	Type     string
	Label    string // its official name, in Chinese
	Bounds   Text
	OneOf    string // if it is not a field, but says of which fields one is needed
}

// A Code is the call in a language.
type Code struct {
	Name  string
	Calls []Spelling
}

// Page returns what is shown of an operation that the caller calls.
func (c Caller) Page(op *openapi.Operation) Page {
	p := Page{Op: op, Repeat: Repetition(op), Limits: Limits(op), Errors: op.Errors()}
	p.table(Text{"路径", "Path"}, parameters(PathParameters(op), nil))
	p.table(Text{"查询参数", "Query"}, parameters(op.Query, op.QueryOneOf))
	p.table(Text{"请求头", "Headers"}, parameters(op.Headers, nil))
	p.table(Text{"表单", "Form"}, parameters(op.Form, nil))
	if body := op.Body(); body != nil {
		p.table(Text{"请求体", "Body"}, fieldsOf(body, 0))
	}
	for _, r := range op.Responses {
		if r.Body != nil {
			p.table(Text{fmt.Sprintf("应答 %d", r.Status), fmt.Sprintf("Answer %d", r.Status)}, fieldsOf(r.Body, 0))
		}
	}
	if example := openapi.Example(op, 0); example != nil {
		p.Body = string(pretty.Pretty(example))
	}
	for _, r := range op.Responses {
		if example := openapi.Example(op, r.Status); example != nil && p.Answer == "" {
			p.Answer = string(pretty.Pretty(example))
		}
	}
	p.code(c.Sample(op))
	if source, err := gotypes.Source("wxpay", []gotypes.Item{{Operation: op}}); err == nil {
		p.Types = string(source)
	}
	return p
}

// code adds the call in each language that can make it.
func (p *Page) code(s Sample) {
	add := func(name string, calls ...Spelling) {
		for i := range calls {
			calls[i].ID = fmt.Sprintf("call-%s-%d", strings.ToLower(name), i+1)
		}
		p.Code = append(p.Code, Code{name, calls})
	}
	if calls, err := s.inGo(); err == nil {
		add("Go", calls...)
	}
	if calls, err := s.inPHP(); err == nil {
		add("PHP", calls...)
	}
	add("wxpay", Spelling{Name: Text{"命令行", "command line"}, Code: s.Wxpay()})
	if call, err := s.Curl(); err == nil {
		add("curl", Spelling{Name: Text{"curl", "curl"}, Code: call})
	}
}

func (p *Page) table(name Text, fields []Field) {
	if len(fields) > 0 {
		p.Tables = append(p.Tables, Table{name, fields})
	}
}

func parameters(list []openapi.Parameter, groups []openapi.OneOf) (fields []Field) {
	for i := range list {
		fields = append(fields, newField(0, list[i].Name, list[i].Required, &list[i].Schema))
		fields = append(fields, fieldsOf(&list[i].Schema, 1)...)
	}
	return append(fields, oneOf(0, groups)...)
}

// fieldsOf returns the fields of an object, or of the objects in an array.
func fieldsOf(s *openapi.Schema, depth int) (fields []Field) {
	for s.Items != nil {
		s = s.Items
	}
	for _, property := range s.Properties {
		fields = append(fields, newField(depth, property.Name, property.Required, property.Schema))
		fields = append(fields, fieldsOf(property.Schema, depth+1)...)
	}
	return append(fields, oneOf(depth, s.OneOf)...)
}

func newField(depth int, name string, required bool, s *openapi.Schema) Field {
	return Field{Depth: depth, Name: name, Required: required, Type: TypeOf(s), Label: s.Label, Bounds: Bounds(s)}
}

func oneOf(depth int, groups []openapi.OneOf) (fields []Field) {
	for _, group := range groups {
		fields = append(fields, Field{Depth: depth, OneOf: fmt.Sprint(group)})
	}
	return fields
}

// Slug returns the name of an operation's page, which no other operation has.
func Slug(op *openapi.Operation) string {
	name := strings.NewReplacer("{", "", "}", "", "/", "-", "?", "-", ",", "-").Replace(op.Template)
	return strings.ToLower(op.Method) + "-" + strings.ToLower(name)
}

// A Product is a product with its operations.
type Product struct {
	Name       Text
	Operations []*openapi.Operation
}

// Products returns operations by their first product, sorted by its name.
func Products(operations []*openapi.Operation) []Product {
	var all []Product
	for _, op := range operations {
		name := Text{"其他", "other"}
		if len(op.Tags) > 0 {
			name = Text{op.Tags[0], op.Tags[0]}
		}
		i := slices.IndexFunc(all, func(of Product) bool { return of.Name == name })
		if i < 0 {
			i = len(all)
			all = append(all, Product{Name: name})
		}
		all[i].Operations = append(all[i].Operations, op)
	}
	slices.SortFunc(all, func(a, b Product) int { return strings.Compare(a.Name.ZH, b.Name.ZH) })
	return all
}
