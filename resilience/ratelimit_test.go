package resilience_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
)

// Every sending waits, so the tries of Retry do too, and each is signed after the wait.
func TestRateLimitCountsSendings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen events
		p := &platform{answer: inOrder(noConnection, noConnection, fine)}
		limit := resilience.RateLimit(rate.NewLimiter(rate.Every(20*time.Second), 1), seen.observe())
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := certificates(ctx, newClient(t, p, limit, resilience.Retry())); err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(p.sent); i++ {
			if d := p.sent[i].at.Sub(p.sent[i-1].at); d < 20*time.Second-time.Microsecond || d > 20*time.Second+time.Microsecond {
				t.Errorf("%s between the sendings", d)
			}
		}
		if signed, sent := in(p.sent[2].Header.Get("Authorization"), "timestamp"), p.sent[2].at.Unix(); len(p.sent) != 3 || signed != strconv.FormatInt(sent, 10) {
			t.Errorf("sent %d times, signed at %s, sent at %d", len(p.sent), signed, sent)
		}
		if seen.kinds() != "wait wait" || seen.list[1].Attempt != 3 || seen.list[0].Delay < 19*time.Second {
			t.Errorf("events %+v", seen.list)
		}
	})
}

// A call that cannot be sent before its end is not sent.
func TestRateLimitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: fine}
		client := newClient(t, p, resilience.RateLimit(rate.NewLimiter(rate.Every(time.Hour), 1)), resilience.Retry())
		if err := placeOrder(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		err := placeOrder(t.Context(), client)
		if p.count() != 1 || wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent || !errors.Is(err, middleware.ErrNotSent) || !strings.Contains(err.Error(), "rate limit") {
			t.Errorf("sent %d times, %s: %v", p.count(), wechatpay.OutcomeOf(err), err)
		}
	})
}

// The limits are off unless they are asked for. Then an operation keeps to its own, and
// does not hold others up.
func TestRateLimitAsDocumented(t *testing.T) {
	pause := post("v3/marketing/favor/stocks/1/pause", wechatpay.M{"stock_creator_mchid": "1"}) // 60 a minute
	refunds := post("v3/refund/domestic/refunds", refund)                                       // 150 a second
	for name, test := range map[string]struct {
		do     verb
		limit  middleware.Edit
		n      int
		within time.Duration // of which no more than most are sent
		most   int
	}{
		"a minute":   {pause, resilience.RateLimit(nil, resilience.Documented()), 130, time.Minute, 60},
		"a second":   {refunds, resilience.RateLimit(nil, resilience.Documented()), 330, time.Second, 150},
		"with a own": {refunds, resilience.RateLimit(rate.NewLimiter(10, 1), resilience.Documented()), 50, time.Second, 11},
		"none":       {placeOrder, resilience.RateLimit(nil, resilience.Documented()), 60, time.Second, 60},
		"not asked":  {refunds, resilience.RateLimit(rate.NewLimiter(1e6, 1e6)), 160, time.Second, 160},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: fine}
			client := newClient(t, p, test.limit)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			for range test.n {
				if err := test.do(ctx, client); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			if most := mostWithin(p.sent, test.within); most > test.most || most < test.most/2 {
				t.Errorf("%s: %d were sent within %s, want %d", name, most, test.within, test.most)
			}
		})
	}
}

// mostWithin returns how many requests were sent at most within a time.
func mostWithin(list []sent, d time.Duration) (most int) {
	first := 0
	for i := range list {
		for list[i].at.Sub(list[first].at) >= d {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// The clients that share the value share the limit.
func TestRateLimitIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: fine}
		limit := resilience.RateLimit(nil, resilience.Documented())
		pause := post("v3/marketing/favor/stocks/1/pause", wechatpay.M{"stock_creator_mchid": "1"})
		clients := []*wechatpay.Client{newClient(t, p, limit), newClient(t, p, limit)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		for i := range 100 {
			if err := pause(ctx, clients[i%2]); err != nil {
				t.Fatal(err)
			}
		}
		if most := mostWithin(p.sent, time.Minute); most > 60 {
			t.Errorf("%d within a minute", most)
		}
	})
}

func TestRateLimitIsChecked(t *testing.T) {
	refused(t, resilience.RateLimit(nil), "Limiter is nil")
	refused(t, resilience.RateLimit((*rate.Limiter)(nil)), "Limiter is nil")
	refused(t, resilience.RateLimit((*rate.Limiter)(nil), resilience.Documented()), "Limiter is nil")
	limit := resilience.RateLimit(rate.NewLimiter(1, 1))
	refused(t, middleware.Edits(limit, limit), "used twice")
}

// The place of each edit does not depend on the order of the list.
func TestPlaces(t *testing.T) {
	edits := []middleware.Edit{
		resilience.RateLimit(rate.NewLimiter(1, 1)), resilience.Failover(backupURL), resilience.Breaker(), resilience.Retry(),
	}
	const want = "retry → breaker → failover → verifier → rate limit → signer"
	for i := range edits {
		list := append(append([]middleware.Edit{}, edits[i:]...), edits[:i]...)
		var got []string
		list = append(list, func(_ middleware.Protocol, s *middleware.Stack) error {
			got = append(got, s.String())
			return nil
		})
		newClient(t, &platform{answer: fine}, list...)
		if len(got) != 2 || got[0] != want || got[1] != want {
			t.Errorf("the stacks are %q", got)
		}
	}
}
