//go:build unix

package main

import (
	"bytes"
	"io"
	"net/http/httptest"
	"os"
	osexec "os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/tidwall/gjson"
)

// onTerminal runs wxpay in a folder, on a pseudo-terminal, and returns what it
// shows.
func onTerminal(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), "wxpay", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	terminal, err := pty.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	var shown bytes.Buffer
	// On Linux the end of a terminal is an error, which tells nothing.
	io.Copy(&shown, terminal)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, shown.String())
	}
	return shown.String()
}

// On a terminal an answer is coloured and laid out, unless NO_COLOR says not to.
func TestCallOnTerminal(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(echo{})
	defer server.Close()
	dir := t.TempDir()
	if err := writeScriptKeys(dir); err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(scriptConfig, "$PLATFORM", server.URL)
	if err := os.WriteFile(filepath.Join(dir, configName), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	shown := onTerminal(t, dir, []string{"TERM=xterm", "NO_COLOR="}, "call", "GET", "v3/certificates")
	if !strings.Contains(shown, "\x1b[") || strings.Count(shown, "\n") < 4 {
		t.Errorf("it shows %q", shown)
	}
	const plain = "{\r\n  \"method\": \"GET\",\r\n  \"target\": \"/v3/certificates\"\r\n}\r\n"
	if shown = onTerminal(t, dir, []string{"TERM=xterm", "NO_COLOR=1"}, "call", "GET", "v3/certificates"); shown != plain {
		t.Errorf("without colour it shows %q, want %q", shown, plain)
	}
}

// What anybody may have written does nothing to a terminal; in a pipe it is what
// it is.
func TestCallOnTerminalIsHarmless(t *testing.T) {
	t.Parallel()
	const found = "\"\\u001b]0;owned\\u0007茶\u3000\\u202e\""
	show := func(w io.Writer) {
		if err := newPrinter(w, io.Discard, callFlags{}).value(gjson.Parse(found)); err != nil {
			t.Error(err)
		}
	}
	if shown := shownOn(t, show); shown != "]0;owned茶\u3000\r\n" {
		t.Errorf("it shows %q", shown)
	}
	if shown := shownOn(t, func(w io.Writer) {
		if err := newPrinter(w, io.Discard, callFlags{}).value(gjson.Parse("[\"\u009b2J茶\"]")); err != nil {
			t.Error(err)
		}
	}); strings.Contains(shown, "\u009b") || !strings.Contains(shown, "2J茶") {
		t.Errorf("of JSON it shows %q", shown)
	}
	var pipe bytes.Buffer
	if show(&pipe); pipe.String() != "\x1b]0;owned\a茶\u3000\u202e\n" {
		t.Errorf("in a pipe it is %q", &pipe)
	}
}

// The demo is coloured on a terminal, and the same without.
func TestDemoOnTerminal(t *testing.T) {
	t.Parallel()
	shown := onTerminal(t, t.TempDir(), []string{"TERM=xterm", "NO_COLOR="}, "demo")
	if !strings.Contains(shown, "\x1b[1m1. ") || !strings.Contains(shown, "\x1b[32m200 OK, verified\x1b[0m") {
		t.Errorf("it shows %q", shown)
	}
	plain := onTerminal(t, t.TempDir(), []string{"TERM=xterm", "NO_COLOR=1"}, "demo")
	if bare := regexp.MustCompile("\x1b\\[\\d+m").ReplaceAllString(shown, ""); plain != bare || plain == shown {
		t.Errorf("without colour it shows %q, want %q", plain, bare)
	}
}
