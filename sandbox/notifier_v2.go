package sandbox

import (
	"context"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/middleware"
)

// scheduleV2 is that of
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_7.
var scheduleV2 = [...]time.Duration{
	15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * time.Minute,
	30 * time.Minute, 30 * time.Minute, 30 * time.Minute, 30 * time.Minute, time.Hour,
}

// formV2 is the form of APIv2: XML with its sign inside, or, where that is not
// signed, with an encrypted req_info.
type formV2 struct{}

func (formV2) schedule() []time.Duration { return scheduleV2[:] }

func (formV2) head(_ context.Context, _ *Server, _ *delivery, h http.Header) error {
	h.Set("Content-Type", typeXML)
	return nil
}

// acknowledged takes the XML that says so, and nothing else.
func (formV2) acknowledged(status int, answer []byte) bool {
	fields, err := xmlmap.Decode(answer)
	return err == nil && status == http.StatusOK && fields["return_code"] == "SUCCESS"
}

// A resourceV2 is what a notification of APIv2 tells.
type resourceV2 struct {
	fields   map[string]any
	signType string // what they are signed by; "" for not at all
}

func (formV2) seal(s *Server, n Notification, e event) ([]byte, error) {
	r, _ := e.resource.(resourceV2)
	key := s.merchants[n.MchID].APIv2Key
	r.fields["return_code"] = "SUCCESS"
	if r.signType != "" {
		return sealV2(r.fields, r.signType, key)
	}
	reqInfo, _ := r.fields["req_info"].(map[string]any)
	text, err := xmlmap.Encode(reqInfo)
	if err != nil {
		return nil, err
	}
	r.fields["nonce_str"] = middleware.NewNonce()
	if r.fields["req_info"], err = cipher.EncryptECB(key, text); err != nil {
		return nil, err
	}
	return xmlmap.Encode(r.fields)
}
