package notify

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/wxchain/wechatpay/internal/quote"
)

// Handler returns a handler that hands each notification to f, unless the [Seen]
// reports that its ID was handled or is being handled. It answers:
//
//   - 200 if f returns nil, or returned nil before for the same ID;
//   - 500 if f returns an error or panics. The ID is released, so f gets the
//     notification again at its next sending;
//   - 500 if f does not return within [Config.Timeout]. f keeps running and keeps
//     the ID. If it then succeeds, the next sending is answered 200. If it fails, f
//     gets the notification again;
//   - 500 while f is running for the same ID, or if the [Seen] fails;
//   - the status of the [*Error] if the request is refused.
//
// After any answer but 200 the platform sends the notification again. The answer
// does not contain the text of an error, only that of the status. See
// [Config.OnError] for the errors, and [Receiver.Shutdown] for functions that are
// still running.
//
// The context of f has the values of the request's context, but outlives it. The
// body must arrive within Timeout, or within the ReadTimeout of [http.Server] if
// that is shorter. Otherwise the answer is 400 and the connection is closed. Set
// ReadTimeout, because it also limits the time of the headers.
func (r *Receiver) Handler(f func(context.Context, *Notification) error) http.Handler {
	if f == nil {
		f = func(context.Context, *Notification) error { return errors.New("Handler has no function") }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		ctx, cancel := context.WithTimeout(req.Context(), r.within())
		defer cancel()
		status := http.StatusOK
		n, v2, err := r.parse(req.WithContext(ctx), limitReading(w, req, r.within()))
		if err == nil {
			err = r.handOver(ctx, n, f)
		}
		if err != nil {
			status = http.StatusInternalServerError
			// An Error that f returned comes wrapped, and is its own affair.
			if refused, ok := err.(*Error); ok {
				status = refused.StatusCode
			}
			r.report(ctx, err)
		}
		answer(w, v2, status)
	})
}

// limitReading lets the body of req take no longer than within to arrive. Call
// the function that it returns once the body is there: a connection that fails to
// bring it keeps its deadline, for the server reads what is left of a body before
// it answers.
func limitReading(w http.ResponseWriter, req *http.Request, within time.Duration) (arrived func()) {
	conn := http.NewResponseController(w)
	// The server's own deadline began with the request.
	if server, _ := req.Context().Value(http.ServerContextKey).(*http.Server); server == nil || server.ReadTimeout <= 0 || server.ReadTimeout > within {
		if conn.SetReadDeadline(time.Now().Add(within)) != nil {
			return func() {}
		}
	}
	// A deadline that passes while the function is at work would end the context of
	// the request.
	return func() { _ = conn.SetReadDeadline(time.Time{}) }
}

// report tells OnError of an error.
func (r *Receiver) report(ctx context.Context, err error) {
	if err != nil && r != nil && r.onError != nil {
		// A panic has nobody left to be told to, and the process is not OnError's.
		_ = protect(func() error { r.onError(context.WithoutCancel(ctx), err); return nil })
	}
}

// handOver lets f handle n and waits for it until ctx ends. It reports how f ends
// after that.
func (r *Receiver) handOver(ctx context.Context, n *Notification, f func(context.Context, *Notification) error) error {
	own, end, err := r.jobs.start(ctx)
	if err != nil {
		return err
	}
	result := make(chan error)
	go func() {
		defer end()
		err := errGoexit
		defer func() {
			if err != nil {
				err = fmt.Errorf("notify: notification %s: %w", quote.Plain(n.ID), err)
			}
			select {
			case result <- err:
			case <-ctx.Done():
				r.report(ctx, err)
			}
		}()
		err = protect(func() error { return r.handle(own, n, f) })
	}()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return fmt.Errorf("notify: notification %s: the function goes on after the answer: %w", quote.Plain(n.ID), ctx.Err())
	}
}

var (
	errBusy   = errors.New("it is being handled already")
	errGoexit = errors.New("the function ended its goroutine, by runtime.Goexit or a test's FailNow")
)

// handle gives n to f if it is the first to have it. It may return an error
// after f has succeeded, but never nil when it has not.
func (r *Receiver) handle(ctx context.Context, n *Notification, f func(context.Context, *Notification) error) (err error) {
	token, state, err := r.claim(ctx, n.ID)
	switch {
	case err != nil:
		return fmt.Errorf("Seen: Claim: %w", err)
	case state == Handled:
		return nil
	case state == Busy:
		return errBusy
	case state != First:
		return fmt.Errorf("Seen: Claim: state %d is not First, Busy or Handled", state)
	}
	err = errGoexit
	defer func() { err = r.settle(ctx, n.ID, token, err) }()
	err = protect(func() error { return f(ctx, n) })
	return err
}

// claim returns a token if r.seen is a Leaser.
func (r *Receiver) claim(ctx context.Context, id string) (token string, state State, err error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if leaser, ok := r.seen.(Leaser); ok {
		return leaser.ClaimLease(ctx, id)
	}
	state, err = r.seen.Claim(ctx, id)
	return "", state, err
}

// settle notes how handling id ended, with err or nil.
func (r *Receiver) settle(ctx context.Context, id, token string, err error) error {
	// The outcome counts even when Shutdown gave f up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.timeout)
	defer cancel()
	done, release := r.seen.Done, r.seen.Release
	if leaser, ok := r.seen.(Leaser); ok {
		done = func(ctx context.Context, id string) error { return leaser.DoneLease(ctx, id, token) }
		release = func(ctx context.Context, id string) error { return leaser.ReleaseLease(ctx, id, token) }
	}
	if err != nil {
		if failed := release(ctx, id); failed != nil {
			err = fmt.Errorf("%w; and then Seen: Release: %w", err, failed)
		}
		return err
	}
	if failed := done(ctx, id); failed != nil {
		// f has succeeded: sending it again would make it worse.
		r.report(ctx, fmt.Errorf("notify: notification %s was handled, but Seen: Done: %w", quote.Plain(id), failed))
	}
	return nil
}

// protect calls f and turns a panic into an error.
func protect(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n\n%s", v, debug.Stack())
		}
	}()
	return f()
}
