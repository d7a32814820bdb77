package frontend

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
)

// A kind is the type of a JSON value.
type kind string

const (
	isMissing kind = ""
	isText    kind = "string"
	isNumber  kind = "number"
	isNull    kind = "null"
	isOther   kind = "other"
)

// A value is a parameter as it was passed.
type value struct {
	kind kind
	text string // of a string or a number
}

// read reads the parameters.
func (c *check) read(params []byte) bool {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(params, &object); err != nil || object == nil {
		en, zh := "the parameters are not a JSON object", "参数不是 JSON 对象"
		if text := bytes.TrimSpace(params); len(text) > 0 && text[0] == '"' && json.Valid(text) {
			en, zh = "the parameters are a text; pass the object itself, as JSON.parse returns it", "参数是字符串；请传 JSON.parse 得到的对象本身"
		}
		c.mistake("not_object", "", c.without("appId"), en, zh)
		return false
	}
	c.given = make(map[string]value, len(object))
	for name, raw := range object {
		c.given[name] = valueOf(raw)
	}
	c.fields = make(map[string]string)
	return true
}

func valueOf(raw json.RawMessage) (v value) {
	raw = bytes.TrimSpace(raw)
	switch {
	case string(raw) == "null":
		return value{kind: isNull}
	case raw[0] == '"':
		v.kind = isText
		_ = json.Unmarshal(raw, &v.text) // it was read before
		return v
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return value{isNumber, string(raw)}
	}
	return value{kind: isOther}
}

// A field is a parameter that a front-end wants.
type field struct {
	name   string // as the front-end names it
	signed string // as it is signed and reported
	number bool   // it may be a number
}

// take reads a parameter into fields, and reports one that is missing or has the
// wrong type.
func (c *check) take(f field) {
	v := c.given[f.name]
	switch v.kind {
	case isText:
		c.fields[f.signed] = v.text
		if v.text == "" {
			c.mistake("missing", f.name, c.without(f.signed), "%s is empty", "%s 为空", f.name)
		}
	case isNumber:
		c.fields[f.signed] = v.text
		if !f.number {
			c.wrongType(f)
		}
	case isMissing:
		c.missing(f)
	case isNull:
		c.mistake("missing", f.name, c.without(f.signed), "%s is null: the server's answer lacks it, or has it under another name",
			"%s 为 null：服务端没有返回该值，或者字段名不同", f.name)
	default:
		c.mistake("type", f.name, c.without(f.signed), "%s is not a string", "%s 不是字符串", f.name)
	}
}

func (c *check) wrongType(f field) {
	if f.signed == "timeStamp" {
		c.mistake("time_stamp_type", f.name, c.without(f.signed), "%s is a number; iPhones take a string alone: String(%s)",
			"%s 是数字；iOS 只接受字符串：String(%s)", f.name, f.name)
		return
	}
	c.mistake("type", f.name, c.without(f.signed), "%s is a number, and must be a string", "%s 是数字，必须是字符串", f.name)
}

// missing reports a parameter that is absent, or that has another name.
func (c *check) missing(f field) {
	name := c.otherName(f.name)
	if name == "" {
		c.mistake("missing", f.name, c.without(f.signed), "%s is missing", "缺少 %s", f.name)
		return
	}
	c.mistake("name", f.name, c.without(f.signed), "the name of the parameter is %s, not %s: names are case-sensitive",
		"参数名应为 %s，而不是 %s：参数名区分大小写", f.name, quote.Text(name))
	if v := c.given[name]; v.kind == isText || v.kind == isNumber {
		c.fields[f.signed] = v.text
	}
}

// otherName returns the name under which a parameter was passed that has none of its
// own, or "".
func (c *check) otherName(name string) string {
	for _, other := range slices.Sorted(maps.Keys(c.given)) {
		if sameName(other, name) || name == "package" && plainName(other) == "packageinfo" { // as a transfer is answered
			return other
		}
	}
	return ""
}

// sameName reports whether a name differs from another only by its case and by
// underscores.
func sameName(a, b string) bool { return a != b && plainName(a) == plainName(b) }

func plainName(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
