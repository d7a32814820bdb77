package openapi

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// misfit tells what is wrong with a scalar that is written as text: a string
// as it is, a number in digits. It is nil when the scalar fits. The length of
// a text that is sealed does not matter.
func (s *Schema) misfit(text string, sealed bool) *Problem {
	if !s.Type.holds(text) {
		return &Problem{Kind: KindType, Message: "not " + s.Type.article()}
	}
	if slices.Contains(s.Enum, text) {
		return nil // some are longer than the length that is documented
	}
	if p := s.outOfBounds(text); p != nil {
		return p
	}
	if s.Type == String && !sealed && s.MaxLength|s.MinLength != 0 {
		switch n := utf8.RuneCountInString(text); {
		case s.MaxLength > 0 && n > s.MaxLength:
			return &Problem{Kind: KindLength, Message: fmt.Sprintf("%d characters, want at most %d", n, s.MaxLength)}
		case n < s.MinLength:
			// A least length of 128 is documented for order numbers, which
			// must be the greatest.
			return &Problem{Kind: KindLength, Message: fmt.Sprintf("%d characters, want at least %d", n, s.MinLength), Warning: true}
		}
	}
	// A number with an enum of words is an error of the catalogue.
	if slices.ContainsFunc(s.Enum, s.Type.holds) {
		return &Problem{Kind: KindEnum, Message: "not one of " + some(s.Enum), Warning: true}
	}
	if message := s.malformed(text); message != "" {
		return &Problem{Kind: KindFormat, Message: message, Warning: true}
	}
	return nil
}

// holds reports whether text is a scalar of the type.
func (t Type) holds(text string) bool {
	switch t {
	case Integer:
		return isInteger(text)
	case Number:
		return strings.Trim(text, "0123456789-+.eE") == "" && json.Valid([]byte(text))
	case Boolean:
		_, err := strconv.ParseBool(text)
		return err == nil
	}
	return true
}

// isInteger reports whether text is digits, with or without a minus in front.
func isInteger(text string) bool {
	text = strings.TrimPrefix(text, "-")
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func (s *Schema) outOfBounds(text string) *Problem {
	if s.Type != Integer && s.Type != Number {
		return nil
	}
	var err error
	switch s.Format {
	case "int32":
		_, err = strconv.ParseInt(text, 10, 32)
	case "int64":
		_, err = strconv.ParseInt(text, 10, 64)
	case "uint64":
		_, err = strconv.ParseUint(text, 10, 64)
	}
	if err != nil {
		return outOfRange("not in the range of " + s.Format)
	}
	if s.Minimum == nil && s.Maximum == nil {
		return nil
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil: // more digits before the point than a float64 has
		return outOfRange("out of all bounds")
	case s.Minimum != nil && n < *s.Minimum:
		return outOfRange("less than " + number(*s.Minimum))
	case s.Maximum != nil && n > *s.Maximum:
		return outOfRange("more than " + number(*s.Maximum))
	}
	return nil
}

func outOfRange(message string) *Problem { return &Problem{Kind: KindRange, Message: message} }

// malformed tells what is wrong with a text that has a format which can be
// checked.
func (s *Schema) malformed(text string) string {
	if s.Type != String {
		return ""
	}
	switch s.Format {
	case "rfc3339":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return "not a time like 2018-06-08T10:34:56+08:00"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return "not a date like 2018-06-08"
		}
	case "json":
		if !json.Valid([]byte(text)) {
			return "not a text of JSON"
		}
	}
	return ""
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// some lists names, but not too many.
func some(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// article is the type in a sentence.
func (t Type) article() string {
	switch t {
	case Integer, Array, Object:
		return "an " + string(t)
	}
	return "a " + string(t)
}
