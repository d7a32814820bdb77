//go:build unix

package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	got, err := parse("\x1b[1mbold\x1b[0m then\x1b[32m\r\n\r\ngreen\x1b[m.\r\n")
	want := [][]span{{{"b", "bold"}, {"", " then"}}, {}, {{"g", "green"}, {"", "."}}}
	if err != nil || !slices.EqualFunc(got, want, slices.Equal[[]span]) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	for shown, want := range map[string]string{
		"a\nb\x1b[2Kc": "line 2 has the control character",
		"a\rb":         "line 1 has the control character",
		"\x1b[38;5;1m": "line 1 has the unknown style",
	} {
		if got, err := parse(shown); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v; want %q", shown, got, err, want)
		}
	}
}

// What a command shows is drawn, as XML that a browser takes.
func TestRecord(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.svg")
	command := []string{"sh", "-c", `test -t 1 && printf '\033[33m<a> & "b"\033[0m\n\n  c\n' && echo unseen >&2`}
	if err := record("a command", file, command); err != nil {
		t.Fatal(err)
	}
	picture, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer picture.Close()
	var shown strings.Builder
	decoder := xml.NewDecoder(picture)
	in := ""
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			in = token.Name.Local
		case xml.EndElement:
			if token.Name.Local == "text" {
				shown.WriteString("\n")
			}
			in = ""
		case xml.CharData:
			if in == "text" || in == "tspan" {
				shown.Write(token)
			}
		}
	}
	if want := "$ a command\n<a> & \"b\"\n  c\n"; shown.String() != want {
		t.Errorf("the picture shows %q, want %q", shown.String(), want)
	}
}

// Chinese characters take two columns each, in the line and in the width of the picture.
func TestDrawWide(t *testing.T) {
	picture := string(draw("x", [][]span{{{"b", "A 支付，ok"}}, {{"", "退款"}}}))
	for _, want := range []string{
		`<tspan class="b">A </tspan><tspan class="b" textLength="46.98">支付，</tspan><tspan class="b">ok</tspan></text>`,
		`><tspan textLength="31.32">退款</tspan></text>`,
		` width="110" `, // of ten columns
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("the picture lacks %s:\n%s", want, picture)
		}
	}
}

func TestRecordFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.svg")
	for script, want := range map[string]string{
		"echo shown; exit 3": "exit status 3",
		`printf '\033[H'`:    "control character",
		"yes":                "bytes or more",
	} {
		if err := record("", file, []string{"sh", "-c", script}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", script, err, want)
		}
	}
	if err := record("", file, []string{filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Error("there is no such command")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("there is a picture: %v", err)
	}
}
