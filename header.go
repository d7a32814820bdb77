package wechatpay

import (
	"fmt"
	"net/http"
	"net/textproto"
	"reflect"
	"strings"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// setHeader replaces the values of a request header.
func (c *call) setHeader(name string, values ...string) error {
	for _, value := range values {
		if err := checkHeader(name, value); err != nil {
			return err
		}
	}
	key := textproto.CanonicalMIMEHeaderKey(name)
	switch key {
	case "Authorization":
		return fmt.Errorf("header %s is written by the signer", key)
	case "Accept-Encoding", "Connection", "Content-Length", "Host", "Trailer", "Transfer-Encoding":
		return fmt.Errorf("header %s belongs to the connection, not to the call", key)
	}
	if c.header == nil {
		c.header = make(http.Header, 8)
	}
	c.header[key] = append([]string(nil), values...)
	return nil
}

// setHeaders takes the value of the option "headers".
func (c *call) setHeaders(v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case http.Header:
		return setEach(c, v, func(values []string) ([]string, error) { return values, nil })
	case map[string][]string:
		return c.setHeaders(http.Header(v))
	case map[string]string:
		return setEach(c, v, func(value string) ([]string, error) { return []string{value}, nil })
	case M:
		return setEach(c, v, func(value any) ([]string, error) { return stringify.Texts(reflect.ValueOf(value)) })
	}
	return wrong("headers", v, "an http.Header, an M or a map of strings")
}

func setEach[V any](c *call, m map[string]V, texts func(V) ([]string, error)) error {
	for _, name := range sortedKeys(nil, m) {
		values, err := texts(m[name])
		if err != nil {
			return fmt.Errorf("header %q: %w", name, err)
		}
		if len(values) == 0 {
			continue
		}
		if err := c.setHeader(name, values...); err != nil {
			return err
		}
	}
	return nil
}

func checkHeader(name, value string) error {
	if !isToken(name) {
		return fmt.Errorf("header name %q has characters that no name may have", name)
	}
	// The value may be personal, or secret: it is not shown.
	if i := strings.IndexFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }); i >= 0 {
		return fmt.Errorf("header %s has a line break or another control character at byte %d", name, i)
	}
	return nil
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
