// Package redisstore lets the processes of a shop share their state in Redis: which
// notifications were handled ([NewSeen]), and how many calls they make a second
// ([NewLimiter]).
//
// It needs Redis 5 or later, or a server that speaks its protocol and runs its Lua
// scripts. Each script uses one key, so Redis Cluster and [redis.Ring] work too. The
// client is yours: this package does not close it.
//
// https://github.com/wxchain/wechatpay/blob/main/docs/stores.md describes what happens
// while Redis is away and after a fail-over.
package redisstore
