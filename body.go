package wechatpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// setJSON makes v the JSON body.
func (c *call) setJSON(v any) error {
	raw, err := encodeJSON(v, &c.secrets)
	if err != nil {
		return fmt.Errorf(`option "json": %w`, err)
	}
	switch bytes.TrimLeft(raw, " \t\r\n")[0] {
	case '{', '[':
	case 'n':
		return errors.New(`option "json" is nil; leave it out to send no body`)
	default:
		return fmt.Errorf(`option "json" is a %T; a body is a wechatpay.M, a struct, or JSON text as json.RawMessage`, v)
	}
	c.json = raw
	return nil
}

// setField sets one field of the JSON body.
func (c *call) setField(path string, v any) error {
	raw, err := encodeJSON(v, &c.secrets)
	if err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	if err := stringify.Check(path); err != nil {
		return fmt.Errorf("Set(%q): %w", path, err)
	}
	if strings.ContainsAny(path, "|#@*?") {
		// sjson looks these up, and does nothing when nothing is found.
		return fmt.Errorf(`Set(%q): the path may have none of | # @ * ?; it is like "amount.total"`, path)
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

// setBody makes r the raw body.
func (c *call) setBody(contentType string, r io.Reader) error {
	if isNil(r) {
		return errors.New(`option "body" is nothing to read from, want an io.Reader, a string or a []byte`)
	}
	if contentType != "" {
		if err := checkHeader("Content-Type", contentType); err != nil {
			return err
		}
	}
	c.body, c.contentType = r, contentType
	return nil
}

// checkMethodHasBody refuses a body with a method that has none. A DELETE may
// have one: five operations are documented so.
func (c *call) checkMethodHasBody() error {
	option := ""
	switch {
	case c.method != http.MethodGet && c.method != http.MethodHead:
		return nil
	case c.upload != nil: // whose meta may be given by "json"
		option = "file"
	case c.json != nil:
		option = "json"
	case c.xml != nil:
		option = "xml"
	case c.body != nil:
		option = "body"
	default:
		return nil
	}
	return fmt.Errorf(`option %q cannot go with %s, which has no body; use "query"`, option, c.method)
}

// readBody reads the raw body, which is signed and so has to be held whole.
func (c *call) readBody() error {
	limit := c.client.maxBodyBytes
	var buf bytes.Buffer
	n, err := buf.ReadFrom(io.LimitReader(c.body, max(limit, limit+1))) // the sum may overflow
	switch {
	case err != nil:
		return fmt.Errorf(`option "body": reading it: %w`, err)
	case n > limit:
		return fmt.Errorf(`option "body" is longer than the %d bytes of Config.MaxBodyBytes`, limit)
	case n == 0:
		return errors.New(`option "body" is empty; a reader serves one call and has to be made anew for the next`)
	}
	c.raw = buf.Bytes()
	return nil
}

// isNil reports whether v is nil, or a pointer that is: its methods would fail.
func isNil(v any) bool {
	rv := reflect.ValueOf(v)
	return !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil()
}
