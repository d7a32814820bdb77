//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/creack/pty"
)

// shownOn returns what a terminal is sent by show.
func shownOn(t *testing.T, show func(w io.Writer)) string {
	t.Helper()
	reader, terminal, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	var shown bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.Copy(&shown, reader) // On Linux the end of a terminal is an error, which tells nothing.
	}()
	show(terminal)
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
	<-done
	return shown.String()
}

func TestProgressOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, test := range []struct {
		name string
		show func(w io.Writer)
		want string // as the first and the last line that the bar shows
	}{
		{"calls", func(w io.Writer) {
			p := countProgress(w, "sending", 4000, "calls")
			p.add(1000)
			p.fail(3)
			p.add(2999)
			p.end()
		}, `^\rsending  25% \|█+ +\| \(1000/4000, \d+ calls/.+\) \[0s:.+\][^\n]*\r *\r$`},
		{"bytes", func(w io.Writer) {
			p := byteProgress(w, "trade bill", 2_000_000)
			io.CopyN(p, endless{}, 1_500_000)
			p.end()
		}, `^\rtrade bill   1% \|.*/2\.0 MB, .+B/s\).*\r *\r$`},
		{"of unknown size", func(w io.Writer) {
			p := byteProgress(w, "trade bill", -1)
			io.CopyN(p, endless{}, 1_500_000)
			p.end()
		}, `^\r. trade bill \(.+ kB, .+B/s\).*\r *\r$`},
		{"of nothing", func(w io.Writer) { countProgress(w, "sending", 0, "calls").add(1) }, `^$`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if shown := shownOn(t, test.show); !regexp.MustCompile(test.want).MatchString(shown) {
				t.Errorf("it shows %q, want %s", shown, test.want)
			}
		})
	}
	if shown := shownOn(t, func(w io.Writer) {
		if err := pty.Setsize(w.(*os.File), &pty.Winsize{Rows: 25, Cols: 10}); err != nil {
			t.Error(err)
		}
		countProgress(w, "sending", 9, "calls").add(1)
	}); shown != "" {
		t.Errorf("a narrow terminal is sent %q", shown)
	}
	t.Setenv("TERM", "dumb")
	if shown := shownOn(t, func(w io.Writer) { countProgress(w, "sending", 9, "calls").add(1) }); shown != "" {
		t.Errorf("a dumb terminal is sent %q", shown)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// In a pipe there is nothing of it.
func TestProgressInPipe(t *testing.T) {
	var out bytes.Buffer
	p := countProgress(&out, "sending", 2, "calls")
	p.add(1)
	p.fail(1)
	p.end()
	if n, err := p.Write([]byte("abc")); p != nil || n != 3 || err != nil || out.Len() > 0 {
		t.Errorf("progress %v, %d, %v; it shows %q", p, n, err, &out)
	}
}
