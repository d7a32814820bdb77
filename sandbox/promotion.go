package sandbox

import (
	"errors"
	"fmt"
	"slices"
)

// A discount is a coupon that was used on an order. Amounts are in fen.
type discount struct {
	CouponID string `json:"coupon_id"`
	StockID  string `json:"stock_id"`
	Name     string `json:"name"`
	Single   bool   `json:"single,omitempty"`  // it is for certain goods
	NoCash   bool   `json:"no_cash,omitempty"` // the merchant gets that much less
	Amount   int64  `json:"amount"`
	Refunded int64  `json:"refunded,omitempty"` // of an order: so far; of a refund: by it
}

func (d discount) scope() string {
	if d.Single {
		return "SINGLE"
	}
	return "GLOBAL"
}

// use uses a coupon on an order that is paid.
func (o *order) use(k *coupon, from *stock) error {
	left := o.payerTotal()
	switch {
	case o.State != stateSuccess:
		return fmt.Errorf("the payment is %s, not %s", o.State, stateSuccess)
	case o.Shares > 0:
		return errors.New("the payment was shared already")
	case o.Total < k.Minimum:
		return fmt.Errorf("the payment is of %d fen, but the coupon is for %d or more", o.Total, k.Minimum)
	case k.Amount > left:
		return fmt.Errorf("the coupon is of %d fen, but the user paid %d himself", k.Amount, left)
	}
	o.Discounts = append(o.Discounts, discount{CouponID: k.ID, StockID: k.StockID, Name: from.Name,
		Single: len(from.Items) > 0, NoCash: from.NoCash, Amount: k.Amount})
	return nil
}

// payerTotal is what the user pays of the order, in fen.
func (o *order) payerTotal() int64 {
	left := o.Total
	for _, d := range o.Discounts {
		left -= d.Amount
	}
	return left
}

// refundDiscounts takes from the discounts of an order the parts that a refund
// of amount gives back: as much of them as of the order, in all refunds so far.
func (o *order) refundDiscounts(amount int64) []discount {
	refunded := o.Refunded + amount
	back := slices.Clone(o.Discounts)
	var whole, before int64
	for i, d := range o.Discounts {
		whole, before = whole+d.Amount, before+d.Refunded
		back[i].Refunded = 0
	}
	left := min(amount, refundedPart(whole, refunded, o.Total)-before)
	give := func(i int, part int64) {
		part = max(0, min(part, left))
		left -= part
		o.Discounts[i].Refunded += part
		back[i].Refunded += part
	}
	for i, d := range o.Discounts {
		give(i, refundedPart(d.Amount, refunded, o.Total)-d.Refunded)
	}
	for i, d := range o.Discounts { // what rounding down has left
		give(i, d.Amount-d.Refunded)
	}
	return back
}

// keepDiscounts undoes refundDiscounts.
func (o *order) keepDiscounts(back []discount) {
	for i := range back {
		o.Discounts[i].Refunded -= back[i].Refunded
	}
}

// A promotion is a discount as orders show it.
type promotion struct {
	CouponID   string `json:"coupon_id"`
	Name       string `json:"name"`
	Scope      string `json:"scope"`
	Type       string `json:"type"`
	Amount     int64  `json:"amount"`
	StockID    string `json:"stock_id"`
	ByPlatform int64  `json:"wechatpay_contribute"`
	ByMerchant int64  `json:"merchant_contribute"`
	ByOthers   int64  `json:"other_contribute"`
	Currency   string `json:"currency"`
}

func (o *order) promotions() (all []promotion) {
	for _, d := range o.Discounts {
		kind := "CASH"
		if d.NoCash {
			kind = "NOCASH"
		}
		all = append(all, promotion{CouponID: d.CouponID, Name: d.Name, Scope: d.scope(), Type: kind, Amount: d.Amount,
			StockID: d.StockID, ByMerchant: d.Amount, Currency: "CNY"})
	}
	return all
}

// A refundPromotion is a discount as refunds show it.
type refundPromotion struct {
	ID     string `json:"promotion_id"`
	Scope  string `json:"scope"`
	Type   string `json:"type"`
	Amount int64  `json:"amount"`
	Refund int64  `json:"refund_amount"`
}

func (r *refund) promotions() (all []refundPromotion) {
	for _, d := range r.Discounts {
		kind := "COUPON"
		if d.NoCash {
			kind = "DISCOUNT"
		}
		all = append(all, refundPromotion{d.CouponID, d.scope(), kind, d.Amount, d.Refunded})
	}
	return all
}
