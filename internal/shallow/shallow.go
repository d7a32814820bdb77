// Package shallow keeps text from outside away from parsers that recurse as deep
// as the text is nested. A few megabytes of [ exceed the limit of a goroutine's
// stack, which ends the process.
package shallow

import (
	"bytes"

	"github.com/tidwall/gjson"
)

// MaxDepth is how deep JSON from outside may be nested. What the platform sends
// and takes is less than 20 deep.
const MaxDepth = 1000

// JSON reports whether text, which need not be valid, can be read by functions
// that recurse, such as those of package gjson: it cannot nest deeper than
// [MaxDepth].
func JSON(text []byte) bool {
	return bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) <= MaxDepth || ValidJSON(text)
}

// ValidJSON reports whether text is valid JSON, at most [MaxDepth] deep.
func ValidJSON(text []byte) bool { return depth(text) <= MaxDepth && gjson.ValidBytes(text) }

// ParseJSON returns the value that text is, or the zero Result, which does not
// exist, when text is nested too deep.
func ParseJSON(text []byte) gjson.Result {
	if !JSON(text) {
		return gjson.Result{}
	}
	return gjson.ParseBytes(text)
}

// TOML reports whether text can be read by a parser of TOML, which recurses for
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

// depth returns how deep text is nested at its deepest. Up to the first error of
// syntax, it counts what a parser would enter.
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
