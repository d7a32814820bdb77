// Package redisstore lets the processes of a shop share their state in Redis: which
// notifications were handled ([NewSeen]), and how many calls they make a second
// ([NewLimiter]).
//
// It needs Redis 5 or later, or a server that speaks its protocol and runs its Lua
// scripts. Each script uses one key, so Redis Cluster works too: set
// [redis.ClusterOptions.ClusterStateReloadInterval] to a second, because go-redis may
// otherwise take a minute to find the successor of a primary. With Sentinel, use
// [redis.NewFailoverClient]. The client is yours: this package does not close it.
//
// Give a [redis.Ring] a HeartbeatFn that always returns true. By default, a Ring moves the
// keys of a shard that is away to the other shards, and back when the shard returns. Each
// time, the new shard does not know what the old one has recorded. So notifications are
// handled again, and a limit begins anew. Processes that do not see the same shards each
// handle the same notifications, and each use the whole limit. With such a HeartbeatFn,
// the keys stay: the methods of [NewSeen] fail for notifications of a shard that is away,
// and limiters of that shard use their local share.
//
// https://github.com/wxchain/wechatpay/blob/main/docs/stores.md describes what happens
// while Redis is away and after a fail-over.
package redisstore
