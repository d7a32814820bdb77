package pace_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/pace"
)

// The ratio is the median of the turns after the first, and the runs have numbers of
// their own.
func TestCompare(t *testing.T) {
	var runs []int
	took := func(times ...time.Duration) func(int) time.Duration {
		return func(run int) time.Duration {
			runs = append(runs, run)
			d := times[0]
			times = times[1:]
			return d * time.Second
		}
	}
	ratio, total := pace.Compare(3, took(9, 9, 1, 3, 2, 2, 6, 6), took(1, 1, 4, 2))
	if ratio != 2 || total != 7*time.Second {
		t.Errorf("the ratio is %v and the time %v, want 2 and 7s", ratio, total)
	}
	if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; !slices.Equal(runs, want) {
		t.Errorf("the runs are %v, want %v", runs, want)
	}
}

func TestAtOnce(t *testing.T) {
	var mu sync.Mutex
	var got []int
	meet := make(chan struct{})
	pace.AtOnce(2, 100, func(i int) {
		if i <= 2 { // the first two calls wait for each other
			select {
			case meet <- struct{}{}:
			case <-meet:
			}
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, i)
	})
	slices.Sort(got)
	if len(got) != 100 || got[0] != 1 || len(slices.Compact(got)) != 100 || got[99] != 100 {
		t.Errorf("the calls are %v", got)
	}
}
