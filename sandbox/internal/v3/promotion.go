package v3

import "github.com/wxchain/wechatpay/sandbox/internal/money"

func scope(d money.Discount) string {
	if d.Single {
		return "SINGLE"
	}
	return "GLOBAL"
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

func promotionsOf(o *money.Order) (all []promotion) {
	for _, d := range o.Discounts {
		kind := "CASH"
		if d.NoCash {
			kind = "NOCASH"
		}
		all = append(all, promotion{CouponID: d.CouponID, Name: d.Name, Scope: scope(d), Type: kind, Amount: d.Amount,
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

func refundPromotionsOf(r *money.Refund) (all []refundPromotion) {
	for _, d := range r.Discounts {
		kind := "COUPON"
		if d.NoCash {
			kind = "DISCOUNT"
		}
		all = append(all, refundPromotion{d.CouponID, scope(d), kind, d.Amount, d.Refunded})
	}
	return all
}
