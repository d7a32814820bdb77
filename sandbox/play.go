package sandbox

import (
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/v3"
)

// played is the error of playing the user, with the code that the platform would
// give it.
func played(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	doing := fmt.Sprintf(format, args...)
	if no := (*money.Refusal)(nil); errors.As(err, &no) {
		return fmt.Errorf("sandbox: %s: %s: %w", doing, v3.Explain(no).Code, err)
	}
	return fmt.Errorf("sandbox: %s: %w", doing, err)
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
	err = s.change(func(l *money.Ledger) (err error) {
		transactionID, err = l.Pay(mchID, outTradeNo)
		return err
	})
	if err != nil {
		return "", played(err, "paying order %q of merchant %q", outTradeNo, mchID)
	}
	return transactionID, nil
}

// FailPayment has the payment of an order that is not paid fail, as when the
// user's bank refuses it: the order is PAYERROR for good, and its merchant may
// close it. The order is found as [Server.Pay] finds it.
func (s *Server) FailPayment(mchID, outTradeNo string) error {
	err := s.change(func(l *money.Ledger) error { return l.FailPayment(mchID, outTradeNo) })
	return played(err, "failing order %q of merchant %q", outTradeNo, mchID)
}

// Expire makes this instant the time_expire of an order that is not paid: the
// user cannot pay it any more. As on the platform the order stays NOTPAY until
// the merchant closes it; one that is USERPAYING becomes PAYERROR. The order is
// found as [Server.Pay] finds it.
func (s *Server) Expire(mchID, outTradeNo string) error {
	err := s.change(func(l *money.Ledger) error { return l.Expire(mchID, outTradeNo) })
	return played(err, "expiring order %q of merchant %q", outTradeNo, mchID)
}

// Complain has the user of a paid order complain of it, and returns the
// complaint_id. Who complains of an order again goes on with the same complaint,
// which is PENDING again. The merchant is told at the URL that it set by
// v3/merchant-service/complaint-notifications; of an order of a sub-merchant, the
// partner is. The order is found as [Server.Pay] finds it; it is an error that it
// was never paid.
func (s *Server) Complain(mchID, outTradeNo, detail string) (complaintID string, err error) {
	err = s.change(func(l *money.Ledger) (err error) {
		complaintID, err = l.Complain(mchID, outTradeNo, detail)
		return err
	})
	if err != nil {
		return "", played(err, "complaining of order %q of merchant %q", outTradeNo, mchID)
	}
	return complaintID, nil
}

// A RefundState is the state of a refund.
type RefundState string

// The states that [Server.SettleRefund] can bring a refund to.
const (
	RefundSuccess  RefundState = "SUCCESS"
	RefundClosed   RefundState = "CLOSED"   // the money stays with the merchant
	RefundAbnormal RefundState = "ABNORMAL" // the user's bank does not take it
)

// SettleRefund ends a refund that is PROCESSING or ABNORMAL. One that nobody
// settles succeeds five seconds after it was asked for. What a refund that is
// CLOSED was of can be refunded again, by another number. The refund is found
// as [Server.Pay] finds an order.
func (s *Server) SettleRefund(mchID, outRefundNo string, state RefundState) error {
	err := s.change(func(l *money.Ledger) error { return l.SettleRefund(mchID, outRefundNo, money.RefundState(state)) })
	return played(err, "settling refund %q of merchant %q", outRefundNo, mchID)
}

// A TransferState is the state of a transfer to a user's change.
type TransferState string

// The states that [Server.SettleTransfer] can bring a transfer to.
const (
	TransferTransfering TransferState = "TRANSFERING" // the user confirmed; the money is on its way
	TransferSuccess     TransferState = "SUCCESS"
	TransferFail        TransferState = "FAIL"
)

// SettleTransfer does what the user and the bank do to a transfer that waits
// for the user's confirmation, or is TRANSFERING: the money arrives, or does
// not. One that nobody settles fails 24 hours after it was asked for. It is an
// error that there is no such transfer, or that it has ended or is being
// cancelled.
func (s *Server) SettleTransfer(mchID, outBillNo string, state TransferState) error {
	err := s.change(func(l *money.Ledger) error { return l.SettleTransfer(mchID, outBillNo, money.TransferState(state)) })
	return played(err, "settling transfer %q of merchant %q", outBillNo, mchID)
}

// UseCoupon uses a coupon on a payment to a merchant, as its user does when he
// pays. It is an error that there is no such coupon or payment, that the coupon
// is USED or EXPIRED, that the merchant is none of those that take it, or that
// the payment is below its minimum, has refunds or was shared. Queries of the
// payment show it from then on, in amount.payer_total and promotion_detail. Who
// created the coupon is told, if he has set a callback.
func (s *Server) UseCoupon(mchID, couponID, transactionID string) error {
	err := s.change(func(l *money.Ledger) error { return l.UseCoupon(mchID, couponID, transactionID) })
	return played(err, "using coupon %q on transaction %q of merchant %q", couponID, transactionID, mchID)
}

// OpenRedPacket has a user open a red packet, and returns how much the user
// gets, in fen: all of it, or of a group's a share that is as good as random.
// openID is the user, "" for who it was sent to. It is an error that there is no
// such red packet, that all of it is gone, that the user has opened it before, or
// that it was sent 24 hours ago: what is left then has gone back to the merchant.
func (s *Server) OpenRedPacket(mchID, mchBillNo, openID string) (amount int64, err error) {
	err = s.change(func(l *money.Ledger) (err error) {
		amount, err = l.OpenRedPacket(mchID, mchBillNo, openID)
		return err
	})
	if err != nil {
		return 0, played(err, "opening red packet %q of merchant %q", mchBillNo, mchID)
	}
	return amount, nil
}
