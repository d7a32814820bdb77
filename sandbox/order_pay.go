package sandbox

import (
	"cmp"
	"fmt"
)

// pay pays an order as its user does, in full, and tells its merchant.
func (l *ledger) pay(o *order) error {
	if err := l.unpaid(o); err != nil {
		return err
	}
	if o.expired(l.now) {
		return fmt.Errorf("its time_expire was %s", beijing(o.Expire))
	}
	if err := l.paid(o); err != nil {
		return err
	}
	l.after = append(l.after, func() { l.tellPaid(o) })
	return nil
}

// unpaid is what stands against paying an order, but for its time_expire.
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
	o.TransactionID = fmt.Sprintf("4200%06d%s%s", l.seed%1_000_000, day(l.now), n)
	o.OpenID = cmp.Or(o.OpenID, "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
	if err := save(l.tx, transactions, o.TransactionID, o.key()); err != nil {
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
// one number be of several orders. The merchant's own order comes first.
func (s *Server) Pay(mchID, outTradeNo string) (transactionID string, err error) {
	err = s.changeOrder("paying", mchID, outTradeNo, func(l *ledger, o *order) error {
		err := l.pay(o)
		transactionID = o.TransactionID
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
	return s.changeOrder("failing", mchID, outTradeNo, func(l *ledger, o *order) error {
		if err := l.unpaid(o); err != nil {
			return err
		}
		o.State = stateFailed
		return o.save(l.tx)
	})
}

// Expire makes this instant the time_expire of an order that is not paid: the
// user cannot pay it any more. As on the platform the order stays NOTPAY until
// the merchant closes it; one that is USERPAYING becomes PAYERROR. The order is
// found as [Server.Pay] finds it.
func (s *Server) Expire(mchID, outTradeNo string) error {
	return s.changeOrder("expiring", mchID, outTradeNo, func(l *ledger, o *order) error {
		if err := l.unpaid(o); err != nil {
			return err
		}
		o.Expire = l.now
		return o.save(l.tx)
	})
}

// changeOrder does something to an order as its user does.
func (s *Server) changeOrder(doing, mchID, outTradeNo string, change func(*ledger, *order) error) error {
	err := s.change(func(l *ledger) error {
		o, err := find[order](l, orders, mchID, outTradeNo, errNoOrder)
		if err != nil {
			return err
		}
		return change(l, o)
	})
	if err != nil {
		return fmt.Errorf("sandbox: %s order %q of merchant %q: %w", doing, outTradeNo, mchID, err)
	}
	return nil
}
