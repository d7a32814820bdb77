package batch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/explain"
	"github.com/wxchain/wechatpay/internal/pause"
)

// The first pause before a call is repeated, which doubles each time, and the
// longest pause.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 30 * time.Second
)

// pauseBefore returns the pause before the attempt that follows n others. It is
// shortened by a random amount of up to half, so that calls that failed
// together are not repeated together. It is never shorter than the interval
// that the platform requires between two requests with one number.
func (b *batch) pauseBefore(n int) time.Duration {
	d := longestPause
	if n < 10 { // prevents an overflow
		d = min(d, firstPause<<(n-1))
	}
	return max(d-rand.N(d/2), b.guard.repeat.Interval)
}

// send makes the call of a record. It repeats the call while the error may be
// temporary, with the same body and so the same merchant's number. Each attempt
// has a new signature. When ctx ends, the current attempt finishes and no other
// begins. sent is false if ctx ended before the first attempt.
func (b *batch) send(ctx context.Context, r record) (res result, sent bool, err error) {
	opts, err := b.options(r)
	if err != nil {
		return result{}, false, err
	}
	if !b.orders.wait(ctx, b.guard.order(r.items)) || b.limiter.Wait(ctx) != nil {
		return result{}, false, nil // ctx has ended
	}
	v, first, err := b.judge(ctx, opts)
	if err != nil {
		return result{}, false, err
	}
	m, kept, err := b.begin(ctx, r, v.safe)
	if err != nil {
		return result{}, false, err
	}
	for attempt := 1; ; attempt++ {
		if m.MayBeDone && b.guard.isForgotten(m.First, time.Now()) {
			res = b.forgotten(v, m)
			res.Attempts = attempt - 1
		} else {
			if first == nil {
				first = resultOf(b.do(ctx, opts))
			}
			res, first = b.weigh(*first, v, &m.MayBeDone), nil
			res.Attempts = attempt
		}
		res.Line, res.kept, res.mark = r.line, kept, m
		if !res.isAlarming() {
			b.goOn()
		}
		if res.isSettled() {
			return res, true, nil
		}
		res.Again = res.isWorthAnother(v.safe)
		if !res.passes() || attempt > b.retry || !b.waitFor(ctx, attempt) {
			return res, true, nil
		}
	}
}

// begin marks the call of a record as begun if the ledger keeps marks of it.
func (b *batch) begin(ctx context.Context, r record, safe bool) (m mark, kept bool, err error) {
	if !b.guard.isKept(safe) {
		return mark{First: time.Now()}, false, nil
	}
	m, err = b.journal.begin(ctx, r.line, !safe, time.Now())
	return m, true, err
}

// do makes the call once, even if ctx ends meanwhile.
func (b *batch) do(ctx context.Context, opts []wechatpay.Option) (*wechatpay.Response, error) {
	return b.chain.Do(context.WithoutCancel(ctx), b.method, opts...)
}

// resultOf returns the result of an attempt.
func resultOf(resp *wechatpay.Response, err error) *result {
	var res result
	if err == nil {
		res = answered(resp)
	} else {
		res = failed(err)
	}
	return &res
}

// weigh returns the result of an attempt with what it says about the call. On entry,
// mayBeDone reports whether an earlier attempt may have been done. On return, it
// reports the same with this attempt included.
func (b *batch) weigh(res result, v verdict, mayBeDone *bool) result {
	before := *mayBeDone
	*mayBeDone = before || res.outcome == wechatpay.OutcomeUnknown
	if doubt := b.doubt(res, v, before); doubt != "" {
		res.become(unknownKind, doubt+"; "+b.guard.query(v.number))
	}
	return res
}

// doubt says why the outcome of a call is unknown. It returns "" if the outcome
// is known. before reports whether an earlier attempt may have been done.
func (b *batch) doubt(res result, v verdict, before bool) string {
	switch isUnknown := res.outcome == wechatpay.OutcomeUnknown; {
	case isUnknown && v.byCode:
		return "the user may have been charged"
	case isUnknown && !v.safe:
		return "it may have been done, and the catalogue does not say that sending it again is safe"
	case isUnknown && res.isRefused() && res.Error.Code != "" && !res.passes() && !res.isOurs():
		return "it may still have been done"
	case before && b.guard.isRefusedTwice() && res.outcome == wechatpay.OutcomeRefused && !res.isOurs():
		return "an earlier attempt had no answer and may have been done"
	}
	return ""
}

// forgotten returns the result of a call that is not sent again because the
// platform may have forgotten its number.
func (b *batch) forgotten(v verdict, m mark) result {
	return result{Error: &lineError{Kind: unknownKind, Message: fmt.Sprintf(
		"it was first sent on %s and may have been done; the platform remembers %s %s only, so sending it again may do it twice: %s",
		m.First.Format("2006-01-02 15:04"), b.guard.repeat.Number, explain.Memory(b.guard.repeat).EN, b.guard.query(v.number))}}
}

// waitFor waits before the next attempt. It reports whether to make that
// attempt.
func (b *batch) waitFor(ctx context.Context, n int) bool {
	return pause.For(ctx, b.pauseBefore(n)) == nil && b.limiter.Wait(ctx) == nil
}

// isWorthAnother reports whether a later run of the batch sends the call again.
func (r result) isWorthAnother(safe bool) bool {
	return r.passes() || r.isOurs() || r.isAccepted() || safe && r.isForeign()
}

// isSettled reports whether the result is final.
func (r result) isSettled() bool {
	return r.Error == nil && !r.isAccepted() || r.Error != nil && r.Error.Kind == unknownKind
}

// isAccepted reports whether the platform has accepted the call but has not
// done it yet.
func (r result) isAccepted() bool {
	return r.Error == nil && r.Status == http.StatusAccepted && r.outcome != wechatpay.OutcomeDone
}

func (r result) isRefused() bool { return r.Error != nil && r.Error.Kind == refusedKind }

// isOurs reports whether the error comes from this side and disappears once
// that is fixed: a key, a certificate, or the clock.
func (r result) isOurs() bool {
	if r.Error == nil {
		return false
	}
	return r.Error.Kind == verifyKind || r.Error.Kind == notSentKind || r.Status == http.StatusUnauthorized
}

// isForeign reports whether the refusal has no code. The platform's refusals
// have one, so a gateway or a proxy refused the call. The refusal says nothing
// about the line.
func (r result) isForeign() bool {
	return r.isRefused() && r.Error.Code == "" && r.Status != http.StatusOK // 200 is an APIv2 answer
}

// isAlarming reports whether no other call should be made after this error, if
// no call was accepted so far: the next call would fail in the same way.
func (r result) isAlarming() bool {
	return r.isOurs() || r.isForeign() || r.Error != nil && r.Error.Kind == unknownKind && r.Error.Code == "" && r.Attempts > 0
}
