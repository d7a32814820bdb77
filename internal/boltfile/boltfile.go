// Package boltfile opens files of bbolt that may be damaged.
package boltfile

import (
	"errors"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// ErrDamaged is the error of a file that is not whole, or not as bbolt wrote it.
var ErrDamaged = errors.New("it is damaged")

// Open opens a database, which it makes if need be, for its owner alone, and
// reads all of it. Of one that is damaged, or not whole, bbolt panics, or the
// system says that it ends too soon; here that is ErrDamaged.
func Open(path string, options *bbolt.Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil { // with locks held, so that it cannot be closed either
			db, err = nil, ErrDamaged
		}
	}()
	if db, err = bbolt.Open(path, 0o600, options); err != nil {
		return nil, err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(_, _ []byte) error { return nil })
		})
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}
