package money

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// somebody is the openid of the payer of an order that names no user.
const somebody = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

// pay pays an order as its user does, in full.
func (l *Ledger) pay(o *Order) error {
	if err := l.checkPayable(o); err != nil {
		return err
	}
	if err := l.markPaid(o); err != nil {
		return err
	}
	l.Events = append(l.Events, OrderWasPaid{o})
	return nil
}

// checkPayable returns why an order cannot be paid.
func (l *Ledger) checkPayable(o *Order) error {
	if err := l.checkUnpaid(o); err != nil {
		return err
	}
	if o.isExpired(l.Now) {
		return fmt.Errorf("its time_expire was %s", beijing.Format(o.Expire))
	}
	return nil
}

// checkUnpaid returns why an order is not unpaid.
func (l *Ledger) checkUnpaid(o *Order) error {
	if state := o.StateAt(l.Now); state != OrderNotPay && state != OrderUserPaying {
		return fmt.Errorf("it is %s, not %s", state, OrderNotPay)
	}
	return nil
}

// markPaid marks an order as paid.
func (l *Ledger) markPaid(o *Order) (err error) {
	if o.TransactionID, err = l.nextLongNumber("transaction_id", "4200", 6); err != nil {
		return err
	}
	o.State, o.Paid = OrderSuccess, l.Now
	o.OpenID = cmp.Or(o.OpenID, somebody)
	if err := store.Save(l.Tx, transactions, o.TransactionID, o.Key()); err != nil {
		return err
	}
	l.Postings = append(l.Postings, Posting{At: o.Paid, Kind: PostedOrder, Key: o.Key(), MchIDs: o.members(), Moves: o.Moves()})
	if err := l.freeze(o); err != nil {
		return err
	}
	return o.save(l.Tx)
}

// Pay pays an order in full as its user does, or all orders of a combined order.
// It returns the transaction_id. The order is that of a merchant, or of one of
// its partners or sub-merchants.
func (l *Ledger) Pay(mchID, outTradeNo string) (transactionID string, err error) {
	k, parts, err := l.orderToPlay(mchID, outTradeNo)
	switch {
	case err != nil:
		return "", err
	case k != nil:
		err := l.payCombined(k, parts)
		return k.TransactionID, err
	}
	err = l.pay(parts[0])
	return parts[0].TransactionID, err
}

// FailPayment makes the payment of an unpaid order fail. A payment by code fails for
// good. The users of all other orders may try again.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791859
func (l *Ledger) FailPayment(mchID, outTradeNo string) error {
	return l.changeUnpaid(mchID, outTradeNo, func(o *Order) {
		o.Failed = l.Now
		if o.TradeType == TradeByCode {
			o.State = OrderPayError
		}
	})
}

// Expire sets the time_expire of an unpaid order to now.
func (l *Ledger) Expire(mchID, outTradeNo string) error {
	return l.changeUnpaid(mchID, outTradeNo, func(o *Order) { o.Expire = l.Now })
}

// changeUnpaid changes an unpaid order, or all orders of an unpaid combined
// order.
func (l *Ledger) changeUnpaid(mchID, outTradeNo string, change func(*Order)) error {
	_, parts, err := l.orderToPlay(mchID, outTradeNo)
	if err != nil {
		return err
	}
	for _, o := range parts {
		if err := l.checkUnpaid(o); err != nil {
			return err
		}
		change(o)
		if err := o.save(l.Tx); err != nil {
			return err
		}
	}
	return nil
}

// orderToPlay returns a combined order and its parts, or nil and a single order.
func (l *Ledger) orderToPlay(mchID, outTradeNo string) (*Combined, []*Order, error) {
	k, parts, err := l.CombinedOrder(mchID, outTradeNo)
	if err == nil || !errors.Is(err, ErrNoOrder) {
		return k, parts, err
	}
	o, err := find[Order](l, orders, mchID, outTradeNo, ErrNoOrder)
	if err == nil && o.Combined != "" {
		err = fmt.Errorf("it is part of the combined order %s", o.Combined)
	}
	return nil, []*Order{o}, err
}
