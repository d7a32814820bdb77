package middleware_test

import (
	"crypto/sha256"
	"io"
	"runtime"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
)

// flood is a body that no memory has to hold.
type flood struct{ left int64 }

func (f *flood) Read(p []byte) (int, error) {
	if f.left == 0 {
		return 0, io.EOF
	}
	n := int(min(f.left, int64(len(p))))
	for i := range min(n, 8) {
		p[i] = byte(f.left >> (8 * i))
	}
	f.left -= int64(n)
	return n, nil
}

func TestStreamTakesNoMemory(t *testing.T) {
	const size = 64 << 20
	buf := make([]byte, 64<<10) // the content depends on the size of the reads
	hash := sha256.New()
	io.WriteString(hash, now+"\nn1\n")
	if _, err := io.CopyBuffer(struct{ io.Writer }{hash}, &flood{size}, buf); err != nil {
		t.Fatal(err)
	}
	io.WriteString(hash, "\n")
	base, _ := streaming(sealDigest(t, hash.Sum(nil)), &flood{size})
	rt := middleware.Verifier(platformKeys(t), clock)(base)
	x := &middleware.Exchange{Stream: true}
	req := newRequest(t, "GET", "/v3/x", x)

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	resp, err := rt.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf)
	runtime.ReadMemStats(&after)

	if err != nil || n != size || !verified(x) {
		t.Errorf("%d bytes, %v, verified %v", n, err, verified(x))
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown >= 1<<20 {
		t.Errorf("%d bytes were allocated for a stream of %d", grown, n)
	}
}
