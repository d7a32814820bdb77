package money

import (
	"fmt"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	// MaxStockTime is the longest time for which the coupons of a stock can be
	// used.
	MaxStockTime      = 90 * 24 * time.Hour
	maxCouponsPerUser = 60
)

// The types of stocks that can be created.
const (
	StockFixed     = "NORMAL"
	StockOnSending = "RANDOM" // the sender of a coupon sets its value
)

// CreateStock creates a stock, whose number is requestNo. Repeating the number
// creates no second stock. fixed may give the value of each coupon: some pages of
// the documentation require it, the others do not know it.
func (l *Ledger) CreateStock(made *Stock, requestNo, fingerprint string, fixed *CouponValue) (*Stock, error) {
	id, err := l.once("stock-request", made.Creator, requestNo, fingerprint, func() (string, error) {
		if err := made.check(l.Now); err != nil {
			return "", err
		}
		if err := made.fixValue(fixed); err != nil {
			return "", err
		}
		n, err := l.NextNumber("stock_id")
		if err != nil {
			return "", err
		}
		made.ID, made.Created = "1"+n, l.Now
		return made.ID, made.save(l.Tx)
	})
	if err != nil {
		return nil, err
	}
	return l.Stock(made.Creator, id)
}

// check returns what is wrong with a stock, apart from the value of its coupons.
func (s *Stock) check(now time.Time) error {
	if err := checkStockName(s.Name); err != nil {
		return err
	}
	if err := s.checkTimes(now); err != nil {
		return err
	}
	return s.Rule.check()
}

// checkStockName refuses a name of more than 9 Chinese characters or 20 letters.
// A Chinese character counts as two letters.
func checkStockName(name string) error {
	chinese, letters := 0, 0
	for _, r := range name {
		if r < 0x80 {
			letters++
		} else {
			chinese++
		}
	}
	if name == "" || chinese > 9 || 2*chinese+letters > 20 {
		return BadField("stock_name", name, "at most 9 Chinese characters or 20 letters are wanted")
	}
	if strings.ContainsAny(name, "_,;|") {
		return BadField("stock_name", name, "leave out the characters _ , ; |")
	}
	return nil
}

// maxStockAhead is how far ahead a stock may begin.
const maxStockAhead = 365 * 24 * time.Hour

// beginsNow is how long ago the begin of a stock may be that begins now: as long as it
// takes to write the request, sign it and send it.
const beginsNow = time.Minute

// checkTimes checks when the coupons can be used.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_1.shtml
func (s *Stock) checkTimes(now time.Time) error {
	issue := ""
	switch {
	case s.Begin.Before(now.Add(-beginsNow)):
		return BadField("available_begin_time", beijing.Format(s.Begin), "it has passed")
	case s.Begin.After(now.Add(maxStockAhead)):
		return BadField("available_begin_time", beijing.Format(s.Begin), "it must be at most 365 days ahead")
	case !s.End.After(s.Begin):
		issue = "it must be after available_begin_time"
	case s.End.Sub(s.Begin) > MaxStockTime:
		issue = "it must be at most 90 days after available_begin_time"
	default:
		return nil
	}
	return BadField("available_end_time", beijing.Format(s.End), issue)
}

func (r StockRule) check() error {
	const rule = "stock_use_rule/"
	switch {
	case r.MaxCoupons < 1:
		return BadField(rule+"max_coupons", r.MaxCoupons, "it must be 1 or more")
	case r.MaxAmount < 1:
		return BadField(rule+"max_amount", r.MaxAmount, "it must be 1 fen or more")
	case r.MaxAmountByDay < 0 || r.MaxAmountByDay > r.MaxAmount:
		return BadField(rule+"max_amount_by_day", r.MaxAmountByDay, "it must be at most max_amount")
	case r.MaxCouponsPerUser < 1 || r.MaxCouponsPerUser > min(maxCouponsPerUser, r.MaxCoupons):
		return BadField(rule+"max_coupons_per_user", r.MaxCouponsPerUser,
			fmt.Sprintf("it must be 1 to %d, and at most max_coupons", maxCouponsPerUser))
	}
	return nil
}

// fixValue sets the value of a coupon. With NORMAL the value is fixed, and
// max_coupons times the value is max_amount. With RANDOM the sender of a coupon
// sets it. This call does not create stocks of other types.
func (s *Stock) fixValue(given *CouponValue) error {
	const field = "coupon_use_rule/fixed_normal_coupon"
	switch s.Type {
	case StockOnSending:
		if given != nil {
			return BadField(field, nil, "it is not for the stock_type "+s.Type)
		}
		return nil
	case StockFixed:
	default:
		return BadField("stock_type", s.Type, "only "+StockFixed+" and "+StockOnSending+" can be created by this call")
	}
	each, rest := s.Rule.MaxAmount/s.Rule.MaxCoupons, s.Rule.MaxAmount%s.Rule.MaxCoupons
	v := CouponValue{each, each}
	if given != nil {
		v = *given
	}
	switch {
	case v.Amount != each || rest != 0:
		return BadField("stock_use_rule/max_amount", s.Rule.MaxAmount, "it must be coupon_amount times max_coupons")
	case v.Amount < 1:
		return BadField(field+"/coupon_amount", v.Amount, "it must be 1 fen or more")
	case v.Minimum < v.Amount:
		return BadField(field+"/transaction_minimum", v.Minimum, "it must be coupon_amount or more")
	}
	s.Fixed = &v
	return nil
}

// The stock of the documentation's examples, and its creator there.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012463767
const (
	demoStockID = "9856000"
	demoCreator = "8956000"
)

// AddDemo puts the stock of the documentation's examples into the store, unless
// it is there and has not ended. It exists twice, created by the first merchant
// and by that of the examples. All merchants may send its coupons.
func (l *Ledger) AddDemo(first string, merchants []string) error {
	now := l.Now.Truncate(time.Second)
	for _, creator := range [...]string{first, demoCreator} {
		old, found, err := store.Load[Stock](l.Tx, stocks, key(creator, demoStockID))
		if err != nil {
			return err
		}
		if found && now.Before(old.End) {
			continue
		}
		demo := Stock{
			ID: demoStockID, Creator: creator, Name: "微信支付代金券", Type: StockOnSending,
			Begin: now, End: now.Add(MaxStockTime), Created: now, Started: now,
			Rule:  StockRule{MaxCoupons: 100_000_000, MaxAmount: 1_000_000_000_000, MaxCouponsPerUser: maxCouponsPerUser},
			Items: []string{}, Merchants: merchants, Senders: merchants,
		}
		if err := demo.save(l.Tx); err != nil {
			return err
		}
	}
	return l.addDemoComplaint(first)
}
