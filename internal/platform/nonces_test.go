package platform_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/signer"
)

func TestNonces(t *testing.T) {
	start := time.Unix(1790000001, 0)
	n := platform.NewNonces(2)
	for i, tt := range []struct {
		nonce string
		after time.Duration
		want  platform.Seen
	}{
		{"a", 0, platform.Fresh},
		{"a", 0, platform.Replay},
		{"b", 0, platform.Fresh},
		{"c", 0, platform.Full},
		{"b", 2 * signer.MaxSkew, platform.Replay},
		{"c", 2*signer.MaxSkew + 1, platform.Fresh},
		{"b", 2*signer.MaxSkew + 1, platform.Replay}, // among the older
		{"c", 4*signer.MaxSkew + 1, platform.Replay},
		{"a", 4*signer.MaxSkew + 2, platform.Fresh},
		{"a", 9 * signer.MaxSkew, platform.Fresh}, // a pause forgets both halves
	} {
		if got := n.See(tt.nonce, start.Add(tt.after)); got != tt.want {
			t.Errorf("%d: See(%q) %v later is %v, want %v", i, tt.nonce, tt.after, got, tt.want)
		}
	}
}

// A nonce that may come again comes with the request that it came with.
func TestNoncesOfRequests(t *testing.T) {
	start := time.Unix(1790000001, 0)
	n := platform.NewNonces(2)
	for i, tt := range []struct {
		nonce, request string
		after          time.Duration
		want           platform.Seen
	}{
		{"a", "1", 0, platform.Fresh},
		{"a", "1", 0, platform.Same},
		{"a", "2", 0, platform.Replay},
		{"b", "1", 0, platform.Fresh},
		{"c", "1", 0, platform.Full},
		{"a", "1", 2*signer.MaxSkew + 1, platform.Same}, // among the older
		{"a", "2", 2*signer.MaxSkew + 1, platform.Replay},
		{"a", "2", 5 * signer.MaxSkew, platform.Fresh},
	} {
		if got := n.SeeWith(tt.nonce, tt.request, start.Add(tt.after)); got != tt.want {
			t.Errorf("%d: SeeWith(%q, %q) %v later is %v, want %v", i, tt.nonce, tt.request, tt.after, got, tt.want)
		}
	}
	if got := n.See("d", start.Add(5*signer.MaxSkew)); got != platform.Fresh {
		t.Errorf("See is %v, want it fresh", got)
	}
	if got := n.See("d", start.Add(5*signer.MaxSkew)); got != platform.Replay {
		t.Errorf("See, again, is %v, want a replay", got)
	}
}

// However much comes in between, a nonce is known for as long as its timestamp
// holds.
func TestNoncesUnderTraffic(t *testing.T) {
	start := time.Unix(1790000001, 0)
	for step := time.Second; step <= 2*signer.MaxSkew; step *= 2 {
		n := platform.NewNonces(10_000)
		n.See("of long before", start.Add(-signer.MaxSkew))
		n.See("a", start)
		for after := step; after <= 2*signer.MaxSkew; after += step {
			n.See(after.String(), start.Add(after))
			if got := n.See("a", start.Add(after)); got != platform.Replay {
				t.Fatalf("with others each %v, %v later it is %v, want a replay", step, after, got)
			}
		}
	}
}

func TestNoncesAtOnce(t *testing.T) {
	n := platform.NewNonces(1000)
	var fresh atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 100 {
				if n.See(fmt.Sprint(i), time.Unix(1790000001, 0)) == platform.Fresh {
					fresh.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if fresh.Load() != 100 {
		t.Errorf("%d nonces are fresh, want each of 100 once", fresh.Load())
	}
}
