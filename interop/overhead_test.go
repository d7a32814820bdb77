//go:build cgo && unix

package interop

import (
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

// mostOverhead bounds what a call of this library takes beside its RSA, as a part of
// what one of wechatpay-go takes.
const mostOverhead = 0.75

// BenchmarkOverhead sends the coupon of BenchmarkSpeed with this library and with
// wechatpay-go, in turns, without RSA: the keys of both sides hash what they sign and
// verify, and no more. It compares the fastest calls, and fails beyond the bound, unless
// it has too few turns to tell.
func BenchmarkOverhead(b *testing.B) {
	ours, theirs := withoutRSA(b)
	least, leastOfTheirs := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	for b.Loop() {
		for range 10 {
			least = min(least, timed(b, ours))
			leastOfTheirs = min(leastOfTheirs, timed(b, theirs))
		}
	}
	ratio := least.Seconds() / leastOfTheirs.Seconds()
	b.ReportMetric(float64(least.Nanoseconds())/1e3, "µs-ours")
	b.ReportMetric(float64(leastOfTheirs.Nanoseconds())/1e3, "µs-wechatpay-go")
	b.ReportMetric(ratio, "of-wechatpay-go")
	if ratio > mostOverhead && b.N >= 100 {
		b.Errorf("without RSA a call takes %v, %.3f of wechatpay-go's, beyond its bound of %v", least, ratio, mostOverhead)
	}
}

func timed(b *testing.B, call func(context.Context) error) time.Duration {
	start := time.Now()
	if err := call(b.Context()); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// A call makes at most half of the allocations of wechatpay-go.
func TestAllocations(t *testing.T) {
	ours, theirs := withoutRSA(t)
	count := func(call func(context.Context) error) float64 {
		return testing.AllocsPerRun(50, func() {
			if err := call(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
	if n, m := count(ours), count(theirs); n > m/2 {
		t.Errorf("a call makes %v allocations, and one of wechatpay-go %v; want half of that at most", n, m)
	}
}

// withoutRSA returns calls that take no time for RSA.
func withoutRSA(t testing.TB) (usByFree, wechatpayGo func(context.Context) error) {
	t.Helper()
	a := &arena{timestamp: strconv.FormatInt(time.Now().Unix(), 10), signature: make([]byte, 256)}
	a.sign()
	usByFree = ours(t, wechatpay.Config{MchID: merchantID, SerialNo: serialNo, PrivateKey: freeKey{newKey(t)},
		PlatformKeys: keys.Static{platformID: freeVerifier{}}, Transport: a})
	// Both sides limit the time of a call: the client that core.NewClient makes by itself
	// has this Timeout.
	client, err := core.NewClient(t.Context(), option.WithHTTPClient(&http.Client{Transport: a, Timeout: consts.DefaultTimeout}),
		option.WithSigner(freeSigner{}), option.WithVerifier(freeVerifierOfTheirs{}))
	if err != nil {
		t.Fatal(err)
	}
	return usByFree, couponBy(client)
}

// freeKey is a private key whose signatures are zeros.
type freeKey struct{ crypto.Signer }

func (freeKey) Sign(_ io.Reader, digest []byte, _ crypto.SignerOpts) ([]byte, error) {
	return make([]byte, 256), nil
}

// freeSigner is a freeKey for wechatpay-go.
type freeSigner struct{}

func (freeSigner) Sign(_ context.Context, message string) (*auth.SignatureResult, error) {
	sha256.Sum256([]byte(message))
	return &auth.SignatureResult{MchID: merchantID, CertificateSerialNo: serialNo,
		Signature: base64.StdEncoding.EncodeToString(make([]byte, 256))}, nil
}

func (freeSigner) Algorithm() string { return "WECHATPAY2-SHA256-RSA2048" }

var errLength = errors.New("the signature does not have 256 bytes")

// freeVerifier is a platform key that takes every signature of 256 bytes.
type freeVerifier struct{}

func (freeVerifier) Verify(message, signature []byte) error {
	sha256.Sum256(message)
	if len(signature) != 256 {
		return errLength
	}
	return nil
}

// freeVerifierOfTheirs is a freeVerifier for wechatpay-go.
type freeVerifierOfTheirs struct{}

func (freeVerifierOfTheirs) Verify(_ context.Context, serial, message, signature string) error {
	sha256.Sum256([]byte(message))
	if raw, err := base64.StdEncoding.DecodeString(signature); err != nil || len(raw) != 256 || serial != platformID {
		return errLength
	}
	return nil
}

func (freeVerifierOfTheirs) GetSerial(context.Context) (string, error) { return platformID, nil }
