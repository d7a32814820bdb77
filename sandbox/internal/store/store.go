// Package store keeps the state of a sandbox, in memory or in a file: buckets of
// JSON by key, read and written in transactions.
package store

import "errors"

var errReadOnly = errors.New("sandbox: the transaction only reads")

// A Store keeps the state of a sandbox. It must be safe for any number of
// goroutines.
type Store interface {
	// View calls f with a transaction that reads.
	View(f func(Tx) error) error
	// Update calls f with a transaction that reads and writes, alone. What it
	// wrote is kept if f returns nil, and dropped otherwise.
	Update(f func(Tx) error) error
}

// A Tx is a transaction of a [Store]. It must not be used after the function
// that it was given to.
type Tx interface {
	// Get returns what is stored under a key, or nil. It must not be changed.
	Get(bucket, key string) ([]byte, error)
	// Put stores value, which must not be changed afterwards, under a key.
	Put(bucket, key string, value []byte) error
	// Delete drops what is stored under a key, if there is something.
	Delete(bucket, key string) error
	// Each calls f with all keys of a bucket that start with prefix and what is
	// stored under them, which must not be changed, in the order of the keys, up
	// to the first error, which it returns. It sees what the transaction has
	// written before; f must not write to the bucket.
	Each(bucket, prefix string, f func(key string, value []byte) error) error
}
