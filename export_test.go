package wechatpay

import "github.com/wxchain/wechatpay/internal/transport"

// NewTransport is the default transport, for tests to look at.
var NewTransport = transport.New
