// Package term writes for people: colours, tables, progress and text that is safe
// on a terminal.
package term

import (
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// IsTerminal reports whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// IsColoured tells whether colours are wanted on w: on a terminal, unless the
// environment says not to.
func IsColoured(w io.Writer) bool {
	return IsTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// The colours of a terminal.
const (
	Bold   = "1"
	Dim    = "2"
	Red    = "31"
	Green  = "32"
	Yellow = "33"
	Cyan   = "36"
)

// Paint colours text, if colours are wanted.
func Paint(wanted bool, colour, text string) string {
	if !wanted {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Visible keeps of text what a terminal shows and does nothing else with.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || r == '\n' || r == '\t' {
			return r
		}
		return -1
	}, text)
}

// OnScreen returns w or, if w is a terminal, what writes to it the text of others
// without control characters.
func OnScreen(w io.Writer) io.Writer {
	if IsTerminal(w) {
		return &plainText{w: w}
	}
	return w
}

// A plainText drops control characters from a stream of UTF-8, but for line breaks
// and tabs.
type plainText struct {
	w     io.Writer
	begun bool // whether the last byte may begin a control character of two bytes
}

func (s *plainText) Write(p []byte) (int, error) {
	const first = 0xc2 // of U+0080 to U+009F, whose second byte is the same number
	shown := make([]byte, 0, len(p)+1)
	for _, c := range p {
		begun := s.begun
		s.begun = false
		switch {
		case begun && c >= 0x80 && c < 0xa0:
			continue
		case begun:
			shown = append(shown, first)
		}
		switch {
		case c == first:
			s.begun = true
		case c >= ' ' && c != 0x7f || c == '\n' || c == '\t':
			shown = append(shown, c)
		}
	}
	if _, err := s.w.Write(shown); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Printable makes text of an answer fit for a terminal.
func Printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '�'
	}, s)
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// Cut shortens what is only there to be recognized.
func Cut(s string) string {
	const most = 20
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
