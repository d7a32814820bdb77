package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/notifier"
	"github.com/wxchain/wechatpay/sandbox/internal/v3"
)

// A Notification is a notification that the sandbox sends, and its outcome.
type Notification struct {
	ID    string `json:"id"`
	MchID string `json:"mchid"`
	// EventType is what happened. Notifications of APIv2 carry neither it nor the
	// ID.
	EventType string `json:"event_type"`
	URL       string `json:"url"`
	// Probe reports whether the signature is wrong on purpose: the receiver must
	// refuse it. A probe is sent once.
	Probe bool `json:"probe,omitempty"`
	// Sent is how often it was sent.
	Sent int `json:"sent"`
	// Status is the status of the last answer. Failure is why there was none.
	Status  int    `json:"status,omitempty"`
	Failure string `json:"failure,omitempty"`
	// Acknowledged reports whether an answer was 200 or 204 or, for APIv2, said
	// SUCCESS. A receiver that acknowledges a probe does not verify signatures.
	Acknowledged bool `json:"acknowledged"`

	// Created is when it happened. Numbers are the numbers of what it is about, such
	// as an out_trade_no. Attempts are the first 40 of its sendings.
	Created  time.Time `json:"created,omitzero"`
	Numbers  []string  `json:"numbers,omitempty"`
	Attempts []Attempt `json:"attempts,omitempty"`
}

// An Attempt is one sending of a notification: when, by the clock of the sandbox,
// how long the answer took, and the status and the start of the answer, or why there
// was none.
type Attempt = notifier.Attempt

// Notifications returns the latest thousand notifications, oldest first.
func (s *Server) Notifications() []Notification {
	latest := s.notifier.Latest()
	all := make([]Notification, len(latest))
	for i, n := range latest {
		all[i] = Notification(n)
	}
	return all
}

// NotificationPage returns a page of the latest thousand notifications.
func (s *Server) NotificationPage(q Query) (Page[Notification], error) {
	page := Page[Notification]{Items: []Notification{}}
	all := s.Notifications()
	slices.Reverse(all)
	if q.Before != "" {
		i := slices.IndexFunc(all, func(n Notification) bool { return n.ID == q.Before })
		if i < 0 {
			return page, noNotification(q.Before)
		}
		all = all[i+1:]
	}
	for _, n := range all {
		if !q.hasNotification(n) {
			continue
		}
		if len(page.Items) == q.limit() {
			page.Next = page.Items[len(page.Items)-1].ID
			break
		}
		page.Items = append(page.Items, n)
	}
	return page, nil
}

// hasNotification reports whether a query selects a notification.
func (q Query) hasNotification(n Notification) bool {
	if q.MchID != "" && n.MchID != q.MchID && !isPartOf(q.MchID, n.MchID) {
		return false
	}
	has := func(text string) bool { return strings.Contains(text, q.Text) }
	return has(n.ID) || has(n.URL) || has(n.EventType) || slices.ContainsFunc(n.Numbers, has)
}

// Notification returns one of the latest thousand notifications, and the body that
// is sent.
func (s *Server) Notification(id string) (n Notification, body string, err error) {
	all := s.Notifications()
	i := slices.IndexFunc(all, func(n Notification) bool { return n.ID == id })
	text, found := s.notifier.Body(id)
	if i < 0 || !found {
		return n, "", noNotification(id)
	}
	return all[i], string(text), nil
}

// Resend sends a notification once more, acknowledged or not. It does not wait for
// the answer. It is an error that no remembered notification has that id.
func (s *Server) Resend(id string) error {
	if !s.notifier.Resend(id) {
		return noNotification(id)
	}
	return nil
}

func noNotification(id string) error {
	return missing{fmt.Errorf("sandbox: there is no notification %q among the latest", id)}
}

// An Event is the content of a notification, for [Server.NewNotification].
type Event struct {
	// Type is the event_type, such as "TRANSACTION.SUCCESS".
	Type string
	// OriginalType is the original_type of the resource, such as "transaction".
	OriginalType string
	// Summary is the summary, such as 支付成功.
	Summary string
	// Resource is encoded as JSON and encrypted.
	Resource any
	// Probe makes the signature wrong, to test that the receiver refuses it.
	Probe bool
	// Serial is the id of the platform public key, or the serial number of the
	// platform certificate, that the merchant works with from now on. If it is
	// empty, that does not change.
	Serial string
}

// NewNotification returns the request that notifies the first merchant of e,
// signed now and with a new ID. It does not send the request: use an http.Client,
// or hand it to a handler under test. [Server.Notifications] does not list it. It
// is an error that the Resource cannot be encoded, that the url is malformed, or
// that the platform has no key with that Serial.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861
func (s *Server) NewNotification(ctx context.Context, url string, e Event) (*http.Request, error) {
	req, err := s.newNotification(ctx, url, e)
	if err != nil {
		return nil, fmt.Errorf("sandbox: notification of %s: %w", e.Type, err)
	}
	return req, nil
}

func (s *Server) newNotification(ctx context.Context, url string, e Event) (*http.Request, error) {
	mchID := s.first.MchID
	if e.Serial != "" {
		if !strings.EqualFold(s.issuer.Named(s.caller().Key.Scheme(), e.Serial).SerialNo(), e.Serial) {
			return nil, fmt.Errorf("the platform has no key %.64q; its public key is %s…", e.Serial, keys.PublicKeyIDPrefix)
		}
		s.issuer.Note(mchID, e.Serial)
	}
	id := s.notifier.NewID()
	body, err := s.notices.WriteNotice(mchID, id, s.clock(), v3.Notice{Kind: e.Type, Original: e.OriginalType, Summary: e.Summary, Resource: e.Resource})
	if err != nil {
		return nil, err
	}
	return notifier.NewRequest(ctx, s.notices, &notifier.Delivery{Notification: notifier.Notification{ID: id, MchID: mchID, URL: url, Probe: e.Probe}, Body: body})
}
