package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// maxBatch is how many Updates share a write to the disk at most, because the
// first of them waits for the last.
const maxBatch = 256

// A batch is a group of Updates that become one transaction of the file.
type batch struct {
	tx    *bolt.Tx
	size  int
	wrote bool

	done chan struct{} // closed at the end
	err  error         // the reason why nothing of the batch is kept
}

// run calls the function of an Update, and takes back what it wrote if it
// fails.
func (b *batch) run(f func(Tx) error) error {
	tx := &fileTx{tx: b.tx, writes: true}
	kept := false
	defer func() {
		switch {
		case kept:
			b.wrote = b.wrote || len(tx.undo) > 0
		default:
			b.err = errors.Join(b.err, tx.takeBack())
		}
	}()
	err := f(tx)
	kept = err == nil
	return err
}

// end writes the batch to the disk and lets its Updates return.
func (b *batch) end() {
	defer close(b.done)
	if b.err != nil || !b.wrote {
		b.err = errors.Join(b.err, b.tx.Rollback())
		return
	}
	if err := b.tx.Commit(); err != nil {
		b.err = fmt.Errorf("sandbox: writing to the disk: %w", err)
	}
}

// A fileTx is the transaction of one Update, or of a View.
type fileTx struct {
	tx     *bolt.Tx
	writes bool
	undo   []former
}

// A former is a value as it was before it was overwritten. value is nil if there
// was none.
type former struct {
	bucket, key string
	value       []byte
}

func (tx *fileTx) Get(bucket, key string) ([]byte, error) {
	b := tx.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil, nil
	}
	return b.Get([]byte(key)), nil
}

func (tx *fileTx) Put(bucket, key string, value []byte) error {
	return tx.change(bucket, key, func(b *bolt.Bucket) error { return b.Put([]byte(key), value) })
}

func (tx *fileTx) Delete(bucket, key string) error {
	return tx.change(bucket, key, func(b *bolt.Bucket) error { return b.Delete([]byte(key)) })
}

// change changes the value under a key, and records the former value so that it
// can be restored.
func (tx *fileTx) change(bucket, key string, f func(*bolt.Bucket) error) error {
	if !tx.writes {
		return errReadOnly
	}
	b, err := tx.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return fmt.Errorf("sandbox: bucket %q: %w", bucket, err)
	}
	old := b.Get([]byte(key))
	if err := f(b); err != nil {
		return fmt.Errorf("sandbox: changing %q in %q: %w", key, bucket, err)
	}
	tx.undo = append(tx.undo, former{bucket, key, old})
	return nil
}

func (tx *fileTx) Each(bucket, prefix string, f func(key string, value []byte) error) error {
	b := tx.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek([]byte(prefix)); bytes.HasPrefix(k, []byte(prefix)) && k != nil; k, v = c.Next() {
		if err := f(string(k), v); err != nil {
			return err
		}
	}
	return nil
}

// takeBack undoes the writes of the transaction.
func (tx *fileTx) takeBack() error {
	for _, was := range slices.Backward(tx.undo) {
		b := tx.tx.Bucket([]byte(was.bucket))
		var err error
		if was.value == nil {
			err = b.Delete([]byte(was.key))
		} else {
			err = b.Put([]byte(was.key), was.value)
		}
		if err != nil {
			return fmt.Errorf("sandbox: taking back an update: %w", err)
		}
	}
	return nil
}
