package sandbox

import (
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/bill"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// stateFormat is the version of what a store holds. It changes when another
// version of the sandbox could misread that.
const stateFormat = 1

const (
	formatBucket = "format"
	formatKey    = "version"
	balancesKey  = "balances"
)

// checkFormat refuses a store whose format is unknown, and writes the version
// into one that has none: one that is new, or older than versions.
func (s *Server) checkFormat() error {
	err := s.store.Update(func(tx Tx) error {
		text, err := tx.Get(formatBucket, formatKey)
		switch {
		case err != nil:
			return err
		case text == nil:
			return store.Save(tx, formatBucket, formatKey, stateFormat)
		}
		if version, _, err := store.Load[int](tx, formatBucket, formatKey); err != nil || version != stateFormat {
			return fmt.Errorf("the state has the format %.16q, and this version knows the format %d alone; use the version that wrote it, or begin anew", text, stateFormat)
		}
		return nil
	})
	if f, ok := s.store.(*FileStore); ok && err != nil {
		return fmt.Errorf("%s: %w", f.file.Path(), err)
	}
	return err
}

// addBalances adds up the balances of accounts in a store that is older than they
// are, from its bills.
func (s *Server) addBalances() error {
	return s.store.Update(func(tx Tx) error {
		if added, _, err := store.Load[bool](tx, formatBucket, balancesKey); err != nil || added {
			return err
		}
		totals, err := bill.Totals(tx)
		if err != nil {
			return err
		}
		l := s.ledger(tx, s.clock())
		if err := l.Book(totals); err != nil {
			return err
		}
		return store.Save(tx, formatBucket, balancesKey, true)
	})
}
