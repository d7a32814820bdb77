//go:build unix

package batch

import (
	"math"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// mostOfLine is how much CPU a line of a batch may take beside its call, as a part of
// that of the call without its signature.
const mostOfLine = 1.0

// BenchmarkLine sends orders to a platform that answers at once, alternately with a loop
// over the library and with a batch, without signing. It reports the CPU that a line
// takes beside its call, by the cheapest round of each. With 5 rounds or more it fails
// if that is too much.
func BenchmarkLine(b *testing.B) {
	const lines = 1000
	_, client := newCheapWorld(b, math.MaxInt32)
	in := ordersFile(b, lines)
	loop, batched := time.Hour, time.Hour
	for round := 0; b.Loop(); round++ {
		loop = min(loop, cpuOf(b, func() { loopOrders(b, client, round, lines) }))
		batched = min(batched, cpuOf(b, func() {
			newOrders(client).timed(b, in, filepath.Join(b.TempDir(), strconv.Itoa(round)+".jsonl"), lines)
		}))
	}
	beside := (batched - loop) / lines
	b.ReportMetric(float64(beside.Nanoseconds())/1e3, "CPU-µs/line-beside-its-call")
	b.ReportMetric(float64(loop.Nanoseconds())/1e3/lines, "CPU-µs/call")
	if ratio := (batched - loop).Seconds() / loop.Seconds(); b.N >= 5 && ratio > mostOfLine {
		b.Errorf("a line takes %v of CPU beside its call, %.2f of the call; want %.2f at most", beside, ratio, mostOfLine)
	}
}

// cpuOf returns the time that all CPUs work for f.
func cpuOf(b *testing.B, f func()) time.Duration {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	f()
	return used() - before
}
