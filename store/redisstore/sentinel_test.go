package redisstore_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/wxchain/wechatpay/store/redisstore/internal/redistest"
)

func TestSentinel(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t)
	checkFailover(t, s, s.Primary, "", func() redis.UniversalClient {
		return redistest.Closed(t, redis.NewFailoverClient(s.Options()))
	})
}

func TestSentinelLostWrites(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t)
	checkLostWrites(t, s, s.Primary, "", redistest.Closed(t, redis.NewFailoverClient(s.Options())))
}

func TestSentinelLimiter(t *testing.T) {
	t.Parallel()
	s := redistest.StartSentinel(t)
	checkLimiterFailover(t, s, s.Primary, "", redistest.Closed(t, redis.NewFailoverClient(s.Options())))
}
