package v2

import (
	"fmt"
	"maps"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// partiesOf returns the numbers and the apps of an owner.
func partiesOf(w money.Owner, appID, subAppID string) map[string]string {
	return map[string]string{"appid": appID, "sub_appid": subAppID, "mch_id": w.MchID, "sub_mch_id": w.SubMchID}
}

// present returns the fields that are not empty, without characters that the JSON
// of APIv3 can hold but XML cannot.
func present(texts map[string]string) map[string]any {
	fields := make(map[string]any, len(texts))
	for name, text := range texts {
		text = strings.Map(func(r rune) rune {
			if r < ' ' && !strings.ContainsRune("\t\n\r", r) || r == '\ufffe' || r == '\uffff' {
				return -1
			}
			return r
		}, text)
		if text != "" {
			fields[name] = text
		}
	}
	return fields
}

// orderTexts returns an order as APIv2 shows it. An unpaid order shows only its
// out_trade_no and its attach.
func orderTexts(o *money.Order) map[string]string {
	texts := map[string]string{"out_trade_no": o.OutTradeNo, "attach": o.Attach}
	if !o.IsPaid() {
		return texts
	}
	maps.Copy(texts, map[string]string{
		"transaction_id": o.TransactionID, "trade_type": o.TradeType, "bank_type": o.Bank(), "time_end": beijing.Second(o.Paid),
		"total_fee": digits(o.Total), "settlement_total_fee": digits(o.Settlement()), "fee_type": "CNY",
		"cash_fee": digits(o.PayerTotal()), "cash_fee_type": "CNY",
		"openid": o.OpenID, "is_subscribe": "N", "sub_openid": o.SubOpenID,
	})
	if o.SubOpenID != "" {
		texts["sub_is_subscribe"] = "N"
	}
	maps.Copy(texts, orderCoupons(o))
	return texts
}

// couponType returns the kind of a coupon.
func couponType(d money.Discount) string {
	if d.NoCash {
		return "NO_CASH"
	}
	return "CASH"
}

// orderCoupons returns the coupons that are used on an order.
func orderCoupons(o *money.Order) map[string]string {
	if len(o.Discounts) == 0 {
		return nil
	}
	texts := map[string]string{"coupon_fee": digits(o.Total - o.PayerTotal()), "coupon_count": digits(len(o.Discounts))}
	for i, d := range o.Discounts {
		texts[fmt.Sprintf("coupon_id_%d", i)] = d.CouponID
		texts[fmt.Sprintf("coupon_type_%d", i)] = couponType(d)
		texts[fmt.Sprintf("coupon_fee_%d", i)] = digits(d.Amount)
	}
	return texts
}

// refundCoupons returns the coupons from which a refund gives something back. In
// an answer with several refunds, end makes the names of one differ from those of
// another.
func refundCoupons(r *money.Refund, end string) map[string]string {
	texts := map[string]string{"coupon_refund_fee" + end: digits(r.Amounts().DiscountRefund)}
	count := 0
	for _, d := range r.Discounts {
		if d.Refunded == 0 {
			continue
		}
		of := fmt.Sprintf("%s_%d", end, count)
		texts["coupon_refund_id"+of] = d.CouponID
		texts["coupon_type"+of] = couponType(d)
		texts["coupon_refund_fee"+of] = digits(d.Refunded)
		count++
	}
	texts["coupon_refund_count"+end] = digits(count)
	return texts
}
