// Package pace compares the rates of two ways to do the same, for benchmarks.
package pace

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Compare runs each way in turns: other between two runs of base. It returns the median
// of the ratios of their rates, and how long the runs of other took together. The first
// turn opens connections and does not count. Each run has another number.
func Compare(turns int, base, other func(run int) time.Duration) (ratio float64, took time.Duration) {
	var ratios []float64
	for turn := range turns + 1 {
		before, between, after := base(3*turn), other(3*turn+1), base(3*turn+2)
		if turn > 0 {
			ratios = append(ratios, (before+after).Seconds()/2/between.Seconds())
			took += between
		}
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2], took
}

// AtOnce calls f with 1 to n from several goroutines, and returns how long that took.
func AtOnce(goroutines, n int, f func(i int)) time.Duration {
	start := time.Now()
	var next atomic.Int64
	var working sync.WaitGroup
	for range goroutines {
		working.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				f(int(i))
			}
		})
	}
	working.Wait()
	return time.Since(start)
}
