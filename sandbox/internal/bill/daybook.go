// Package bill makes the bills of a sandbox from its postings: trade bills,
// fund-flow bills, and the flows of coupons.
package bill

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A record is a posting in a daybook.
type record struct {
	At   time.Time         `json:"at"`
	Kind money.PostingKind `json:"kind"`
	Key  string            `json:"key"`
}

// A daybook counts the postings of a merchant on one day.
type daybook struct {
	Postings int              `json:"postings"`
	Net      map[string]int64 `json:"net,omitempty"` // what they move in fen, by account
}

const (
	firstDays = "first_day" // that a merchant has a daybook of, by mchid
	daybooks  = "daybook"   // by mchid/day
	records   = "posting"   // by mchid/day/position
)

func daybookKey(mchID, on string) string { return mchID + "/" + on }

func recordKey(mchID, on string, i int) string { return fmt.Sprintf("%s/%s/%d", mchID, on, i) }

// Keep writes postings and the amounts that they move into the daybooks of their
// merchants. The bills of a day use only the postings of that day.
func Keep(tx store.Tx, postings []money.Posting) error {
	for _, p := range postings {
		for _, mchID := range p.MchIDs {
			if err := keep(tx, mchID, p); err != nil {
				return err
			}
		}
	}
	return nil
}

func keep(tx store.Tx, mchID string, p money.Posting) error {
	on := beijing.Day(p.At)
	book, found, err := store.Load[daybook](tx, daybooks, daybookKey(mchID, on))
	if err != nil {
		return err
	}
	if !p.Corrects {
		if !found {
			if err := beginBooks(tx, mchID, on); err != nil {
				return err
			}
		}
		if err := store.Save(tx, records, recordKey(mchID, on, book.Postings), record{p.At, p.Kind, p.Key}); err != nil {
			return err
		}
		book.Postings++
	}
	book.add(mchID, p.Moves)
	return store.Save(tx, daybooks, daybookKey(mchID, on), book)
}

func (b *daybook) add(mchID string, moves []money.Move) {
	for _, m := range moves {
		if m.MchID != mchID {
			continue
		}
		if b.Net == nil {
			b.Net = make(map[string]int64)
		}
		b.Net[m.Account] += m.Amount
	}
}

// beginBooks records the first day of a merchant, unless it has one.
func beginBooks(tx store.Tx, mchID, on string) error {
	first, found, err := store.Load[string](tx, firstDays, mchID)
	if err != nil || found && first <= on {
		return err
	}
	return store.Save(tx, firstDays, mchID, on)
}

// postingsOf returns the postings of a day in the order of time.
func postingsOf(tx store.Tx, mchID, on string) ([]money.Posting, error) {
	book, _, err := store.Load[daybook](tx, daybooks, daybookKey(mchID, on))
	if err != nil {
		return nil, err
	}
	var all []money.Posting
	// A posting is there twice if it was put off and then happened at the same
	// instant after all, such as that of a refund that was abnormal.
	seen := make(map[record]bool, book.Postings)
	for i := range book.Postings {
		r, _, err := store.Load[record](tx, records, recordKey(mchID, on, i))
		if err != nil {
			return nil, err
		}
		r.At = r.At.UTC()
		if !seen[r] {
			all = append(all, money.Posting{At: r.At, Kind: r.Kind, Key: r.Key})
		}
		seen[r] = true
	}
	slices.SortStableFunc(all, func(a, b money.Posting) int { return a.At.Compare(b.At) })
	return all, nil
}

// balance returns what an account has at the beginning of a day, in fen, with
// what is set aside.
func balance(l *money.Ledger, mchID, account, on string) (int64, error) {
	tx, sum := l.Tx, l.Terms.Opening
	first, found, err := store.Load[string](tx, firstDays, mchID)
	if err != nil || !found {
		return sum, err
	}
	at, err := time.Parse(beijing.DayLayout, first)
	if err != nil {
		return 0, err
	}
	for ; at.Format(beijing.DayLayout) < on; at = at.AddDate(0, 0, 1) {
		book, _, err := store.Load[daybook](tx, daybooks, daybookKey(mchID, at.Format(beijing.DayLayout)))
		if err != nil {
			return 0, err
		}
		sum += book.Net[account]
	}
	return sum, nil
}

// Closing returns what an account had at the end of a day, such as "20180608", in
// fen, with what was set aside.
func (Maker) Closing(l *money.Ledger, mchID, account, on string) (int64, error) {
	day, err := time.Parse(beijing.DayLayout, on)
	if err != nil {
		return 0, err
	}
	return balance(l, mchID, account, day.AddDate(0, 0, 1).Format(beijing.DayLayout))
}

// Totals returns a posting for each daybook, with all that it moves at the end of
// its day.
func Totals(tx store.Tx) (all []money.Posting, err error) {
	var keys []string
	if err := tx.Each(daybooks, "", func(key string, _ []byte) error {
		keys = append(keys, key)
		return nil
	}); err != nil {
		return nil, err
	}
	for _, key := range keys {
		mchID, on, _ := strings.Cut(key, "/")
		day, err := time.ParseInLocation(beijing.DayLayout, on, beijing.In(time.Time{}).Location())
		if err != nil {
			return nil, err
		}
		book, _, err := store.Load[daybook](tx, daybooks, key)
		if err != nil {
			return nil, err
		}
		p := money.Posting{At: day.AddDate(0, 0, 1).Add(-1)}
		for account, amount := range book.Net {
			p.Moves = append(p.Moves, money.Move{MchID: mchID, Account: account, Amount: amount})
		}
		all = append(all, p)
	}
	return all, nil
}
