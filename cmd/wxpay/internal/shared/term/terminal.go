// Package term writes output for people: colours, tables, progress bars and
// text that is safe on a terminal.
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

// IsColoured reports whether output to w should have colours. It should on a
// terminal, unless the environment turns colours off.
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

// Paint adds a colour to text if wanted is true.
func Paint(wanted bool, colour, text string) string {
	if !wanted {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// Visible keeps only the characters that a terminal displays. It removes
// control characters.
func Visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) || r == '\n' || r == '\t' {
			return r
		}
		return -1
	}, text)
}

// OnScreen returns w. If w is a terminal, it returns a writer that removes
// control characters from outside text.
func OnScreen(w io.Writer) io.Writer {
	if IsTerminal(w) {
		return &plainText{w: w}
	}
	return w
}

// A plainText removes control characters, other than line breaks and tabs, from
// a stream of UTF-8.
type plainText struct {
	w     io.Writer
	begun bool // the last byte may begin a two-byte control character
}

func (s *plainText) Write(p []byte) (int, error) {
	const first = 0xc2 // U+0080 to U+009F start with this byte; their second byte equals the code point
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

// Printable makes text from an answer safe for a terminal.
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

// Cut shortens text that only needs to be recognizable.
func Cut(s string) string {
	const most = 20
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
