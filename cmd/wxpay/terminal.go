package main

import (
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// isColoured tells whether colours are wanted on w: on a terminal, unless the
// environment says not to.
func isColoured(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// The colours of a terminal.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// paint colours text, if colours are wanted.
func paint(wanted bool, colour, text string) string {
	if !wanted {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// visible keeps of text what a terminal shows and does nothing else with.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || r == '\n' || r == '\t' {
			return r
		}
		return -1
	}, text)
}

// onScreen returns w or, if w is a terminal, what writes to it the text of others
// without control characters.
func onScreen(w io.Writer) io.Writer {
	if isTerminal(w) {
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

// printable makes text of an answer fit for a terminal.
func printable(s string) string {
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
