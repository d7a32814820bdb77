// Package lang says the texts of wxpay in English or in Chinese.
//
// The English text is in the code, at the place that prints it, and is the key of the
// Chinese one in the tables of this package. A text without a Chinese one is said in
// English.
package lang

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"strings"
)

// A Language says texts. The zero Language is English.
type Language struct{ texts, help map[string]string }

// Chinese returns the language Chinese.
func Chinese() Language {
	l := Language{texts: make(map[string]string), help: make(map[string]string)}
	for _, table := range tables() {
		maps.Copy(l.texts, table)
	}
	for _, table := range helpTables() {
		for english, chinese := range table {
			l.help[joined(english)] = chinese
		}
	}
	return l
}

// tables are the texts by their English form, but for help.
func tables() []map[string]string {
	return []map[string]string{
		commonTexts(), errorTexts(), doctorTexts(), demoTexts(), batchTexts(),
		billTexts(), sandboxTexts(), apiTexts(), callTexts(), signTexts(), notifyTexts(), versionTexts(),
		initTexts(), mcpTexts(), systemTexts(), problemTexts(),
	}
}

// helpTables are the paragraphs of help, and the flags. The lines of an English paragraph
// may be broken anywhere.
func helpTables() []map[string]string {
	return []map[string]string{
		commonHelp(), apiHelp(), batchHelp(), billHelp(), callHelp(), completionHelp(), demoHelp(), doctorHelp(),
		initHelp(), mcpHelp(), notifyHelp(), sandboxHelp(), signHelp(), versionHelp(),
	}
}

// Sprintf is fmt.Sprintf with the format in the language. Arguments that are texts or
// errors are said in it as well.
func (l Language) Sprintf(format string, args ...any) string {
	if l.texts == nil {
		return fmt.Sprintf(format, args...)
	}
	return l.sprintf(format, args)
}

func (l Language) sprintf(format string, args []any) string {
	if text, ok := l.texts[format]; ok {
		format = text
	}
	said := make([]any, len(args))
	for i, arg := range args {
		switch arg := arg.(type) {
		case Text:
			said[i] = arg.In(l)
		case error:
			said[i] = l.Error(arg)
		default:
			said[i] = arg
		}
	}
	return fmt.Sprintf(wrapVerb.ReplaceAllString(format, "%${1}v"), said...)
}

// wrapVerb is what only fmt.Errorf knows. It may name the position of its argument.
var wrapVerb = regexp.MustCompile(`%(\[\d+\])?w`)

// Fprintf is fmt.Fprintf with the format in the language.
func (l Language) Fprintf(w io.Writer, format string, args ...any) (int, error) {
	return io.WriteString(w, l.Sprintf(format, args...))
}

// Choose returns the text in the language.
func (l Language) Choose(english, chinese string) string {
	if l.texts == nil {
		return english
	}
	return chinese
}

// Error says an error. What Errorf made is said in the language, and so are what it
// wraps and the errors of files and of the network. The rest of the error is said as its
// method Error does.
func (l Language) Error(err error) string {
	text := err.Error()
	if l.texts == nil {
		return text
	}
	if said := systemText(err); said != nil {
		return said.In(l)
	}
	var inner []error
	switch err := err.(type) {
	case Text:
		return err.In(l)
	case interface{ Unwrap() error }:
		inner = []error{err.Unwrap()}
	case interface{ Unwrap() []error }:
		inner = err.Unwrap()
	}
	for _, one := range inner {
		if one != nil {
			text = strings.Replace(text, one.Error(), l.Error(one), 1)
		}
	}
	return text
}

// Help says the help of a command, paragraph by paragraph. The lines of a paragraph may
// be broken anywhere.
func (l Language) Help(english string) string {
	if l.help == nil {
		return english
	}
	paragraphs := strings.Split(english, "\n\n")
	for i, paragraph := range paragraphs {
		if chinese, ok := l.help[joined(paragraph)]; ok {
			paragraphs[i] = chinese
		}
	}
	return strings.Join(paragraphs, "\n\n")
}

// joined returns a text with a blank in place of white space.
func joined(text string) string { return strings.Join(strings.Fields(text), " ") }
