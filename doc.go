// Package wechatpay is a client of WeChat Pay, APIv3 and APIv2, that spells a call
// the way the platform's documentation writes it.
//
// # A client
//
// [New] makes a [Client] from a [Config]: who the merchant is, the key to sign
// with, the keys that the platform signs with.
//
// # A chain
//
// [Client.V3], [Client.V2], [Client.HK] and [Client.Global] lead into a tree of
// all documented operations, which the editor completes. [Client.Chain] takes a
// path, [Client.Segment] its segments; both give a [Chain], a URI template with
// variables:
//
//	client.V3().Marketing().Favor().Users().Openid().Coupons()
//	client.Chain("v3/marketing/favor/users/{openid}/coupons")
//	client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons")
//
// [Chain.Bind] binds a variable, [Chain.URL] tells what would be called, and
// the verbs call it: [Chain.Get], [Chain.Post], [Chain.Put], [Chain.Patch],
// [Chain.Delete] and [Chain.Do].
//
// # Options
//
// What a call needs is said in [Options], a bag keyed as in the PHP SDK, or by
// functions: [JSON], [Set], [Query], [Header], [Body], [File], [Upload], [Sink],
// [BaseURL], [Timeout], [HTTPErrors] and [Bind]; for APIv2 [XML], [Security] and
// [Nonceless]. A name that is mistyped is an error, and then nothing is sent. A
// [Secret] in a JSON body leaves encrypted.
//
// # What comes back
//
// A [Response] is read with gjson: resp.Get("data.#.coupon_id"). It has been
// verified, where the platform signs its answers: it comes from there, and nobody
// changed it. An [*Error] is the platform's refusal, a [*VerifyError] an answer that
// is not to be trusted; any other error is of this side or of the network. See also
// [IsCode].
//
// [Client.Notify] takes the platform's notifications; see package notify.
// [Client.JSAPIParams] and its like make what a page or an app pays an order with.
// Package bill downloads and reads bills.
//
// # Now or later
//
// [Chain.PostAsync] and its like return a [Promise], which [Promise.Then],
// [Promise.Otherwise] and [Promise.Finally] go on from. [Go], [Map], [All] and
// [Settle] make promises of any work; [Pool] runs work over a sequence of any
// length, a few at a time.
//
// # The stack
//
// Every call goes through a stack of named middlewares, the verifier outside
// the signer, that [Config.Middleware] may edit; see package middleware. Package
// openapi has one that checks requests against the catalogue of operations.
package wechatpay
