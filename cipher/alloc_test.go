//go:build !race

package cipher_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
)

// Opening allocates once, for the text. (The race detector adds its own.)
func TestOpenAllocatesOnce(t *testing.T) {
	g := newGCM(t, vectors.Load(t).APIv3Key)
	sealed, err := g.Seal([]byte(strings.Repeat("x", 2000)), "0123456789ab", "transaction")
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, err := g.Open(sealed); err != nil {
			t.Fatal(err)
		}
	}); n > 1 {
		t.Errorf("Open makes %v allocations, want 1", n)
	}
}
