package sqlstore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	// attempts and maxPause bound how long a call tries again, to about 2 seconds on
	// average and 4 at most.
	attempts = 12
	minPause = 10 * time.Millisecond
	maxPause = 500 * time.Millisecond
	// patience is how long a call waits for a connection, and for another transaction
	// that has the same notification. The platform waits 5 seconds for the answer.
	patience = 4 * time.Second
	// busyTimeout is for SQLite without a busy_timeout of its own, in milliseconds.
	busyTimeout = 5000
)

// do calls f with a connection, and again after a deadlock, a serialization failure or
// a lock that SQLite did not get. It says in the error what was called and what to do.
func (s *store) do(ctx context.Context, what string, f func(*sql.Conn) error) error {
	for attempt := 1; ; attempt++ {
		err := s.withLive(ctx, f)
		if err == nil {
			return nil
		}
		var own *functionError
		switch isTransient := s.dialect.isTransient(err) || errors.Is(err, errChanged); {
		case errors.As(err, &own) && !isTransient:
			return own.error
		case !isTransient || ctx.Err() != nil:
			return fmt.Errorf("sqlstore: %s: %w%s", what, err, s.advice(what, err))
		case attempt == attempts:
			return fmt.Errorf("sqlstore: %s: tried %d times: %w%s", what, attempts, err, s.advice(what, err))
		}
		pause := min(minPause<<(attempt-1), maxPause)
		select {
		case <-time.After(rand.N(pause)): // all who failed together must not meet again
		case <-ctx.Done():
		}
	}
}

// withLive is with, and goes on with another connection if that of the pool is dead. A
// connection that the database has closed, for example because it was idle at night,
// shows it at its first statement. What f does can be done twice.
func (s *store) withLive(ctx context.Context, f func(*sql.Conn) error) error {
	for left := s.db.Stats().Idle; ; left-- {
		err := s.with(ctx, func(conn *sql.Conn) error {
			err := f(conn)
			if s.dialect.isDead(err) && s.isAlive(ctx, conn) {
				err = &aliveError{err}
			}
			return err
		})
		var own *functionError
		var alive *aliveError
		if !s.dialect.isDead(err) || errors.As(err, &own) || errors.As(err, &alive) || left <= 0 || ctx.Err() != nil {
			return err
		}
	}
}

// isAlive reports whether a connection works. Drivers also call it bad if the rows of a
// query are open.
func (s *store) isAlive(ctx context.Context, conn *sql.Conn) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return conn.PingContext(ctx) == nil
}

// with calls f once with a connection.
func (s *store) with(ctx context.Context, f func(*sql.Conn) error) error {
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := s.db.Conn(short)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return fmt.Errorf("no connection within %v: %w; see SetMaxOpenConns, and use the transaction in your function in place of the *sql.DB", patience, err)
		}
		return err
	}
	defer conn.Close()
	switch s.dialect {
	case SQLite:
		if err := letWait(short, conn); err != nil {
			return err
		}
	case MySQL:
		isOff, err := s.autocommit.isOff(short, conn)
		if err != nil {
			return err
		}
		if isOff {
			return kept(ctx, conn, f)
		}
	}
	return f(conn)
}

// An autocommit says whether the connections of a pool to MySQL commit each statement.
type autocommit struct {
	mu         sync.Mutex
	known, off bool
}

func (a *autocommit) isOff(ctx context.Context, conn *sql.Conn) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.known {
		var on bool
		if err := conn.QueryRowContext(ctx, `SELECT @@autocommit`).Scan(&on); err != nil {
			return false, err
		}
		a.known, a.off = true, !on
	}
	return a.off, nil
}

// kept calls f, and commits what it did outside of transactions of its own.
func kept(ctx context.Context, conn *sql.Conn, f func(*sql.Conn) error) error {
	err := f(conn)
	end := `COMMIT`
	if err != nil {
		end = `ROLLBACK`
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, failed := conn.ExecContext(ctx, end)
	if failed != nil {
		discard(conn)
	}
	if err == nil && failed != nil {
		err = fmt.Errorf("committing: %w", failed)
	}
	return err
}

// letWait lets a connection to SQLite wait for a lock, unless it does already.
func letWait(ctx context.Context, conn *sql.Conn) error {
	var wait int
	if err := conn.QueryRowContext(ctx, `PRAGMA busy_timeout`).Scan(&wait); err != nil || wait > 0 {
		return err
	}
	_, err := conn.ExecContext(ctx, fmt.Sprintf(`PRAGMA busy_timeout = %d`, busyTimeout))
	return err
}

// discard closes a connection instead of giving it back to the pool.
func discard(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}

// changed executes a statement and reports whether it changed a row.
func changed(ctx context.Context, e executor, statement string, args ...any) (bool, error) {
	result, err := e.ExecContext(ctx, statement, args...)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
