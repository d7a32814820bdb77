//go:build unix

package sandbox

import (
	"os"
	"syscall"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// Ctrl-C and the signals of docker stop and systemd end the sandbox with exit
// code 0. The next sandbox can use the folder.
func TestSandboxSignals(t *testing.T) {
	t.Parallel()
	dir, _ := testkit.NewSandboxDir(t)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			p := startSandbox(t, "--dir", dir)
			if err := p.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("it ended with %v, want exit 0", err)
			}
		})
	}
}

// The temporary folder with the keys is deleted when the process ends.
func TestSandboxTerminatedCleansUp(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	p := startSandbox(t)
	if left, err := os.ReadDir(temp); err != nil || len(left) != 1 {
		t.Fatalf("at work: %v, %v", left, err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v, want exit 0", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
