package openapi

import (
	"compress/gzip"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// An operation that many goroutines are the first to ask for is one operation.
func TestFirstUseByManyGoroutines(t *testing.T) {
	c := newCatalogue()
	const path = "/v3/marketing/favor/users/oUpF8uMuAJO/coupons"
	var found [64]*Operation
	var wg sync.WaitGroup
	for i := range found {
		wg.Go(func() { found[i] = c.match("POST", path) })
	}
	wg.Wait()
	for i, op := range found {
		if op == nil || op != found[0] {
			t.Errorf("goroutine %d found %p, and the first %p", i, op, found[0])
		}
	}
}

// BenchmarkFirstUse reads the index and matches the first request. It fails when that
// takes more than half as long as decompressing the whole catalogue.
func BenchmarkFirstUse(b *testing.B) {
	first, whole := time.Hour, time.Hour
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		if newCatalogue().match("POST", "/v3/marketing/favor/users/oUpF8uMuAJO/coupons") == nil {
			b.Fatal("no operation matches")
		}
		first = min(first, time.Since(start))
		b.StopTimer()
		start = time.Now()
		r, err := gzip.NewReader(strings.NewReader(packed))
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if err != nil {
			b.Fatal(err)
		}
		whole = min(whole, time.Since(start))
		b.StartTimer()
	}
	ratio := first.Seconds() / whole.Seconds()
	b.ReportMetric(ratio, "of-decompressing-it")
	if ratio > 0.5 {
		b.Errorf("the first use takes %v, %.2f times as long as decompressing the catalogue; want 0.5 at most", first, ratio)
	}
}
