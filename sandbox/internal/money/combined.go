package money

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A Combined order is several orders that their user pays at once.
type Combined struct {
	MchID       string         `json:"mchid"` // who combines
	AppID       string         `json:"appid"`
	OutTradeNo  string         `json:"out_trade_no"`
	NotifyURL   string         `json:"notify_url,omitempty"`
	DeviceID    string         `json:"device_id,omitempty"`
	Scenario    string         `json:"scenario,omitempty"`
	Fingerprint string         `json:"fingerprint"` // of the parameters
	Parts       []CombinedPart `json:"parts"`

	TransactionID string `json:"transaction_id,omitempty"`

	Prepay
}

// A CombinedPart is one order of a combined order. If a person and not a merchant
// sells, it names the person.
type CombinedPart struct {
	Key    string `json:"key"` // of the order
	AuthID string `json:"auth_id,omitempty"`
	Name   string `json:"name,omitempty"`
}

const (
	combinedOrders       = "combined"             // by mchid/combine_out_trade_no
	combinedTransactions = "combined-transaction" // the key of the combined order, by combine_transaction_id
)

func (k *Combined) key() string { return key(k.MchID, k.OutTradeNo) }

func (k *Combined) save(tx store.Tx) error { return store.Save(tx, combinedOrders, k.key(), k) }

// Check returns what is wrong with a combined order, without regard to other
// orders.
func (k *Combined) Check() error {
	if !outTradeNo.MatchString(k.OutTradeNo) {
		return BadField("combine_out_trade_no", k.OutTradeNo, outTradeNoForm)
	}
	return checkNotifyURL(k.NotifyURL)
}

// CombinedOrder returns a combined order of a merchant and its orders.
func (l *Ledger) CombinedOrder(mchID, outTradeNo string) (*Combined, []*Order, error) {
	k, found, err := store.Load[Combined](l.Tx, combinedOrders, key(mchID, outTradeNo))
	if err == nil && !found {
		err = ErrNoOrder
	}
	if err != nil {
		return nil, nil, err
	}
	parts := make([]*Order, len(k.Parts))
	for i, p := range k.Parts {
		if parts[i], err = l.orderAt(p.Key); err != nil {
			return nil, nil, err
		}
	}
	return &k, parts, nil
}

// PaidCombined returns the combined order of a merchant that was paid as
// transactionID, and its orders.
func (l *Ledger) PaidCombined(mchID, transactionID string) (*Combined, []*Order, error) {
	at, _, err := store.Load[string](l.Tx, combinedTransactions, transactionID)
	if err != nil {
		return nil, nil, err
	}
	number, own := strings.CutPrefix(at, key(mchID, ""))
	if !own {
		return nil, nil, ErrNoOrder
	}
	return l.CombinedOrder(mchID, number)
}

// Combine stores a new combined order and its orders, and returns it as stored.
// If the number and the parameters were placed before, it returns the earlier
// order.
func (l *Ledger) Combine(made *Combined, parts []*Order, expire time.Time) (*Combined, error) {
	limits := limitsOf(parts)
	if err := limits.check(parts); err != nil {
		return nil, err
	}
	k, placed, err := l.CombinedOrder(made.MchID, made.OutTradeNo)
	if err == nil {
		for _, o := range placed {
			if err := o.checkRepeat(made.Fingerprint, l.Now); err != nil {
				return nil, err
			}
		}
		if k.lives(placed[0].TradeType, l.Now) {
			return k, nil
		}
		if err := l.renew(&k.Prepay, combinedPrepays, k.key()); err != nil {
			return nil, err
		}
		return k, k.save(l.Tx)
	}
	if !errors.Is(err, ErrNoOrder) {
		return nil, err
	}
	if err := l.renew(&made.Prepay, combinedPrepays, made.key()); err != nil {
		return nil, err
	}
	expire = l.moveExpire(expire, limits.expireDays)
	for i, o := range parts {
		o.Combined, o.Fingerprint, o.Expire, o.State, o.Placed = made.OutTradeNo, made.Fingerprint, expire, OrderNotPay, l.Now
		made.Parts[i].Key = o.Key()
		if err := l.placePart(o); err != nil {
			return nil, err
		}
	}
	return made, made.save(l.Tx)
}

// placePart stores an order of a combined one, unless an earlier order or one of the
// same call has its number.
func (l *Ledger) placePart(o *Order) error {
	_, used, err := store.Load[Order](l.Tx, orders, o.Key())
	switch {
	case err != nil:
		return err
	case used:
		return errOrderUsed
	}
	if err := l.take(orders, o.Owner, o.OutTradeNo, errOrderUsed); err != nil {
		return err
	}
	return o.save(l.Tx)
}

// The limits of a combined order.
type combinedLimits struct {
	least, most int   // orders
	total       int64 // fen of each
	expireDays  int
}

// The combined orders of direct merchants and those of e-commerce platforms and
// partners, which have sub-merchants, have different limits.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556926,
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-combine-payment/jsapi-prepay.html
func limitsOf(parts []*Order) combinedLimits {
	if slices.ContainsFunc(parts, func(o *Order) bool { return o.SubMchID != "" }) {
		return combinedLimits{1, 50, maxTotal, platformExpireDays}
	}
	return combinedLimits{2, 10, 10_000_000_00, expireDays}
}

func (limits combinedLimits) check(parts []*Order) error {
	if n := len(parts); n < limits.least || n > limits.most {
		return BadField("sub_orders", nil, fmt.Sprintf("%d to %d orders are wanted, not %d", limits.least, limits.most, n))
	}
	for i, o := range parts {
		if o.Total > limits.total {
			return BadField(fmt.Sprintf("sub_orders/%d/amount/total_amount", i), o.Total, fmt.Sprintf("it must be at most %d fen", limits.total))
		}
	}
	return nil
}

// takeCombinedCoupons takes the coupons of a payment off the orders of a combined one:
// first those for one order each, then those for any. One user pays all orders.
func (l *Ledger) takeCombinedCoupons(by Payment, parts []*Order) (all []tender, err error) {
	if n := len(by.SubOrderCouponIDs); n > len(parts) {
		return nil, BadField("sub_order_coupon_ids", nil, fmt.Sprintf("it has coupons for %d orders, but %d are combined", n, len(parts)))
	}
	for i, couponIDs := range by.SubOrderCouponIDs {
		if all, err = l.takeCoupons(all, couponIDs, parts[i]); err != nil {
			return nil, err
		}
	}
	if all, err = l.takeCoupons(all, by.CouponIDs, parts...); err != nil {
		return nil, err
	}
	for _, o := range parts {
		if len(all) == 0 {
			break
		}
		if err := o.setPayer(all[0].coupon.OpenID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// payCombined pays all orders of a combined one.
func (l *Ledger) payCombined(k *Combined, parts []*Order, by Payment) (err error) {
	for _, o := range parts {
		if err := l.checkPayable(o); err != nil {
			return err
		}
	}
	for _, o := range parts {
		if err := o.setPayer(by.OpenID); err != nil {
			return err
		}
	}
	tenders, err := l.takeCombinedCoupons(by, parts)
	if err != nil {
		return err
	}
	if k.TransactionID, err = l.nextLongNumber("transaction_id", "4200", 6); err != nil {
		return err
	}
	for _, o := range parts {
		if err := l.markPaid(o, by.BankType); err != nil {
			return err
		}
	}
	if err := store.Save(l.Tx, combinedTransactions, k.TransactionID, k.key()); err != nil {
		return err
	}
	l.Events = append(l.Events, CombinedWasPaid{k, parts})
	if err := l.useTenders(tenders); err != nil {
		return err
	}
	return k.save(l.Tx)
}
