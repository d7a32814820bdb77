package bill_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
)

const (
	most = 1 << 20 // bytes of memory, for a bill of any length
	runs = 2       // at most: what they take of memory does not vary
)

// repeated is a text, so many times over.
type repeated struct {
	text  string
	times int
	rest  string
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.times == 0 {
			return 0, io.EOF
		}
		r.times--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// A bill of 100 MiB is downloaded with less than 1 MiB of memory.
func BenchmarkDownload100MiB(b *testing.B) {
	row := strings.Repeat(allRow+"\n", 100)
	times := 100<<20/len(row) + 1
	size := int64(times * len(row))
	plain := func() io.Reader { return &repeated{text: row, times: times} }
	var packed bytes.Buffer
	h, z := sha1.New(), gzip.NewWriter(&packed)
	if _, err := io.Copy(io.MultiWriter(h, z), plain()); err != nil {
		b.Fatal(err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	answer := wechatpay.M{"hash_type": "SHA1", "hash_value": hex.EncodeToString(h.Sum(nil)), "download_url": downloadURL}

	for _, bb := range []struct {
		name string
		body func() io.Reader
		to   bill.Option
	}{
		{"plain", plain, bill.To(io.Discard)},
		{"gzip", func() io.Reader { return bytes.NewReader(packed.Bytes()) }, bill.To(io.Discard)},
		{"file", plain, bill.File(filepath.Join(b.TempDir(), "bill.csv"))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			client := streaming(b, answer, func(*http.Request) io.Reader { return bb.body() })
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, start := 0, time.Now()
			for b.Loop() {
				if n == runs {
					continue
				}
				n++
				info, err := bill.Download(background(), client, bill.Trade, day, bb.to)
				if err != nil || info.Bytes != size {
					b.Fatal(info, err)
				}
			}
			b.ReportMetric(0, "ns/op") // of the loop, which is not of interest
			b.ReportMetric(float64(int64(n)*size)/time.Since(start).Seconds()/1e6, "MB/s")
			runtime.ReadMemStats(&after)
			each := (after.TotalAlloc - before.TotalAlloc) / uint64(n)
			if each > most {
				b.Errorf("%d bytes of memory for a bill, want at most %d", each, most)
			}
			b.ReportMetric(float64(each)/1024, "KiB/bill")
		})
	}
}

// The rows of a bill, 200,000 of them, are read with less than 1 MiB held at
// any time, and two allocations each.
func BenchmarkRows(b *testing.B) {
	const rows = 200_000
	var m runtime.MemStats
	held := func() uint64 {
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := held()
	peak, mallocs := before, m.Mallocs
	n, took := 0, time.Duration(0)
	for b.Loop() {
		if n == runs {
			continue
		}
		n++
		r := bill.Rows(io.MultiReader(strings.NewReader(allColumns+"\n"), &repeated{text: allRow + "\n", times: rows}, strings.NewReader(allSummary)))
		i, total, start := 0, int64(0), time.Now()
		for row, err := range r.All() {
			if err != nil {
				b.Fatal(err)
			}
			fen, err := row.Fen("订单金额")
			if err != nil {
				b.Fatal(err)
			}
			total += fen
			if i++; i%(rows/4) == 0 {
				took += time.Since(start)
				peak = max(peak, held())
				start = time.Now()
			}
		}
		if i != rows || total != rows*1234 || len(r.Summary()) != 1 {
			b.Fatalf("%d rows, %d fen", i, total)
		}
	}
	runtime.ReadMemStats(&m)
	each := float64(m.Mallocs-mallocs) / float64(n*rows)
	if each > 2.1 {
		b.Errorf("%.2f allocations a row, want 2", each)
	}
	if peak > before+most {
		b.Errorf("%d bytes held, want at most %d", peak-before, most)
	}
	b.ReportMetric(0, "ns/op") // of the loop, which is not of interest
	b.ReportMetric(float64(took.Nanoseconds())/float64(n*rows), "ns/row")
	b.ReportMetric(each, "allocs/row")
	b.ReportMetric(float64(peak-before)/1024, "KiB-held")
}
