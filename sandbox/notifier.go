package sandbox

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

const (
	// notifyTimeout is how long the platform waits for an answer.
	notifyTimeout = 5 * time.Second
	// maxNotifications is how many notifications are remembered.
	maxNotifications = 1000
	// maxSending is how many are sent at once.
	maxSending = 64
)

// A Notification is one that the sandbox sends, and what became of it.
type Notification struct {
	ID    string `json:"id"`
	MchID string `json:"mchid"`
	// EventType is what happened. A notification of APIv2 does not carry it, nor
	// the ID.
	EventType string `json:"event_type"`
	URL       string `json:"url"`
	// Probe is whether its signature is wrong on purpose, to see that it is
	// refused. A probe is sent once.
	Probe bool `json:"probe,omitempty"`
	// Sent is how often it was sent.
	Sent int `json:"sent"`
	// Status is that of the last answer, and Failure why there was none.
	Status  int    `json:"status,omitempty"`
	Failure string `json:"failure,omitempty"`
	// Acknowledged is whether an answer was 200 or 204, or of one of APIv2 said
	// SUCCESS. Of a probe it is the receiver's mistake: it does not verify.
	Acknowledged bool `json:"acknowledged"`
}

// An event is what a notification tells of.
type event struct {
	kind, original, summary string // event_type, original_type
	resource                any    // becomes JSON, or is a resourceV2
}

// A form is how the notifications of a protocol are written, sent and
// acknowledged.
type form interface {
	schedule() []time.Duration // how long after a sending that is not acknowledged comes the next
	seal(s *Server, n Notification, e event) (body []byte, err error)
	head(ctx context.Context, s *Server, d *delivery, h http.Header) error
	acknowledged(status int, answer []byte) bool
}

func (e event) form() form {
	if _, ok := e.resource.(resourceV2); ok {
		return formV2{}
	}
	return formV3{}
}

// A delivery is a Notification on its way.
type delivery struct {
	Notification // guarded by the notifier's mu
	form         form
	body         []byte
	serial       string // of the platform's key that its merchant worked with
	tries        int    // of the schedule that are over
}

// A notifier has the latest notifications.
type notifier struct {
	client  *http.Client
	own     *http.Transport // which no Client of the configuration uses
	speed   time.Duration   // divides the schedule
	sending chan struct{}

	mu     sync.Mutex
	latest []*delivery // oldest first
	count  uint64
}

func newNotifier(config Config) (*notifier, error) {
	if config.Speed < 0 {
		return nil, fmt.Errorf("the Speed is %d, want 1 or more", config.Speed)
	}
	own := nearby()
	client := &http.Client{Transport: own}
	if config.Client != nil {
		*client = *config.Client
	}
	client.Timeout = notifyTimeout
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &notifier{client: client, own: own, speed: time.Duration(max(config.Speed, 1)), sending: make(chan struct{}, maxSending)}, nil
}

// add remembers a delivery, and counts it.
func (n *notifier) add(d *delivery) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.latest) == maxNotifications {
		n.latest = slices.Delete(n.latest, 0, 1)
	}
	n.latest = append(n.latest, d)
	n.count++
	return n.count
}

// Notifications returns the latest notifications, oldest first; a thousand are
// remembered.
func (s *Server) Notifications() []Notification {
	n := s.notifier
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]Notification, len(n.latest))
	for i, d := range n.latest {
		all[i] = d.Notification
	}
	return all
}

// Resend sends a notification again, soon and once, whether it was acknowledged
// or not. It is an error that none of the latest has that id.
func (s *Server) Resend(id string) error {
	n := s.notifier
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.latest, func(d *delivery) bool { return d.ID == id })
	if i < 0 {
		return fmt.Errorf("sandbox: there is no notification %q among the latest", id)
	}
	d := n.latest[i]
	s.timetable.After(0, func(ctx context.Context) {
		if s.send(ctx, d) {
			s.forget(d)
		}
	})
	return nil
}

// notify has a merchant told of an event once what the transaction does is
// stored, soon, and again until it is acknowledged.
func (l *ledger) notify(mchID, url string, e event) error {
	if url == "" {
		return nil
	}
	d := &delivery{
		Notification: Notification{ID: l.newEventID(), MchID: mchID, EventType: e.kind, URL: url},
		form:         e.form(), serial: l.keyOf(mchID),
	}
	var err error
	if d.body, err = d.form.seal(l.Server, d.Notification, e); err != nil {
		d.Failure = err.Error()
		l.after = append(l.after, func() { l.notifier.add(d) })
		return nil
	}
	l.after = append(l.after, func() { l.start(d) })
	return l.keep(l.tx, d, l.now)
}

// newEventID is by chance: an ID that a sandbox used before its restart would
// be a notification that the receiver has had.
func (s *Server) newEventID() string { return "EV-" + beijing.Second(s.clock()) + rand.Text()[:12] }
