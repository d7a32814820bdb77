package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"time"
)

// The first pause before a call is made again, which doubles from then on, and
// the longest.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 30 * time.Second
)

// pauseBefore is how long to wait before the attempt after n others: up to half
// of it less, so that calls which failed together do not come back together.
func pauseBefore(n int) time.Duration {
	d := longestPause
	if n < 10 { // or it would overflow in the end
		d = min(d, firstPause<<(n-1))
	}
	return d - rand.N(d/2)
}

// send makes the call of a record, and makes it again while its error may pass,
// with the same body and so with the same merchant's number. Each attempt is
// signed afresh. When ctx ends, what is under way still ends by itself, and
// nothing else is begun; sent is false when that was before the first attempt.
func (b *batch) send(ctx context.Context, r record) (res result, sent bool, err error) {
	opts, err := b.options(r)
	if err != nil {
		return result{}, false, err
	}
	if err := b.limiter.Wait(ctx); err != nil {
		return result{}, false, nil // ctx has ended
	}
	harmless := repeats(b.method, r.items)
	if !harmless {
		if err := b.ledger.begin(r.line); err != nil {
			return result{}, false, err
		}
	}
	for attempt := 1; ; attempt++ {
		resp, err := b.chain.Do(context.WithoutCancel(ctx), b.method, opts...)
		if err == nil {
			res = answered(resp)
		} else {
			res = failed(err)
		}
		res.Line, res.Attempts, res.begun = r.line, attempt, !harmless
		if !harmless && res.isUnknown(err) {
			res.Error.Kind = unknownKind
		}
		if !res.isAlarming() {
			b.goOn()
		}
		if res.Error == nil || res.Error.Kind == unknownKind {
			return res, true, nil
		}
		res.Again = res.passes() || res.isOurs() || harmless && res.isForeign()
		if !res.passes() || attempt > b.retry || !b.waitFor(ctx, attempt) {
			return res, true, nil
		}
	}
}

// waitFor waits for the attempt after n others, and tells whether to make it.
func (b *batch) waitFor(ctx context.Context, n int) bool {
	select {
	case <-time.After(pauseBefore(n)):
	case <-ctx.Done():
		return false
	}
	return b.limiter.Wait(ctx) == nil
}

// isOurs tells an error that is gone once something is mended on this side: a
// key, a certificate, the clock.
func (r result) isOurs() bool {
	if r.Error == nil {
		return false
	}
	return r.Error.Kind == verifyKind || r.Error.Kind == notSentKind || r.Status == http.StatusUnauthorized
}

// isForeign tells a refusal that has no code, as the platform's have: it is of a
// gateway or a proxy, and says nothing about the line.
func (r result) isForeign() bool {
	return r.Error != nil && r.Error.Kind == refusedKind && r.Error.Code == "" && r.Status != http.StatusOK // of APIv2
}

// isAlarming tells an error for which no other call should be made while none
// was accepted: it would spoil that one, too.
func (r result) isAlarming() bool {
	return r.isOurs() || r.isForeign() || r.Error != nil && r.Error.Kind == unknownKind
}
