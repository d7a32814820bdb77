// Package notify receives the notifications of WeChat Pay: an order was paid, a
// refund succeeded, a coupon was used, a user complained.
//
// A [Receiver], made by [New], verifies that a notification comes from the
// platform and decrypts it. [Receiver.Handler] hands it to your function, and
// [Receiver.Parse] returns it. A Receiver accepts the JSON of APIv3 and the XML of
// APIv2 at the same URL: a request without Wechatpay headers whose body starts as
// XML is APIv2.
//
// The platform repeats a notification for a day until the answer reports success,
// and sometimes after that. A handler does not hand over a notification that its
// store ([Seen]) knows as handled. The default store is the memory of the process:
// after a restart, and in another process, a notification is handed over again.
// Your function must be idempotent. A notification may also be lost, so query
// before you conclude that nothing happened.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012071382
package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/signer"
)

// A Receiver receives the notifications of a merchant, at any number of URLs. It is
// safe for concurrent use. Printing it shows no secret.
type Receiver struct {
	keys    signer.PublicKeys
	gcm     *cipher.GCM // nil without APIv3
	gcmOf   func(cipher.Sealer) (*cipher.GCM, error)
	apiv2   apiv2 // nil without APIv2
	seen    Seen
	clock   func() time.Time
	timeout time.Duration
	onError func(context.Context, error)
	jobs    *jobs // nil unless the Receiver can be used
	broken  error // why it cannot, if Config.Receiver made it
}

var errNotMade = errors.New("the Receiver was not made by notify.New or by a client: it has no keys")

// fault returns the error of a Receiver that cannot work, or nil.
func (r *Receiver) fault() error {
	switch {
	case r == nil || r.jobs == nil && r.broken == nil:
		return errNotMade
	default:
		return r.broken
	}
}

// within is how long a request may take, even if r cannot work.
func (r *Receiver) within() time.Duration {
	if r == nil || r.timeout == 0 {
		return defaultTimeout
	}
	return r.timeout
}

// Format prints a name and no key, whatever the verb.
func (Receiver) Format(f fmt.State, _ rune) { io.WriteString(f, "notify.Receiver") }
