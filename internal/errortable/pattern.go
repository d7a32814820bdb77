package errortable

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pattern recognises a message in a text.
type pattern struct {
	re       *regexp.Regexp // with a group for each constant part of the message
	longest  string         // the longest constant part
	length   int            // of the constant parts, without blanks
	isCommon bool           // the message is so short that other programs may say it too
	words    []string       // of the constant parts
	reasons  []reason
}

// namePattern returns the pattern of an exported name.
func namePattern(name string) *pattern {
	return &pattern{re: regexp.MustCompile(`\b(` + regexp.QuoteMeta(name) + `)\b`), longest: name, length: length(name)}
}

// minLength is the length of the shortest message that is not common.
const minLength = 16

// formatPattern returns the pattern of a format, or nil if the format has only one word.
func formatPattern(format string) *pattern {
	parts, between := split(format)
	p := &pattern{length: length(parts...), words: wordsOf(strings.Join(parts, " "))}
	if len(p.words) < 2 {
		return nil
	}
	p.isCommon = p.length < minLength
	var expr strings.Builder
	for i, part := range parts {
		if i > 0 {
			expr.WriteString(between[i-1])
		}
		if part != "" {
			expr.WriteString("(" + regexp.QuoteMeta(part) + ")")
		}
		if len(part) > len(p.longest) {
			p.longest = part
		}
	}
	// A value at an end that can be any text may be empty too, and is left out.
	middle := strings.TrimSuffix(strings.TrimPrefix(expr.String(), anything), anything)
	p.re = regexp.MustCompile(p.start(parts[0]) + middle + p.end(parts[len(parts)-1]))
	return p
}

// start returns an expression for what stands before a message that starts with a
// constant part, or with a value if that is empty.
func (p *pattern) start(part string) string {
	switch {
	case part == "":
		return ""
	case p.isCommon:
		return `(?:^|[ "'(])`
	case isWord(part[0]):
		return `\b`
	}
	return ""
}

// end returns an expression for what follows a message that ends with a constant part.
func (p *pattern) end(part string) string {
	switch {
	case part == "":
		return ""
	case p.isCommon:
		return `(?:$|[;:,.)"'\]]| \()`
	case isWord(part[len(part)-1]):
		return `\b`
	}
	return ""
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_'
}

var verb = regexp.MustCompile(`%(?:\[\d+\])?[-+# 0]*\d*(?:\.\d+)?(?:\[\d+\])?([a-zA-Z])`)

// anything is an expression for a value that can be any text.
const anything = `.*?`

// values are expressions for what package fmt writes for a verb. The value of another verb
// can be any text.
var values = map[string]string{
	"d": `-?[0-9]+`,
	"x": `[0-9a-f]+`,
	"U": `U\+[0-9A-F]+`,
	"T": `[*\w./\[\]{}()<>]+(?: \{\})?`,
	"q": `(?:"(?:[^"\\]|\\.)*"|` + "`[^`]*`" + `|'(?:[^'\\]|\\.)+'|\[[^\]]*\])`,
}

// split returns the constant parts of a format, and expressions for the values between
// them.
func split(format string) (parts, between []string) {
	format = plain(format)
	from := 0
	for _, at := range verb.FindAllStringSubmatchIndex(format, -1) {
		value, ok := values[format[at[2]:at[3]]]
		if !ok {
			value = anything
		}
		parts, between = append(parts, format[from:at[0]]), append(between, value)
		from = at[1]
	}
	return append(parts, format[from:]), between
}

// plain returns a text with one blank in place of each run of white space.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// length returns the length of texts in characters, without blanks.
func length(texts ...string) (n int) {
	for _, text := range texts {
		n += utf8.RuneCountInString(text) - strings.Count(text, " ")
	}
	return n
}

// wordsOf returns the words of a text, each once.
func wordsOf(text string) []string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' })
	slices.Sort(words)
	return slices.Compact(words)
}
