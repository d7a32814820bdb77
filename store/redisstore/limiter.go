package redisstore

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/resilience"
)

var (
	//go:embed reserve.lua
	reserveScript string
	//go:embed giveback.lua
	giveBackScript string
)

const (
	// patience is how long an answer of Redis may take.
	patience = time.Second
	// A shorter silence of Redis does not show that it is away.
	evidence = 200 * time.Millisecond
	// pause is how often Redis is asked while it is away.
	pause = time.Second
	// courtesy is how long a caller who has given up waits for its slot to be given back.
	courtesy = 50 * time.Millisecond
	// asking is how many callers ask Redis at once. The others stand in line, so that a
	// crowd does not take its own weight for a Redis that is away.
	asking = 16
	// A burst is as many calls as there are in a second, divided by this.
	burstPart = 25
)

// NewLimiter returns a limiter for [resilience.RateLimit]. All limiters with the same
// key, [Prefix] and Redis together let perSecond calls through a second. The options are
// [Prefix], [Replicas] and [OnError]. If c is nil, key is empty, or perSecond or an
// option is wrong, Wait returns an error that reports all mistakes.
//
// Each call reserves the next free slot by one command, and waits for its time by the
// clock of Redis. So calls go in the order in which they asked, whichever process they
// are in. If the context of a call ends while it waits, the slot is given back and the
// next caller gets it. If the slot is later than the deadline of the context, Wait
// returns an error that wraps [context.DeadlineExceeded] at once and takes no slot.
// After a time of fewer calls, a burst of perSecond / 25 calls goes at once, or a single
// call below 50 a second. So in n seconds the slots of at most n times perSecond calls
// and of one burst come. A call may leave later than its slot, if its process is busy.
//
// If Redis fails or does not answer within a second, the limiter keeps to its local share
// (see [Replicas]), asks Redis once a second, and comes back when Redis answers. Wait
// does not fail because Redis is away: a call with a deadline waits half of its time for
// Redis, and longer only while Redis answers other calls of the process.
func NewLimiter(c redis.UniversalClient, key string, perSecond int, opts ...Option) resilience.Limiter {
	s, problems := newSettings(c, opts)
	if key == "" {
		problems = append(problems, errors.New("the key is empty"))
	}
	if perSecond < 1 {
		problems = append(problems, fmt.Errorf("perSecond is %d, want 1 or more", perSecond))
	}
	if err := joined("NewLimiter", problems); err != nil {
		return &limiter{err: err}
	}
	interval := 1e6 / float64(perSecond)
	share := float64(perSecond) / float64(s.replicas)
	return &limiter{
		client: c, key: s.prefix + "limit:" + key, onError: s.onError,
		interval: strconv.FormatFloat(interval, 'g', -1, 64),
		past:     strconv.FormatFloat(float64(max(1, perSecond/burstPart)-1)*interval, 'g', -1, 64),
		gate:     make(chan struct{}, asking),
		share:    rate.NewLimiter(rate.Limit(share), max(1, int(share/burstPart))),
	}
}

type limiter struct {
	client         redis.UniversalClient
	key            string
	interval, past string // in microseconds, for the scripts
	share          *rate.Limiter
	onError        func(error)
	err            error // what is wrong with the arguments of NewLimiter
	gate           chan struct{}

	mu    sync.Mutex
	heard time.Time     // when Redis answered last
	last  time.Time     // of the latest slot that Redis gave
	back  chan struct{} // closed when Redis answers again; nil unless it is away
	again time.Time     // when to ask Redis again
}

// A slot is a turn that Redis gave.
type slot struct {
	id string
	at time.Time
}

// errLate is that a slot is later than the deadline of a call.
var errLate = fmt.Errorf("redisstore: the next slot of the limit is later than the deadline of the call: %w", context.DeadlineExceeded)

var errForeignLimit = errors.New("redisstore: the key of the limit holds something else: set a Prefix that nothing else uses")

// errSilent is that Redis did not answer, or was not asked.
var errSilent = errors.New("redisstore: Redis does not answer")

// Wait implements [resilience.Limiter].
func (l *limiter) Wait(ctx context.Context) error {
	if l.err != nil {
		return l.err
	}
	for {
		if err := ctx.Err(); err != nil {
			return ended(err)
		}
		s, err := l.ask(ctx)
		switch {
		case err == nil:
			return l.waitFor(ctx, s)
		case errors.Is(err, errLate):
			return err
		case ctx.Err() != nil:
			return ended(ctx.Err())
		}
		if done, err := l.waitAlone(ctx); done {
			return err
		}
	}
}

func ended(err error) error { return fmt.Errorf("redisstore: the call ended before its turn: %w", err) }

// ask reserves a slot in Redis. The error is errLate, or the call waits for the local
// share.
func (l *limiter) ask(ctx context.Context) (slot, error) {
	waiting, stop := l.whileAnswered(ctx)
	defer stop()
	select {
	case l.gate <- struct{}{}:
		defer func() { <-l.gate }()
	case <-waiting.Done():
		return slot{}, errSilent
	}
	if !l.mayAsk() {
		return slot{}, errSilent
	}
	future := "-1"
	if deadline, limited := ctx.Deadline(); limited {
		future = strconv.FormatInt(max(0, time.Until(deadline).Microseconds()), 10)
	}
	asked := time.Now()
	s, err := l.within(waiting, future)
	switch {
	case err == nil || errors.Is(err, errLate):
		l.present(s.at)
	case ctx.Err() != nil || errors.Is(err, errSilent) && time.Since(asked) < evidence:
		// It says nothing of Redis.
	default:
		l.absent(err)
	}
	return s, err
}

// whileAnswered returns a context that ends with ctx, or once half of its time has passed
// and Redis does not answer others either. The rest is for the local share. While Redis
// answers others, the local share would come on top of what they get.
func (l *limiter) whileAnswered(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	ctx, stop := context.WithCancel(ctx)
	go func() {
		timer := time.NewTimer(time.Until(deadline) / 2)
		defer timer.Stop()
		for {
			select {
			case <-timer.C:
			case <-ctx.Done():
				return
			}
			silence := l.silence()
			if silence >= evidence {
				stop()
				return
			}
			timer.Reset(evidence - silence)
		}
	}()
	return ctx, stop
}

// silence returns how long ago Redis answered.
func (l *limiter) silence() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.heard)
}

// mayAsk reports whether Redis is at hand, or it is time for this caller to find out.
func (l *limiter) mayAsk() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch {
	case l.back == nil:
		return true
	case now.Before(l.again):
		return false
	}
	l.again = now.Add(pause)
	return true
}

// within is reserve, but returns errSilent when patience or ctx ends.
func (l *limiter) within(ctx context.Context, future string) (slot, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	type answer struct {
		slot
		err error
	}
	answers := make(chan answer)
	// The goroutine ends with the command, whose timeouts belong to the client: go-redis
	// reads on after the context has ended.
	go func() {
		s, err := l.reserve(ctx, future)
		select {
		case answers <- answer{s, err}:
		case <-ctx.Done():
			if err == nil {
				l.giveBack(ctx, s)
			}
		}
	}()
	select {
	case a := <-answers:
		return a.slot, a.err
	case <-ctx.Done():
		return slot{}, errSilent
	}
}

// reserve takes the next free slot from Redis, unless it is more than future
// microseconds away.
func (l *limiter) reserve(ctx context.Context, future string) (slot, error) {
	// A call that ends must not break the connection, and a slot that it took unseen
	// must be given back.
	reply, err := l.client.Eval(context.WithoutCancel(ctx), reserveScript, []string{l.key}, l.interval, l.past, future).Slice()
	if isWrongType(err) {
		return slot{}, fmt.Errorf("%w: %w", errForeignLimit, err)
	}
	if err != nil {
		return slot{}, fmt.Errorf("redisstore: %w", err)
	}
	if len(reply) == 2 {
		id, isText := reply[0].(string)
		wait, isNumber := reply[1].(int64)
		switch {
		case isText && isNumber && id == "":
			return slot{}, errLate
		case isText && isNumber:
			return slot{id, time.Now().Add(time.Duration(wait) * time.Microsecond)}, nil
		}
	}
	return slot{}, errors.New("redisstore: the answer of Redis is not a slot")
}

// giveBack offers a slot to the next caller, here or in another process.
func (l *limiter) giveBack(ctx context.Context, s slot) {
	// What fails leaves the slot unused.
	_ = l.client.Eval(context.WithoutCancel(ctx), giveBackScript, []string{l.key}, s.id).Err()
}

// present notes that Redis has answered, with a slot at a time.
func (l *limiter) present(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	if at.After(l.last) {
		l.last = at
	}
	if l.back != nil {
		close(l.back)
		l.back = nil
	}
}

// absent notes that Redis is away.
func (l *limiter) absent(err error) {
	l.mu.Lock()
	first := l.back == nil
	if first {
		l.back = make(chan struct{})
	}
	l.again = time.Now().Add(pause)
	l.mu.Unlock()
	if first && l.onError != nil {
		l.onError(fmt.Errorf("%w; the limiter uses its local share", err))
	}
}

// waitFor waits until the time of a slot.
func (l *limiter) waitFor(ctx context.Context, s slot) error {
	timer := time.NewTimer(time.Until(s.at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
	}
	given := make(chan struct{})
	// It ends as the goroutine of ask does.
	go func() { defer close(given); l.giveBack(ctx, s) }()
	timer.Reset(courtesy)
	select {
	case <-given:
	case <-timer.C:
	}
	return ended(ctx.Err())
}

// waitAlone waits for a turn of the local share. It is not done if Redis comes back.
func (l *limiter) waitAlone(ctx context.Context) (done bool, err error) {
	now := time.Now()
	l.mu.Lock()
	back, from := l.back, l.last
	l.mu.Unlock()
	if from.Before(now) { // or else callers here still wait for slots of Redis
		from = now
	}
	turn := l.share.ReserveN(from, 1)
	wait := turn.DelayFrom(now)
	if deadline, ok := ctx.Deadline(); ok && wait > deadline.Sub(now) {
		turn.CancelAt(from)
		return true, errLate
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true, nil
	case <-ctx.Done():
		turn.CancelAt(from)
		return true, ended(ctx.Err())
	case <-back:
		turn.CancelAt(from)
		return false, nil
	}
}
