package batch

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/internal/batchtest"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// moreMemory is how much more memory ten times as many lines may take, in
// bytes, apart from the memory for the lines themselves. It leaves room for one
// line and for the calls in progress.
const moreMemory = maxLine + 256<<10

// mostMemory is how much memory a batch may take at any length, in bytes.
const mostMemory = 40 << 20

// The memory of a batch does not grow with the number of lines. The test
// compares 1,000 and 10,000 lines, or as many as WXPAY_BATCH_MEMORY_LINES says.
func TestBatchMemory(t *testing.T) {
	lines := batchtest.FromEnv(t, "WXPAY_BATCH_MEMORY_LINES", 10_000)
	memoryOf(t, 100) // includes everything that is made once
	few, many := memoryOf(t, lines/10), memoryOf(t, lines)
	t.Logf("%d bytes for %d lines, %d bytes for %d", few, lines/10, many, lines)
	if many > mostMemory {
		t.Errorf("%d lines take %d bytes, at most %d are allowed", lines, many, mostMemory)
	}
	if many > few+moreMemory {
		t.Errorf("%d lines take %d bytes, and %d lines %d", lines/10, few, lines, many)
	}
}

// memoryOf returns how much memory a batch uses near its end.
func memoryOf(t *testing.T, lines int) uint64 {
	t.Helper()
	p, client := newCheapWorld(t, lines)
	in := ordersFile(t, lines)
	b := newOrders(client)
	if c, err := b.check(t.Context(), in, nil); err != nil || c.records != int64(lines) {
		t.Fatalf("%v, %+v", err, c)
	}
	b.timed(t, in, filepath.Join(t.TempDir(), "out.jsonl"), lines)
	return p.inUse
}

// newCheapWorld returns a cheapPlatform and a client of it that signs without computing
// anything, with the middlewares of a batch.
func newCheapWorld(t testing.TB, lines int) (*cheapPlatform, *wechatpay.Client) {
	t.Helper()
	now := time.Now()
	p := newCheapPlatform(t, now, lines)
	platformKeys := keys.Static{testkit.PublicKeyID: testkit.Keys()[1].Public()}
	client, err := wechatpay.New(wechatpay.Config{
		MchID: "1900000109", Signer: cheapSigner{}, PlatformKeys: platformKeys,
		Transport: p, Clock: func() time.Time { return now },
		Middleware: func(p wechatpay.Protocol, s *middleware.Stack) error { return options{}.stack(p, s, platformKeys) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, client
}

// newOrders returns a batch that places orders.
func newOrders(client *wechatpay.Client) *batch {
	return &batch{chain: client.Chain(orderPath), orders: new(orders), method: "POST", guard: newGuard(operation.Find("POST", orderPath)), concurrency: benchConcurrency, limiter: rate.NewLimiter(rate.Inf, 1)}
}

// ordersFile is an input of orders that is generated and not held in memory.
func ordersFile(t testing.TB, lines int) *input {
	t.Helper()
	path := filepath.Join(t.TempDir(), "in.jsonl")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range lines {
		writeOrder(f, i+1)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	in, err := openInput(path, newColumns("POST", orderPath, operation.Find("POST", orderPath)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.file.Close() })
	return in
}

// A cheapPlatform gives the same answer to all requests immediately. It
// measures the memory when it receives the last request, while few others are
// in progress.
type cheapPlatform struct {
	header http.Header
	calls  atomic.Int64
	last   int64
	inUse  uint64
}

var cheapBody = []byte(`{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}`)

func newCheapPlatform(t testing.TB, at time.Time, lines int) *cheapPlatform {
	t.Helper()
	s, err := signer.NewRSA(testkit.PublicKeyID, testkit.Keys()[1])
	if err != nil {
		t.Fatal(err)
	}
	p := &cheapPlatform{header: make(http.Header), last: int64(lines)}
	if err := platform.Sign(t.Context(), s, p.header, strconv.FormatInt(at.Unix(), 10), cheapBody); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *cheapPlatform) RoundTrip(*http.Request) (*http.Response, error) {
	if p.calls.Add(1) == p.last {
		p.inUse = heapInUse()
	}
	return &http.Response{StatusCode: http.StatusOK, Header: p.header.Clone(), Body: io.NopCloser(bytes.NewReader(cheapBody))}, nil
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// A cheapSigner signs without computing anything.
type cheapSigner struct{}

func (cheapSigner) Scheme() string   { return signer.SchemeRSA }
func (cheapSigner) SerialNo() string { return testkit.SerialNo }
func (cheapSigner) Sign(context.Context, []byte) ([]byte, error) {
	return make([]byte, signer.MinBits/8), nil
}
