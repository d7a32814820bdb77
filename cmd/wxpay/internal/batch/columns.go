package batch

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// columns say where the value of each name goes: a variable of the path is
// bound, a parameter of the query goes into the query, and everything else is a
// field of the body with its type from the catalogue.
type columns struct {
	method string
	vars   []string
	query  []string
	fields map[string]openapi.Type // fields of the body
}

func newColumns(method, template string, op *openapi.Operation) columns {
	c := columns{method: method, vars: uritemplate.Names(template), fields: make(map[string]openapi.Type)}
	if op == nil {
		return c
	}
	operation.EachField(op.Body(), "", func(name string, p openapi.Property) { c.fields[name] = p.Type })
	for _, p := range op.Query {
		if _, both := c.fields[p.Name]; !both {
			c.query = append(c.query, p.Name)
		}
	}
	return c
}

// A column turns the values of one name into items.
type column struct {
	kind item.Kind
	name string
	of   openapi.Type // type of a body field, "" if it is not known
}

// column returns the column for a name. As in an item of wxpay call, the name
// may end in := for JSON or in == for the query.
func (c columns) column(name string) column {
	if before, ok := strings.CutSuffix(name, string(item.Query)); ok {
		return column{kind: item.Query, name: before}
	}
	if before, ok := strings.CutSuffix(name, string(item.JSON)); ok {
		return column{kind: item.JSON, name: before}
	}
	switch {
	case slices.Contains(c.vars, name):
		return column{kind: item.Text, name: name, of: openapi.String}
	case slices.Contains(c.query, name), c.method == http.MethodGet:
		return column{kind: item.Query, name: name}
	}
	return column{kind: item.Text, name: name, of: c.fields[name]}
}

// header turns the names in the first row into columns.
func (c columns) header(names []string) ([]column, error) {
	if other := separator(names); other != "" {
		return nil, lang.Errorf("the names of the columns are separated by %q; save the file with commas between them", other)
	}
	header := make([]column, 0, len(names))
	for i, name := range names {
		col := c.column(strings.TrimSpace(name))
		if !isReadable(name) {
			return nil, errNotUTF8
		}
		if col.name == "" {
			return nil, lang.Errorf("column %d has no name; the first row has the names of the columns", i+1)
		}
		for _, other := range header {
			if both := item.Overlap(other.kind, other.name, col.kind, col.name); both != "" {
				return nil, lang.Errorf("two columns set %s", term.Cut(both))
			}
		}
		header = append(header, col)
	}
	return header, nil
}

// separator returns what separates the names in place of commas, or "".
func separator(names []string) string {
	if at := strings.IndexAny(names[0], ";\t"); len(names) == 1 && at >= 0 {
		return names[0][at : at+1]
	}
	return ""
}

// rounded matches the form that spreadsheets give to long numbers.
var rounded = regexp.MustCompile(`^\d(\.\d+)?E\+\d+$`)

// fromText turns a cell into an item.
func (c column) fromText(text string) (item.Item, error) {
	i := item.Item{Kind: c.kind, Name: c.name, Value: text}
	valid := true
	switch {
	case rounded.MatchString(text):
		return item.Item{}, lang.Errorf("%s: a spreadsheet has rounded this number; format the column as text and enter the values again", c.name)
	case c.kind == item.Query:
	case c.kind == item.JSON:
		valid = shallow.ValidJSON([]byte(text))
	case c.of == openapi.Integer, c.of == openapi.Number:
		i.Kind, valid = item.JSON, shallow.ValidJSON([]byte(text)) && gjson.Parse(text).Type == gjson.Number
	case c.of == openapi.Boolean:
		i.Kind, i.Value = item.JSON, strings.ToLower(text) // spreadsheets write TRUE
		valid = i.Value == "true" || i.Value == "false"
	case c.of == openapi.Array, c.of == openapi.Object:
		i.Kind, valid = item.JSON, shallow.ValidJSON([]byte(text))
	}
	if !valid {
		return item.Item{}, lang.Errorf("%s: not %s", c.name, withArticle(c.of))
	}
	return i, nil
}

// withArticle names the value that a cell should hold.
func withArticle(t openapi.Type) lang.Phrase {
	switch t {
	case openapi.Integer, openapi.Number:
		return "a number"
	case openapi.Boolean:
		return "true or false"
	}
	return "valid JSON"
}

// fromJSON turns the value of a member into an item.
func (c column) fromJSON(v gjson.Result) (item.Item, error) {
	switch {
	case c.name == "":
		return item.Item{}, lang.Errorf("a member has no name")
	case c.kind != item.Query:
		return item.Item{Kind: item.JSON, Name: c.name, Value: v.Raw}, nil
	case v.Type == gjson.String:
		return item.Item{Kind: item.Query, Name: c.name, Value: v.String()}, nil
	case v.Type == gjson.JSON, v.Type == gjson.Null:
		return item.Item{}, lang.Errorf("%s: a parameter of the query is a text, a number, true or false", c.name)
	}
	return item.Item{Kind: item.Query, Name: c.name, Value: v.Raw}, nil
}
