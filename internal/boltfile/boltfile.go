// Package boltfile opens bbolt files that may be damaged.
package boltfile

import (
	"errors"
	"runtime/debug"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrDamaged means that a file is incomplete, or not as bbolt wrote it.
var ErrDamaged = errors.New("it is damaged")

// Open opens a database and reads all of it. If there is no file, Open makes one
// that only its owner can read. bbolt panics on a damaged or incomplete file, or
// the system reports an early end; Open returns ErrDamaged instead.
func Open(path string, options *bbolt.Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil { // its locks are still held, so it cannot be closed
			db, err = nil, ErrDamaged
		}
	}()
	db, err = bbolt.Open(path, 0o600, options)
	switch {
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return nil, ErrDamaged // its start is
	case err != nil:
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
