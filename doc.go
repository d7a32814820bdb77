// Package wechatpay is a client for WeChat Pay APIv3 and APIv2. You spell a call
// the way the platform's documentation writes its path.
//
// # Packages
//
// This package makes calls and receives notifications. Beside it are:
//
//   - [github.com/wxchain/wechatpay/keys] loads keys and downloads platform certificates.
//   - [github.com/wxchain/wechatpay/config] reads settings from files and variables.
//   - [github.com/wxchain/wechatpay/notify] handles notifications.
//   - [github.com/wxchain/wechatpay/bill] downloads and reads bills.
//   - [github.com/wxchain/wechatpay/resilience] repeats calls, fails over and limits.
//   - [github.com/wxchain/wechatpay/telemetry] logs calls.
//   - [github.com/wxchain/wechatpay/openapi] has the catalogue, and checks requests with it.
//   - [github.com/wxchain/wechatpay/middleware] has the stack that every call goes through.
//   - [github.com/wxchain/wechatpay/signer] and [github.com/wxchain/wechatpay/cipher] sign
//     and encrypt what you send by other means.
//   - [github.com/wxchain/wechatpay/wechatpaytest] stands in for the platform in unit tests.
//   - [github.com/wxchain/wechatpay/sandbox] simulates the platform.
//
// These are modules of their own: wxotel (OpenTelemetry), signer/openssl, signer/sm2,
// store/redisstore and store/sqlstore.
//
// # A client
//
// [New] makes a [Client] from a [Config], which holds the merchant number, the
// key that signs requests, and the platform keys that verify answers.
//
// # A chain
//
// [Client.V3], [Client.V2], [Client.HK] and [Client.Global] lead into a tree of
// all documented operations, which your editor completes. [Client.Chain] takes a
// path, and [Client.Segment] takes its segments. Both return a [Chain], a URI
// template with variables:
//
//	client.V3().Marketing().Favor().Users().Openid().Coupons()
//	client.Chain("v3/marketing/favor/users/{openid}/coupons")
//	client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons")
//
// [Chain.Bind] binds a variable, and [Chain.URL] returns the URL that would be
// called. These verbs make the call: [Chain.Get], [Chain.Post], [Chain.Put],
// [Chain.Patch], [Chain.Delete] and [Chain.Do].
//
// # Options
//
// Options say what a call sends and how. Use [Options], a map with the keys of
// the PHP SDK, or functions: [JSON], [Set], [Query], [Header], [Body], [File],
// [Upload], [Sink], [BaseURL], [Timeout], [HTTPErrors] and [Bind]; for APIv2 also
// [XML], [Security] and [Nonceless]. A mistyped name is an error, and nothing is
// sent. A [Secret] in a JSON body is sent encrypted.
//
// # Answers
//
// You read a [Response] with gjson paths: resp.Get("data.#.coupon_id"). If the
// platform signs the answer, the Response has been verified: it comes from the
// platform, and nobody changed it. An [*Error] is the platform's refusal. A
// [*VerifyError] reports an answer that you must not trust. Any other error comes
// from this side or from the network. See also [IsCode].
//
// [Client.Notify] receives the platform's notifications; see package notify.
// [Client.JSAPIParams] and similar methods return the parameters with which a
// page or an app pays an order. Package bill downloads and reads bills.
//
// # Promises
//
// [Chain.PostAsync] and similar methods return a [Promise]. [Promise.Then],
// [Promise.Otherwise] and [Promise.Finally] continue from it. [Go], [Map], [All]
// and [Settle] make promises of any work. [Pool] runs work over a sequence of any
// length, a few elements at a time.
//
// # The stack
//
// Every call goes through a stack of named middlewares. The verifier is outside
// the signer. [Config.Middleware] may edit the stack; see package middleware.
// Package openapi has a middleware that checks requests against the catalogue of
// operations.
package wechatpay
