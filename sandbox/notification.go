package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/notifier"
	"github.com/wxchain/wechatpay/sandbox/internal/v3"
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

// Notifications returns the latest notifications, oldest first; a thousand are
// remembered.
func (s *Server) Notifications() []Notification {
	latest := s.notifier.Latest()
	all := make([]Notification, len(latest))
	for i, n := range latest {
		all[i] = Notification(n)
	}
	return all
}

// Resend sends a notification again, soon and once, whether it was acknowledged
// or not. It is an error that none of the latest has that id.
func (s *Server) Resend(id string) error {
	if !s.notifier.Resend(id) {
		return fmt.Errorf("sandbox: there is no notification %q among the latest", id)
	}
	return nil
}

// An Event is what a notification tells of, for [Server.NewNotification].
type Event struct {
	// Type is the event_type, such as "TRANSACTION.SUCCESS".
	Type string
	// OriginalType is what Resource is, such as "transaction".
	OriginalType string
	// Summary says it in Chinese, such as 支付成功.
	Summary string
	// Resource becomes JSON, and is encrypted.
	Resource any
	// Probe makes the signature one that does not hold, to see that it is
	// refused.
	Probe bool
	// Serial is the id of the platform public key, or the serial number of the
	// platform certificate, that the merchant works with from now on. If it is
	// empty, that does not change.
	Serial string
}

// NewNotification returns the request that tells the first of the sandbox's
// merchants of e, signed now and with an ID of its own. It is not sent: an
// http.Client does that, or a handler under test takes it without a network.
// [Server.Notifications] does not list it. It is an error that the Resource is
// no JSON, the url none, or the Serial no key of the platform's.
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
		if !strings.EqualFold(s.issuer.SignerFor(e.Serial).SerialNo(), e.Serial) {
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
