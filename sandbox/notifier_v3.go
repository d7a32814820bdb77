package sandbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
)

// scheduleV3 is that of
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861.
var scheduleV3 = [...]time.Duration{
	15 * time.Second, 15 * time.Second, 30 * time.Second,
	3 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute,
	time.Hour, 3 * time.Hour, 3 * time.Hour, 3 * time.Hour, 6 * time.Hour, 6 * time.Hour,
}

// formV3 is the form of APIv3: JSON whose resource is encrypted, signed in the
// header.
type formV3 struct{}

func (formV3) schedule() []time.Duration { return scheduleV3[:] }

func (formV3) acknowledged(status int, _ []byte) bool {
	return status == http.StatusOK || status == http.StatusNoContent
}

// head signs d afresh: its timestamp is that of the sending.
func (formV3) head(ctx context.Context, s *Server, d *delivery, h http.Header) error {
	h.Set("Content-Type", "application/json")
	if err := platform.Sign(ctx, s.signerFor(cmp.Or(s.keyOf(d.MchID), d.serial)), h, strconv.FormatInt(s.wall().Unix(), 10), d.body); err != nil {
		return err
	}
	if d.Probe {
		h.Set("Wechatpay-Signature", probePrefix+h.Get("Wechatpay-Signature"))
	}
	return nil
}

func (formV3) seal(s *Server, n Notification, e event) ([]byte, error) {
	gcm, err := cipher.NewGCM(s.merchants[n.MchID].APIv3Key)
	if err != nil {
		return nil, err
	}
	text, err := plainjson.Encode(e.resource)
	if err != nil {
		return nil, err
	}
	sealed, err := gcm.Seal(text, rand.Text()[:12], e.original)
	if err != nil {
		return nil, err
	}
	return plainjson.Encode(envelope{n.ID, beijing.Format(s.clock()), e.kind, "encrypt-resource", e.summary, resource{e.original, sealed}})
}

type envelope struct {
	ID           string   `json:"id"`
	CreateTime   string   `json:"create_time"`
	EventType    string   `json:"event_type"`
	ResourceType string   `json:"resource_type"`
	Summary      string   `json:"summary"`
	Resource     resource `json:"resource"`
}

type resource struct {
	OriginalType string `json:"original_type"`
	cipher.Sealed
}
