//go:build !race

package notify_test

import "testing"

// Parse and the reading of a field make at most so many allocations, with those of the
// cryptography. (The race detector adds its own.)
func TestAllocations(t *testing.T) {
	run, _ := whole(t)
	for _, tt := range []struct {
		name string
		run  func()
		most float64
	}{
		{"APIv3", run, 32},
		{"APIv2 by MD5", wholeV2(t, "MD5"), 80},
		{"APIv2 by HMAC-SHA256", wholeV2(t, "HMAC-SHA256"), 80},
		{"APIv2, refund", refundV2(t), 80},
	} {
		if n := testing.AllocsPerRun(50, tt.run); n > tt.most {
			t.Errorf("%s: Parse makes %v allocations, at most %v are allowed", tt.name, n, tt.most)
		} else {
			t.Logf("%s: %v allocations", tt.name, n)
		}
	}
}
