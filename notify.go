package wechatpay

import (
	"time"

	"github.com/wxchain/wechatpay/notify"
)

// Notify returns a receiver of the merchant's notifications. It accepts APIv3
// notifications if the client has PlatformKeys and an APIv3Key, and APIv2
// notifications if the client has an APIv2Key. With neither, the receiver answers
// 500 to every notification, and its errors say what is missing.
//
// Options set the other fields of a [notify.Config]. Set [notify.OnError] first:
// it receives the reason for every refused notification and every error that your
// function returns, and nothing else reports them. Without options, Notify always
// returns the same receiver; with options, it returns a new one. All receivers of
// a client share one record of the notifications that were handled. It is in the
// memory of this process, unless [Config.Seen] or an option sets another.
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
		config.Keys, config.APIv3Key, config.OtherAPIv3Key = nil, "", "" // APIv3 notifications are not accepted
	}
	return config.Receiver()
}

// notify returns the settings that all receivers of a client start from.
func (config *Config) notify(clock func() time.Time) notify.Config {
	seen := config.Seen
	if isNil(seen) {
		seen = notify.NewMemorySeen(0, 0)
	}
	return notify.Config{
		Keys: config.PlatformKeys, APIv3Key: config.APIv3Key, OtherAPIv3Key: config.OtherAPIv3Key, APIv2Key: config.APIv2Key,
		Suite: config.suite(),
		Clock: clock, Seen: seen,
	}
}
