package notify

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tidwall/gjson"
)

// A Notification is a verified and decrypted notification of the platform.
type Notification struct {
	// ID is the same for every sending of the notification. A notification of APIv2
	// has no ID of its own. Its ID is the SHA-256, in hexadecimal, of the signed
	// text without nonce_str; for a refund, of the fields in req_info, because only
	// these are known to be the platform's.
	ID string
	// EventType is the platform's event_type: "TRANSACTION.SUCCESS",
	// "REFUND.CLOSED", "COUPON.USE", … Unknown types are handed over too. It is empty
	// only in a notification of APIv2.
	EventType string
	// Summary is a description in Chinese, such as 支付成功. It is empty for APIv2.
	Summary string
	// CreateTime is when the platform created the notification. It is zero for APIv2,
	// and if the platform did not write it in the format of RFC 3339.
	CreateTime time.Time
	// Resource is the content as JSON: the decrypted resource of APIv3, or the fields
	// of APIv2's XML as strings, with req_info replaced by its decrypted fields. Get
	// and Decode read it.
	Resource json.RawMessage
	// Raw is the body as received: JSON with an encrypted resource, or XML.
	Raw []byte
}

// Get reads a field of Resource by its gjson path: "out_trade_no",
// "amount.total", "req_info.out_refund_no". "@this" is all of it.
func (n *Notification) Get(path string) gjson.Result { return gjson.GetBytes(n.Resource, path) }

// Decode reads Resource into v, as [json.Unmarshal] does. Numbers of APIv2 are
// strings; read them with the option ",string" of a struct tag.
func (n *Notification) Decode(v any) error {
	if err := json.Unmarshal(n.Resource, v); err != nil {
		return fmt.Errorf("notify: Decode: %w", err)
	}
	return nil
}
