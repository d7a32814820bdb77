//go:build linux && !race

package main

import (
	osexec "os/exec"
	"syscall"
	"testing"
)

// mostResident is how much memory wxpay batch may take in all, in KiB: less than
// 64 MiB.
const mostResident = 64 << 10

// The process as a whole keeps to its memory.
func TestBatchResident(t *testing.T) {
	w := newBatchWorld(t)
	w.orders(1000)
	cmd := osexec.CommandContext(t.Context(), "wxpay", w.args(orderPath)...)
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	resident := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	t.Logf("%d KiB", resident)
	if resident >= mostResident {
		t.Errorf("%d KiB, want less than %d", resident, mostResident)
	}
}
