package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Every sweepClaims claims, and at the first claim after sweepEvery, a process deletes
// up to sweepRows old rows. It deletes more rows than claims insert, so the table does
// not grow.
const (
	sweepClaims = 64
	sweepEvery  = time.Minute
	sweepRows   = 500
)

// A sweeper says when it is time to delete old rows.
type sweeper struct {
	mu     sync.Mutex
	claims int
	next   time.Time
}

func (w *sweeper) isDue() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.claims++
	now := time.Now()
	if w.claims < sweepClaims && now.Before(w.next) {
		return false
	}
	w.claims, w.next = 0, now.Add(sweepEvery)
	return true
}

// clean deletes old rows, if it is time to do so.
func (s *store) clean(ctx context.Context, conn *sql.Conn) error {
	if !s.sweep.isDue() {
		return nil
	}
	ids, err := s.old(ctx, conn)
	if err == nil && len(ids) > 0 {
		slices.Sort(ids) // so that two processes do not deadlock
		args := make([]any, len(ids))
		for i, id := range ids {
			args[i] = id
		}
		_, err = conn.ExecContext(ctx, s.sql.remove+s.dialect.list(len(ids)), args...)
	}
	if err != nil && !s.dialect.isTransient(err) { // or else another process does it
		return fmt.Errorf("deleting old rows: %w", err)
	}
	return nil
}

// old returns the ids of some old rows. The rows are found without a lock, and then
// deleted by their keys, so that a deletion does not stop claims.
func (s *store) old(ctx context.Context, conn *sql.Conn) (ids []string, err error) {
	rows, err := conn.QueryContext(ctx, s.sql.old, sweepRows)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
