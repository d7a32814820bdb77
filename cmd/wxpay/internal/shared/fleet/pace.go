package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/wxchain/wechatpay/internal/pause"
)

// paceMemory is how long the servers remember when the next call may be made. It is
// longer than any pause.
const paceMemory = 24 * time.Hour

// A Pace spaces calls of all workers. The time of the next call is an entry on the
// servers, which whoever wants to call moves on.
type Pace struct {
	fleet *Fleet
	kv    jetstream.KeyValue
	ahead time.Duration // how far the clock of the servers is ahead of this one
}

// NewPace returns the pace that all workers share.
func (f *Fleet) NewPace(ctx context.Context) (*Pace, error) {
	kv, err := f.paceBucket(ctx)
	if err != nil {
		return nil, err
	}
	p := &Pace{fleet: f, kv: kv}
	err = manage(ctx, func(ctx context.Context) error {
		asked := time.Now()
		s, err := f.js.Stream(ctx, "KV_"+paceBucket)
		if err == nil && !s.CachedInfo().TimeStamp.IsZero() {
			now := time.Now()
			p.ahead = s.CachedInfo().TimeStamp.Sub(asked.Add(now.Sub(asked) / 2))
		}
		return err
	})
	return p, err
}

// paceBucket returns the bucket of the pace. It creates the bucket if there is none.
func (f *Fleet) paceBucket(ctx context.Context) (jetstream.KeyValue, error) {
	return f.bucket(ctx, jetstream.KeyValueConfig{Bucket: paceBucket, Description: "when wxpay makes the next calls", TTL: paceMemory}, true)
}

// restored returns err. If err comes from the bucket being removed, restored first
// creates the bucket, so that the next attempt finds it.
func (p *Pace) restored(ctx context.Context, err error) error {
	if errors.Is(p.fleet.orRemoved(ctx, err, "$KV."+paceBucket+".rate"), ErrRemoved) {
		_, failed := p.fleet.paceBucket(ctx)
		return errors.Join(err, failed)
	}
	return err
}

func (p *Pace) now() time.Time { return time.Now().Add(p.ahead) }

// keyOf returns the key of names that may have any characters.
func keyOf(kind string, names ...string) string {
	hash := sha256.New()
	for _, name := range names {
		hash.Write([]byte(name + "\x00"))
	}
	return kind + "." + hex.EncodeToString(hash.Sum(nil)[:16])
}

// reserve moves the time of the next call under a key on by d, and returns the time
// that it had, or now if that is later.
func (p *Pace) reserve(ctx context.Context, key string, d time.Duration) (at time.Time, err error) {
	for {
		if at, err = p.try(ctx, key, d); !isRaced(err) && !errors.Is(err, jetstream.ErrKeyExists) {
			return at, err
		}
		if pause.For(ctx, rand.N(5*time.Millisecond)) != nil {
			return at, ctx.Err()
		}
	}
}

func (p *Pace) try(ctx context.Context, key string, d time.Duration) (at time.Time, err error) {
	err = persist(ctx, func(ctx context.Context) error {
		entry, err := p.kv.Get(ctx, key)
		revision := uint64(0)
		at = p.now()
		switch {
		case errors.Is(err, jetstream.ErrKeyNotFound):
		case err != nil:
			return p.restored(ctx, err)
		default:
			revision = entry.Revision()
			if next, err := strconv.ParseInt(string(entry.Value()), 10, 64); err == nil && time.Unix(0, next).After(at) {
				at = time.Unix(0, next)
			}
		}
		// If the answer is lost, the next attempt reserves once more: the pace is then
		// slower, never faster.
		_, err = p.kv.Update(ctx, key, strconv.AppendInt(nil, at.Add(d).UnixNano(), 10), revision)
		return p.restored(ctx, err)
	})
	return at, err
}

// Apart waits until a call may be made, d after the last one of the same names.
func (p *Pace) Apart(ctx context.Context, d time.Duration, names ...string) error {
	at, err := p.reserve(ctx, keyOf("apart", names...), d)
	if err == nil && pause.For(ctx, at.Sub(p.now())) != nil {
		err = ctx.Err()
	}
	return err
}

// A Limiter keeps the calls of all workers to one rate.
type Limiter struct {
	pace     *Pace
	key      string
	interval time.Duration

	waiting atomic.Int64
	mu      sync.Mutex
	next    time.Time // the first reserved time that nobody has
	left    int64     // how many reserved times follow
}

// Limiter returns the limiter of all calls with the same names. perSecond is more
// than 0.
func (p *Pace) Limiter(perSecond float64, names ...string) *Limiter {
	return &Limiter{pace: p, key: keyOf("rate", names...), interval: time.Duration(float64(time.Second) / perSecond)}
}

// Wait waits until a call may be made. Callers that wait together reserve together.
func (l *Limiter) Wait(ctx context.Context) error {
	l.waiting.Add(1)
	at, err := l.take(ctx)
	if err == nil && pause.For(ctx, at.Sub(l.pace.now())) != nil {
		err = ctx.Err()
	}
	return err
}

// mostReserved is the longest time for which one worker reserves.
const mostReserved = 100 * time.Millisecond

// take returns a time that no other call has.
func (l *Limiter) take(ctx context.Context) (time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.waiting.Add(-1) + 1
	if l.left == 0 || l.pace.now().After(l.next.Add(mostReserved)) { // nobody came for them in time
		n := max(1, min(waiting, int64(mostReserved/max(l.interval, 1))))
		at, err := l.pace.reserve(ctx, l.key, time.Duration(n)*l.interval)
		if err != nil {
			return at, err
		}
		l.next, l.left = at, n
	}
	at := l.next
	l.next, l.left = l.next.Add(l.interval), l.left-1
	return at, nil
}
