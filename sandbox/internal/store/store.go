// Package store keeps the state of a sandbox, in memory or in a file: buckets of
// JSON by key, read and written in transactions.
package store

import "errors"

var errReadOnly = errors.New("sandbox: the transaction only reads")

// A Store keeps the state of a sandbox. It must be safe for any number of
// goroutines.
type Store interface {
	// View calls f with a read-only transaction.
	View(f func(Tx) error) error
	// Update calls f with a transaction that reads and writes, alone. What it
	// wrote is kept if f returns nil, and dropped otherwise.
	Update(f func(Tx) error) error
}

// A Tx is a transaction of a [Store]. Do not use it after the function that
// received it returns.
type Tx interface {
	// Get returns the value under a key, or nil. Do not change it.
	Get(bucket, key string) ([]byte, error)
	// Put stores value under a key. Do not change value afterwards.
	Put(bucket, key string, value []byte) error
	// Delete removes the value under a key, if there is one.
	Delete(bucket, key string) error
	// Each calls f with each key of a bucket that starts with prefix and its
	// value, in the order of the keys. It stops at the first error and returns
	// it. It sees what the transaction has written before. f must not change the
	// value and must not write to the bucket.
	Each(bucket, prefix string, f func(key string, value []byte) error) error
}
