package wechatpay

// NewTransport is the default transport, for tests to look at.
var NewTransport = newTransport
