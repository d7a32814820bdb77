package batch

import (
	"context"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/internal/pause"
)

// orders spaces calls for one order apart, such as refunds. The zero value does
// not space calls.
type orders struct {
	apart time.Duration

	mu   sync.Mutex
	next map[string]time.Time // when the next call for each order may be made
}

// maxOrders is the number of orders after which orders that no call has to wait
// for are removed.
const maxOrders = 4096

// wait waits until a call for order may be made. It reports false if ctx ends
// first.
func (o *orders) wait(ctx context.Context, order string) bool {
	if order == "" || o.apart == 0 {
		return ctx.Err() == nil
	}
	now := time.Now()
	o.mu.Lock()
	if o.next == nil {
		o.next = make(map[string]time.Time)
	}
	if len(o.next) >= maxOrders {
		for name, at := range o.next {
			if !at.After(now) {
				delete(o.next, name)
			}
		}
	}
	at := o.next[order]
	if at.Before(now) {
		at = now
	}
	o.next[order] = at.Add(o.apart)
	o.mu.Unlock()
	return pause.For(ctx, at.Sub(now)) == nil
}
