package sandbox

import (
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A posting tells what moved money of a merchant, or will at its time.
type posting struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"` // the bucket of what moved it
	Key  string    `json:"key"`  // its key in there
}

// A daybook counts the postings of a merchant that are of one day.
type daybook struct {
	Postings int              `json:"postings"`
	Net      map[string]int64 `json:"net,omitempty"` // what they move in fen, by account
}

const (
	firstDays = "first_day" // that a merchant has a daybook of, by mchid
	daybooks  = "daybook"   // by mchid/day
	postings  = "posting"   // by mchid/day/position
)

func daybookKey(mchID, on string) string { return mchID + "/" + on }

func postingKey(mchID, on string, i int) string { return fmt.Sprintf("%s/%s/%d", mchID, on, i) }

// post writes a posting, and what it moves, into the daybook of a merchant. The
// bills of a day are made of the postings of that day alone.
func post(tx Tx, mchID string, p posting, moves []move) error {
	on := beijing.Day(p.At)
	book, found, err := store.Load[daybook](tx, daybooks, daybookKey(mchID, on))
	if err != nil {
		return err
	}
	if !found {
		if err := beginBooks(tx, mchID, on); err != nil {
			return err
		}
	}
	if err := store.Save(tx, postings, postingKey(mchID, on, book.Postings), p); err != nil {
		return err
	}
	book.Postings++
	book.add(moves, 1)
	return store.Save(tx, daybooks, daybookKey(mchID, on), book)
}

// adjust adds what is moved on a day, so many times, without a posting.
func adjust(tx Tx, mchID string, at time.Time, moves []move, times int64) error {
	key := daybookKey(mchID, beijing.Day(at))
	book, _, err := store.Load[daybook](tx, daybooks, key)
	if err != nil {
		return err
	}
	book.add(moves, times)
	return store.Save(tx, daybooks, key, book)
}

func (b *daybook) add(moves []move, times int64) {
	for _, m := range moves {
		if b.Net == nil {
			b.Net = make(map[string]int64)
		}
		b.Net[m.account] += times * m.amount
	}
}

// beginBooks makes a day the first of a merchant's, if it is.
func beginBooks(tx Tx, mchID, on string) error {
	first, found, err := store.Load[string](tx, firstDays, mchID)
	if err != nil || found && first <= on {
		return err
	}
	return store.Save(tx, firstDays, mchID, on)
}

// postingsOf are the postings of a day, in the order of time.
func postingsOf(tx Tx, mchID, on string) ([]posting, error) {
	book, _, err := store.Load[daybook](tx, daybooks, daybookKey(mchID, on))
	if err != nil {
		return nil, err
	}
	all := make([]posting, book.Postings)
	for i := range all {
		if all[i], _, err = store.Load[posting](tx, postings, postingKey(mchID, on, i)); err != nil {
			return nil, err
		}
	}
	// What was put off and then happened at the same instant all the same, as a
	// refund that was abnormal, is there twice.
	seen := make(map[posting]bool, len(all))
	all = slices.DeleteFunc(all, func(p posting) bool {
		p.At = p.At.UTC()
		twice := seen[p]
		seen[p] = true
		return twice
	})
	slices.SortStableFunc(all, func(a, b posting) int { return a.At.Compare(b.At) })
	return all, nil
}

// opening is what each account of a merchant has to begin with, in fen: enough
// for what a test pays out before anything came in.
const opening = 1_000_000_00

// balance is what an account has at the beginning of a day, in fen.
func balance(tx Tx, mchID, account, on string) (int64, error) {
	sum := int64(opening)
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
