package example

import (
	"strings"

	"github.com/tidwall/gjson"
)

// found has the texts of a request by their canonical names.
type found struct {
	top    map[string]string
	nested map[string]string // "" if there are several
	lists  map[string]gjson.Result
}

func newFound(r Request) found {
	f := found{make(map[string]string), make(map[string]string), make(map[string]gjson.Result)}
	for name, text := range r.Named {
		f.top[canonical(name)] = text
	}
	if r.Body.IsObject() {
		r.Body.ForEach(func(name, v gjson.Result) bool {
			switch {
			case isScalar(v):
				f.top[canonical(name.Str)] = v.String()
			case v.IsArray():
				f.lists[name.Str] = v
				fallthrough
			default:
				f.add(v)
			}
			return true
		})
	}
	return f
}

// add adds the texts inside a value. A body is not nested deeper than
// internal/shallow allows.
func (f found) add(v gjson.Result) {
	v.ForEach(func(name, v gjson.Result) bool {
		if !isScalar(v) {
			f.add(v)
			return true
		}
		key, text := canonical(name.String()), v.String()
		if old, ok := f.nested[key]; ok && old != text {
			text = ""
		}
		f.nested[key] = text
		return true
	})
}

func isScalar(v gjson.Result) bool {
	return v.Exists() && v.Type != gjson.JSON && v.Type != gjson.Null
}

// canonical returns the one name of those that the platform has for the same
// thing: mch_id is mchid.
func canonical(name string) string { return strings.ReplaceAll(name, "mch_id", "mchid") }

// identifies reports whether a field of that name says which thing is meant.
func identifies(name string) bool {
	switch name {
	case "id", "number", "no":
		return true
	}
	for _, end := range [...]string{"_id", "_no", "mchid", "appid", "openid", "_number", "coupon_code", "card_code"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}

// member returns the field of an object, whatever its name.
func member(v gjson.Result, name string) (found gjson.Result) {
	v.ForEach(func(k, value gjson.Result) bool {
		if k.Str == name {
			found = value
		}
		return true
	})
	return found
}
