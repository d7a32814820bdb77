package wechatpay

import (
	"errors"
	"fmt"
	"strings"
)

// checkPath refuses an expanded path that would reach another place than it
// shows: one with an empty segment, or with "." or "..".
func checkPath(expanded string) error {
	path, _, _ := strings.Cut(expanded, "?")
	if path == "" {
		return errors.New(`the path is empty; start with client.Chain("v3/…")`)
	}
	if namesHost(path) {
		return fmt.Errorf("path %q leads to another host; name the host with BaseURL", path)
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path, "/"), "/") {
		if segment == "" {
			return fmt.Errorf("path %q has an empty segment", path)
		}
		if isDots(segment) {
			return fmt.Errorf("path %q has the segment %q, which leads to another path", path, segment)
		}
	}
	return nil
}

// isDots reports whether a server may take an escaped segment for "." or "..".
func isDots(segment string) bool {
	if len(segment) > len("%2e%2e") {
		return false
	}
	if strings.Contains(segment, "%") {
		segment = strings.ReplaceAll(strings.ToLower(segment), "%2e", ".")
	}
	return segment == "." || segment == ".."
}

// namesHost reports whether a reference starts with a scheme or a host (RFC 3986,
// section 4.2), or with what some programs take for one.
func namesHost(ref string) bool {
	if strings.HasPrefix(ref, "//") || strings.HasPrefix(ref, "\\") {
		return true
	}
	for i := range len(ref) {
		switch c := ref[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case '0' <= c && c <= '9', c == '+', c == '-', c == '.':
			if i == 0 {
				return false
			}
		case c == ':':
			return i > 0
		default:
			return false
		}
	}
	return false
}
