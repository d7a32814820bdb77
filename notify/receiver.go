// Package notify receives what WeChat Pay tells a merchant of its own accord:
// that an order was paid, a refund went through, a coupon was used, a user
// complained.
//
// A [Receiver], made by [New], verifies that a notification comes from the
// platform, decrypts it, and hands it to a function of yours ([Receiver.Handler])
// or to the code around it ([Receiver.Parse]). It takes the JSON of APIv3 and
// the XML of APIv2, on the same address if need be: what carries none of the
// Wechatpay headers and starts as XML is of APIv2.
//
// The platform sends a notification again, for a day, until it is answered with
// success, and sometimes after that. A handler does not hand over again what its
// store ([Seen]) says was handled. The default store is the memory of the process:
// after a restart, and in another process, a notification is handed over again.
// So the function must do no harm when it is called twice. That no notification
// came does not mean that nothing happened: query.
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

// A Receiver takes notifications. It is safe for any number of goroutines, and
// one serves all the addresses of a merchant. Printing it shows no secret.
type Receiver struct {
	keys    signer.PublicKeys
	gcm     *cipher.GCM // nil without APIv3
	apiv2   apiv2       // nil without APIv2
	seen    Seen
	clock   func() time.Time
	timeout time.Duration
	onError func(context.Context, error)
	jobs    *jobs // nil unless the Receiver can be used
	broken  error // why it cannot, if Config.Receiver made it
}

var errNotMade = errors.New("the Receiver was not made by notify.New or by a client: it has no keys")

// fault returns why r takes nothing, or nil.
func (r *Receiver) fault() error {
	switch {
	case r == nil || r.jobs == nil && r.broken == nil:
		return errNotMade
	default:
		return r.broken
	}
}

// within is how long a request may take, whether or not r can be used.
func (r *Receiver) within() time.Duration {
	if r == nil || r.timeout == 0 {
		return defaultTimeout
	}
	return r.timeout
}

// Format prints a name and no key, whatever the verb.
func (Receiver) Format(f fmt.State, _ rune) { io.WriteString(f, "notify.Receiver") }
