package notifier

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// probes is how many notifications there are for each one that comes with a
// probe.
const probes = 10

// isProbed reports whether the i-th notification comes with a probe. The seed
// decides it.
func (n *Notifier) isProbed(i uint64) bool {
	return rand.New(rand.NewPCG(n.Seed, i)).IntN(probes) == 0
}

// Start sends deliveries for the first time.
func (n *Notifier) Start(all []*Delivery) {
	for _, d := range all {
		n.start(d)
	}
}

func (n *Notifier) start(d *Delivery) {
	count := n.add(d)
	if d.Body == nil {
		return
	}
	if n.isProbed(count) && d.form.Spoil(make(http.Header)) {
		probe := &Delivery{Notification: d.Notification, form: d.form, Body: d.Body, Serial: d.Serial}
		probe.ID, probe.Probe = n.NewID(), true
		n.add(probe)
		n.Timetable.After(0, func(ctx context.Context) { n.send(ctx, probe) })
	}
	n.deliverAt(d, time.Now())
}

// deliverAt sends d when it is due, and again by the schedule until it is
// acknowledged. If too many wait, d is dropped.
func (n *Notifier) deliverAt(d *Delivery, due time.Time) {
	if !n.Timetable.At(due, func(ctx context.Context, due time.Time) { n.deliver(ctx, d, due) }) {
		n.forget(d)
	}
}

// deliver sends d, which was due. If the sandbox ends meanwhile, d stays in the
// store unchanged.
func (n *Notifier) deliver(ctx context.Context, d *Delivery, due time.Time) {
	acknowledged, waits := n.isAcknowledged(d) || n.send(ctx, d), d.form.Schedule()[d.tries:]
	switch {
	case !acknowledged && ctx.Err() != nil:
	case acknowledged || len(waits) == 0:
		n.forget(d)
	default:
		d.tries++
		due = due.Add(waits[0] / n.speed)
		n.postpone(d, due)
		n.deliverAt(d, due)
	}
}

// isAcknowledged reports whether d is acknowledged, for example because Resend
// sent it before its time.
func (n *Notifier) isAcknowledged(d *Delivery) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return d.Acknowledged
}

// send sends d once, and reports whether it is acknowledged.
func (n *Notifier) send(ctx context.Context, d *Delivery) bool {
	select {
	case n.sending <- struct{}{}:
		defer func() { <-n.sending }()
	case <-ctx.Done():
		return false
	}
	at, began := n.Clock(), time.Now()
	status, answer, err := n.post(ctx, d)
	took := time.Since(began)
	defer n.Changed()
	n.mu.Lock()
	defer n.mu.Unlock()
	d.Sent++
	d.Status, d.Failure = status, ""
	if err != nil {
		d.Failure = err.Error()
	}
	if len(d.Attempts) < maxAttempts {
		shown := strings.ToValidUTF8(string(answer[:min(len(answer), maxShown)]), "")
		d.Attempts = append(d.Attempts, Attempt{at, took, status, d.Failure, shown})
	}
	d.Acknowledged = d.Acknowledged || d.form.Acknowledged(status, answer)
	return d.Acknowledged
}

// maxAnswer is how many bytes of an answer are read, so that its connection can
// be reused.
const maxAnswer = 64 << 10

// post posts d, and returns the start of the answer.
func (n *Notifier) post(ctx context.Context, d *Delivery) (status int, answer []byte, err error) {
	req, err := NewRequest(ctx, d.form, d)
	if err != nil {
		return 0, nil, err
	}
	resp, err := n.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols { // its body is the connection
		return resp.StatusCode, nil, nil
	}
	// If the body matters, an answer that is cut off does not acknowledge.
	answer, _ = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, answer, nil
}

// NewRequest returns the request that sends d in a form.
func NewRequest(ctx context.Context, form Form, d *Delivery) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.Body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "*/*")
	if err := form.Sign(ctx, d.MchID, d.Serial, d.Body, req.Header); err != nil {
		return nil, err
	}
	if d.Probe {
		form.Spoil(req.Header)
	}
	return req, nil
}
