package interop

import (
	"io"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/wxchain/wechatpay/interop/internal/child"
)

// builtProgram builds the program in a folder of the repository and returns its path.
func builtProgram(t *testing.T, folder string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), filepath.Base(folder))
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./"+folder)
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// startProgram starts a program, which runs as long as the test, also if that times out,
// and returns its output.
func startProgram(t *testing.T, cmd *exec.Cmd) io.Reader {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err) // it ended before
		}
		_ = cmd.Wait() // killed
	})
	return out
}
