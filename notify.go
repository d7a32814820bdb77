package wechatpay

import (
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// Notify returns the receiver of the merchant's notifications, always the same
// one: those of APIv3, if the client has PlatformKeys and an APIv3Key, and those
// of APIv2, if it has an APIv2Key. With neither it refuses all, and its errors
// say so. For a store that several processes share, or to hear of errors, make
// one with [notify.New].
func (c *Client) Notify() *notify.Receiver { return c.receiver }

// receiver returns nil when there are no keys for it.
func (config *Config) receiver(clock func() time.Time) (*notify.Receiver, error) {
	of := notify.Config{APIv2Key: config.APIv2Key, Clock: clock}
	if config.APIv3Key != "" && config.PlatformKeys != nil {
		of.Keys, of.APIv3Key = config.PlatformKeys, config.APIv3Key
	}
	if of.Keys == nil && of.APIv2Key == "" {
		return nil, nil
	}
	return notify.New(of)
}
