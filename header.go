package wechatpay

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/textproto"
	"reflect"
	"strings"

	"github.com/wxchain/wechatpay/internal/stringify"
)

// setHeader replaces the values of a request header.
func (s *settings) setHeader(name string, values ...string) error {
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
	if s.header == nil {
		s.header = make(http.Header, 8)
	}
	s.header[key] = append([]string(nil), values...)
	return nil
}

// setHeaders applies the value of the option "headers".
func (s *settings) setHeaders(v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case http.Header:
		return setEach(s, v, func(values []string) ([]string, error) { return values, nil })
	case map[string][]string:
		return s.setHeaders(http.Header(v))
	case map[string]string:
		return setEach(s, v, func(value string) ([]string, error) { return []string{value}, nil })
	case M:
		return setEach(s, v, func(value any) ([]string, error) { return stringify.Texts(reflect.ValueOf(value)) })
	}
	return wrong("headers", v, "an http.Header, an M or a map of strings")
}

func setEach[V any](s *settings, m map[string]V, texts func(V) ([]string, error)) error {
	for _, name := range sortedKeys(nil, m) {
		values, err := texts(m[name])
		if err != nil {
			return fmt.Errorf("header %q: %w", name, err)
		}
		if len(values) == 0 {
			continue
		}
		if err := s.setHeader(name, values...); err != nil {
			return err
		}
	}
	return nil
}

// completeHeader adds the headers that the caller did not set.
func (t *trip) completeHeader(ctx context.Context) (http.Header, error) {
	h := t.header
	if h == nil {
		h = make(http.Header, 8)
	}
	n := 0
	set := func(name, value string) {
		if _, ok := h[name]; !ok {
			t.headers[n] = value
			h[name] = t.headers[n : n+1 : n+1] // no spare capacity, so append copies
			n++
		}
	}
	accept := "application/json, text/plain, application/x-gzip, application/pdf, image/png, image/*;q=0.5"
	if t.protocol == APIv2 {
		accept = "text/xml, text/plain, application/x-gzip"
	}
	set("Accept", accept)
	set("User-Agent", t.client.userAgent)
	if t.protocol == APIv2 {
		set("Content-Type", cmp.Or(t.payload.rawType, "text/xml; charset=utf-8"))
		return h, nil
	}
	set("Content-Type", cmp.Or(t.payload.rawType, "application/json"))
	if _, ok := h["Wechatpay-Serial"]; !ok {
		serial, _, err := t.client.platformKeys.Current(ctx)
		if err != nil {
			return nil, t.fault(nil, fmt.Errorf("no key to name in Wechatpay-Serial: %w", err))
		}
		set("Wechatpay-Serial", serial)
	}
	return h, nil
}

func checkHeader(name, value string) error {
	if !isToken(name) {
		return fmt.Errorf("header name %q has characters that a header name must not have", name)
	}
	// The value may be personal or secret, so the error does not show it.
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
