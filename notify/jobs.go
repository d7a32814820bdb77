package notify

import (
	"context"
	"fmt"
	"net/http"
	"sync"
)

// jobs are the functions at work, some of them after their answer.
type jobs struct {
	mu      sync.Mutex
	closed  bool
	running map[*job]struct{}
	idle    chan struct{} // closed when jobs are closed and none is running
}

type job struct{ cancel context.CancelFunc }

func newJobs() *jobs {
	return &jobs{running: make(map[*job]struct{}), idle: make(chan struct{})}
}

// start returns the context of a new job, which carries the values of ctx but
// does not end with it, and what is to be called at the end of the job.
func (j *jobs) start(ctx context.Context) (context.Context, func(), error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, nil, refuse(http.StatusServiceUnavailable, "the Receiver was shut down")
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	one := &job{cancel}
	j.running[one] = struct{}{}
	return ctx, func() {
		cancel()
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.running, one)
		j.settle()
	}, nil
}

func (j *jobs) settle() {
	if j.closed && len(j.running) == 0 {
		close(j.idle)
	}
}

// close takes no more jobs.
func (j *jobs) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.closed {
		j.closed = true
		j.settle()
	}
}

// cancel ends the contexts of all jobs and returns their number.
func (j *jobs) cancel() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	for one := range j.running {
		one.cancel()
	}
	return len(j.running)
}

// Shutdown waits until all functions have returned, including those whose
// notification was answered before. Call it after [http.Server.Shutdown], which does
// not wait for them. Later requests are answered 503. If ctx ends first, Shutdown
// cancels the contexts of the functions and returns an error that wraps the error of
// ctx. Another Shutdown then waits for them to return.
func (r *Receiver) Shutdown(ctx context.Context) error {
	if r.fault() != nil {
		return nil
	}
	r.jobs.close()
	select {
	case <-r.jobs.idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("notify: Shutdown: functions still at work: %d: %w", r.jobs.cancel(), ctx.Err())
	}
}
