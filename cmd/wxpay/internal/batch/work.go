package batch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/fleet"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/priority"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// NewWork returns the command wxpay work.
func NewWork(b *build.Build) *cobra.Command {
	s := settings.Settings{Build: b}
	var servers fleet.Settings
	var concurrency int
	cmd := &cobra.Command{
		Use:   "work --nats URL",
		Short: "Make the calls of batches that come over NATS",
		Long: `work takes the lines that wxpay batch --nats has published, makes their calls, and
stores the results on the NATS servers. Start it on as many machines as you like,
at any time. It works on all batches of the merchants that its settings have keys
for, and leaves other batches to others. Calls are retried, spaced and recorded as
wxpay batch does.

If a worker dies, its lines go to another worker, which sends them again under the
same merchant's number. A line without such a number is recorded on the servers
before it is sent. If its worker dies then, its result is unknown, and nobody
sends it again.

If the calls of a batch fail one after the other, for example because the network
or a key is at fault, the worker leaves the batch for half a minute, and then
tries one call. ctrl-C or SIGTERM ends the worker after the calls under way; it
gives back the lines that it has not begun.

A worker lets other programs on the machine go first, such as the NATS servers: its
priority becomes 10, unless you start it with another by nice.

` + fleet.Help + `

` + settings.Help,
		Example: `  wxpay work --nats nats://10.0.0.1:4222,nats://10.0.0.2:4222 --concurrency 64
  wxpay work --nats tls://nats.example.com --nats-creds worker.creds`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if concurrency < 1 || concurrency > maxConcurrency {
				return exit.Misuse(lang.Errorf("--concurrency %d is not a number from 1 to %d", concurrency, maxConcurrency))
			}
			return work(cmd, &s, servers, concurrency)
		},
	}
	s.Bind(cmd)
	servers.Bind(cmd.Flags())
	cmd.Flags().IntVar(&concurrency, "concurrency", 32, "maximum number of calls at the same time")
	return cmd
}

func work(cmd *cobra.Command, s *settings.Settings, from fleet.Settings, concurrency int) error {
	merchants, err := s.LoadAll()
	if err != nil {
		return err
	}
	if err := s.Build.Warn(lang.From(cmd.Context()), cmd.ErrOrStderr(), "wxpay work"); err != nil {
		return err
	}
	for i := range merchants {
		if _, err := merchants[i].NewClient(cmd.Context(), nil, options{}.stack); err != nil {
			return err
		}
	}
	priority.Lower()
	f, err := servers(cmd, from)
	if err != nil {
		return err
	}
	defer f.Close()
	pace, err := f.NewPace(cmd.Context())
	if err != nil {
		return err
	}
	w := &worker{lang: lang.From(cmd.Context()), merchants: merchants, pace: pace, most: f.MaxData(), notes: cmd.ErrOrStderr()}
	fleetWorker := &fleet.Worker{Fleet: f, Concurrency: concurrency, Accept: w.accept, Skip: w.skip, Removed: w.removed, Report: w.report}
	w.note("waiting for the lines of batches")
	err = fleetWorker.Run(cmd.Context())
	w.note("%d lines have a result of this worker, %d of them an error", w.stored, w.failed)
	if cmd.Context().Err() != nil {
		return nil // it was told to end
	}
	return err
}

// A worker makes the calls of batches on NATS.
type worker struct {
	lang      lang.Language
	merchants []settings.Settings
	pace      *fleet.Pace
	most      int // bytes of a result

	mu     sync.Mutex
	notes  io.Writer
	stored int64
	failed int64
}

// note says something in the language of the worker.
func (w *worker) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(w.notes, "wxpay work: %s\n", term.Visible(w.lang.Sprintf(format, args...)))
}

// skip says why the worker cannot work on a batch.
func (w *worker) skip(err error) { w.note("%v; this worker takes none of its lines", err) }

// removed says that somebody has removed the list of batches.
func (w *worker) removed() {
	w.note("the bucket of batches was removed from the NATS servers; to go on with a batch, run the wxpay batch command that published it again")
}

// report says why the worker leaves a batch for a while.
func (w *worker) report(q *fleet.Batch, err error, pause time.Duration) {
	if errors.Is(err, fleet.ErrRemoved) {
		w.note("batch %s: %v; publish its file again, or stop it with wxpay batch cancel %s", q.ID, err, q.ID)
		return
	}
	w.note("batch %s: %v; this worker tries again in %v", q.ID, err, pause)
}

// accept returns the handler for the lines of a batch, or nil if this worker lacks
// keys for the batch.
func (w *worker) accept(ctx context.Context, q *fleet.Batch, goOn func()) (fleet.Handler, error) {
	i := slices.IndexFunc(w.merchants, func(s settings.Settings) bool { return s.MchID == q.MchID })
	if i < 0 {
		w.note("batch %s is of merchant %s, which this worker has no keys for; it takes none of its lines", q.ID, q.MchID)
		return nil, nil
	}
	s := w.merchants[i]
	if s.Host() != q.Host {
		w.note("batch %s calls %s, and the settings of this worker call %s; it takes none of its lines", q.ID, q.Host, s.Host())
		return nil, nil
	}
	marks, err := q.Marks(ctx)
	if err != nil {
		return nil, err
	}
	// Calls in progress finish even if ctx ends, so the client does not use ctx.
	client, err := s.NewClient(context.WithoutCancel(ctx), nil, options{noValidate: q.NoValidate}.stack)
	if err != nil {
		return nil, err
	}
	chain := client.Chain(q.Path)
	g := newGuard(operation.Find(q.Method, chain.String()))
	b := batch{chain: chain, method: q.Method, retry: q.Retry, guard: g, notes: w.notes, goOn: goOn,
		limiter: rate.NewLimiter(rate.Inf, 1), orders: &queueSpacing{w.pace, g.repeat.Apart, q.MchID}}
	if q.Rate > 0 {
		b.limiter = w.pace.Limiter(q.Rate, q.MchID, q.Host, q.Method, q.Path)
	}
	w.note("batch %s: %s %s, %d lines", q.ID, q.Method, q.Path, q.Lines)
	h := &handler{w: w, batch: b, marks: marks, tally: newTally(q.Lines)}
	return h.handle, nil
}

// A handler makes the calls of a batch on NATS.
type handler struct {
	w     *worker
	batch batch // its journal is that of a task
	marks *fleet.Marks

	mu    sync.Mutex
	tally *tally
}

const (
	mostDelivered = 3               // workers that try a line whose error may be temporary
	releaseTime   = 5 * time.Second // before another worker gets a line
)

// handle makes the call of a line and stores its result, or gives the line back.
func (h *handler) handle(ctx context.Context, t *fleet.Task) error {
	r, err := decodeRecord(t.Line, t.Data)
	if err != nil {
		t.Release(releaseTime)
		return err
	}
	journal := &taskJournal{marks: h.marks, task: t}
	b := h.batch
	b.journal = journal
	res, sent, err := b.send(ctx, r)
	switch {
	case errors.Is(err, errBegun):
		return h.store(t, cutOff(t.Line))
	case err != nil:
		t.Release(releaseTime)
		if ctx.Err() != nil {
			return nil
		}
		return lang.Errorf("line %d: %w", t.Line, err)
	case !sent:
		t.Release(0)
		return nil
	}
	alarm := h.count(res)
	if res.Again && res.kept {
		if err := journal.end(t.Line, res.mark); err != nil {
			return errors.Join(alarm, err) // the line comes again, and its mark says that it began
		}
	}
	if res.Again && (h.isForAnother(res) || res.passes() && t.Delivered < mostDelivered) {
		t.Release(releaseTime)
		return alarm
	}
	return errors.Join(alarm, h.store(t, res))
}

// count counts a result, and returns the reason to leave the batch, or nil.
func (h *handler) count(res result) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.tally.judge(res)
}

// isForAnother reports whether another worker may succeed: the fault is on this
// side, and none of the calls of this worker was accepted.
func (h *handler) isForAnother(res result) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return res.isAlarming() && h.tally.accepted == 0
}

// store stores the result of a line.
func (h *handler) store(t *fleet.Task, res result) error {
	var text bytes.Buffer
	if err := res.appendTo(&text); err != nil {
		return err
	}
	if text.Len() > h.w.most {
		size := text.Len()
		text.Reset()
		if err := tooLong(res, size, h.w.most).appendTo(&text); err != nil {
			return err
		}
	}
	return t.Store(fleet.Result{Data: text.Bytes(), Again: res.Again, Now: res.kept, Stored: func() {
		h.w.mu.Lock()
		defer h.w.mu.Unlock()
		h.w.stored++
		if res.Error != nil {
			h.w.failed++
		}
	}})
}

// tooLong returns a result without the answer, which the servers do not take.
func tooLong(res result, size, most int) result {
	return result{Line: res.Line, Status: res.Status, RequestID: res.RequestID, Attempts: res.Attempts, Error: &lineError{Kind: unknownKind,
		Message: fmt.Sprintf("the result takes %d bytes, and the NATS servers take %d in a message; the platform answered, and the answer is not kept: look it up", size, most)}}
}

// queueSpacing spaces the calls of all workers for one order.
type queueSpacing struct {
	pace  *fleet.Pace
	apart time.Duration
	mchID string
}

func (s *queueSpacing) wait(ctx context.Context, order string) bool {
	if order == "" || s.apart == 0 {
		return ctx.Err() == nil
	}
	return s.pace.Apart(ctx, s.apart, s.mchID, order) == nil
}
