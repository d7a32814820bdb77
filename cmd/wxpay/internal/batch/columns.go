package batch

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// columns say where the values of a name go in a call: a variable of the path
// is bound, a parameter of the query goes there, all else is a field of the
// body, of the type that the catalogue has for it.
type columns struct {
	method string
	vars   []string
	query  []string
	fields map[string]openapi.Type // of the body
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

// A column makes items of the values of one name.
type column struct {
	kind item.Kind
	name string
	of   openapi.Type // of a field of the body, "" when it is not known
}

// column is that of a name, which may end in := for JSON or in == for the
// query, as an item of wxpay call does.
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

// header makes columns of the names in the first row.
func (c columns) header(names []string) ([]column, error) {
	header := make([]column, 0, len(names))
	for i, name := range names {
		col := c.column(strings.TrimSpace(name))
		if !isReadable(name) {
			return nil, errNotUTF8
		}
		if col.name == "" {
			return nil, fmt.Errorf("column %d has no name; the first row has the names of the columns", i+1)
		}
		for _, other := range header {
			if both := item.Overlap(other.kind, other.name, col.kind, col.name); both != "" {
				return nil, fmt.Errorf("two columns set %s", term.Cut(both))
			}
		}
		header = append(header, col)
	}
	return header, nil
}

// rounded is what spreadsheets make of long numbers.
var rounded = regexp.MustCompile(`^\d(\.\d+)?E\+\d+$`)

// fromText makes an item of a cell.
func (c column) fromText(text string) (item.Item, error) {
	i := item.Item{Kind: c.kind, Name: c.name, Value: text}
	valid := true
	switch {
	case rounded.MatchString(text):
		return item.Item{}, fmt.Errorf("%s: a number that a spreadsheet has rounded; format the column as text, and fill it in again", c.name)
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
		return item.Item{}, fmt.Errorf("%s: not %s", c.name, withArticle(c.of))
	}
	return i, nil
}

// withArticle names what a cell should hold.
func withArticle(t openapi.Type) string {
	switch t {
	case openapi.Integer, openapi.Number:
		return "a number"
	case openapi.Boolean:
		return "true or false"
	}
	return "valid JSON"
}

// fromJSON makes an item of the value of a member.
func (c column) fromJSON(v gjson.Result) (item.Item, error) {
	switch {
	case c.name == "":
		return item.Item{}, errors.New("a member has no name")
	case c.kind != item.Query:
		return item.Item{Kind: item.JSON, Name: c.name, Value: v.Raw}, nil
	case v.Type == gjson.String:
		return item.Item{Kind: item.Query, Name: c.name, Value: v.String()}, nil
	case v.Type == gjson.JSON, v.Type == gjson.Null:
		return item.Item{}, fmt.Errorf("%s: a parameter of the query is a text, a number, true or false", c.name)
	}
	return item.Item{Kind: item.Query, Name: c.name, Value: v.Raw}, nil
}
