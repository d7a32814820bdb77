//go:build cgo && unix

package interop

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-pay/gopay"
	native "github.com/golang-fips/openssl/v2"

	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"

	"github.com/wxchain/wechatpay/internal/speed"
)

// BenchmarkSpeed sends the coupon of the README with each SDK, in turns, and does the
// bare cryptography of such a call with crypto/rsa and with OpenSSL. The time is that
// of the CPU. The metrics are the medians of the turns, in microseconds, and ratios of
// the fastest turns, which depend least on what else the machine does. The benchmark
// fails if a ratio is beyond its bound, unless it has too few turns to tell. WXPAY_SPEED
// is the file to which it writes the times, for go generate.
func BenchmarkSpeed(b *testing.B) {
	sides := newArena(b).sides(b)
	times := make(map[string][]float64)
	turn := 0
	for b.Loop() {
		for i := range sides { // each side comes after each other one
			side := sides[(i+turn)%len(sides)]
			times[side.name] = append(times[side.name], fastest(b, side))
		}
		turn++
	}
	run := &speed.Run{Turns: b.N, Medians: make(map[string]float64), Fastest: make(map[string]float64)}
	for _, name := range speed.Names {
		all := times[name]
		slices.Sort(all)
		run.Medians[name], run.Fastest[name] = all[len(all)/2], all[0]
		b.ReportMetric(run.Medians[name], "µs-"+strings.ReplaceAll(name, " ", "-"))
	}
	for _, bound := range bounds(run) {
		b.ReportMetric(bound.got, bound.unit)
		if bound.got > bound.most && b.N >= 100 {
			b.Errorf("%s is %.3f, beyond its bound of %.3f; the fastest took %v µs", bound.unit, bound.got, bound.most, run.Fastest)
		}
	}
	if file := os.Getenv("WXPAY_SPEED"); file != "" && b.N >= 100 {
		record(b, run, file)
	}
}

// fastest returns the time of the fastest of a few calls, in microseconds. The first of
// them finds the caches of the CPU filled by another side.
func fastest(b *testing.B, side side) float64 {
	least := time.Duration(math.MaxInt64)
	for range 5 {
		start := cpuTime(b)
		if err := side.call(b.Context()); err != nil {
			b.Fatalf("%s: %v", side.name, err)
		}
		least = min(least, cpuTime(b)-start)
	}
	return float64(least) / float64(time.Microsecond)
}

// cpuTime returns the time that all CPUs worked for this process. Unlike the time of
// a clock, it does not count the work of other processes.
func cpuTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// A bound is the largest value of a ratio.
type bound struct {
	unit      string
	got, most float64
}

// bounds compares sides of one run. With OpenSSL, the PHP SDK takes 1.11 times the time
// of the bare cryptography. By how much OpenSSL is faster than crypto/rsa depends on the
// CPU; the last bound says that a call gains nine tenths of it or more.
func bounds(run *speed.Run) []bound {
	return []bound{
		{"of-crypto/rsa", run.Ratio(speed.Ours, speed.BareGo), 1.03},
		{"with-openssl-of-openssl", run.Ratio(speed.OursOpenSSL, speed.BareOpenSSL), 1.10},
		{"with-openssl-of-wechatpay-go", run.Ratio(speed.OursOpenSSL, speed.WechatpayGo), run.Ratio(speed.BareOpenSSL, speed.BareGo) / 0.9},
	}
}

// record writes a run, with the machine on which it was.
func record(b *testing.B, run *speed.Run, file string) {
	run.Go, run.OpenSSL = runtime.Version(), native.VersionText()
	run.SDKs = map[string]string{speed.WechatpayGo: consts.Version, speed.Gopay: strings.TrimPrefix(gopay.Version, "v")}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if model := regexp.MustCompile(`(?m)^model name\s*: (.*)$`).FindSubmatch(info); model != nil {
			run.CPU = string(model[1])
		}
		run.IFMA = bytes.Contains(info, []byte(" avx512ifma"))
	}
	text, err := json.MarshalIndent(run, "", "\t")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		b.Fatal(err)
	}
}

// Each side verifies the answer: a forged one is an error.
func TestSpeedVerifies(t *testing.T) {
	a := newArena(t)
	sides := a.sides(t)
	if len(sides) != len(speed.Names) {
		t.Fatalf("%d sides, want %d", len(sides), len(speed.Names))
	}
	for _, side := range sides {
		if err := side.call(t.Context()); err != nil {
			t.Errorf("%s: %v", side.name, err)
		}
	}
	a.signature[100] ^= 1
	a.sign()
	for _, side := range sides {
		if err := side.call(t.Context()); err == nil {
			t.Errorf("%s takes a forged answer", side.name)
		}
	}
}
