package sandbox

import "fmt"

// typeV2 is the kind of a coupon.
func (d discount) typeV2() string {
	if d.NoCash {
		return "NO_CASH"
	}
	return "CASH"
}

// couponsV2 are the coupons that are used on an order.
func (o *order) couponsV2() map[string]string {
	if len(o.Discounts) == 0 {
		return nil
	}
	texts := map[string]string{"coupon_fee": digits(o.Total - o.payerTotal()), "coupon_count": digits(len(o.Discounts))}
	for i, d := range o.Discounts {
		texts[fmt.Sprintf("coupon_id_%d", i)] = d.CouponID
		texts[fmt.Sprintf("coupon_type_%d", i)] = d.typeV2()
		texts[fmt.Sprintf("coupon_fee_%d", i)] = digits(d.Amount)
	}
	return texts
}

// couponsV2 are the coupons of which a refund gives something back. Where an
// answer has several refunds, end is what tells the names of one from another's.
func (r *refund) couponsV2(end string) map[string]string {
	texts := map[string]string{"coupon_refund_fee" + end: digits(r.amounts().DiscountRefund)}
	count := 0
	for _, d := range r.Discounts {
		if d.Refunded == 0 {
			continue
		}
		of := fmt.Sprintf("%s_%d", end, count)
		texts["coupon_refund_id"+of] = d.CouponID
		texts["coupon_type"+of] = d.typeV2()
		texts["coupon_refund_fee"+of] = digits(d.Refunded)
		count++
	}
	texts["coupon_refund_count"+end] = digits(count)
	return texts
}
