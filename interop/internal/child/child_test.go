//go:build linux || freebsd

package child_test

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/interop/internal/child"
)

// roleVariable says what this program is: the parent, which starts the child, or the
// child, which lives as long as its input is open.
const roleVariable = "WXPAY_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "parent":
		os.Exit(parent())
	case "child":
		_, _ = os.Stdout.WriteString("ready\n")
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Exit(m.Run())
}

func parent() int {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=child")
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	if err := child.Start(cmd); err != nil {
		return 1
	}
	_ = cmd.Wait()
	return 0
}

// A program ends with the one that started it, also if that is killed.
func TestStart(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"=parent")
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close() // a child that lives still ends then
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd.Stdout = write
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close() // the two programs have it
	if err := read.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	output := bufio.NewReader(read)
	if line, err := output.ReadString('\n'); err != nil {
		t.Fatalf("the child says %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(output); err != nil { // ends when no program has it
		t.Errorf("the child has not ended, and says %q: %v", rest, err)
	}
	_ = cmd.Wait() // killed
}
