// Package paid makes notifications as the platform sends them, for tests and examples.
package paid

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

const serial = "PUB_KEY_ID_0114232134912410000000000002"

// A Platform signs and encrypts notifications. Its keys are those of the test vectors,
// so platforms of several processes are the same.
type Platform struct {
	apiv3Key string
	key      *rsa.PublicKey
	signer   signer.Signer
	cipher   *cipher.GCM
}

// New returns a Platform.
func New() (*Platform, error) {
	v, err := vectors.Read()
	if err != nil {
		return nil, err
	}
	key, err := v.MerchantKey()
	if err != nil {
		return nil, err
	}
	p := &Platform{apiv3Key: v.APIv3Key, key: &key.PublicKey}
	if p.signer, err = signer.NewRSA(serial, key); err != nil {
		return nil, err
	}
	p.cipher, err = cipher.NewGCM(v.APIv3Key)
	return p, err
}

// Notify returns a Receiver of the merchant, as the client of the merchant does.
func (p *Platform) Notify(edit ...notify.Option) *notify.Receiver {
	config := notify.Config{Keys: keys.Static{serial: p.key}, APIv3Key: p.apiv3Key}
	for _, f := range edit {
		f(&config)
	}
	return config.Receiver()
}

// Request returns the notification that an order was paid with total fen.
func (p *Platform) Request(ctx context.Context, url, id, outTradeNo string, total int) (*http.Request, error) {
	payment, err := json.Marshal(map[string]any{"out_trade_no": outTradeNo, "amount": map[string]any{"total": total}})
	if err != nil {
		return nil, err
	}
	n := platform.Notification{ID: id, CreateTime: "2026-11-24T10:00:00+08:00", EventType: "TRANSACTION.SUCCESS", OriginalType: "transaction"}
	body, err := n.Write(p.cipher, payment)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(string(body)))
	if err != nil {
		return nil, err
	}
	return req, platform.Sign(ctx, p.signer, req.Header, strconv.FormatInt(time.Now().Unix(), 10), body)
}
