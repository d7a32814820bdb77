package sandbox

import (
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// maxBalance is the largest balance that can be set, in fen.
const maxBalance = 1_000_000_000_000_000

// A Balance is the money of an account, in fen.
type Balance struct {
	// Available can be paid out.
	Available int64 `json:"available_amount"`
	// Pending is set aside: for refunds and transfers that are in progress, for
	// stocks whose coupons the merchant prepays, and for the profit sharing of paid
	// orders.
	Pending int64 `json:"pending_amount"`
}

// Balance returns the balance of an account of a merchant, a sub-merchant or
// another receiver of profit sharing. The account is "BASIC", to which users pay,
// "OPERATION", from which transfers, red packets and prepaid coupons are paid, or
// "FEES", where nothing happens.
func (s *Server) Balance(mchID, account string) (b Balance, err error) {
	err = s.checkAccount(account)
	if err == nil {
		err = s.transact(s.clock(), true, func(l *money.Ledger) error {
			of, err := l.Balance(mchID, account)
			b = Balance(of)
			return err
		})
	}
	if err != nil {
		return Balance{}, s.playError(err, "reading the balance of account %q of merchant %q", account, mchID)
	}
	return b, nil
}

// SetBalance makes so many fen of an account available, as [Server.Balance] names
// it. Fund-flow bills show the difference as 充值 or 提现. What is set aside stays
// so.
//
// A refund, transfer, red packet or stock of prepaid coupons beyond what is
// available is refused with 403 NOT_ENOUGH, in APIv2 NOTENOUGH.
func (s *Server) SetBalance(mchID, account string, available int64) error {
	err := s.checkAccount(account)
	if err == nil && (available < 0 || available > maxBalance) {
		err = fmt.Errorf("it can be 0 to %d fen, not %d", int64(maxBalance), available)
	}
	if err == nil {
		err = s.change(func(l *money.Ledger) error { return l.SetBalance(mchID, account, available) })
	}
	return s.playError(err, "setting the balance of account %q of merchant %q", account, mchID)
}

func (s *Server) checkAccount(account string) error {
	if !money.IsAccount(account) {
		return fmt.Errorf("%.64q is not one of %s, %s, %s", account, money.AccountBasic, money.AccountOperation, money.AccountFees)
	}
	return nil
}
