package wechatpay

import (
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// Notify returns a receiver of the merchant's notifications: those of APIv3, if
// the client has PlatformKeys and an APIv3Key, and those of APIv2, if it has an
// APIv2Key. With neither the receiver answers 500 to all, and its errors say what
// is missing.
//
// Options set what else a [notify.Config] has. [notify.OnError] comes first: it
// is told why a notification was refused, and of every error that your function
// returns, which nothing else reports. Without options Notify always returns the
// same receiver, with options a new one. All of them remember in one place which
// notifications were handled, unless an option sets Seen: in the memory of this
// process.
func (c *Client) Notify(opts ...notify.Option) *notify.Receiver {
	if len(opts) == 0 {
		return c.receiver
	}
	var config notify.Config
	if c.notify != nil {
		config = c.notify()
	}
	return newReceiver(config, opts...)
}

func newReceiver(config notify.Config, opts ...notify.Option) *notify.Receiver {
	for _, opt := range opts {
		if opt != nil {
			opt(&config)
		}
	}
	if config.APIv2Key != "" && (config.Keys == nil || config.APIv3Key == "") {
		config.Keys, config.APIv3Key = nil, "" // of no notification of APIv3
	}
	return config.Receiver()
}

// notify is what the receivers of a client are made of.
func (config *Config) notify(clock func() time.Time) notify.Config {
	return notify.Config{
		Keys: config.PlatformKeys, APIv3Key: config.APIv3Key, APIv2Key: config.APIv2Key,
		Clock: clock, Seen: notify.NewMemorySeen(0, 0),
	}
}
