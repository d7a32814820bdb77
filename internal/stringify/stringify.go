// Package stringify writes Go values as the text of paths, queries, headers and
// XML. It never rounds or abbreviates: a value without an exact text is an
// error.
package stringify

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// ErrUTF8 is the error of text that is not valid UTF-8.
var ErrUTF8 = errors.New("not valid UTF-8: was it cut in the middle of a character?")

// Check returns [ErrUTF8] unless s is valid UTF-8.
func Check(s string) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	return nil
}

// Prefix returns the first n characters of s, or all of a shorter one.
func Prefix(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

// IsMarshaler reports whether the type t encodes itself as text, as net.IP and
// time.Time do.
func IsMarshaler(t reflect.Type) bool { return t.Implements(textMarshaler) }

// IsList reports whether v is a slice or an array that does not encode itself.
func IsList(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) && !IsMarshaler(v.Type())
}

// IsMap reports whether v is a map with text keys.
func IsMap(v reflect.Value) bool {
	return v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String
}

// Indirect follows interfaces and pointers, but stops at a pointer that encodes
// itself. For a nil on the way it returns the zero Value.
func Indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return reflect.Value{}
		}
		if v.Kind() == reflect.Pointer && IsMarshaler(v.Type()) {
			return v
		}
		v = v.Elem()
	}
	return v
}

// maxExactFloat is 2^53. Above it a float64 cannot hold every integer.
const maxExactFloat = 1 << 53

// Scalar returns the text of a string, a number, a bool or a value that encodes
// itself. For a nil, ok is false.
func Scalar(v reflect.Value) (text string, ok bool, err error) {
	v = Indirect(v)
	if !v.IsValid() {
		return "", false, nil
	}
	if v.CanInterface() {
		if m, ok := v.Interface().(encoding.TextMarshaler); ok {
			text, err := m.MarshalText()
			if err != nil {
				return "", false, err
			}
			return string(text), true, Check(string(text))
		}
	}
	switch v.Kind() {
	case reflect.String:
		s := v.String()
		return s, true, Check(s)
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), true, nil
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.Abs(f) > maxExactFloat {
			return "", false, fmt.Errorf("the %s %v cannot be written exactly; pass a string or an integer", v.Kind(), f)
		}
		return strconv.FormatFloat(f, 'f', -1, v.Type().Bits()), true, nil
	}
	return "", false, fmt.Errorf("%s cannot be written as text; use a string, a number, a bool or a list of them", v.Type())
}

// List returns the texts of a list's elements, without those that are nil.
func List(v reflect.Value) ([]string, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return nil, fmt.Errorf("%s is neither text nor a list; make it a string", v.Type())
	}
	list := make([]string, 0, v.Len())
	for i := range v.Len() {
		text, ok, err := Scalar(v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		if ok {
			list = append(list, text)
		}
	}
	return list, nil
}

// Map returns the texts of a map's values, without those that are nil.
func Map(v reflect.Value) (map[string]string, error) {
	m := make(map[string]string, v.Len())
	for key, elem := range v.Seq2() {
		name, err := Key(key)
		if err != nil {
			return nil, err
		}
		text, ok, err := Scalar(elem)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		if ok {
			m[name] = text
		}
	}
	return m, nil
}

// Key returns the text of a map's key, as [Scalar] does.
func Key(v reflect.Value) (string, error) {
	text, _, err := Scalar(v)
	if err != nil {
		return "", fmt.Errorf("a key of the map: %w", err)
	}
	return text, nil
}

// Texts returns the text of a value, or the texts of a list's elements. For a nil
// it returns no texts.
func Texts(v reflect.Value) ([]string, error) {
	v = Indirect(v)
	if v.IsValid() && IsList(v) {
		return List(v)
	}
	text, ok, err := Scalar(v)
	if err != nil || !ok {
		return nil, err
	}
	return []string{text}, nil
}
