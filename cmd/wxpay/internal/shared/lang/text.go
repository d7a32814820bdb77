package lang

import (
	"fmt"
	"strings"
)

// A Text can be said in every language.
type Text interface {
	In(l Language) string
}

// A Phrase is a text without arguments.
type Phrase string

// In says the phrase.
func (p Phrase) In(l Language) string {
	if text, ok := l.texts[string(p)]; ok {
		return text
	}
	return string(p)
}

// A List is said with the comma of the language between its texts.
type List []Text

// Words returns a list of words that all languages share, such as names of flags.
func Words(words []string) List {
	list := make(List, len(words))
	for i, word := range words {
		list[i] = Sprintf("%s", word)
	}
	return list
}

// In says the list.
func (x List) In(l Language) string { return x.joined(l, ", ") }

func (x List) String() string { return x.In(Language{}) }

func (x List) joined(l Language, separator Phrase) string {
	said := make([]string, len(x))
	for i, text := range x {
		said[i] = text.In(l)
	}
	return strings.Join(said, separator.In(l))
}

// Clauses are said with the semicolon of the language between them.
type Clauses []Text

// In says the clauses.
func (x Clauses) In(l Language) string { return List(x).joined(l, "; ") }

func (x Clauses) String() string { return x.In(Language{}) }

// A Message is a text with arguments. The zero Message is empty.
type Message struct {
	english string
	format  string
	args    []any
}

// Sprintf returns a message. It prints as fmt.Sprintf does until a language says it.
func Sprintf(format string, args ...any) Message {
	return Message{fmt.Sprintf(format, args...), format, args}
}

// In says the message.
func (m Message) In(l Language) string {
	if l.texts == nil {
		return m.english
	}
	return l.sprintf(m.format, m.args)
}

func (m Message) String() string { return m.english }

// MarshalText returns the message in English: programs read the same in each language.
func (m Message) MarshalText() ([]byte, error) { return []byte(m.english), nil }

// Errorf is fmt.Errorf, and returns an error that can be said in every language. Its
// method Error says it in English.
func Errorf(format string, args ...any) error {
	return &textError{fmt.Errorf(format, args...), format, args}
}

type textError struct {
	error
	format string
	args   []any
}

func (e *textError) Unwrap() error { return e.error }

// In says the error.
func (e *textError) In(l Language) string { return l.sprintf(e.format, e.args) }
