package sandbox

import (
	"maps"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The stock of the documentation's examples, and who created it there.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012463767
const (
	demoStockID = "9856000"
	demoCreator = "8956000"
)

// addDemo puts the stock of the documentation's examples into the store, as one
// of the first merchant and as one of the examples' own, unless it is there and
// has not ended.
func (s *Server) addDemo() error {
	now := s.clock().Truncate(time.Second)
	everyone := slices.Sorted(maps.Keys(s.merchants))
	return s.store.Update(func(tx Tx) error {
		for _, creator := range [...]string{s.first.MchID, demoCreator} {
			old, found, err := store.Load[stock](tx, stockBucket, orderKey(creator, demoStockID))
			if err != nil {
				return err
			}
			if found && now.Before(old.End) {
				continue
			}
			demo := stock{
				ID: demoStockID, Creator: creator, Name: "微信支付代金券", Type: stockTypeOnSending,
				Begin: now, End: now.Add(maxStockTime), Created: now, Started: now,
				Rule:  stockRule{MaxCoupons: 100_000_000, MaxAmount: 1_000_000_000_000, MaxCouponsPerUser: maxCouponsPerUser},
				Items: []string{}, Merchants: everyone, Senders: everyone,
			}
			if err := demo.save(tx); err != nil {
				return err
			}
		}
		return nil
	})
}
