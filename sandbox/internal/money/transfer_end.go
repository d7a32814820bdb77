package money

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// transferFailures are the fail_reasons of transfers.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013774966
var transferFailures = []string{
	"ACCOUNT_FROZEN", "ACCOUNT_NOT_EXIST", "BANK_CARD_ACCOUNT_ABNORMAL", "BANK_CARD_BANK_INFO_WRONG", "BANK_CARD_CARD_INFO_WRONG",
	"BANK_CARD_COLLECTIONS_ABOVE_QUOTA", "BANK_CARD_PARAM_ERROR", "BANK_CARD_STATUS_ABNORMAL", "BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH",
	"BLOCK_B2C_USERLIMITAMOUNT_MONTH", "DAY_RECEIVED_COUNT_EXCEED", "DAY_RECEIVED_QUOTA_EXCEED", "EXCEEDED_ESTIMATED_AMOUNT",
	"ID_CARD_NOT_CORRECT", "MCH_CANCEL", "MERCHANT_REJECT", "MERCHANT_NOT_CONFIRM", "NAME_NOT_CORRECT", "OPENID_INVALID",
	"OTHER_FAIL_REASON_TYPE", "OVERDUE_CLOSE", "PAYEE_ACCOUNT_ABNORMAL", "PAYER_ACCOUNT_ABNORMAL", "PRODUCT_AUTH_CHECK_FAIL",
	"REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED", "REAL_NAME_CHECK_FAIL", "RECEIVE_ACCOUNT_NOT_CONFIGURE", "RESERVATION_INFO_NOT_MATCH",
	"RESERVATION_SCENE_NOT_MATCH", "RESERVATION_STATE_INVALID", "TRANSFER_QUOTA_EXCEED", "TRANSFER_REMARK_SET_FAIL", "TRANSFER_RISK",
	"TRANSFER_SCENE_INVALID", "TRANSFER_SCENE_UNAVAILABLE",
}

// checkFailure refuses a fail_reason that is none of those that are known.
func checkFailure(reason string, known []string) error {
	if !slices.Contains(known, reason) {
		return fmt.Errorf("%.64q is not one of %s", reason, strings.Join(known, ", "))
	}
	return nil
}

// setTransfer stores a transfer that was another before: zero if it is new. If the
// merchant's money moves at another time than it would have, the postings follow.
func (l *Ledger) setTransfer(was, t Transfer) error {
	before, after := was.outcome(), t.outcome()
	switch {
	case before.State == after.State && before.Changed.Equal(after.Changed):
	case before.State == TransferSuccess:
		l.post(before, negate(before.Moves()), true)
		fallthrough
	default:
		if after.State == TransferSuccess {
			l.post(after, after.Moves(), false)
		}
	}
	if t.isAwaited() { // other transfers end too, as queries show
		l.Deadlines = append(l.Deadlines, t.deadline())
	}
	if t.hasEnded() {
		l.Events = append(l.Events, TransferEnded{t})
	}
	if t.State == TransferSuccess && t.Authorizes != "" {
		if err := l.authorize(t); err != nil {
			return err
		}
	}
	if err := l.holdTransfer(&t); err != nil {
		return err
	}
	return t.save(l.Tx)
}

// authorize makes the authorization take effect that the user confirmed together
// with a transfer.
func (l *Ledger) authorize(t Transfer) error {
	a, _, err := store.Load[Authorization](l.Tx, authorizations, key(t.MchID, t.Authorizes))
	if err != nil || a.State != AuthorizationWaiting {
		return err
	}
	return l.activate(a, t.Changed)
}

func (l *Ledger) post(t Transfer, moves []Move, corrects bool) {
	l.Postings = append(l.Postings, Posting{At: t.Changed, Kind: PostedTransfer, Key: t.key(), MchIDs: t.members(), Moves: moves, Corrects: corrects})
}

// deadline returns when a transfer ends, unless somebody acts before.
func (t Transfer) deadline() Deadline {
	return Deadline{t.outcome().Changed, func(l *Ledger) error {
		stored, found, err := store.Load[Transfer](l.Tx, transfers, t.key())
		if err != nil || !found || stored.State != t.State {
			return err
		}
		ended := stored.outcome()
		if l.Now.Before(ended.Changed) {
			ended.Changed = l.Now // the timetable runs ahead of the clock
		}
		return l.setTransfer(stored, ended)
	}}
}

// CancelTransfer cancels a transfer that the user has not confirmed. Cancelling
// it again changes nothing.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716458,
// https://developers.weixin.qq.com/community/pay/doc/000c4ad3a646e03149233e34561800 (answer)
func (l *Ledger) CancelTransfer(w Owner, outBillNo string) (Transfer, error) {
	was, err := l.loadTransfer(w, outBillNo)
	if errors.Is(err, errNoTransfer) {
		err = &Refusal{Reason: NoneToCancel, Message: "out_bill_no is not that of a transfer of this merchant (单号错误,请检查)"}
	}
	if err != nil {
		return was, err
	}
	t := was
	switch was.State {
	case TransferCanceling, TransferCancelled:
		return was, nil
	case TransferAccepted, TransferProcessing, TransferWaiting:
		if was.AuthorizationID == "" {
			t.State, t.Changed = TransferCanceling, l.Now
			return t, l.setTransfer(was, t)
		}
	}
	return was, Invalid("the transfer is " + string(was.State) + "; only one that the user has not confirmed can be cancelled")
}

// SettleTransfer does what the user and the bank do to a transfer that waits for
// the user's confirmation, or is TRANSFERING. The transfer is that of a merchant,
// or of one of its partners or sub-merchants.
func (l *Ledger) SettleTransfer(mchID, outBillNo string, state TransferState) error {
	was, err := l.findTransfer(mchID, outBillNo)
	if err != nil {
		return err
	}
	if was.State != TransferWaiting && was.State != TransferTransfering {
		return fmt.Errorf("it is %s, and neither %s nor %s", was.State, TransferWaiting, TransferTransfering)
	}
	t := was
	switch state {
	case TransferTransfering, TransferSuccess:
	case TransferFail:
		t.FailReason = "PAYEE_ACCOUNT_ABNORMAL"
	default:
		return fmt.Errorf("the state is %q, want %s, %s or %s", state, TransferTransfering, TransferSuccess, TransferFail)
	}
	t.State, t.Changed = state, l.Now
	return l.setTransfer(was, t)
}

// FailTransfer makes a transfer that has not ended fail for a reason. The transfer
// is found as SettleTransfer finds it.
func (l *Ledger) FailTransfer(mchID, outBillNo, reason string) error {
	if err := checkFailure(reason, transferFailures); err != nil {
		return err
	}
	was, err := l.findTransfer(mchID, outBillNo)
	if err != nil {
		return err
	}
	if was.hasEnded() || was.State == TransferCanceling {
		return fmt.Errorf("it is %s already", was.State)
	}
	t := was
	t.State, t.Changed, t.FailReason = TransferFail, l.Now, reason
	return l.setTransfer(was, t)
}

// findTransfer returns a transfer, as it is now, by all that a number of a
// merchant stands for.
func (l *Ledger) findTransfer(mchID, outBillNo string) (Transfer, error) {
	t, err := find[Transfer](l, transfers, mchID, outBillNo, errNoTransfer)
	if err != nil {
		return Transfer{}, err
	}
	return t.At(l.Now), nil
}
