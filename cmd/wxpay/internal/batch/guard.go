package batch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/operation"
	"github.com/wxchain/wechatpay/internal/outgoing"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/resilience"
)

// A guard knows from the catalogue what a second request of an operation does.
type guard struct{ repeat openapi.Repeat }

// newGuard returns the guard of an operation. op is nil if the catalogue lacks
// the operation.
func newGuard(op *openapi.Operation) guard {
	if op == nil {
		return guard{}
	}
	return guard{op.Repeat}
}

// A verdict says what a second request of one call does.
type verdict struct {
	safe   bool   // the call can be sent twice without taking effect twice
	byCode bool   // the call charges the user whose code the shop has scanned, so it is queried and not repeated
	number string // the merchant's number of the call, or ""
}

// A question asks for the verdict on a call while it is made.
type question struct {
	guard guard

	verdict verdict
	judged  bool // there is a verdict
	held    bool // the call is not sent, since it must be recorded before
}

// questionKey is the context key of a *question.
type questionKey struct{}

// judged answers the question of a call's context. It sends the call unless the ledger
// must record it before.
func judged(next http.RoundTripper) http.RoundTripper {
	return request.RoundTripper(func(req *http.Request) (*http.Response, error) {
		if q, asked := req.Context().Value(questionKey{}).(*question); asked {
			q.verdict, q.judged = judge(req), true
			if q.held = q.guard.isKept(q.verdict.safe); q.held {
				return nil, errors.Join(request.ErrNotSent, req.Body.Close())
			}
		}
		return next.RoundTrip(req)
	})
}

func judge(req *http.Request) (v verdict) {
	v.number, v.safe = resilience.Idempotent(req)
	op := outgoing.Operation(req)
	if op == nil {
		return v
	}
	v.byCode, v.number = op.ByCode, outgoing.Number(op, req)
	v.safe = v.safe || op.Class == operation.Harmless
	return v
}

// judge returns the verdict on the call that these options make. If the ledger keeps no
// mark of the call, judge also makes its first attempt, with the same request, and
// returns the result.
func (b *batch) judge(ctx context.Context, opts []wechatpay.Option) (verdict, *result, error) {
	q := &question{guard: b.guard}
	resp, err := b.do(context.WithValue(ctx, questionKey{}, q), opts)
	switch {
	case !q.judged && err != nil:
		return verdict{}, nil, err
	case q.held:
		return q.verdict, nil, nil
	}
	return q.verdict, resultOf(resp, err), nil
}

func hasText(v any) bool { return v != nil && v != "" }

// isKept reports whether the ledger must record when a call was first sent and
// whether it may have been done.
func (g guard) isKept(safe bool) bool {
	_, forgets := g.repeat.Until(time.Time{})
	return !safe || g.isRefusedTwice() || forgets
}

// isRefusedTwice reports whether the refusal of a second request may mean that
// the first request was done.
func (g guard) isRefusedTwice() bool {
	return g.repeat.Class == openapi.RepeatErrorSaysDone
}

// margin is the time between the last request for a number and the moment when
// the platform may forget that number.
const margin = time.Minute

// isForgotten reports whether, at now, the platform may have forgotten the
// number of a call that was first sent at first.
func (g guard) isForgotten(first, now time.Time) bool {
	until, forgets := g.repeat.Until(first)
	return forgets && !now.Before(until.Add(-margin))
}

// query says how to look up the outcome of a call by the merchant's number.
func (g guard) query(number string) string {
	with := ""
	if number != "" {
		with = fmt.Sprintf(" with %s %s", g.repeat.Number, term.Visible(cutTo(number, 64)))
	}
	switch {
	case g.repeat.Query != "":
		return "query it by " + g.repeat.Query + with
	case with != "":
		return "query it" + with
	}
	return "look it up"
}

// cutTo shortens s to the first characters, as many as most says.
func cutTo(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// order returns the order that a call is for if calls for one order must be
// spaced apart. Otherwise it returns "".
func (g guard) order(items []item.Item) string {
	for _, name := range g.repeat.Order {
		for _, i := range items {
			if v := i.Decoded(); i.Name == name && hasText(v) {
				return fmt.Sprintf("%s %v", name, v)
			}
		}
	}
	return ""
}
