package sandbox

import (
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// playError returns the error of an action of the user, with the code that the
// platform would give it.
func (s *Server) playError(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	doing := fmt.Sprintf(format, args...)
	if no := (*money.Refusal)(nil); errors.As(err, &no) {
		return fmt.Errorf("sandbox: %s: %s: %w", doing, s.v3.Explain(no).Code, err)
	}
	return fmt.Errorf("sandbox: %s: %w", doing, err)
}

// Pay pays an order as its user does, from the balance, and returns the
// transaction_id.
// It is an error that the order does not exist, is paid or closed already, or
// that its time_expire has passed.
//
// For an order of a sub-merchant, mchID is the number of the sub-merchant or of
// its partner. If several orders match, the merchant's own comes first; to name
// one of the others, join both numbers by a slash ("1900000109/1900000208"). For a
// combined order, mchID and outTradeNo are its combine_mchid and
// combine_out_trade_no: Pay pays all its orders and returns the
// combine_transaction_id.
func (s *Server) Pay(mchID, outTradeNo string) (transactionID string, err error) {
	return s.PayWith(mchID, outTradeNo, Payment{})
}

// A Payment is how a user pays an order.
type Payment struct {
	// OpenID is the user who pays an order that names none. Without it, that is the
	// user who has the first coupon, or [TestUser].
	OpenID string `json:"openid"`
	// BankType is the card or the wallet that pays, as answers spell it, such as
	// "ICBC_DEBIT" or "CMB_CREDIT". Without it the user pays from the balance, which
	// is "OTHERS". A refund goes back there.
	//
	// https://pay.weixin.qq.com/doc/v2/merchant/4011941162
	BankType string `json:"bank_type"`
	// CouponIDs are the coupons that pay a part of the order. Of a combined order,
	// each is used on the first order that it fits.
	CouponIDs []string `json:"coupon_ids"`
	// SubOrderCouponIDs are the coupons that pay a part of one order of a combined
	// order each: the first are those of its first order, and so on.
	SubOrderCouponIDs [][]string `json:"sub_order_coupon_ids"`
}

// PayWith pays an order as [Server.Pay] does, by a bank and with coupons. The answers
// of queries, the notification and the bills name both. It is also an error, and the
// order stays unpaid, that BankType is not spelled like one, or that a coupon does
// not exist, is USED or EXPIRED, is not for this merchant or is for larger payments, or
// that the order names another user than OpenID or than the one who has a coupon. In a
// combined order, a coupon pays a part of one of the orders, as the platform shows it
// in the promotion_detail of that order.
func (s *Server) PayWith(mchID, outTradeNo string, p Payment) (transactionID string, err error) {
	if p.OpenID != "" && !IsOpenID(p.OpenID) {
		return "", s.playError(money.BadField("openid", nil, "1 to 128 letters, digits, - and _ are wanted"), "paying order %q of merchant %q", outTradeNo, mchID)
	}
	err = s.change(func(l *money.Ledger) (err error) {
		transactionID, err = l.Pay(mchID, outTradeNo, money.Payment(p))
		return err
	})
	if err != nil {
		return "", s.playError(err, "paying order %q of merchant %q", outTradeNo, mchID)
	}
	return transactionID, nil
}

// FailPayment makes the payment of an unpaid order fail, as when the user's bank
// refuses it. The order stays NOTPAY, and the user may try again. An order by code
// becomes PAYERROR; its merchant can reverse it. The order is found as [Server.Pay]
// finds it.
func (s *Server) FailPayment(mchID, outTradeNo string) error {
	err := s.change(func(l *money.Ledger) error { return l.FailPayment(mchID, outTradeNo) })
	return s.playError(err, "failing order %q of merchant %q", outTradeNo, mchID)
}

// Expire sets the time_expire of an unpaid order to now, so that the user can no
// longer pay it. As on the platform, the order stays NOTPAY until the merchant
// closes it; an order that is USERPAYING becomes PAYERROR. The order is found as
// [Server.Pay] finds it.
func (s *Server) Expire(mchID, outTradeNo string) error {
	err := s.change(func(l *money.Ledger) error { return l.Expire(mchID, outTradeNo) })
	return s.playError(err, "expiring order %q of merchant %q", outTradeNo, mchID)
}

// Complain complains of a paid order as its user does, and returns the
// complaint_id. Complaining of the same order again continues the complaint, which
// becomes PENDING again. The merchant, or the partner of a sub-merchant, is
// notified at the URL that it set by v3/merchant-service/complaint-notifications.
// The order is found as [Server.Pay] finds it. It is an error that it was never
// paid.
func (s *Server) Complain(mchID, outTradeNo, detail string) (complaintID string, err error) {
	err = s.change(func(l *money.Ledger) (err error) {
		complaintID, err = l.Complain(mchID, outTradeNo, detail)
		return err
	})
	if err != nil {
		return "", s.playError(err, "complaining of order %q of merchant %q", outTradeNo, mchID)
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

// SettleRefund ends a refund that is PROCESSING or ABNORMAL. Without it, a refund
// succeeds five seconds after it was asked for. The amount of a refund that is
// CLOSED can be refunded again, under another number. The refund is found as
// [Server.Pay] finds an order.
func (s *Server) SettleRefund(mchID, outRefundNo string, state RefundState) error {
	err := s.change(func(l *money.Ledger) error { return l.SettleRefund(mchID, outRefundNo, money.RefundState(state)) })
	return s.playError(err, "settling refund %q of merchant %q", outRefundNo, mchID)
}

// A TransferState is the state of a transfer to a user's change.
type TransferState string

// The states that [Server.SettleTransfer] can bring a transfer to.
const (
	TransferTransfering TransferState = "TRANSFERING" // the user confirmed; the money is on its way
	TransferSuccess     TransferState = "SUCCESS"
	TransferFail        TransferState = "FAIL"
)

// SettleTransfer does what the user and the bank do to a transfer that waits for
// the user's confirmation, or is TRANSFERING: the money arrives, or does not.
// Without it, a transfer fails 24 hours after it was asked for. The transfer is
// found as [Server.Pay] finds an order. It is an error that it does not exist, has
// ended, is being cancelled or does not wait yet.
func (s *Server) SettleTransfer(mchID, outBillNo string, state TransferState) error {
	err := s.change(func(l *money.Ledger) error { return l.SettleTransfer(mchID, outBillNo, money.TransferState(state)) })
	return s.playError(err, "settling transfer %q of merchant %q", outBillNo, mchID)
}

// FailTransfer makes a transfer FAIL with a fail_reason of the platform, such as
// "ACCOUNT_FROZEN". The transfer is found as [Server.Pay] finds an order. It is an
// error that it does not exist, has ended or is being cancelled, or that the
// platform does not have the reason.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013774966
func (s *Server) FailTransfer(mchID, outBillNo, reason string) error {
	err := s.change(func(l *money.Ledger) error { return l.FailTransfer(mchID, outBillNo, reason) })
	return s.playError(err, "failing transfer %q of merchant %q", outBillNo, mchID)
}

// NameUser sets the real name of a user. A later transfer to the user with another
// user_name is ACCEPTED, and fails five seconds later with the fail_reason
// NAME_NOT_CORRECT. The name "" is that of a user who has not proved who they are:
// then the fail_reason is REAL_NAME_CHECK_FAIL. A user without a call of NameUser
// has any name.
func (s *Server) NameUser(openID, name string) error {
	err := s.change(func(l *money.Ledger) error { return l.NameUser(openID, name) })
	return s.playError(err, "naming user %q", openID)
}

// FailUser makes each later transfer to a user fail, as [Server.FailTransfer] makes
// one fail: it is ACCEPTED, and fails five seconds later. The reason "" ends this.
func (s *Server) FailUser(openID, reason string) error {
	err := s.change(func(l *money.Ledger) error { return l.FailUser(openID, reason) })
	return s.playError(err, "failing user %q", openID)
}

// ConfirmAuthorization confirms an authorization to receive transfers without
// confirming each, as its user does. It is TAKING_EFFECT from then on. Without it, an
// authorization is closed 24 hours after it was asked for. It is an error that it
// does not exist, is confirmed or closed already, or is confirmed together with a
// transfer: then settle that.
func (s *Server) ConfirmAuthorization(mchID, outAuthorizationNo string) error {
	err := s.change(func(l *money.Ledger) error { return l.ConfirmAuthorization(mchID, outAuthorizationNo) })
	return s.playError(err, "confirming authorization %q of merchant %q", outAuthorizationNo, mchID)
}

// CloseAuthorization closes an authorization that is TAKING_EFFECT, with one of the
// close_reasons of the platform: USER_CLOSE, TRANSFER_RISK or USER_ACCOUNT_ABNORMAL.
func (s *Server) CloseAuthorization(mchID, outAuthorizationNo, reason string) error {
	err := s.change(func(l *money.Ledger) error { return l.EndAuthorization(mchID, outAuthorizationNo, reason) })
	return s.playError(err, "closing authorization %q of merchant %q", outAuthorizationNo, mchID)
}

// FailReceiver makes each later profit sharing with an account end CLOSED for a
// fail_reason of the platform, such as "RECEIVER_HIGH_RISK". The money stays with
// the order. Returns from the account are FAILED, if the platform has that reason
// for returns. The account is the number of a merchant or an openid. The reason ""
// ends this.
func (s *Server) FailReceiver(account, reason string) error {
	err := s.change(func(l *money.Ledger) error { return l.FailReceiver(account, reason) })
	return s.playError(err, "failing receiver %q", account)
}

// NotifySharing sets the URL at which a merchant of the sandbox is notified of what
// it receives by profit sharing (PROFITSHARING) and gives back
// (PROFITSHARING_RETURN), as the platform's web site does. The URL "" ends this. The
// merchant who shares is notified at the notify_url of its request.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter8_1_10.shtml
func (s *Server) NotifySharing(mchID, url string) error {
	err := s.change(func(l *money.Ledger) error { return l.NotifySharing(mchID, url) })
	return s.playError(err, "setting the URL of the receiver %q", mchID)
}

// UseCoupon uses a coupon on a payment to a merchant, as its user does when
// paying. Queries of the payment show it from then on, in amount.payer_total and
// promotion_detail. The merchant that created the coupon is notified, if it has
// set a callback. It is an error that the coupon or the payment does not exist,
// that the coupon is USED or EXPIRED, not for this merchant or of another user than
// the one who paid, or that the payment is below the coupon's minimum, has refunds or
// was shared. If neither the order nor [Payment] named a user, the user of the coupon
// is the one who paid.
func (s *Server) UseCoupon(mchID, couponID, transactionID string) error {
	err := s.change(func(l *money.Ledger) error { return l.UseCoupon(mchID, couponID, transactionID) })
	return s.playError(err, "using coupon %q on transaction %q of merchant %q", couponID, transactionID, mchID)
}

// OpenRedPacket opens a red packet as a user does, and returns how much the user
// gets, in fen: all of it, or a share of a group's that the seed decides. openID is
// the user; "" is the user that it was sent to. It is an error that the red packet
// does not exist or is empty, that the user has opened it before, or that it was
// sent more than 24 hours ago: the rest has gone back to the merchant.
func (s *Server) OpenRedPacket(mchID, mchBillNo, openID string) (amount int64, err error) {
	err = s.change(func(l *money.Ledger) (err error) {
		amount, err = l.OpenRedPacket(mchID, mchBillNo, openID)
		return err
	})
	if err != nil {
		return 0, s.playError(err, "opening red packet %q of merchant %q", mchBillNo, mchID)
	}
	return amount, nil
}
