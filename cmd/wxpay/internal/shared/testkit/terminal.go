//go:build unix

package testkit

import (
	"bytes"
	"io"
	"os"
	osexec "os/exec"
	"testing"

	"github.com/creack/pty"
)

// OnTerminal runs wxpay in a folder on a pseudo-terminal and returns what the
// terminal shows.
func OnTerminal(t *testing.T, dir string, env []string, args ...string) string {
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
	// On Linux, reading a terminal ends with an error, so the error is ignored.
	io.Copy(&shown, terminal)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, shown.String())
	}
	return shown.String()
}

// ShownOn returns what show writes to a terminal.
func ShownOn(t *testing.T, show func(w io.Writer)) string {
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
		io.Copy(&shown, reader) // On Linux, reading a terminal ends with an error, so the error is ignored.
	}()
	show(terminal)
	if err := terminal.Close(); err != nil {
		t.Error(err)
	}
	<-done
	return shown.String()
}
