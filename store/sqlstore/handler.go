package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay/notify"
)

// Handler returns a handler that calls f with a transaction for each notification, and
// answers as [notify.Receiver.Handler] does. The transaction first inserts the row of
// the notification. It commits after f returns nil, so the row says "handled" exactly
// if what f wrote with tx is in the database. After an error, a panic or a crash there
// is neither, and f gets the notification at its next sending.
//
// Write with tx only. What f does elsewhere, such as a call of another service, is not
// undone by a rollback and may happen again. Put it into an outbox, a table that f
// writes to, as the example outbox shows. Return the error of each statement that fails.
//
// Do not end the transaction in f, neither by tx nor by a statement. COMMIT ends it, and
// in MySQL so do BEGIN and statements that change tables. If f ends it, the answer is
// 500. After a commit the notification counts as handled: what f wrote stays, and f does
// not run again. After a rollback, f runs again at the next sending. What f wrote after a
// statement ROLLBACK is then in the database already, except in MySQL.
//
// After a deadlock, a serialization failure, or a lock that NOWAIT or SQLite did not get, Handler
// calls f again with a new transaction, up to 12 times with growing random pauses, if
// the error that f returns wraps that of the database. If the connection breaks during
// the commit, it calls f again with another connection of the pool, unless the
// transaction has committed.
//
// If two processes get a notification at once, the second waits until the first
// transaction ends, for up to 4 seconds, and then answers 500.
//
// Handler does not need a [notify.Config.Seen]. The default, in memory, spares the
// database some repetitions. That of [NewSeen] on the same table works too.
//
// If db is nil, or d or an option is wrong, each notification is answered 500 and the
// Receiver's OnError gets the reason.
func Handler(r *notify.Receiver, db *sql.DB, d Dialect, f func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error, opts ...Option) http.Handler {
	s, err := newStore(db, d, opts)
	if f == nil {
		err = errors.Join(err, errors.New("sqlstore: Handler has no function"))
	}
	return r.Handler(func(ctx context.Context, n *notify.Notification) error {
		if err != nil {
			return err
		}
		return s.handle(ctx, n.ID, func(tx *sql.Tx) error { return f(ctx, tx, n) })
	})
}

var (
	errBusy    = errors.New("another process is handling it")
	errChanged = errors.New("its row changed in the meantime")
	errEnded   = errors.New("the function ended the transaction: leave Commit and Rollback to Handler, and execute no statement that commits")
	errUndone  = errors.New("the transaction was rolled back while the function ran, and the function returned nil: return the error of each statement that fails, and execute no ROLLBACK")
)

// handle calls f in a transaction that records id as handled, unless it is recorded.
func (s *store) handle(ctx context.Context, id string, f func(*sql.Tx) error) error {
	key := keyOf(id)
	return s.do(ctx, "Handler", func(conn *sql.Conn) error {
		if err := s.clean(ctx, conn); err != nil {
			return err
		}
		return s.transact(ctx, conn, func(tx *sql.Tx) error {
			by := newToken()
			in, isFirst, err := s.claimIn(ctx, tx, key, by)
			if !isFirst || err != nil {
				return err
			}
			if s.dialect != PostgreSQL {
				if _, err := tx.ExecContext(ctx, mark); err != nil {
					return err
				}
			}
			if err := f(tx); err != nil {
				return &functionError{err}
			}
			return s.confirm(ctx, tx, in, key, by)
		})
	})
}

// claimIn inserts the row of key, handled by this transaction, and reports whether it
// did. If the row is in another transaction, it waits for the end of that. in is what
// changedIn returns.
func (s *store) claimIn(ctx context.Context, tx *sql.Tx, key, by string) (in string, isFirst bool, err error) {
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	in, isFirst, err = s.changedIn(short, tx, s.sql.record, key, "", by, s.keep.Milliseconds())
	if short.Err() != nil && ctx.Err() == nil && !isFirst {
		return "", false, errBusy
	}
	if isFirst || err != nil {
		return in, isFirst, err
	}
	found, err := s.look(ctx, tx, key)
	if found.isHandled || err != nil {
		return "", false, err
	}
	// The row is a claim of NewSeen: often that of the Receiver around this handler. It
	// becomes handled and keeps its token.
	in, isFirst, err = s.changedIn(ctx, tx, s.sql.finishID, by, s.keep.Milliseconds(), key)
	if !isFirst && err == nil {
		err = errChanged
	}
	return in, isFirst, err
}

// changedIn is changed, and returns the number of the transaction in PostgreSQL.
func (s *store) changedIn(ctx context.Context, tx *sql.Tx, statement string, args ...any) (in string, ok bool, err error) {
	if s.dialect != PostgreSQL {
		ok, err = changed(ctx, tx, statement, args...)
		return "", ok, err
	}
	err = tx.QueryRowContext(ctx, statement+` RETURNING `+transaction, args...).Scan(&in)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return in, err == nil, err
}

// confirm returns an error if tx is not in the transaction any more in which claimIn
// inserted the row, because the effects of f would be without the row then. It reads no
// table as long as the transaction goes on: f may have changed the search path or the role.
func (s *store) confirm(ctx context.Context, tx *sql.Tx, in, key, by string) error {
	goesOn, err := s.goesOn(ctx, tx, in)
	if goesOn {
		return nil
	}
	if err == nil {
		if err = tx.QueryRowContext(ctx, s.sql.stays, key, by).Scan(new(int)); err == nil {
			return errEnded
		}
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return errUndone
	case errors.Is(err, sql.ErrTxDone) && ctx.Err() == nil:
		return errEnded
	}
	return fmt.Errorf(afterFunction+"%w", err)
}

const afterFunction = "after the function: "

// goesOn reports whether tx is still in its transaction.
func (s *store) goesOn(ctx context.Context, tx *sql.Tx, in string) (bool, error) {
	if s.dialect == PostgreSQL {
		var now string
		err := tx.QueryRowContext(ctx, `SELECT `+transaction).Scan(&now)
		return now == in && err == nil, err
	}
	_, err := tx.ExecContext(ctx, release)
	if s.dialect.lacksMark(err) {
		return false, nil
	}
	return err == nil, err
}

// transact calls f in a transaction and commits it if f returns nil.
func (s *store) transact(ctx context.Context, conn *sql.Conn, f func(*sql.Tx) error) error {
	isCommitted := false
	if s.dialect == MySQL {
		if err := stopAutocommit(ctx, conn); err != nil {
			return err
		}
		defer func() { restoreAutocommit(ctx, conn, isCommitted) }()
	}
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: s.isolation})
	if err != nil {
		return fmt.Errorf("beginning the transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	err = f(tx)
	if errors.Is(err, errEnded) {
		// The row is committed, so the function does not run again: what it wrote since
		// must not be lost.
		_ = tx.Commit() // there may be no transaction
		return err
	}
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	isCommitted = true
	return nil
}

// stopAutocommit lets MySQL begin a new transaction when it has rolled one back after a
// deadlock. Otherwise, if f ignored the error, each of its further statements would
// commit by itself.
func stopAutocommit(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `SET @wechatpay_autocommit = @@autocommit, autocommit = 0`)
	return err
}

// restoreAutocommit undoes stopAutocommit, for the next user of the connection.
func restoreAutocommit(ctx context.Context, conn *sql.Conn, isCommitted bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	var err error
	if !isCommitted { // setting autocommit commits what is open
		_, err = conn.ExecContext(ctx, `ROLLBACK`)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, `SET autocommit = @wechatpay_autocommit`)
	}
	if err != nil {
		discard(conn)
	}
}
