package wechatpay

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// jsonFields are the fields whose text is JSON, sorted.
var jsonFields = [...]string{
	"business_addition_pics", "business_scene", "business_time", "detail", "h5_domains", "id_card_valid_time",
	"organization_time", "qualifications", "receiver", "receivers", "scene_info", "store_photos", "sub_order_list", "trades",
}

// xmlFields turns the values of m into text. Lists and maps become lists and maps
// of text.
func xmlFields(m M, depth int) (map[string]any, error) {
	fields := make(map[string]any, len(m))
	for _, name := range sortedKeys(nil, m) {
		v, err := xmlValue(name, m[name], depth)
		if err != nil {
			return nil, within(name, depth, err)
		}
		if v != nil {
			fields[name] = v
		}
	}
	return fields, nil
}

func xmlValue(name string, v any, depth int) (any, error) {
	rv := stringify.Indirect(reflect.ValueOf(v))
	if !rv.IsValid() {
		return nil, nil
	}
	if depth > maxXMLDepth {
		return nil, errors.New("it is nested too deep, or holds itself")
	}
	isMap := stringify.IsMap(rv)
	isStruct := rv.Kind() == reflect.Struct && !stringify.IsMarshaler(rv.Type())
	if _, inJSON := slices.BinarySearch(jsonFields[:], name); isStruct || inJSON && depth == 0 && (isMap || stringify.IsList(rv)) {
		text, err := encodeJSON(v, nil)
		return string(text), err
	}
	switch {
	case isMap:
		m := make(M, rv.Len())
		for key, value := range rv.Seq2() {
			name, err := stringify.Key(key)
			if err != nil {
				return nil, err
			}
			m[name] = value.Interface()
		}
		return xmlFields(m, depth+1)
	case stringify.IsList(rv):
		return xmlList(rv, depth+1)
	}
	text, _, err := stringify.Scalar(rv)
	return text, err
}

// xmlList returns a list as the PHP SDK writes it: as a map with its items.
func xmlList(rv reflect.Value, depth int) (any, error) {
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		return nil, fmt.Errorf("%s is neither text nor a list; make it a string", rv.Type())
	}
	list := make([]any, rv.Len())
	for i := range list {
		var err error
		if list[i], err = xmlValue("", rv.Index(i).Interface(), depth); err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return M{"item": list}, nil
}

// maxXMLDepth limits how deep a body may be nested. The platform's answers have
// the same limit.
const maxXMLDepth = 64
