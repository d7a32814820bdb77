package sandbox

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// pay pays an order as its user does, in full, and tells its merchant.
func (l *ledger) pay(o *order) error {
	if err := l.payable(o); err != nil {
		return err
	}
	if err := l.paid(o); err != nil {
		return err
	}
	return l.tellPaid(o)
}

// payable is what stands against paying an order.
func (l *ledger) payable(o *order) error {
	if err := l.unpaid(o); err != nil {
		return err
	}
	if o.expired(l.now) {
		return fmt.Errorf("its time_expire was %s", beijing.Format(o.Expire))
	}
	return nil
}

func (l *ledger) unpaid(o *order) error {
	if state := o.state(l.now); state != stateNotPay && state != stateUserPaying {
		return fmt.Errorf("it is %s, not %s", state, stateNotPay)
	}
	return nil
}

// paid makes an order one that is paid.
func (l *ledger) paid(o *order) error {
	n, err := l.number("transaction_id")
	if err != nil {
		return err
	}
	o.State, o.Paid = stateSuccess, l.now
	o.TransactionID = fmt.Sprintf("4200%06d%s%s", l.seed%1_000_000, beijing.Day(l.now), n)
	o.OpenID = cmp.Or(o.OpenID, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
	if err := store.Save(l.tx, transactions, o.TransactionID, o.key()); err != nil {
		return err
	}
	if err := o.post(l.tx); err != nil {
		return err
	}
	return o.save(l.tx)
}

// Pay pays an order as its user does, in full, and returns the transaction_id.
// It is an error that the order does not exist, is paid or closed already, or
// that its time_expire has passed.
//
// An order of a sub-merchant is reached by its number or by that of the partner
// as mchID, and by both with a slash between ("1900000109/1900000208") should
// one number be of several orders. The merchant's own order comes first. A
// combined order is paid with all that it is of, by its combine_mchid and
// combine_out_trade_no; its combine_transaction_id is returned.
func (s *Server) Pay(mchID, outTradeNo string) (transactionID string, err error) {
	err = s.play("paying", mchID, outTradeNo, func(l *ledger, k *combined, parts []*order) error {
		if k != nil {
			err := l.payCombined(k, parts)
			transactionID = k.TransactionID
			return err
		}
		err := l.pay(parts[0])
		transactionID = parts[0].TransactionID
		return err
	})
	if err != nil {
		return "", err
	}
	return transactionID, nil
}

// FailPayment has the payment of an order that is not paid fail, as when the
// user's bank refuses it: the order is PAYERROR for good, and its merchant may
// close it. The order is found as [Server.Pay] finds it.
func (s *Server) FailPayment(mchID, outTradeNo string) error {
	return s.changeUnpaid("failing", mchID, outTradeNo, func(o *order) { o.State = stateFailed })
}

// Expire makes this instant the time_expire of an order that is not paid: the
// user cannot pay it any more. As on the platform the order stays NOTPAY until
// the merchant closes it; one that is USERPAYING becomes PAYERROR. The order is
// found as [Server.Pay] finds it.
func (s *Server) Expire(mchID, outTradeNo string) error {
	return s.changeUnpaid("expiring", mchID, outTradeNo, func(o *order) { o.Expire = s.clock() })
}

// changeUnpaid does something to what is not paid.
func (s *Server) changeUnpaid(doing, mchID, outTradeNo string, change func(*order)) error {
	return s.play(doing, mchID, outTradeNo, func(l *ledger, _ *combined, parts []*order) error {
		for _, o := range parts {
			if err := l.unpaid(o); err != nil {
				return err
			}
			change(o)
			if err := o.save(l.tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// play does what a user does to a combined order and its parts, or to an order,
// which is the only part of no combined one.
func (s *Server) play(doing, mchID, outTradeNo string, do func(l *ledger, k *combined, parts []*order) error) error {
	err := s.change(func(l *ledger) error {
		k, parts, err := l.loadCombined(mchID, outTradeNo)
		if err == nil || !errors.Is(err, errNoOrder) {
			if err == nil {
				err = do(l, k, parts)
			}
			return err
		}
		o, err := find[order](l, orders, mchID, outTradeNo, errNoOrder)
		if err != nil {
			return err
		}
		if o.Combined != "" {
			return fmt.Errorf("it is part of the combined order %s", o.Combined)
		}
		return do(l, nil, []*order{o})
	})
	if err != nil {
		return fmt.Errorf("sandbox: %s order %q of merchant %q: %w", doing, outTradeNo, mchID, err)
	}
	return nil
}
