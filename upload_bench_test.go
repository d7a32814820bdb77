package wechatpay_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"testing"

	"github.com/wxchain/wechatpay"
)

// A video of 100 MiB goes out with less than 4 MiB of memory.
func BenchmarkUpload100MiB(b *testing.B) {
	const size, most = 100 << 20, 4 << 20
	config := newConfig(b, roundTripper(func(req *http.Request) (*http.Response, error) {
		n, err := copyTo(io.Discard, req.Body)
		if err != nil || n != req.ContentLength || n < size {
			b.Errorf("%d bytes of %d went out: %v", n, req.ContentLength, err)
		}
		return nil, errNotSent{}
	}))
	chain := newClient(b, config).Chain("v3/merchant/media/video_upload")
	b.SetBytes(size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := 0
	for b.Loop() {
		n++
		_, err := chain.Post(background(), wechatpay.Upload("video.mp4", io.NewSectionReader(blank{}, 0, size)))
		if !errors.As(err, new(errNotSent)) {
			b.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	each := (after.TotalAlloc - before.TotalAlloc) / uint64(n)
	if each > most {
		b.Errorf("%d bytes of memory for an upload, want at most %d", each, most)
	}
	b.ReportMetric(float64(each)/1024, "KiB/upload")
}

type blank struct{}

func (blank) ReadAt(p []byte, _ int64) (int, error) {
	clear(p)
	return len(p), nil
}
