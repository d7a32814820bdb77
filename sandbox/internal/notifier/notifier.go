// Package notifier notifies merchants of events in a sandbox: soon, and again
// until they acknowledge. Notifications that wait are in the store, so they are
// not lost with the process.
package notifier

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
	"github.com/wxchain/wechatpay/sandbox/internal/timetable"
)

const (
	// sendTimeout is how long the platform waits for an answer.
	sendTimeout = 5 * time.Second
	// maxLatest is how many notifications are remembered.
	maxLatest = 1000
	// maxSending is how many are sent at once.
	maxSending = 64
)

// A Form is how the notifications of a protocol are written, sent and
// acknowledged.
type Form interface {
	// Schedule returns the delays before each next attempt.
	Schedule() []time.Duration
	// Kind returns the event_type of an event.
	Kind(e money.Event) string
	// Write returns the body of the notification with an id.
	Write(mchID, id string, now time.Time, e money.Event) (body []byte, err error)
	// Sign completes the header of an attempt to send body to a merchant that
	// works with the platform's key serial.
	Sign(ctx context.Context, mchID, serial string, body []byte, h http.Header) error
	// Spoil replaces the signature in a header with that of a probe. It returns
	// false if the protocol has no probes.
	Spoil(h http.Header) bool
	Acknowledged(status int, answer []byte) bool
}

// A Notification is a notification that the sandbox sends, and its outcome.
type Notification struct {
	ID           string `json:"id"`
	MchID        string `json:"mchid"`
	EventType    string `json:"event_type"`
	URL          string `json:"url"`
	Probe        bool   `json:"probe,omitempty"`
	Sent         int    `json:"sent"`
	Status       int    `json:"status,omitempty"`
	Failure      string `json:"failure,omitempty"`
	Acknowledged bool   `json:"acknowledged"`

	Created  time.Time `json:"created,omitzero"` // by the clock of the sandbox
	Numbers  []string  `json:"numbers,omitempty"`
	Attempts []Attempt `json:"attempts,omitempty"`
}

// An Attempt is one sending of a notification. Times are those of the sandbox.
type Attempt struct {
	Time    time.Time     `json:"time"`
	Took    time.Duration `json:"took"`
	Status  int           `json:"status,omitempty"`
	Failure string        `json:"failure,omitempty"`
	Answer  string        `json:"answer,omitempty"`
}

// How much is remembered of attempts.
const (
	maxAttempts = 40
	maxShown    = 1 << 10 // bytes of an answer
)

// A Delivery is a Notification on its way.
type Delivery struct {
	Notification // guarded by the notifier's mu
	Body         []byte
	Serial       string // of the platform's key that its merchant worked with
	form         Form
	tries        int // attempts of the schedule that were made
}

// Config is what a Notifier works with.
type Config struct {
	Store     store.Store
	Timetable *timetable.Timetable
	Clock     func() time.Time
	Seed      uint64                    // decides which notifications come with a probe
	Speed     int                       // divides the schedules; 0 is 1
	Client    *http.Client              // or nil for one that reaches what is near
	KeyOf     func(mchID string) string // the serial number or id of the key that a merchant works with
	Changed   func()                    // is called when there is something new to list
	V3        Form
	V2        interface { // for the events that it tells; V3 tells the others
		Form
		Tells(e money.Event) bool
	}
}

// A Notifier sends notifications and remembers the latest.
type Notifier struct {
	Config
	client  *http.Client
	own     *http.Transport // not shared with the Client of the configuration
	speed   time.Duration   // divides the schedule
	sending chan struct{}

	mu     sync.Mutex
	latest []*Delivery // oldest first
	count  uint64
}

// New returns a Notifier.
func New(config Config) (*Notifier, error) {
	if config.Speed < 0 {
		return nil, fmt.Errorf("the Speed is %d, want 1 or more", config.Speed)
	}
	own := nearby()
	client := &http.Client{Transport: own}
	if config.Client != nil {
		*client = *config.Client
	}
	client.Timeout = sendTimeout
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Notifier{Config: config, client: client, own: own, speed: time.Duration(max(config.Speed, 1)), sending: make(chan struct{}, maxSending)}, nil
}

// Close ends the connections of a Notifier whose timetable is closed.
func (n *Notifier) Close() { n.own.CloseIdleConnections() }

// Keep stores the notifications of events, in the transaction in which the events
// happened. Start sends them once they are stored.
func (n *Notifier) Keep(tx store.Tx, now time.Time, events []money.Event) (all []*Delivery, err error) {
	for _, e := range events {
		mchID, url := e.Told()
		if url == "" {
			continue
		}
		form := n.V3
		if n.V2.Tells(e) {
			form = n.V2
		}
		d := &Delivery{
			Notification: Notification{ID: n.NewID(), MchID: mchID, EventType: form.Kind(e), URL: url, Created: now, Numbers: e.Numbers()},
			form:         form, Serial: n.KeyOf(mchID),
		}
		if d.Body, err = form.Write(mchID, d.ID, n.Clock(), e); err != nil {
			d.Failure = err.Error() // it is listed but never sent
		} else if err := n.keep(tx, d, now); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// NewID returns a random ID. If an ID repeated one from before a restart, the
// receiver would take the notification for one that it has handled.
func (n *Notifier) NewID() string { return "EV-" + beijing.Second(n.Clock()) + rand.Text()[:12] }

// add remembers a delivery and returns its number.
func (n *Notifier) add(d *Delivery) uint64 {
	defer n.Changed()
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.latest) == maxLatest {
		n.latest = slices.Delete(n.latest, 0, 1)
	}
	n.latest = append(n.latest, d)
	n.count++
	return n.count
}

// Latest returns the latest notifications, oldest first.
func (n *Notifier) Latest() []Notification {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]Notification, len(n.latest))
	for i, d := range n.latest {
		all[i] = d.Notification
		all[i].Attempts = slices.Clone(d.Attempts)
	}
	return all
}

// Body returns the body of a remembered notification.
func (n *Notifier) Body(id string) (body []byte, found bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.latest, func(d *Delivery) bool { return d.ID == id })
	if i < 0 {
		return nil, false
	}
	return n.latest[i].Body, true
}

// Resend sends a notification once more, soon, even if it was acknowledged. It
// returns false if no remembered notification has that id.
func (n *Notifier) Resend(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.latest, func(d *Delivery) bool { return d.ID == id })
	if i < 0 {
		return false
	}
	d := n.latest[i]
	n.Timetable.After(0, func(ctx context.Context) {
		if n.send(ctx, d) {
			n.forget(d)
		}
	})
	return true
}
