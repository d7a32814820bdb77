package quote

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Setting is [Text] for a value of a configuration, where somebody may have put
// a key. What may be a key, or holds a password, is not shown, only its length
// is. Characters that cannot be printed are escaped, for they may be what is
// wrong.
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
	apiKey    = 32 // bytes of an APIv3 or APIv2 key
	serialNo  = 40 // hexadecimal digits of a serial number, at most
	encoded   = 24 // characters in a row from which base64 is taken for a key
	keyPrefix = "PUB_KEY_ID_"
)

// mayBeSecret reports whether s may be a key, a part of one, or a URL with a
// password. Serial numbers and ids of platform public keys are neither.
func mayBeSecret(s string) bool {
	upper := strings.ToUpper(s)
	rest := strings.TrimSpace(s)
	if strings.HasPrefix(upper, keyPrefix) {
		rest = s[len(keyPrefix):]
		if strings.Trim(rest, "0123456789") == "" && len(rest) <= serialNo {
			return false
		}
	}
	switch {
	case strings.Contains(upper, "-----"), strings.Contains(upper, "PRIVATE"), strings.Contains(upper, "BEGIN "):
		return true
	case strings.ContainsAny(rest, "\r\n") && len(rest) >= encoded:
		return true
	case strings.Contains(s, "@") && strings.Contains(s, "//"):
		return true
	case len(rest) == apiKey, !utf8.ValidString(s) && len(s) >= encoded:
		return true
	}
	return longestEncoded(rest) >= encoded && !isSerialNo(rest)
}

// isSerialNo reports whether s is as long as a serial number at most, and
// hexadecimal with or without colons.
func isSerialNo(s string) bool {
	return len(strings.ReplaceAll(s, ":", "")) <= serialNo && strings.Trim(s, "0123456789abcdefABCDEF:") == ""
}

// longestEncoded returns the length of the longest run of base64, of either
// alphabet.
func longestEncoded(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("+/=-_", c) >= 0:
			run++
			longest = max(longest, run)
		default:
			run = 0
		}
	}
	return longest
}
