package xmlmap

import (
	"slices"

	"github.com/tidwall/gjson"
)

// AppendJSON appends fields that [Decode] returned to dst, as a JSON object. Names are
// sorted, so that equal fields give equal bytes.
func AppendJSON(dst []byte, fields map[string]any) []byte {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(gjson.AppendJSONString(dst, name), ':')
		dst = appendValue(dst, fields[name])
	}
	return append(dst, '}')
}

// appendValue appends a text, fields, or a list of these.
func appendValue(dst []byte, value any) []byte {
	switch v := value.(type) {
	case map[string]any:
		return AppendJSON(dst, v)
	case []any:
		dst = append(dst, '[')
		for i, element := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, element)
		}
		return append(dst, ']')
	}
	return gjson.AppendJSONString(dst, value.(string))
}
