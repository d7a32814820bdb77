// Package records lists the orders, refunds and the like of a sandbox by time. It
// keeps their keys and numbers in memory from when somebody first asks. The store
// has the rest.
package records

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// kinds are all kinds of records.
var kinds = [...]money.RecordKind{money.RecordOrder, money.RecordRefund, money.RecordCoupon, money.RecordTransfer, money.RecordSharing, money.RecordRedPacket,
	money.RecordCombined, money.RecordComplaint, money.RecordConsent}

// maxPending is how many changed records are remembered until somebody asks. If
// there are more, all records are read again.
const maxPending = 100_000

// A Filter selects records.
type Filter struct {
	MchID string // of the merchant or the sub-merchant, or of both with a slash between; "" is all
	Text  string // is a part of a number; "" is all
}

// A place is where a record is in the store.
type place struct {
	kind money.RecordKind
	key  string
}

// An entry is what is known of a record without the store.
type entry struct {
	key     string
	created time.Time
	mchID   string
	sub     string
	numbers string // one a line, with the openid
}

// Index has the records of a store. It is safe for concurrent use.
type Index struct {
	noting atomic.Bool // somebody asked

	mu      sync.Mutex // of pending
	pending map[place]struct{}
	stale   bool // all have to be read again

	reading sync.Mutex
	lists   map[money.RecordKind][]*entry // newest last
	known   map[place]*entry
}

// New returns an Index that knows nothing yet.
func New() *Index { return &Index{stale: true, pending: make(map[place]struct{})} }

// Note returns a transaction that adds to changed each record that is written with
// it.
func Note(tx store.Tx, changed *[]Noted) store.Tx { return noter{tx, changed} }

// A Noted is a record that was written.
type Noted struct{ place }

// Kind returns the kind of the record.
func (n Noted) Kind() money.RecordKind { return n.kind }

// A noter is a transaction that notes what is written.
type noter struct {
	store.Tx
	changed *[]Noted
}

func (tx noter) Put(bucket, key string, value []byte) error {
	if kind := money.RecordKindOf(bucket); kind != "" {
		*tx.changed = append(*tx.changed, Noted{place{kind, key}})
	}
	return tx.Tx.Put(bucket, key, value)
}

// Add adds records whose transaction is stored.
func (x *Index) Add(changed []Noted) {
	if len(changed) == 0 || !x.noting.Load() {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range changed {
		x.pending[c.place] = struct{}{}
	}
	if len(x.pending) > maxPending {
		x.stale = true
		clear(x.pending)
	}
}

// take returns what changed since the last call, and whether all has to be read.
func (x *Index) take() (changed map[place]struct{}, all bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	changed, all = x.pending, x.stale
	x.pending, x.stale = make(map[place]struct{}), false
	return changed, all
}

// A Read runs a function with what the store has.
type Read func(func(*money.Ledger) error) error

// read runs f with what the store has, once the lists have all of that. What is
// stored meanwhile is pending for the next call.
func (x *Index) read(read Read, f func(*money.Ledger) error) error {
	x.noting.Store(true)
	x.reading.Lock()
	defer x.reading.Unlock()
	changed, all := x.take() // before the transaction begins, which then has all of it
	err := read(func(l *money.Ledger) error {
		if err := x.update(l, changed, all); err != nil {
			return err
		}
		changed, all = nil, false
		return f(l)
	})
	if changed != nil { // it was not read
		x.mu.Lock()
		x.stale = true
		x.mu.Unlock()
	}
	return err
}

// update reads what changed.
func (x *Index) update(l *money.Ledger, changed map[place]struct{}, all bool) error {
	if all {
		x.lists, x.known = make(map[money.RecordKind][]*entry), make(map[place]*entry)
		for _, kind := range kinds {
			if err := l.RecordKeys(kind, func(key string) error {
				changed[place{kind, key}] = struct{}{}
				return nil
			}); err != nil {
				return err
			}
		}
	}
	added := make(map[money.RecordKind][]*entry)
	for p := range changed {
		r, found, err := l.Record(p.kind, p.key)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		e := x.known[p]
		if e == nil {
			e = &entry{key: p.key}
			x.known[p] = e
			added[p.kind] = append(added[p.kind], e)
			e.created = r.Created
		}
		e.mchID, e.sub, e.numbers = r.MchID, r.SubMchID, numbersOf(r)
	}
	for kind, list := range added {
		x.insert(kind, list)
	}
	return nil
}

// insert adds entries to a list. Most of them are newer than all others.
func (x *Index) insert(kind money.RecordKind, added []*entry) {
	slices.SortFunc(added, compare)
	list := x.lists[kind]
	sorted := len(list) == 0 || compare(list[len(list)-1], added[0]) <= 0
	list = append(list, added...)
	if !sorted {
		slices.SortStableFunc(list, compare)
	}
	x.lists[kind] = list
}

func compare(a, b *entry) int { return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.key, b.key)) }

func numbersOf(r money.Record) string {
	var b strings.Builder
	for _, number := range r.Numbers {
		b.WriteString(number)
		b.WriteByte('\n')
	}
	b.WriteString(r.OpenID)
	return b.String()
}

func (f Filter) has(e *entry) bool {
	if f.MchID != "" && f.MchID != e.mchID && f.MchID != e.sub && f.MchID != e.mchID+"/"+e.sub {
		return false
	}
	return f.Text == "" || strings.Contains(e.numbers, f.Text)
}

// Page returns up to limit records of a kind, newest first, from after the record
// with the key before, or from the newest if that is "". next is the before of the
// following page, or "".
func (x *Index) Page(read Read, kind money.RecordKind, f Filter, before string, limit int) (page []money.Record, next string, err error) {
	err = x.read(read, func(l *money.Ledger) (err error) {
		page, next, err = x.page(l, kind, f, before, limit)
		return err
	})
	return page, next, err
}

func (x *Index) page(l *money.Ledger, kind money.RecordKind, f Filter, before string, limit int) (page []money.Record, next string, err error) {
	list := x.lists[kind]
	i := len(list)
	if e := x.known[place{kind, before}]; e != nil {
		i, _ = slices.BinarySearchFunc(list, e, compare)
	} else if before != "" {
		return nil, "", fmt.Errorf("before %.64q: no page ends there; use the next of the page before", before)
	}
	page = []money.Record{}
	last := ""
	for i--; i >= 0; i-- {
		e := list[i]
		if !f.has(e) {
			continue
		}
		if len(page) == limit {
			return page, last, nil
		}
		r, found, err := l.Record(kind, e.key)
		if err != nil {
			return nil, "", err
		}
		if found {
			page, last = append(page, r), e.key
		}
	}
	return page, "", nil
}

// Count returns how many records of a kind there are.
func (x *Index) Count(read Read, kind money.RecordKind) (n int, err error) {
	err = x.read(read, func(*money.Ledger) error {
		n = len(x.lists[kind])
		return nil
	})
	return n, err
}
