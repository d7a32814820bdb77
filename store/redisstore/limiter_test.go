package redisstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// noFallback is for limiters that must not use their local share.
func noFallback(t testing.TB) redisstore.Option {
	return redisstore.OnError(func(err error) { t.Errorf("the limiter left Redis: %v", err) })
}

// Four processes let 500 calls a second through. WXPAY_LIMIT_SECONDS is for how long.
func TestLimiterOfProcesses(t *testing.T) {
	const perSecond = 500
	seconds := 4
	if text := os.Getenv("WXPAY_LIMIT_SECONDS"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	server := redistest.Start(t)
	processes := newProcesses(t, 4, "limiter", "ADDR="+server.Addr, "PER_SECOND="+strconv.Itoa(perSecond))
	// All are at work when the time begins.
	from := time.Now().Add(time.Second)
	to := from.Add(time.Duration(seconds) * time.Second)
	for _, p := range processes {
		p.say(t, from.UnixMicro(), to.UnixMicro())
	}
	sum := 0
	var each []int
	for _, p := range processes {
		n, err := strconv.Atoi(p.hear(t))
		if err != nil {
			t.Fatal(err)
		}
		each = append(each, n)
		sum += n
	}
	want := perSecond * seconds
	t.Logf("%d calls in %d s, want %d; each process %v", sum, seconds, want, each)
	if sum < want*98/100 || sum > want*102/100 {
		t.Errorf("%d calls in %d s, want %d ± 2 %%", sum, seconds, want)
	}
	for _, n := range each {
		if n < want/4*8/10 || n > want/4*12/10 {
			t.Errorf("a process made %d calls, want a fourth of %d", n, want)
		}
	}
}

// limitedWorker waits in 50 goroutines, and says how often it waited within a time.
func limitedWorker() error {
	client := redis.NewClient(&redis.Options{Addr: os.Getenv("ADDR")})
	defer client.Close()
	perSecond, err := strconv.Atoi(os.Getenv("PER_SECOND"))
	if err != nil {
		return err
	}
	away := make(chan error, 100)
	limiter := redisstore.NewLimiter(client, "merchant", perSecond, redisstore.Replicas(4), redisstore.OnError(func(err error) { away <- err }))
	fmt.Println("ready")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		return err
	}
	var from, to int64
	if _, err := fmt.Sscan(line, &from, &to); err != nil {
		return err
	}
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for {
				err := limiter.Wait(context.Background())
				now := time.Now().UnixMicro()
				if now >= to || err != nil {
					return
				}
				if now >= from {
					n.Add(1)
				}
			}
		})
	}
	wg.Wait()
	fmt.Println(n.Load())
	select {
	case err := <-away:
		return err
	default:
		return nil
	}
}

// queue is a limiter whose answers of Redis a test can wait for.
func queue(t *testing.T, server *redistest.Server, perSecond int) (resilience.Limiter, *counter) {
	t.Helper()
	client := server.Client(t)
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	asked := &counter{answered: make(chan string, 1000)}
	client.AddHook(asked)
	return redisstore.NewLimiter(client, "merchant", perSecond, noFallback(t)), asked
}

// Calls go in the order in which they asked, whichever process they are in, and no two
// go at once.
func TestLimiterOrder(t *testing.T) {
	const perSecond, calls = 20, 12
	server := redistest.Start(t)
	here, hereAsked := queue(t, server, perSecond)
	there, thereAsked := queue(t, server, perSecond)
	var mu sync.Mutex
	var order []int
	var times []time.Time
	var wg sync.WaitGroup
	for i := range calls {
		limiter, asked := here, hereAsked
		if i%3 == 0 {
			limiter, asked = there, thereAsked
		}
		wg.Go(func() {
			if err := limiter.Wait(t.Context()); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			order, times = append(order, i), append(times, time.Now())
		})
		if got := <-asked.answered; got != "eval" {
			t.Fatal(got)
		}
	}
	wg.Wait()
	for i, n := range order {
		// A loaded machine may wake two callers of neighbouring slots in either order.
		if n < i-1 || n > i+1 {
			t.Errorf("the order is %v", order)
		}
	}
	if d := times[calls-1].Sub(times[0]); d < (calls-2)*time.Second/perSecond {
		t.Errorf("%d calls took %v", calls, d)
	}
	if n := hereAsked.commands.Load() + thereAsked.commands.Load(); n != calls {
		t.Errorf("%d commands for %d calls", n, calls)
	}
}

// Calls that end while they wait give their slots back.
func TestLimiterCancel(t *testing.T) {
	server := redistest.Start(t)
	here, asked := queue(t, server, 1)
	if err := here.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-asked.answered
	ctx, cancel := context.WithCancel(t.Context())
	const calls = 60
	errs := make(chan error, calls)
	for range calls { // as many seconds
		go func() { errs <- here.Wait(ctx) }()
		<-asked.answered
	}
	cancel()
	for range calls {
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	for range calls { // slots that are given back
		<-asked.answered
	}
	there, _ := queue(t, server, 1)
	since := time.Now()
	for range 2 { // one after the other
		if err := there.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if d := time.Since(since); d < 500*time.Millisecond || d > calls/2*time.Second {
		t.Errorf("the next two calls took %v, want about 2 s", d)
	}
}

// A call that cannot go before its deadline takes no slot.
func TestLimiterDeadline(t *testing.T) {
	server := redistest.Start(t)
	limiter, _ := queue(t, server, 1)
	if err := limiter.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := limiter.Wait(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that has ended: %v", err)
	}
	// The next slot is a few hundred years away.
	admin, key := server.Client(t), "wechatpay:limit:merchant"
	if err := admin.ZAdd(t.Context(), key, redis.Z{Score: 1e16, Member: "next"}).Err(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	for range 100 {
		if err := limiter.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			t.Fatalf("a call that has no time: %v", err)
		}
	}
	if next, err := admin.ZScore(t.Context(), key, "next").Result(); err != nil || next != 1e16 {
		t.Errorf("slots were taken: %v, %v", next, err)
	}
}

// After a time of fewer calls, a twenty-fifth of a second's calls goes at once.
func TestLimiterBurst(t *testing.T) {
	limiter, _ := queue(t, redistest.Start(t), 100)
	since := time.Now()
	for range 104 {
		if err := limiter.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(since); d < 990*time.Millisecond || d > 10*time.Second {
		t.Errorf("100 calls a second and a burst of 4 took %v, want 1 s", d)
	}
}

// slots is a hook that records the slots that Redis gives, in microseconds.
type slots struct {
	redis.Hook
	mu    sync.Mutex
	given []float64
}

func (s *slots) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		eval, ok := cmd.(*redis.Cmd)
		if !ok {
			return err
		}
		reply, failed := eval.Slice()
		if failed != nil || len(reply) != 2 { // a slot was given back
			return err
		}
		slot, failed := strconv.ParseFloat(fmt.Sprint(reply[0]), 64)
		s.mu.Lock()
		defer s.mu.Unlock()
		if failed == nil {
			s.given = append(s.given, slot)
		}
		return err
	}
}

// Whatever calls do, no two slots are nearer than the interval.
func TestLimiterSlots(t *testing.T) {
	const perSecond, calls = 100, 40
	server := redistest.Start(t)
	recorder := &slots{Hook: new(counter)}
	var limiters []resilience.Limiter
	for range 2 {
		client := server.Client(t)
		client.AddHook(recorder)
		limiters = append(limiters, redisstore.NewLimiter(client, "merchant", perSecond, noFallback(t)))
	}
	for round := range 4 {
		ctx, cancel := context.WithCancel(t.Context())
		ends := make(chan error)
		for i := range calls {
			go func() {
				err := limiters[i%2].Wait(ctx)
				if i == calls/2 && round > 0 { // the others give their slots back
					cancel()
				}
				ends <- err
			}()
		}
		for range calls {
			if err := <-ends; err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		cancel()
	}
	slices.Sort(recorder.given)
	recorder.given = slices.Compact(recorder.given) // slots that were given back
	if len(recorder.given) < calls {
		t.Errorf("%d slots for %d calls", len(recorder.given), calls)
	}
	for i, slot := range recorder.given[1:] {
		if apart := slot - recorder.given[i]; apart < 1e6/perSecond-1 {
			t.Errorf("two slots are %v µs apart", apart)
		}
	}
}

// A slow is a hook after which Redis answers late.
type slow struct {
	redis.Hook
	by time.Duration
}

func (s slow) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		<-time.After(s.by)
		return err
	}
}

// A crowd that waits long to ask a slow Redis does not use the local share, because that
// would come on top of the slots of Redis.
func TestLimiterCrowd(t *testing.T) {
	const perSecond, callers, period = 400, 300, 3 * time.Second
	client := redistest.Start(t).Client(t)
	client.AddHook(slow{new(counter), 50 * time.Millisecond})
	limiter := redisstore.NewLimiter(client, "merchant", perSecond, noFallback(t))
	var calls atomic.Int64
	var wg sync.WaitGroup
	end := time.Now().Add(period)
	for range callers {
		wg.Go(func() {
			for time.Now().Before(end) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				err := limiter.Wait(ctx)
				cancel()
				if err == nil && time.Now().Before(end) {
					calls.Add(1)
				}
			}
		})
	}
	wg.Wait()
	// A loaded machine may make fewer calls.
	if n, most := calls.Load(), int64(perSecond*period/time.Second+perSecond/25); n > most {
		t.Errorf("%d calls in %v, want at most %d", n, period, most)
	}
}

// Limiters of different keys and prefixes have keys of their own, which expire.
func TestLimiterKeys(t *testing.T) {
	client := redistest.Start(t).Client(t)
	for _, limiter := range []resilience.Limiter{
		redisstore.NewLimiter(client, "1900000109", 1, noFallback(t)),
		redisstore.NewLimiter(client, "1900000110", 1, noFallback(t)),
		redisstore.NewLimiter(client, "1900000109", 1, noFallback(t), redisstore.Prefix("test:")),
	} {
		if err := limiter.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 3 || !strings.Contains(strings.Join(keys, " "), "test:limit:1900000109") {
		t.Errorf("keys %q, %v", keys, err)
	}
	for _, key := range keys {
		if ttl, err := client.PTTL(t.Context(), key).Result(); err != nil || ttl <= 0 || ttl > 4*time.Second {
			t.Errorf("%s expires in %v, %v", key, ttl, err)
		}
	}
}

func TestLimiterMistakes(t *testing.T) {
	for _, want := range []struct {
		limiter resilience.Limiter
		text    string
	}{
		{redisstore.NewLimiter(nil, "", 0, redisstore.Replicas(0)), "redisstore: NewLimiter: the client is nil; Replicas is 0, want 1 or more; the key is empty; perSecond is 0, want 1 or more"},
		{redisstore.NewLimiter((*redis.ClusterClient)(nil), "merchant", -1), "redisstore: NewLimiter: the client is nil; perSecond is -1, want 1 or more"},
	} {
		if err := want.limiter.Wait(t.Context()); err == nil || err.Error() != want.text {
			t.Errorf("error %v, want %s", err, want.text)
		}
	}
}

// The limiter holds the calls of a client.
func TestLimiterOfClient(t *testing.T) {
	server := redistest.Start(t)
	limiter, asked := queue(t, server, 1)
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/certificates", mock.JSON(200, wechatpay.M{"data": []any{}}))
	client := mock.Client(func(c *wechatpay.Config) { c.Middleware = resilience.RateLimit(limiter) })
	call := func(ctx context.Context) error {
		_, err := client.Chain("v3/certificates").Get(ctx)
		return err
	}
	if err := call(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	<-asked.answered
	go func() { errs <- call(ctx) }()
	<-asked.answered
	cancel()
	if err := <-errs; wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent || !errors.Is(err, context.Canceled) {
		t.Errorf("a call that ended before its turn: %v, %v", wechatpay.OutcomeOf(err), err)
	}
}
