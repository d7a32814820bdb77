// Package money is the domain of a sandbox: orders, refunds, coupons, profit
// sharing, transfers, red packets and the accounts of merchants, with their rules
// over a transaction of the store.
//
// The package knows neither protocols nor notifications. When a rule returns, the
// [Ledger] has the results as events, postings and deadlines. Amounts are in fen.
package money

import (
	"fmt"
	"math/big"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A Ledger is the state of a sandbox within a transaction, at an instant. The
// rules are its methods.
type Ledger struct {
	Tx      store.Tx
	Now     time.Time
	Parties *Parties
	Terms   Terms
	Seed    uint64 // decides the numbers that are made up

	// The results of the rules, for the caller to pass on.
	Events    []Event
	Postings  []Posting
	Deadlines []Deadline
}

// Terms are what the merchants of a sandbox agreed with the platform.
type Terms struct {
	SharingRatio  int64 // how much of an order can be shared with others, in ten-thousandths
	SlowTransfers bool  // transfers take their time between the states
	Opening       int64 // the balance that each account starts with, in fen
}

// A Transact runs a function over the ledger in a transaction, as of an instant.
// If reads is true, the transaction is read-only. When the results are stored,
// they are passed on. If the function fails, nothing has happened.
type Transact func(now time.Time, reads bool, f func(*Ledger) error) error

// A Deadline is a time at which something ends, unless it has ended before.
type Deadline struct {
	At time.Time
	// End ends it, in a transaction of its own at that time.
	End func(*Ledger) error
}

// The n-th number of a kind is step·n plus a start that the seed decides, modulo
// ten digits. step has no common divisor with the modulus, so numbers do not
// repeat.
const (
	numbers = 10_000_000_000
	step    = 6_180_339_887
)

const counters = "counter"

// NextNumber returns the next number of a kind: ten digits.
func (l *Ledger) NextNumber(kind string) (string, error) {
	n, err := l.NextCount(kind)
	if err != nil {
		return "", err
	}
	v := new(big.Int).SetUint64(n)
	v.Mul(v, big.NewInt(step))
	v.Add(v, new(big.Int).SetUint64(l.Seed))
	return fmt.Sprintf("%010d", v.Mod(v, big.NewInt(numbers))), nil
}

// NextCount returns how often it was called before for a kind.
func (l *Ledger) NextCount(kind string) (uint64, error) {
	n, _, err := store.Load[uint64](l.Tx, counters, kind)
	if err != nil {
		return 0, err
	}
	return n, store.Save(l.Tx, counters, kind, n+1)
}

// nextLongNumber returns a number like the platform's: a prefix, six digits of
// the seed (or as many as width says), the day, and ten digits.
func (l *Ledger) nextLongNumber(kind, prefix string, width int) (string, error) {
	n, err := l.NextNumber(kind)
	return fmt.Sprintf("%s%0*d%s%s", prefix, width, l.Seed%1_000_000, beijing.Day(l.Now), n), err
}

// key returns the key of a number that is unique for a merchant.
func key(mchID, number string) string { return mchID + "/" + number }

// A request is a request that is carried out once, even if it is sent again.
type request struct {
	Fingerprint string `json:"fingerprint"`
	ID          string `json:"id"` // of what it made
}

// once calls create, unless a request of that kind and number did so before, and
// returns the id.
func (l *Ledger) once(kind, mchID, number, fingerprint string, create func() (id string, err error)) (string, error) {
	if !requestNo.MatchString(number) {
		return "", BadField("out_request_no", number, "1 to 128 of 0-9 A-Z a-z _ - | * are wanted")
	}
	r, found, err := store.Load[request](l.Tx, kind, key(mchID, number))
	switch {
	case err != nil:
		return "", err
	case found && r.Fingerprint != fingerprint:
		return "", errUsedBefore("out_request_no", "for another request")
	case found:
		return r.ID, nil
	}
	id, err := create()
	if err != nil {
		return "", err
	}
	return id, store.Save(l.Tx, kind, key(mchID, number), request{fingerprint, id})
}
