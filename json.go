package wechatpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// encodeJSON encodes v without escaping HTML and with the names of maps sorted.
// It refuses values that JSON can carry but would change. Secrets stay concealed.
// If s is nil, a Secret is an error.
func encodeJSON(v any, s *secrets) ([]byte, error) {
	return s.appendJSON(make([]byte, 0, 256), v, 0)
}

// maxDepth is the depth at which a value is taken to contain itself, as in
// encoding/json.
const maxDepth = 1000

// appendJSON encodes the maps and lists that bodies consist of, at a quarter of
// the cost of encoding/json. It leaves other values to encoding/json.
func (s *secrets) appendJSON(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deep, or holds itself")
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case int:
		return strconv.AppendInt(b, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(b, v, 10), nil
	case string:
		return appendJSONString(b, v)
	case Secret:
		token, err := s.conceal(v)
		if err != nil {
			return nil, err
		}
		return appendJSONString(b, token)
	case M:
		return s.appendObject(b, v, depth)
	case Options:
		return s.appendObject(b, v, depth)
	case []any:
		return appendArray(s, b, v, depth)
	case []M:
		return appendArray(s, b, v, depth)
	case []string:
		return appendArray(s, b, v, depth)
	}
	return s.appendEncoded(b, v)
}

func (s *secrets) appendObject(b []byte, m M, depth int) ([]byte, error) {
	if m == nil {
		return append(b, "null"...), nil
	}
	var buf [16]string
	b = append(b, '{')
	for i, name := range sortedKeys(buf[:0], m) {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendJSONString(b, name); err != nil {
			return nil, fmt.Errorf("name %q: %w", name, err)
		}
		if b, err = s.appendJSON(append(b, ':'), m[name], depth+1); err != nil {
			return nil, within(name, depth, err)
		}
	}
	return append(b, '}'), nil
}

func appendArray[T any](s *secrets, b []byte, list []T, depth int) ([]byte, error) {
	if list == nil {
		return append(b, "null"...), nil
	}
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = s.appendJSON(b, v, depth+1); err != nil {
			return nil, within(strconv.Itoa(i), depth, err)
		}
	}
	return append(b, ']'), nil
}

// within adds the place of an error to its text, up to a limited depth.
func within(name string, depth int, err error) error {
	if depth > 20 {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

// appendEncoded appends v as encoding/json encodes it.
func (s *secrets) appendEncoded(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case json.RawMessage:
		if v == nil {
			return append(b, "null"...), nil
		}
		if !utf8.Valid(v) || !json.Valid(v) {
			return nil, errors.New("the json.RawMessage is not valid JSON")
		}
		return append(b, v...), nil
	case []byte:
		return nil, errors.New("a []byte would be sent as base64; make it a string, or JSON text a json.RawMessage")
	}
	raw, err := encodeAny(v)
	if err != nil {
		return nil, err
	}
	if hasSecretKey(reflect.ValueOf(v)) {
		return nil, fmt.Errorf("%T has a map with a Secret for a key, which nobody would encrypt; make it a value", v)
	}
	if bytes.Contains(raw, []byte(shownSecret)) {
		hidden, err := s.concealAll(reflect.ValueOf(v), 0)
		if err != nil {
			return nil, fmt.Errorf("%T: %w", v, err)
		}
		if raw, err = encodeAny(hidden.Interface()); err != nil {
			return nil, err
		}
		if bytes.Contains(raw, []byte(shownSecret)) {
			return nil, fmt.Errorf("%T has a Secret where it cannot be found: in a MarshalJSON method or an unexported struct", v)
		}
	}
	if hasReplaced(raw) {
		return nil, stringify.ErrUTF8
	}
	return append(b, raw...), nil
}

func encodeAny(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("%T cannot be encoded: %w", v, err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// appendJSONString appends s as a string of RFC 8259, section 7.
func appendJSONString(b []byte, s string) ([]byte, error) {
	if err := stringify.Check(s); err != nil {
		return nil, err
	}
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			const digits = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		}
	}
	return append(append(b, s[start:]...), '"'), nil
}

// hasReplaced reports whether raw, which encoding/json wrote, has a character in
// place of bytes that were not UTF-8. The encoder escapes only those as \ufffd.
func hasReplaced(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 >= len(raw) {
			return false
		}
		if bytes.HasPrefix(raw[i:], []byte(`\ufffd`)) {
			return true
		}
		raw = raw[i+2:] // skip the escape, which may be that of a backslash
	}
}

// sortedKeys returns the keys of m in order. It uses buf if they fit.
func sortedKeys[V any](buf []string, m map[string]V) []string {
	for key := range m {
		buf = append(buf, key)
	}
	slices.Sort(buf)
	return buf
}
