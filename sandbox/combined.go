package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A combined order is several orders that their user pays at once.
type combined struct {
	MchID       string         `json:"mchid"` // who combines
	AppID       string         `json:"appid"`
	OutTradeNo  string         `json:"out_trade_no"`
	NotifyURL   string         `json:"notify_url,omitempty"`
	DeviceID    string         `json:"device_id,omitempty"`
	Scenario    string         `json:"scenario,omitempty"`
	Fingerprint string         `json:"fingerprint"` // of the parameters
	PrepayID    string         `json:"prepay_id"`
	Parts       []combinedPart `json:"parts"`

	TransactionID string `json:"transaction_id,omitempty"`
}

// A combinedPart is an order of a combined one. When a person sells, and not a
// merchant, it says who.
type combinedPart struct {
	Key    string `json:"key"` // of the order
	AuthID string `json:"auth_id,omitempty"`
	Name   string `json:"name,omitempty"`
}

const (
	combinedOrders       = "combined"             // by mchid/combine_out_trade_no
	combinedTransactions = "combined-transaction" // the key of the combined order, by combine_transaction_id
)

func (k *combined) key() string { return orderKey(k.MchID, k.OutTradeNo) }

func (k *combined) save(tx Tx) error { return store.Save(tx, combinedOrders, k.key(), k) }

// loadCombined returns a combined order of a merchant and its orders.
func (l *ledger) loadCombined(mchID, outTradeNo string) (*combined, []*order, error) {
	k, found, err := store.Load[combined](l.tx, combinedOrders, orderKey(mchID, outTradeNo))
	if err == nil && !found {
		err = errNoOrder
	}
	if err != nil {
		return nil, nil, err
	}
	parts := make([]*order, len(k.Parts))
	for i, p := range k.Parts {
		o, found, err := store.Load[order](l.tx, orders, p.Key)
		if err == nil && !found {
			err = errNoOrder
		}
		if err != nil {
			return nil, nil, err
		}
		parts[i] = &o
	}
	return &k, parts, nil
}

// combine keeps a new combined order and its orders, and returns it as it is
// kept: the same number and parameters are the one that was placed before.
func (l *ledger) combine(made *combined, parts []*order, expire time.Time) (*combined, error) {
	k, placed, err := l.loadCombined(made.MchID, made.OutTradeNo)
	if err == nil {
		for _, o := range placed {
			if err := o.again(&order{Fingerprint: made.Fingerprint}, l.now); err != nil {
				return nil, err
			}
		}
		return k, nil
	}
	if !errors.Is(err, errNoOrder) {
		return nil, err
	}
	if err := l.checkExpire(expire); err != nil {
		return nil, err
	}
	if made.PrepayID, err = l.newPrepayID(); err != nil {
		return nil, err
	}
	for i, o := range parts {
		o.Combined, o.Fingerprint, o.Expire, o.State = made.OutTradeNo, made.Fingerprint, expire, stateNotPay
		made.Parts[i].Key = o.key()
		_, used, err := store.Load[order](l.tx, orders, o.key())
		if err == nil && used { // by an order from before, or by one of the same call
			err = errOrderUsed
		}
		if err == nil {
			err = o.save(l.tx)
		}
		if err != nil {
			return nil, err
		}
	}
	return made, made.save(l.tx)
}

// payCombined pays all orders of a combined one, and tells who combined them.
func (l *ledger) payCombined(k *combined, parts []*order) error {
	n, err := l.number("transaction_id")
	if err != nil {
		return err
	}
	k.TransactionID = fmt.Sprintf("4200%06d%s%s", l.seed%1_000_000, beijing.Day(l.now), n)
	for _, o := range parts {
		if err := l.payable(o); err != nil {
			return err
		}
		if err := l.paid(o); err != nil {
			return err
		}
	}
	if err := store.Save(l.tx, combinedTransactions, k.TransactionID, k.key()); err != nil {
		return err
	}
	if err := k.save(l.tx); err != nil {
		return err
	}
	return l.tellCombined(k, parts)
}

// tellCombined tells who combined orders that they are paid.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_3_13.shtml
func (l *ledger) tellCombined(k *combined, parts []*order) error {
	return l.notify(k.MchID, k.NotifyURL, event{"TRANSACTION.SUCCESS", "transaction", "支付成功", k.answer(parts, parts[0].Paid)})
}
