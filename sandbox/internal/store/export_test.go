package store

import (
	"testing"

	bolt "go.etcd.io/bbolt"
)

// Commits is how many transactions the file of a store has seen.
func Commits(t testing.TB, s *File) (n int) {
	t.Helper()
	if err := s.db.View(func(tx *bolt.Tx) error { n = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// Waiting is how many Updates wait for their turn.
func (s *File) Waiting() int { return int(s.waiting.Load()) }
