package sandbox

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/keys"
)

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
	mchID := s.Merchant().MchID
	if e.Serial != "" {
		if !strings.EqualFold(s.signerFor(e.Serial).SerialNo(), e.Serial) {
			return nil, fmt.Errorf("the platform has no key %.64q; its public key is %s…", e.Serial, keys.PublicKeyIDPrefix)
		}
		s.keysOf.Store(mchID, e.Serial)
	}
	d := &delivery{Notification: Notification{ID: s.newEventID(), MchID: mchID, EventType: e.Type, URL: url, Probe: e.Probe}, form: formV3{}}
	var err error
	if d.body, err = d.form.seal(s, d.Notification, event{e.Type, e.OriginalType, e.Summary, e.Resource}); err != nil {
		return nil, err
	}
	return s.request(ctx, d)
}

// request is a sending of d.
func (s *Server) request(ctx context.Context, d *delivery) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL, bytes.NewReader(d.body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "*/*")
	if err := d.form.head(ctx, s, d, req.Header); err != nil {
		return nil, err
	}
	return req, nil
}
