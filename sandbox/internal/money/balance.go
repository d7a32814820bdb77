package money

import (
	"errors"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A Balance is the money of an account, in fen.
type Balance struct {
	Available int64 // can be paid out
	Pending   int64 // is set aside
}

// A Hold is money of an account that is set aside: for profit sharing, or for what
// leaves the account later.
type Hold struct {
	MchID   string    `json:"mchid"`
	Account string    `json:"account"`
	Amount  int64     `json:"amount"`
	Until   time.Time `json:"until,omitzero"` // when it ends by itself; zero if it does not
}

// sums are changes of an account, or their sums.
type sums struct {
	Net  int64 `json:"net,omitempty"` // what moved; the opening balance is not part of it
	Held int64 `json:"held,omitempty"`
}

// A laterChange is a change of an account that is due at an instant.
type laterChange struct {
	sums
	At time.Time `json:"at"`
}

// A dayEnd is how much of an account was set aside at the end of a day.
type dayEnd struct {
	Day  string `json:"day"`
	Held int64  `json:"held"`
}

const (
	accounts     = "account"       // by mchid/account
	laterChanges = "account_later" // by mchid/account/time
	dayEnds      = "account_day"   // by mchid/account/day, for days on which it changed
)

// timeKey is a layout in which later times are greater.
const timeKey = "20060102150405.000000000"

func (c laterChange) key(account string) string {
	return key(account, c.At.UTC().Format(timeKey))
}

// errEnough ends a walk through the store.
var errEnough = errors.New("enough")

// each calls f with the values under a prefix until f returns errEnough.
func each[T any](l *Ledger, bucket, prefix string, f func(T) error) error {
	err := store.Each(l.Tx, bucket, prefix, f)
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// due returns the changes of an account that are due by now, but not in its sums
// yet.
func (l *Ledger) due(account string) (all []laterChange, err error) {
	err = each(l, laterChanges, key(account, ""), func(c laterChange) error {
		if c.At.After(l.Now) {
			return errEnough
		}
		all = append(all, c)
		return nil
	})
	return all, err
}

// Balance returns the balance of an account of a merchant as it is now.
func (l *Ledger) Balance(mchID, account string) (Balance, error) {
	at := key(mchID, account)
	a, _, err := store.Load[sums](l.Tx, accounts, at)
	if err != nil {
		return Balance{}, err
	}
	due, err := l.due(at)
	for _, c := range due {
		a.add(c.sums)
	}
	return Balance{l.Terms.Opening + a.Net - a.Held, a.Held}, err
}

func (a *sums) add(c sums) { a.Net, a.Held = a.Net+c.Net, a.Held+c.Held }

// HeldAt returns how much of an account was set aside at the end of a day, such as
// "20180608".
func (l *Ledger) HeldAt(mchID, account, day string) (held int64, err error) {
	at := key(mchID, account)
	if err := each(l, dayEnds, key(at, ""), func(d dayEnd) error {
		if d.Day > day {
			return errEnough
		}
		held = d.Held
		return nil
	}); err != nil {
		return 0, err
	}
	due, err := l.due(at)
	for _, c := range due {
		if beijing.Day(c.At) <= day {
			held += c.Held
		}
	}
	return held, err
}

// changeAccount changes an account at an instant, which may be yet to come.
func (l *Ledger) changeAccount(mchID, account string, at time.Time, by sums) error {
	k := key(mchID, account)
	if at.After(l.Now) {
		return l.changeLater(k, laterChange{by, at})
	}
	a, _, err := store.Load[sums](l.Tx, accounts, k)
	if err != nil {
		return err
	}
	due, err := l.due(k)
	if err != nil {
		return err
	}
	for _, c := range due {
		if err := l.Tx.Delete(laterChanges, c.key(k)); err != nil {
			return err
		}
	}
	for _, c := range append(due, laterChange{by, l.Now}) {
		a.add(c.sums)
		if day := beijing.Day(c.At); c.Held != 0 {
			if err := store.Save(l.Tx, dayEnds, key(k, day), dayEnd{day, a.Held}); err != nil {
				return err
			}
		}
	}
	return store.Save(l.Tx, accounts, k, a)
}

// changeLater adds a change to those that are due at the same instant. Changes
// that cancel each other are gone.
func (l *Ledger) changeLater(account string, c laterChange) error {
	at := c.key(account)
	before, _, err := store.Load[laterChange](l.Tx, laterChanges, at)
	if err != nil {
		return err
	}
	c.add(before.sums)
	if c.sums == (sums{}) {
		return l.Tx.Delete(laterChanges, at)
	}
	return store.Save(l.Tx, laterChanges, at, c)
}

// Book adds what postings move to the balances of their accounts.
func (l *Ledger) Book(postings []Posting) error {
	for _, p := range postings {
		for _, m := range p.Moves {
			if err := l.changeAccount(m.MchID, m.Account, p.At, sums{Net: m.Amount}); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold sets money aside in place of what was set aside before.
func (l *Ledger) hold(have *Hold, want Hold) error {
	if err := l.changeHold(*have, -1); err != nil {
		return err
	}
	*have = want
	return l.changeHold(want, 1)
}

func (l *Ledger) changeHold(h Hold, sign int64) error {
	if h.Amount == 0 {
		return nil
	}
	if err := l.changeAccount(h.MchID, h.Account, l.Now, sums{Held: sign * h.Amount}); err != nil || h.Until.IsZero() {
		return err
	}
	return l.changeAccount(h.MchID, h.Account, h.Until, sums{Held: -sign * h.Amount})
}

// outgoing returns a hold of what moves take from the merchant that pays.
func outgoing(moves []Move, until time.Time) (h Hold) {
	for _, m := range moves {
		if m.Amount < 0 {
			h = Hold{m.MchID, m.Account, h.Amount - m.Amount, until}
		}
	}
	return h
}

// checkOutgoing refuses moves that take more than the account has available.
func (l *Ledger) checkOutgoing(moves []Move) error {
	h := outgoing(moves, time.Time{})
	return l.checkBalance(h.MchID, h.Account, h.Amount)
}

// checkBalance refuses to pay more than an account has available.
func (l *Ledger) checkBalance(mchID, account string, amount int64) error {
	if amount <= 0 {
		return nil
	}
	b, err := l.Balance(mchID, account)
	if err == nil && b.Available < amount {
		err = &Refusal{Reason: NotEnough, Message: fmt.Sprintf("the account %s of merchant %s has %d fen available, and %d are needed (余额不足); top it up, and repeat the request as it was",
			account, mchID, b.Available, amount)}
	}
	return err
}

// freeze sets aside what can be shared of an order, less its fee.
func (l *Ledger) freeze(o *Order) error {
	want := Hold{}
	if o.ProfitSharing && o.IsPaid() {
		settled := o.Settlement()
		fee := Fee(settled)
		if settled > 0 {
			fee -= part(fee, o.settledBack(), settled)
		}
		if left := o.Unsplit(l.Now) - fee; left > 0 {
			want = Hold{o.Payee(), AccountBasic, left, o.freezeEnd()}
		}
	}
	return l.hold(&o.Frozen, want)
}

// holdRefund sets aside the money of a refund until it leaves the account.
func (l *Ledger) holdRefund(r *Refund, until time.Time) error {
	return l.hold(&r.Hold, outgoing(r.Moves(), until))
}

// holdTransfer sets aside the money of a transfer until it ends.
func (l *Ledger) holdTransfer(t *Transfer) error {
	want := Hold{}
	if !t.hasEnded() {
		want = outgoing(t.Moves(), time.Time{})
		if end := t.outcome(); end.hasEnded() {
			want.Until = end.Changed
		}
	}
	return l.hold(&t.Hold, want)
}

// An Adjustment is money that somebody who plays a merchant puts into an account,
// or takes out of it.
type Adjustment struct {
	ID      string `json:"id"`
	MchID   string `json:"mchid"`
	Account string `json:"account"`
	Amount  int64  `json:"amount"` // negative if it is taken out
}

const adjustments = "adjustment" // by mchid/id

// SetBalance makes an amount of an account available, by an adjustment.
func (l *Ledger) SetBalance(mchID, account string, available int64) error {
	b, err := l.Balance(mchID, account)
	if err != nil || b.Available == available {
		return err
	}
	a := Adjustment{MchID: mchID, Account: account, Amount: available - b.Available}
	if a.ID, err = l.nextLongNumber("adjustment", "3011", 6); err != nil {
		return err
	}
	at := key(mchID, a.ID)
	l.Postings = append(l.Postings, Posting{At: l.Now, Kind: PostedAdjustment, Key: at, MchIDs: []string{mchID}, Moves: a.Moves()})
	return store.Save(l.Tx, adjustments, at, a)
}

// Moves returns the moves of an adjustment.
func (a *Adjustment) Moves() []Move {
	cause := ByTopUp
	if a.Amount < 0 {
		cause = ByWithdrawal
	}
	return []Move{{a.MchID, a.Account, a.Amount, cause, ""}}
}
