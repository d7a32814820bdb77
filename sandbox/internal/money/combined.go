package money

import (
	"errors"
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
		if err := l.renew(&k.Prepay); err != nil {
			return nil, err
		}
		return k, k.save(l.Tx)
	}
	if !errors.Is(err, ErrNoOrder) {
		return nil, err
	}
	if err := l.checkExpire(expire); err != nil {
		return nil, err
	}
	if err := l.renew(&made.Prepay); err != nil {
		return nil, err
	}
	for i, o := range parts {
		o.Combined, o.Fingerprint, o.Expire, o.State, o.Placed = made.OutTradeNo, made.Fingerprint, expire, OrderNotPay, l.Now
		made.Parts[i].Key = o.Key()
		_, used, err := store.Load[Order](l.Tx, orders, o.Key())
		if err == nil && used { // by an earlier order, or by one of the same call
			err = errOrderUsed
		}
		if err == nil {
			err = o.save(l.Tx)
		}
		if err != nil {
			return nil, err
		}
	}
	return made, made.save(l.Tx)
}

// payCombined pays all orders of a combined one.
func (l *Ledger) payCombined(k *Combined, parts []*Order) (err error) {
	if k.TransactionID, err = l.nextLongNumber("transaction_id", "4200", 6); err != nil {
		return err
	}
	for _, o := range parts {
		if err := l.checkPayable(o); err != nil {
			return err
		}
		if err := l.markPaid(o); err != nil {
			return err
		}
	}
	if err := store.Save(l.Tx, combinedTransactions, k.TransactionID, k.key()); err != nil {
		return err
	}
	l.Events = append(l.Events, CombinedWasPaid{k, parts})
	return k.save(l.Tx)
}
