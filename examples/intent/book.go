package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// A book keeps intents in a file. Each change is on the disk when its method returns.
// One process at a time has the book.
type book struct{ db *bbolt.DB }

var bucket = []byte("intents")

func openBook(path string) (book, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 5 * time.Second})
	if err != nil {
		return book{}, fmt.Errorf("opening the book: %w", err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(bucket)
		return err
	})
	if err != nil {
		return book{}, errors.Join(err, db.Close())
	}
	return book{db}, nil
}

func (b book) close() error { return b.db.Close() }

// begin returns the intent of a purpose. If there is none, it stores one with a new
// number and the body that make returns for that number.
func (b book) begin(purpose, call string, make func(number string) any) (in intent, err error) {
	err = b.db.Update(func(tx *bbolt.Tx) error {
		if stored := tx.Bucket(bucket).Get([]byte(purpose)); stored != nil {
			return json.Unmarshal(stored, &in)
		}
		in = intent{Purpose: purpose, Number: rand.Text(), Call: call}
		if in.Body, err = json.Marshal(make(in.Number)); err != nil {
			return err
		}
		return put(tx, in)
	})
	return in, err
}

// end stores how an intent ended.
func (b book) end(in intent) error {
	return b.db.Update(func(tx *bbolt.Tx) error { return put(tx, in) })
}

func put(tx *bbolt.Tx, in intent) error {
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return tx.Bucket(bucket).Put([]byte(in.Purpose), text)
}

// open returns the intents that have not ended.
func (b book) open() (all []intent, err error) {
	err = b.each(func(in intent) {
		if in.End == "" {
			all = append(all, in)
		}
	})
	return all, err
}

func (b book) each(f func(intent)) error {
	return b.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucket).ForEach(func(_, text []byte) error {
			var in intent
			if err := json.Unmarshal(text, &in); err != nil {
				return err
			}
			f(in)
			return nil
		})
	})
}
