// Package resilience keeps calls going when the network or the platform fails: it
// repeats them, sends them to the backup host, limits their rate, and stops calling an
// operation that fails.
//
// Each of [Retry], [Failover], [RateLimit] and [Breaker] is a [middleware.Edit] that
// finds its own place in the stack. Whatever the order of the list, the stack is: retry,
// breaker, failover, verifier, rate limit, signer. Their state, such as the budget of
// Retry, belongs to the value: clients that are given the same value share it.
//
// [middleware.Edit]: https://pkg.go.dev/github.com/wxchain/wechatpay/middleware#Edit
package resilience
