package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidwall/gjson"
)

// A Notification is what the platform tells, verified and decrypted.
type Notification struct {
	// ID is the same each time that the platform sends the notification. One of
	// APIv2 has none of its own: it is the SHA-256, in hexadecimal, of what its
	// signature is over, without nonce_str; or of the fields in req_info, where
	// these alone are shown to be the platform's.
	ID string
	// EventType is what happened: "TRANSACTION.SUCCESS", "REFUND.CLOSED",
	// "COUPON.USE", … Those that this library does not know are handed over as
	// well. It is empty in a notification of APIv2, and only there.
	EventType string
	// Summary says it in Chinese, such as 支付成功. It is empty in one of APIv2.
	Summary string
	// CreateTime is when the notification was made. It is zero in one of APIv2,
	// and where the platform wrote it in another way than RFC 3339.
	CreateTime time.Time
	// Resource is what the notification is about, as JSON: the decrypted
	// resource, or the fields of APIv2's XML, all of which are strings, with
	// req_info opened in its place. Get and Decode read it.
	Resource json.RawMessage
	// Raw is the body as received: JSON whose resource is encrypted, or XML.
	Raw []byte
}

// Get reads a field of Resource by its gjson path: "out_trade_no",
// "amount.total", "req_info.out_refund_no". "@this" is all of it.
func (n *Notification) Get(path string) gjson.Result { return gjson.GetBytes(n.Resource, path) }

// Decode reads Resource into v, as [json.Unmarshal] does. Numbers of APIv2 are
// strings: the option ",string" of a struct's tag reads them.
func (n *Notification) Decode(v any) error {
	if err := json.Unmarshal(n.Resource, v); err != nil {
		return fmt.Errorf("notify: Decode: %w", err)
	}
	return nil
}
