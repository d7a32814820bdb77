// Package shallow checks how deep untrusted text is nested, before a parser
// recurses into it. A few megabytes of [ exceed the limit of a goroutine's stack,
// which ends the process.
package shallow

import (
	"bytes"

	"github.com/tidwall/gjson"
)

// MaxDepth is the deepest nesting of JSON that is accepted. The platform sends
// and accepts fewer than 20 levels.
const MaxDepth = 1000

// JSON reports whether recursive functions, such as those of package gjson, can
// read text: it is not nested deeper than [MaxDepth]. text need not be valid.
func JSON(text []byte) bool {
	return bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= MaxDepth || ValidJSON(text)
}

// ValidJSON reports whether text is valid JSON, at most [MaxDepth] deep.
func ValidJSON(text []byte) bool { return depth(text) <= MaxDepth && gjson.ValidBytes(text) }

// ParseJSON returns the value of text. If text is nested too deep, it returns the
// zero Result, which does not exist.
func ParseJSON(text []byte) gjson.Result {
	if !JSON(text) {
		return gjson.Result{}
	}
	return gjson.ParseBytes(text)
}

// TOML reports whether a TOML parser can read text. Such a parser recurses for
// each array, inline table and part of a dotted key.
func TOML(text []byte) bool {
	const most = 100_000
	n := 0
	for _, c := range text {
		if c == '[' || c == '{' || c == '.' {
			n++
		}
	}
	return n <= most
}

// depth returns the deepest nesting of text. Up to the first syntax error, it
// counts what a parser would enter.
func depth(text []byte) (deepest int) {
	for i, now := 0, 0; i < len(text); i++ {
		switch text[i] {
		case '[', '{':
			now++
			deepest = max(deepest, now)
		case ']', '}':
			now--
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return deepest
}
