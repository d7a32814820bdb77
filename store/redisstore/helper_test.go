package redisstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/store/redisstore"
	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

// newLeaser returns what NewSeen makes, with all of its methods.
func newLeaser(c redis.UniversalClient, opts ...redisstore.Option) leaser {
	return redisstore.NewSeen(c, opts...).(leaser)
}

type leaser interface {
	notify.Seen
	notify.Leaser
}

// first claims id, which nobody has.
func first(t *testing.T, s leaser, id string) (token string) {
	t.Helper()
	token, state, err := s.ClaimLease(t.Context(), id)
	if err != nil || state != notify.First || token == "" {
		t.Fatalf("claim of %s: token %q, state %d, %v; want First", id, token, state, err)
	}
	return token
}

// done ends a claim of id.
func done(t *testing.T, s leaser, id, token string) {
	t.Helper()
	if err := s.DoneLease(t.Context(), id, token); err != nil {
		t.Fatal(err)
	}
}

// checkState claims id, of which somebody else has made that state.
func checkState(t *testing.T, s leaser, id string, want notify.State) {
	t.Helper()
	if token, state, err := s.ClaimLease(t.Context(), id); err != nil || state != want || token != "" {
		t.Errorf("claim of %s: token %q, state %d, %v; want state %d", id, token, state, err, want)
	}
}

// lapse ends the lease of id, of a store with the default prefix.
func lapse(t *testing.T, c redis.UniversalClient, id string) {
	t.Helper()
	key := "wechatpay:seen:" + id
	if err := c.PExpire(t.Context(), key, time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	poll(t, func() error {
		if n, err := c.Exists(t.Context(), key).Result(); err != nil || n != 0 {
			return fmt.Errorf("%s has not expired: %w", key, err)
		}
		return nil
	})
}

func poll(t testing.TB, f func() error) {
	t.Helper()
	if err := redistest.Poll(f); err != nil {
		t.Fatal(err)
	}
}

// A counter is a hook that counts the commands of a client.
type counter struct {
	commands, dials atomic.Int64
	answered        chan string // gets the name of each command, if it is not nil
}

func (c *counter) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c.dials.Add(1)
		return next(ctx, network, addr)
	}
}

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.commands.Add(1)
		err := next(ctx, cmd)
		if c.answered != nil {
			c.answered <- cmd.Name()
		}
		return err
	}
}

func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// A shop receives notifications.
type shop struct {
	*vectors.Crypto
	handler http.Handler

	mu      sync.Mutex
	handled map[string]int // how often, by ID
	errs    []error
}

const platformSerial = "PUB_KEY_ID_0114232134912410000000000002"

// newShop returns a shop with a store, whose function calls f.
func newShop(t *testing.T, seen notify.Seen, f func(id string) error) *shop {
	t.Helper()
	s := &shop{Crypto: vectors.Load(t), handled: make(map[string]int)}
	receiver, err := notify.New(notify.Config{
		Keys:     keys.Static{platformSerial: &vectors.MerchantKey(t).PublicKey},
		APIv3Key: s.APIv3Key,
		Seen:     seen,
		Clock:    func() time.Time { return time.Unix(s.Now, 0) },
		OnError: func(_ context.Context, err error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, err)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := receiver.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s.handler = receiver.Handler(func(_ context.Context, n *notify.Notification) error {
		s.mu.Lock()
		s.handled[n.ID]++
		s.mu.Unlock()
		return f(n.ID)
	})
	return s
}

// deliver sends a notification as the platform does, and checks the status.
func (s *shop) deliver(t *testing.T, id string, status int) {
	t.Helper()
	req, err := paid(s.Crypto, s.Now, id)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	if w.Code != status {
		t.Errorf("%s was answered %d, want %d; errors %v", id, w.Code, status, s.reported())
	}
}

// paid is a notification of a payment.
func paid(v *vectors.Crypto, now int64, id string) (*http.Request, error) {
	privateKey, err := v.MerchantKey()
	if err != nil {
		return nil, err
	}
	key, err := signer.NewRSA(platformSerial, privateKey)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(v.APIv3Key)
	if err != nil {
		return nil, err
	}
	n := platform.Notification{ID: id, CreateTime: "2026-11-24T10:00:00+08:00", EventType: "TRANSACTION.SUCCESS", OriginalType: "transaction"}
	body, err := n.Write(gcm, []byte(`{"out_trade_no":"1217752501201407033233368018"}`))
	if err != nil {
		return nil, err
	}
	req := httptest.NewRequest("POST", "/wechatpay/notify", strings.NewReader(string(body)))
	return req, platform.Sign(context.Background(), key, req.Header, strconv.FormatInt(now, 10), body)
}

// reported returns what OnError was told since the last time.
func (s *shop) reported() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := errors.Join(s.errs...)
	s.errs = nil
	return err
}

func (s *shop) checkHandled(t *testing.T, id string, times int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handled[id] != times {
		t.Errorf("%s was handled %d times, want %d", id, s.handled[id], times)
	}
}

// A process runs a worker. Closing In tells it to end.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// newProcess starts a worker with variables such as "N=1". It is killed at the end.
func newProcess(t *testing.T, name string, env ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(append(os.Environ(), worker+"="+name), env...)
	p.cmd.Stderr = os.Stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

// newProcesses starts n workers that say when they are ready, and waits until they do.
func newProcesses(t *testing.T, n int, name string, env ...string) (processes []*process) {
	t.Helper()
	for range n {
		p := newProcess(t, name, env...)
		processes = append(processes, p)
		if got := p.hear(t); got != "ready" {
			t.Fatal(got)
		}
	}
	return processes
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	_ = p.cmd.Wait()
}

// say sends a line to the worker.
func (p *process) say(t *testing.T, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintln(p.in, args...); err != nil {
		t.Fatal(err)
	}
}

// hear returns the next line of the worker.
func (p *process) hear(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("the worker said %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}
