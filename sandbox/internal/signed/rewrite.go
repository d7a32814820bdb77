package signed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"
)

// A layout writes JSON with other spaces, or in another order.
type layout struct {
	how string
	of  func(body []byte) string
}

var layouts = []layout{
	{"", func(body []byte) string { return string(body) }},
	{"The signed one has no spaces.", compact},
	{"The signed one has spaces after commas and colons, as Python writes it.", func(body []byte) string { return spaced(compact(body)) }},
	{"The signed one is indented.", func(body []byte) string { return indented(body, "    ") }},
	{"The signed one is indented.", func(body []byte) string { return indented(body, "  ") }},
	{"The signed one is indented.", func(body []byte) string { return indented(body, "\t") }},
	{"The signed one has its fields sorted.", sorted},
	{"The signed one has its fields sorted, and spaces, as Python writes it.", func(body []byte) string { return spaced(sorted(body)) }},
}

// An escape writes the characters of JSON texts in another way.
type escape struct {
	how string
	of  func(text string) string
}

var escapes = []escape{
	{"", func(text string) string { return text }},
	{"The signed one has \\u escapes.", unicodeEscaped},
	{"The signed one has \\u escapes and \\/, as PHP writes it.", func(text string) string { return slashEscaped(unicodeEscaped(text)) }},
	{"The signed one has \\/, as PHP writes it.", slashEscaped},
	{"The signed one has \\u escapes for < > &, as Go and Java libraries write it.", htmlEscaped},
	{"The signed one has no escapes.", unescaped},
}

func compact(body []byte) string {
	var b bytes.Buffer
	_ = json.Compact(&b, body) // it is JSON
	return b.String()
}

func indented(body []byte, by string) string {
	var b bytes.Buffer
	_ = json.Indent(&b, body, "", by) // it is JSON
	return b.String()
}

// sorted writes JSON with the fields of objects in the order of their names.
func sorted(body []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return string(body)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // it was decoded
	return strings.TrimSuffix(b.String(), "\n")
}

// spaced adds a space after each comma and colon outside of texts.
func spaced(text string) string {
	var b strings.Builder
	inText, escaped := false, false
	for _, c := range []byte(text) {
		b.WriteByte(c)
		switch {
		case escaped:
			escaped = false
		case inText && c == '\\':
			escaped = true
		case c == '"':
			inText = !inText
		case !inText && (c == ',' || c == ':'):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// unicodeEscaped writes what is not ASCII as \u escapes.
func unicodeEscaped(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}

// slashEscaped writes / as \/.
func slashEscaped(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, `\/`, "/"), "/", `\/`)
}

func htmlEscaped(text string) string {
	var b bytes.Buffer
	json.HTMLEscape(&b, []byte(text))
	return b.String()
}

// unescaped undoes the escapes of letters, slashes and signs.
func unescaped(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case strings.HasPrefix(rest, `\\`):
			b.WriteString(`\\`)
			i++
		case strings.HasPrefix(rest, `\/`):
			b.WriteByte('/')
			i++
		case strings.HasPrefix(rest, `\u`):
			n, decoded := runeOf(rest)
			b.WriteString(decoded)
			i += n - 1
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

// runeOf returns the character of the \u escape at the start of text, and how many
// bytes the escape has. Escapes of controls, quotes and backslashes stay.
func runeOf(text string) (n int, decoded string) {
	n = min(6, len(text))
	if rest := text[n:]; len(rest) >= 6 && strings.HasPrefix(strings.ToLower(text), `\ud8`) && strings.HasPrefix(rest, `\u`) {
		n += 6
	}
	var v string
	if json.Unmarshal([]byte(`"`+text[:n]+`"`), &v) != nil || strings.ContainsAny(v, "\"\\") || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' }) {
		return n, text[:n]
	}
	return n, v
}
