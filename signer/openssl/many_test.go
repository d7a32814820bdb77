//go:build cgo

package openssl_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer/openssl"
)

// Many goroutines sign and verify with one key, and the memory of the process does not
// grow. The race detector watches fewer signatures.
func TestManySignatures(t *testing.T) {
	const goroutines, total = 64, 100_000
	key := privateKey(t)
	public := publicKey(t, vectors.MerchantKey(t).Public())
	message := []byte("message")
	sum := sha256.Sum256(message)
	want, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(n int) {
		var all sync.WaitGroup
		for range goroutines {
			all.Go(func() {
				for i := range n / goroutines {
					got, err := key.Sign(nil, sum[:], crypto.SHA256)
					if err != nil || !bytes.Equal(got, want) || i%8 == 0 && public.Verify(message, got) != nil {
						t.Errorf("signature %x, %v", got, err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	n := total
	if raceDetector || testing.Short() {
		n = total / 20
	}
	sign(n / 10) // what OpenSSL allocates once for a thread
	before := resident(t)
	sign(n)
	if grown := resident(t) - before; grown > 8<<20 && !raceDetector { // which takes memory of its own
		t.Errorf("%d signatures added %d KiB of memory, want 8 MiB or less", n, grown>>10)
	}
}

// Keys are freed when they are no longer reachable.
func TestKeysAreFreed(t *testing.T) {
	available(t)
	own := vectors.MerchantKey(t)
	load := func(n int) {
		for i := range n {
			if _, err := openssl.PrivateKey(own); err != nil {
				t.Fatal(err)
			}
			if i%100 == 0 {
				runtime.GC()
			}
		}
	}
	load(500)
	before := resident(t)
	load(3000) // 10 MiB and more if they stayed
	if grown := resident(t) - before; grown > 4<<20 && !raceDetector {
		t.Errorf("3000 keys left %d KiB of memory, want 4 MiB or less", grown>>10)
	}
}

// resident returns the size of the process in memory, with C's part, in bytes.
func resident(t *testing.T) int64 {
	t.Helper()
	for range 3 { // finalizers run after a collection
		runtime.GC()
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("the size of a process is read from /proc")
	}
	pages, err := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return pages * int64(os.Getpagesize())
}
