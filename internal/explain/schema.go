package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

func isV2(op *openapi.Operation) bool { return strings.HasPrefix(op.Template, "v2/") }

// PathParameters returns the variables of the template, each with its description from
// the catalogue. It ignores a parameter that the documentation names differently from
// the template.
func PathParameters(op *openapi.Operation) []openapi.Parameter {
	var list []openapi.Parameter
	for _, name := range uritemplate.Names(op.Template) {
		p := openapi.Parameter{Name: name, Required: true, Schema: openapi.Schema{Type: openapi.String}}
		for _, known := range op.Path {
			if known.Name == name {
				p = known
			}
		}
		list = append(list, p)
	}
	return list
}

// TypeOf returns the type of a field, such as "array of string".
func TypeOf(s *openapi.Schema) string {
	switch {
	case s.Type == openapi.Array && s.Items != nil:
		return "array of " + TypeOf(s.Items)
	case s.Type == "":
		return "any"
	case s.Format != "":
		return string(s.Type) + " " + s.Format
	}
	return string(s.Type)
}

// Bounds describes the values that a field may have, in parentheses. It is empty if the
// catalogue does not bound them.
func Bounds(s *openapi.Schema) Text {
	var zh, en []string
	add := func(inZH, inEN string, args ...any) {
		zh, en = append(zh, fmt.Sprintf(inZH, args...)), append(en, fmt.Sprintf(inEN, args...))
	}
	switch {
	case s.MinLength > 0 && s.MaxLength > 0:
		add("%d 至 %d 个字符", "%d to %d characters", s.MinLength, s.MaxLength)
	case s.MaxLength > 0:
		add("最多 %d 个字符", "at most %d characters", s.MaxLength)
	case s.MinLength > 0:
		add("至少 %d 个字符", "at least %d characters", s.MinLength)
	}
	if s.Minimum != nil {
		add("最小 %s", "from %s", decimal(*s.Minimum))
	}
	if s.Maximum != nil {
		add("最大 %s", "to %s", decimal(*s.Maximum))
	}
	if len(s.Enum) > 0 {
		add("%s", "%s", strings.Join(s.Enum, "|"))
	}
	if len(en) == 0 {
		return Text{}
	}
	return Text{"（" + strings.Join(zh, "，") + "）", "(" + strings.Join(en, ", ") + ")"}
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
