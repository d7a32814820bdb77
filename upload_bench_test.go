package wechatpay_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// A video of 100 MiB is sent with less than 1 MiB of memory, from every kind of
// reader.
func BenchmarkUpload100MiB(b *testing.B) {
	const size, most = 100 << 20, 1 << 20
	const runs = 2 // at most: what they take of memory does not vary
	path := filepath.Join(b.TempDir(), "video.mp4")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		b.Fatal(err)
	}
	config := newConfig(b, roundTripper(func(req *http.Request) (*http.Response, error) {
		n, err := copyTo(io.Discard, req.Body)
		if err != nil || n != req.ContentLength || n < size {
			b.Errorf("%d bytes of %d went out: %v", n, req.ContentLength, err)
		}
		return nil, errNotSent{}
	}))
	chain := newClient(b, config).Chain("v3/merchant/media/video_upload")
	video := func() *io.SectionReader { return io.NewSectionReader(blank{}, 0, size) }
	for _, bb := range []struct {
		name string
		opt  func() wechatpay.Option
	}{
		{"path", func() wechatpay.Option { return wechatpay.File(path) }},
		{"reader at", func() wechatpay.Option { return wechatpay.Upload("video.mp4", video()) }},
		{"seeker", func() wechatpay.Option { return wechatpay.Upload("video.mp4", seeker{video()}) }},
		{"reader", func() wechatpay.Option { return wechatpay.Upload("video.mp4", reader{video()}) }},
	} {
		b.Run(bb.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			n, start := 0, time.Now()
			for b.Loop() {
				if n == runs {
					continue
				}
				n++
				if _, err := chain.Post(background(), bb.opt()); !errors.As(err, new(errNotSent)) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(0, "ns/op") // of the loop, which is not of interest
			b.ReportMetric(float64(n*size)/time.Since(start).Seconds()/1e6, "MB/s")
			runtime.ReadMemStats(&after)
			each := (after.TotalAlloc - before.TotalAlloc) / uint64(n)
			if each > most {
				b.Errorf("%d bytes of memory for an upload, want at most %d", each, most)
			}
			b.ReportMetric(float64(each)/1024, "KiB/upload")
		})
	}
}

type blank struct{}

func (blank) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}
