package money

import (
	"net/url"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A CouponState is the state of a coupon.
type CouponState string

// The states of coupons.
const (
	CouponSent    CouponState = "SENDED"
	CouponUsed    CouponState = "USED"
	CouponExpired CouponState = "EXPIRED"
)

// A Coupon is a cash coupon that a user has.
type Coupon struct {
	CouponValue
	ID      string    `json:"coupon_id"`
	StockID string    `json:"stock_id"`
	Creator string    `json:"creator"` // of the stock, a mchid
	Sender  string    `json:"sender"`  // a mchid
	AppID   string    `json:"appid"`
	OpenID  string    `json:"openid"`
	Sent    time.Time `json:"sent"`
	End     time.Time `json:"end"` // the user cannot use it from then on

	Used          time.Time `json:"used,omitzero"`
	UsedMchID     string    `json:"used_mchid,omitempty"`
	TransactionID string    `json:"transaction_id,omitempty"`
}

const (
	coupons     = "coupon"       // by openid/coupon_id
	couponKeys  = "coupon-key"   // the key of the coupon, by coupon_id
	usedCoupons = "coupon-used"  // the coupon_id, by stock_id/coupon_id
	openIDs     = "openid"       // the appid, by openid
	taken       = "coupon-taken" // how many coupons a user has had, by stock_id/openid
)

// userKey returns the key of a user's coupon. The openid is escaped, so that a
// slash in it does not lead to another user's coupons.
func userKey(openID, couponID string) string { return url.PathEscape(openID) + "/" + couponID }

func (k *Coupon) save(tx store.Tx) error {
	return store.Save(tx, coupons, userKey(k.OpenID, k.ID), k)
}

// ErrNoCoupon refuses a number that is not a coupon of the user.
var ErrNoCoupon = &Refusal{Reason: NotFound, Message: "the user has no such coupon"}

// Coupon returns a coupon.
func (l *Ledger) Coupon(couponID string) (*Coupon, error) {
	key, found, err := store.Load[string](l.Tx, couponKeys, couponID)
	if err == nil && !found {
		err = ErrNoCoupon
	}
	if err != nil {
		return nil, err
	}
	k, found, err := store.Load[Coupon](l.Tx, coupons, key)
	if err == nil && !found {
		err = ErrNoCoupon
	}
	return &k, err
}

// StateAt returns the state at an instant.
func (k *Coupon) StateAt(now time.Time) CouponState {
	switch {
	case k.TransactionID != "":
		return CouponUsed
	case !now.Before(k.End):
		return CouponExpired
	}
	return CouponSent
}
