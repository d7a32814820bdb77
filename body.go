package wechatpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/sjson"
)

// setJSON makes v the JSON body.
func (c *call) setJSON(v any) error {
	raw, err := encodeJSON(v)
	if err != nil {
		return fmt.Errorf(`option "json": %w`, err)
	}
	if string(raw) == "null" {
		return errors.New(`option "json" is nil; leave it out to send no body`)
	}
	c.json = raw
	return nil
}

// setField sets one field of the JSON body.
func (c *call) setField(path string, v any) error {
	raw, err := encodeJSON(v)
	if err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	for part := range strings.SplitSeq(path, ".") {
		if part == "" {
			return fmt.Errorf(`Set(%q): the path has an empty part; it is like "amount.total"`, path)
		}
		if len(part) > 4 && strings.Trim(part, "0123456789") == "" {
			return fmt.Errorf("Set(%q): %s is too high for an index; write :%s for a field of that name", path, part, part)
		}
	}
	body := c.json
	if body == nil {
		body = []byte("{}")
	}
	if body, err = sjson.SetRawBytes(body, path, raw); err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	if !json.Valid(body) {
		return fmt.Errorf("Set(%q): the body has no place for it", path)
	}
	c.json = body
	return nil
}

// encodeJSON writes v without escaping HTML, and refuses what JSON would
// carry but never as it was meant.
func encodeJSON(v any) ([]byte, error) {
	switch v := v.(type) {
	case json.RawMessage:
		if !utf8.Valid(v) || !json.Valid(v) {
			return nil, errors.New("the json.RawMessage is not valid JSON")
		}
		return bytes.Clone(v), nil
	case []byte:
		return nil, errors.New("a []byte would be sent as base64; make JSON text a json.RawMessage")
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("%T cannot be encoded: %w", v, err)
	}
	raw := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	if hasReplaced(raw) {
		return nil, fmt.Errorf("it has a string that is %w", errText)
	}
	return raw, nil
}

// hasReplaced reports whether raw, from encoding/json, has a character in the
// place of bytes that were not UTF-8: the encoder escapes only those as
// \ufffd.
func hasReplaced(raw []byte) bool {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 >= len(raw) {
			return false
		}
		if bytes.HasPrefix(raw[i:], []byte(`\ufffd`)) {
			return true
		}
		raw = raw[i+2:] // past the escape, which may be of a backslash
	}
}
