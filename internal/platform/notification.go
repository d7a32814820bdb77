package platform

import (
	"crypto/rand"
	"encoding/json"

	"github.com/wxchain/wechatpay/cipher"
)

// A Notification is what an APIv3 notification says beside its resource.
type Notification struct {
	ID           string
	CreateTime   string // RFC 3339
	EventType    string
	Summary      string
	OriginalType string
}

// Write returns the body of a notification: JSON, with the resource encrypted.
func (n Notification) Write(gcm *cipher.GCM, resourceJSON []byte) ([]byte, error) {
	sealed, err := gcm.Seal(resourceJSON, rand.Text()[:12], n.OriginalType)
	if err != nil {
		return nil, err
	}
	return json.Marshal(envelope{n.ID, n.CreateTime, n.EventType, "encrypt-resource", n.Summary, resource{n.OriginalType, sealed}})
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
