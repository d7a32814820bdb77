//go:build unix

package main

import (
	"math"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// BenchmarkOrder is the CPU time of an order in the sandbox, of the client and of the
// sandbox together, with the RSA of OpenSSL and with that of crypto/rsa. They work in
// turns of 20 orders, and of each the fastest turn counts. It fails if OpenSSL takes more
// than three quarters of the time of crypto/rsa.
func BenchmarkOrder(b *testing.B) {
	native(b)
	ours := newShop(b, func(c *sandbox.Config) { c.RSA = nativeRSA() })
	theirs := newShop(b)
	for b.Loop() {
		ours.turn(b)
		theirs.turn(b)
	}
	part := float64(ours.fastest) / float64(theirs.fastest)
	b.ReportMetric(0, "ns/op") // of both, which is not of interest
	b.ReportMetric(float64(ours.fastest.Microseconds()), "µs-CPU-OpenSSL")
	b.ReportMetric(float64(theirs.fastest.Microseconds()), "µs-CPU-crypto/rsa")
	b.ReportMetric(part, "of-crypto/rsa")
	if part > 0.75 && b.N > 10 {
		b.Errorf("an order with OpenSSL takes %.2f of the time of crypto/rsa, want 0.75 or less", part)
	}
}

// A shop places orders in a sandbox.
type shop struct {
	sandbox *sandbox.Sandbox
	client  *wechatpay.Client
	orders  int
	fastest time.Duration // of an order
}

func newShop(b *testing.B, edit ...func(*sandbox.Config)) *shop {
	sb := sandbox.Start(b, edit...)
	return &shop{sandbox: sb, client: sb.Client(), fastest: math.MaxInt64}
}

// turn places orders, and notes the CPU time of each.
func (s *shop) turn(b *testing.B) {
	const orders = 20
	before := used(b)
	for range orders {
		s.orders++
		_, err := s.client.Chain("v3/pay/transactions/native").Post(b.Context(), wechatpay.JSON(wechatpay.M{
			"appid": "wx233544546545989", "mchid": s.sandbox.Merchant().MchID, "description": "茶",
			"out_trade_no": "bench-" + strconv.Itoa(s.orders), "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": 1},
		}))
		if err != nil {
			b.Fatal(err)
		}
	}
	s.fastest = min(s.fastest, (used(b)-before)/orders)
}

// used returns the CPU time of the process.
func used(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
