package batch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
)

// The first pause before a call is made again, which doubles from then on, and
// the longest.
const (
	firstPause   = 250 * time.Millisecond
	longestPause = 30 * time.Second
)

// pauseBefore is how long to wait before the attempt after n others: up to half
// of it less, so that calls which failed together do not come back together. It
// is at least what the platform asks for between two requests with one number.
func (b *batch) pauseBefore(n int) time.Duration {
	d := longestPause
	if n < 10 { // or it would overflow in the end
		d = min(d, firstPause<<(n-1))
	}
	return max(d-rand.N(d/2), b.guard.repeat.Interval)
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
	if !b.orders.wait(ctx, b.guard.order(r.items)) || b.limiter.Wait(ctx) != nil {
		return result{}, false, nil // ctx has ended
	}
	safe := b.guard.repeats(r.items)
	m, kept, err := b.begin(r, safe)
	if err != nil {
		return result{}, false, err
	}
	for attempt := 1; ; attempt++ {
		if m.MayBeDone && b.guard.isForgotten(m.First, time.Now()) {
			res = b.forgotten(r, m)
			res.Attempts = attempt - 1
		} else {
			res = b.attempt(ctx, r, opts, safe, &m.MayBeDone)
			res.Attempts = attempt
		}
		res.Line, res.kept, res.mark = r.line, kept, m
		if !res.isAlarming() {
			b.goOn()
		}
		if res.isSettled() {
			return res, true, nil
		}
		res.Again = res.isWorthAnother(safe)
		if !res.passes() || attempt > b.retry || !b.waitFor(ctx, attempt) {
			return res, true, nil
		}
	}
}

// begin marks the call of a record as begun, if marks are kept of it.
func (b *batch) begin(r record, safe bool) (m mark, kept bool, err error) {
	if !b.guard.isKept(safe) {
		return mark{First: time.Now()}, false, nil
	}
	m, err = b.ledger.begin(r.line, !safe, time.Now())
	return m, true, err
}

// attempt makes the call once. mayBeDone is whether an earlier attempt may have
// been done, and then whether this one may have been, too.
func (b *batch) attempt(ctx context.Context, r record, opts []wechatpay.Option, safe bool, mayBeDone *bool) result {
	resp, err := b.chain.Do(context.WithoutCancel(ctx), b.method, opts...)
	before := *mayBeDone
	var res result
	if err == nil {
		res = answered(resp)
	} else {
		res = failed(err)
	}
	*mayBeDone = before || res.outcome == wechatpay.OutcomeUnknown
	if doubt := b.doubt(res, safe, before); doubt != "" {
		res.become(unknownKind, doubt+"; "+b.guard.query(r.items))
	}
	return res
}

// doubt says why it is not known whether the call of a result was done, or "".
// before is whether an earlier attempt may have been done.
func (b *batch) doubt(res result, safe, before bool) string {
	switch isUnknown := res.outcome == wechatpay.OutcomeUnknown; {
	case isUnknown && !safe:
		return "it may have been done and has no merchant's number to send it again by"
	case isUnknown && b.guard.byCode:
		return "the user may have been charged"
	case isUnknown && res.isRefused() && res.Error.Code != "" && !res.passes() && !res.isOurs():
		return "it may have been done all the same"
	case before && b.guard.isRefusedTwice() && res.outcome == wechatpay.OutcomeRefused && !res.isOurs():
		return "an attempt before had no answer and may have been done"
	}
	return ""
}

// forgotten is the result of a call that is not sent again, because the platform
// may have forgotten its number.
func (b *batch) forgotten(r record, m mark) result {
	return result{Error: &lineError{Kind: unknownKind, Message: fmt.Sprintf(
		"it was first sent on %s and may have been done; the platform remembers %s %s only, so sending it again may do it twice: %s",
		m.First.Format("2006-01-02 15:04"), b.guard.repeat.Number, operation.Memory(b.guard.repeat), b.guard.query(r.items))}}
}

// waitFor waits for the attempt after n others, and tells whether to make it.
func (b *batch) waitFor(ctx context.Context, n int) bool {
	return pause(ctx, b.pauseBefore(n)) && b.limiter.Wait(ctx) == nil
}

// isWorthAnother reports whether a later run of the batch sends the call again.
func (r result) isWorthAnother(safe bool) bool {
	return r.passes() || r.isOurs() || r.isAccepted() || safe && r.isForeign()
}

// isSettled reports whether a result is not to be changed by another attempt.
func (r result) isSettled() bool {
	return r.Error == nil && !r.isAccepted() || r.Error != nil && r.Error.Kind == unknownKind
}

// isAccepted reports whether the platform has accepted the call, and not done it.
func (r result) isAccepted() bool {
	return r.Error == nil && r.Status == http.StatusAccepted && r.outcome != wechatpay.OutcomeDone
}

func (r result) isRefused() bool { return r.Error != nil && r.Error.Kind == refusedKind }

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
	return r.isRefused() && r.Error.Code == "" && r.Status != http.StatusOK // of APIv2
}

// isAlarming tells an error for which no other call should be made while none
// was accepted: it would spoil that one, too.
func (r result) isAlarming() bool {
	return r.isOurs() || r.isForeign() || r.Error != nil && r.Error.Kind == unknownKind && r.Error.Code == "" && r.Attempts > 0
}
