//go:build !race

package notify_test

import "testing"

// Parse makes at most 30 allocations beside those of the bare cryptography. (The
// race detector adds its own.)
func TestAllocations(t *testing.T) {
	run, bare := whole(t)
	if n := testing.AllocsPerRun(50, run) - testing.AllocsPerRun(50, bare); n > 30 {
		t.Errorf("Parse makes %v allocations more than the bare RSA verification and GCM opening, at most 30 are allowed", n)
	}
}
