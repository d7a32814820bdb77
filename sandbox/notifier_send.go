package sandbox

import (
	"context"
	"io"
	"net/http"
	"time"
)

// start sends a delivery for the first time.
func (s *Server) start(d *delivery) {
	if s.isProbed(s.notifier.add(d)) && d.form == (formV3{}) { // the signatures of APIv2 are not probed
		probe := &delivery{Notification: d.Notification, form: d.form, body: d.body, serial: d.serial}
		probe.ID, probe.Probe = s.newEventID(), true
		s.notifier.add(probe)
		s.timetable.After(0, func(ctx context.Context) { s.send(ctx, probe) })
	}
	s.deliverAt(d, time.Now())
}

// deliverAt sends d when it is due, and again by the schedule until it is
// acknowledged. One that is one too many is dropped.
func (s *Server) deliverAt(d *delivery, due time.Time) {
	if !s.timetable.At(due, func(ctx context.Context, due time.Time) { s.deliver(ctx, d, due) }) {
		s.forget(d)
	}
}

// deliver sends d, which was due. What the end of the sandbox cuts off stays as
// it was in the store.
func (s *Server) deliver(ctx context.Context, d *delivery, due time.Time) {
	acknowledged, waits := s.isAcknowledged(d) || s.send(ctx, d), d.form.schedule()[d.tries:]
	switch {
	case !acknowledged && ctx.Err() != nil:
	case acknowledged || len(waits) == 0:
		s.forget(d)
	default:
		d.tries++
		due = due.Add(waits[0] / s.notifier.speed)
		s.postpone(d, due)
		s.deliverAt(d, due)
	}
}

// isAcknowledged tells whether d is, as when Resend came before its time.
func (s *Server) isAcknowledged(d *delivery) bool {
	s.notifier.mu.Lock()
	defer s.notifier.mu.Unlock()
	return d.Acknowledged
}

// send sends d once, and tells whether it is acknowledged.
func (s *Server) send(ctx context.Context, d *delivery) bool {
	n := s.notifier
	select {
	case n.sending <- struct{}{}:
		defer func() { <-n.sending }()
	case <-ctx.Done():
		return false
	}
	status, answer, err := s.post(ctx, d)
	n.mu.Lock()
	defer n.mu.Unlock()
	d.Sent++
	d.Status, d.Failure = status, ""
	if err != nil {
		d.Failure = err.Error()
	}
	d.Acknowledged = d.Acknowledged || d.form.acknowledged(status, answer)
	return d.Acknowledged
}

// post posts d, and returns the start of the answer.
func (s *Server) post(ctx context.Context, d *delivery) (status int, answer []byte, err error) {
	req, err := s.request(ctx, d)
	if err != nil {
		return 0, nil, err
	}
	resp, err := s.notifier.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols { // whose body is the connection
		return resp.StatusCode, nil, nil
	}
	// What is cut off acknowledges nothing, where the body counts.
	answer, _ = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	return resp.StatusCode, answer, nil
}

// maxAnswer is how much of an answer is read, in bytes, so that its connection
// can be used again.
const maxAnswer = 64 << 10
