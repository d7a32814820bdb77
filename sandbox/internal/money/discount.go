package money

import (
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// A Discount is a coupon that was used on an order.
type Discount struct {
	CouponID string `json:"coupon_id"`
	StockID  string `json:"stock_id"`
	Name     string `json:"name"`
	Single   bool   `json:"single,omitempty"`  // it is for certain goods
	NoCash   bool   `json:"no_cash,omitempty"` // the merchant gets that much less
	Amount   int64  `json:"amount"`
	Refunded int64  `json:"refunded,omitempty"` // of an order: so far; of a refund: by it
}

// part returns amount·some/whole, rounded down.
func part(amount, some, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(some))
	quotient, _ := bits.Div64(hi, lo, uint64(whole))
	return int64(quotient)
}

// checkCoupon returns why a coupon cannot be used on a paid order.
func (o *Order) checkCoupon(k *Coupon) error {
	switch {
	case o.State != OrderSuccess:
		return fmt.Errorf("the payment is %s, not %s", o.State, OrderSuccess)
	case o.Shares > 0:
		return errors.New("the payment was shared already")
	}
	return o.checkWorth(k)
}

// checkWorth returns why a coupon cannot pay a part of an order.
func (o *Order) checkWorth(k *Coupon) error {
	left := o.PayerTotal()
	switch {
	case o.Total < k.Minimum:
		return fmt.Errorf("the payment is of %d fen, but the coupon is for %d or more", o.Total, k.Minimum)
	case k.Amount > left:
		return fmt.Errorf("the coupon is of %d fen, but the user paid %d himself", k.Amount, left)
	}
	return nil
}

// addDiscount takes the value of a coupon off an order.
func (o *Order) addDiscount(k *Coupon, from *Stock) {
	o.Discounts = append(o.Discounts, Discount{CouponID: k.ID, StockID: k.StockID, Name: from.Name,
		Single: len(from.Items) > 0, NoCash: from.NoCash, Amount: k.Amount})
}

// PayerTotal returns what the user pays for the order.
func (o *Order) PayerTotal() int64 {
	left := o.Total
	for _, d := range o.Discounts {
		left -= d.Amount
	}
	return left
}

// refundDiscounts takes from the discounts of an order what a refund of amount
// gives back. In all refunds so far, that is the same share of the discounts as
// of the order.
func (o *Order) refundDiscounts(amount int64) []Discount {
	refunded := o.Refunded + amount
	back := slices.Clone(o.Discounts)
	var whole, before int64
	for i, d := range o.Discounts {
		whole, before = whole+d.Amount, before+d.Refunded
		back[i].Refunded = 0
	}
	left := min(amount, part(whole, refunded, o.Total)-before)
	give := func(i int, part int64) {
		part = max(0, min(part, left))
		left -= part
		o.Discounts[i].Refunded += part
		back[i].Refunded += part
	}
	for i, d := range o.Discounts {
		give(i, part(d.Amount, refunded, o.Total)-d.Refunded)
	}
	for i, d := range o.Discounts { // the rest that rounding down has left
		give(i, d.Amount-d.Refunded)
	}
	return back
}

// keepDiscounts undoes refundDiscounts.
func (o *Order) keepDiscounts(back []Discount) {
	for i := range back {
		o.Discounts[i].Refunded -= back[i].Refunded
	}
}
