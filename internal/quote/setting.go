package quote

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Setting does what [Text] does, for a value of a configuration that may be a key
// by mistake. If the value may be a key or may hold a password, Setting shows
// only its length. Characters that cannot be printed are escaped, because they
// may be the mistake.
func Setting(s string) string {
	if mayBeSecret(s) {
		return fmt.Sprintf("(%d bytes, not shown because they may be a key)", len(s))
	}
	n := 0
	for i := range s {
		if n == Max {
			return strconv.Quote(s[:i]) + "…"
		}
		n++
	}
	return strconv.Quote(s)
}

const (
	apiKey    = 32 // characters of an APIv3 or APIv2 key
	serialNo  = 40 // hexadecimal digits of a serial number, at most
	encoded   = 24 // characters in a row from which base64 is taken for a key
	keyPrefix = "PUB_KEY_ID_"
)

// mayBeSecret reports whether s may be a key, a part of one, or a URL with a
// password. Serial numbers and ids of platform public keys are neither.
func mayBeSecret(s string) bool {
	upper := strings.ToUpper(s)
	rest := strings.TrimSpace(s)
	if id, ok := strings.CutPrefix(upper, keyPrefix); ok {
		if rest = rest[len(keyPrefix):]; len(id) <= serialNo && strings.Trim(id, "0123456789") == "" {
			return false
		}
	}
	switch {
	case strings.Contains(s, "-----"), strings.Contains(upper, "PRIVATE"), strings.Contains(upper, "BEGIN "):
		return true
	case len(rest) >= encoded && (strings.ContainsAny(rest, "\r\n") || strings.Contains(rest, `\n`) || !utf8.ValidString(s)):
		return true
	case strings.Contains(s, "@") && strings.Contains(s, "//"):
		return true
	}
	return hasBase64(rest) || hasKey(rest)
}

// hasBase64 reports whether s has so many base64 characters in a row, in both
// cases, that they may be an encoded key.
func hasBase64(s string) bool {
	for run := range strings.FieldsFuncSeq(s, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("+/=_-", r) }) {
		if len(run) >= encoded && strings.IndexFunc(run, unicode.IsUpper) >= 0 && strings.IndexFunc(run, unicode.IsLower) >= 0 {
			return true
		}
	}
	return false
}

// hasKey reports whether s has as many letters and digits in a row as an API key,
// or more than a serial number has.
func hasKey(s string) bool {
	for run := range strings.FieldsFuncSeq(s, func(r rune) bool { return !isAlphanumeric(r) }) {
		if len(run) == apiKey || len(run) > serialNo {
			return true
		}
	}
	return false
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
