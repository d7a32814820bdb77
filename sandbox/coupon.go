package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The states of a coupon.
const (
	couponSent    = "SENDED"
	couponUsed    = "USED"
	couponExpired = "EXPIRED"
)

// A coupon is a cash coupon that a user has. Amounts are in fen.
type coupon struct {
	couponValue
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
	couponBucket = "coupon"      // by openid/coupon_id
	couponKeys   = "coupon-key"  // the key of the coupon, by coupon_id
	usedCoupons  = "coupon-used" // the coupon_id, by stock_id/coupon_id
)

// userKey keeps apart users of which one's openid and a slash begin the other's.
func userKey(openID, couponID string) string { return url.PathEscape(openID) + "/" + couponID }

func (k *coupon) save(tx Tx) error { return store.Save(tx, couponBucket, userKey(k.OpenID, k.ID), k) }

var errNoCoupon = &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "the user has no such coupon"}

func loadCoupon(tx Tx, couponID string) (*coupon, error) {
	key, found, err := store.Load[string](tx, couponKeys, couponID)
	if err == nil && !found {
		err = errNoCoupon
	}
	if err != nil {
		return nil, err
	}
	k, found, err := store.Load[coupon](tx, couponBucket, key)
	if err == nil && !found {
		err = errNoCoupon
	}
	return &k, err
}

// state is the state at an instant.
func (k *coupon) state(now time.Time) string {
	switch {
	case k.TransactionID != "":
		return couponUsed
	case !now.Before(k.End):
		return couponExpired
	}
	return couponSent
}

// UseCoupon uses a coupon on a payment to a merchant, as its user does when he
// pays. It is an error that there is no such coupon or payment, that the coupon
// is USED or EXPIRED, that the merchant is none of those that take it, or that
// the payment is below its minimum, has refunds or was shared. Queries of the
// payment show it from then on, in amount.payer_total and promotion_detail. Who
// created the coupon is told, if he has set a callback.
func (s *Server) UseCoupon(mchID, couponID, transactionID string) error {
	err := s.change(func(l *ledger) error {
		tx, now := l.tx, l.now
		k, err := loadCoupon(tx, couponID)
		if err != nil {
			return err
		}
		from, err := loadStock(tx, k.Creator, k.StockID)
		if err != nil {
			return err
		}
		o, err := loadPaid(tx, transactionID)
		if err == nil && !o.has(mchID) {
			err = errNoOrder
		}
		if err != nil {
			return err
		}
		switch state := k.state(now); {
		case state != couponSent:
			return fmt.Errorf("it is %s, not %s", state, couponSent)
		case !slices.Contains(from.Merchants, mchID):
			return errors.New("the merchant is none of those that take it")
		}
		if err := o.change(tx, func() error { return o.use(k, from) }); err != nil {
			return err
		}
		if err := o.save(tx); err != nil {
			return err
		}
		k.Used, k.UsedMchID, k.TransactionID = now, mchID, transactionID
		if err := store.Save(tx, usedCoupons, orderKey(k.StockID, k.ID), k.ID); err != nil {
			return err
		}
		if err := k.save(tx); err != nil {
			return err
		}
		return l.tellUsed(k.answer(from, now))
	})
	if err != nil {
		return fmt.Errorf("sandbox: using coupon %q on transaction %q of merchant %q: %w", couponID, transactionID, mchID, err)
	}
	return nil
}

// tellUsed tells who created a coupon that it is used, if he wants to know.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_12.shtml
func (l *ledger) tellUsed(used couponAnswer) error {
	told, _, err := store.Load[callback](l.tx, callbackBucket, used.Creator)
	if err != nil || told.Off {
		return err
	}
	return l.notify(used.Creator, told.NotifyURL, event{"COUPON.USE", "coupon", "代金券核销通知", used})
}

// A couponAnswer is a coupon as the platform shows it.
type couponAnswer struct {
	Creator     string       `json:"stock_creator_mchid"`
	StockID     string       `json:"stock_id"`
	ID          string       `json:"coupon_id"`
	Name        string       `json:"coupon_name"`
	Status      string       `json:"status"`
	Description string       `json:"description,omitempty"`
	Created     string       `json:"create_time"`
	Type        string       `json:"coupon_type"`
	Started     string       `json:"start_time"`
	Stopped     string       `json:"stop_time,omitempty"`
	SingleItem  bool         `json:"singleitem"`
	Begin       string       `json:"available_begin_time"`
	End         string       `json:"available_end_time"`
	Value       couponValue  `json:"normal_coupon_information"`
	Consumed    *consumption `json:"consume_information,omitempty"`
}

type consumption struct {
	Time          string `json:"consume_time"`
	MchID         string `json:"consume_mchid"`
	TransactionID string `json:"transaction_id"`
}

func (k *coupon) answer(from *stock, now time.Time) couponAnswer {
	of := from.answer(now)
	a := couponAnswer{
		Creator: k.Creator, StockID: k.StockID, ID: k.ID, Name: of.Name, Status: k.state(now), Description: of.Description,
		Created: beijing.Format(k.Sent), Type: "NORMAL", Started: of.Started, Stopped: of.Stopped, SingleItem: of.SingleItem,
		Begin: of.Begin, End: beijing.Format(k.End), Value: k.couponValue,
	}
	if a.Status == couponUsed {
		a.Consumed = &consumption{beijing.Format(k.Used), k.UsedMchID, k.TransactionID}
	}
	return a
}
