package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/notify"
)

// NewSeen returns a [notify.Seen] that keeps its records in the database. It is also a
// [notify.Leaser]: if a process dies while it handles a notification, its claim lapses
// after [Lease], and the next sending is handled. It returns an error that reports all
// mistakes of its arguments, and does not use the database yet.
//
// The function runs again if its process dies after the function had its effect and
// before the row was written. [Handler] does not have this gap.
func NewSeen(db *sql.DB, d Dialect, opts ...Option) (notify.Seen, error) {
	s, err := newStore(db, d, opts)
	if err != nil {
		return nil, err
	}
	return seen{s}, nil
}

type seen struct{ *store }

// anyToken is the token of claims and records without a lease's token.
const anyToken = "seen"

// ErrLost is what DoneLease and ReleaseLease return if the claim has lapsed and another
// process has claimed the notification. The function may have run twice.
var ErrLost = errors.New("the claim has lapsed and another process has claimed the notification: set Lease to more than the function takes")

// Claim implements [notify.Seen].
func (s seen) Claim(ctx context.Context, id string) (notify.State, error) {
	return s.claim(ctx, id, newToken())
}

// Done implements [notify.Seen].
func (s seen) Done(ctx context.Context, id string) error {
	key, keep := keyOf(id), s.keep.Milliseconds()
	return s.do(ctx, "Done", func(conn *sql.Conn) error {
		if ok, err := changed(ctx, conn, s.sql.finishID, anyToken, keep, key); ok || err != nil {
			return err
		}
		// There is no row, or it says handled.
		_, err := changed(ctx, conn, s.sql.record, key, anyToken, anyToken, keep)
		return err
	})
}

// Release implements [notify.Seen].
func (s seen) Release(ctx context.Context, id string) error {
	return s.do(ctx, "Release", func(conn *sql.Conn) error {
		_, err := changed(ctx, conn, s.sql.drop, keyOf(id))
		return err
	})
}

// ClaimLease implements [notify.Leaser].
func (s seen) ClaimLease(ctx context.Context, id string) (string, notify.State, error) {
	token := newToken()
	state, err := s.claim(ctx, id, token)
	if state != notify.First {
		token = ""
	}
	return token, state, err
}

func (s seen) claim(ctx context.Context, id, token string) (state notify.State, err error) {
	key, lease, keep := keyOf(id), s.lease.Milliseconds(), s.keep.Milliseconds()
	err = s.do(ctx, "Claim", func(conn *sql.Conn) error {
		if err := s.clean(ctx, conn); err != nil {
			return err
		}
		ok, err := changed(ctx, conn, s.sql.claim, key, token, lease, keep)
		if err == nil && !ok {
			var found row
			if found, err = s.look(ctx, conn, key); found.isHandled || err != nil {
				state = notify.Handled
				return err
			}
			switch {
			case found.token == token: // by an attempt whose answer was lost
				ok = true
			case found.hasLapsed:
				ok, err = changed(ctx, conn, s.sql.overtake, token, lease, keep, key)
			}
		}
		state = notify.Busy
		if ok {
			state = notify.First
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return state, nil
}

// DoneLease implements [notify.Leaser].
func (s seen) DoneLease(ctx context.Context, id, token string) error {
	key, keep := keyOf(id), s.keep.Milliseconds()
	return s.do(ctx, "Done", func(conn *sql.Conn) error {
		if ok, err := changed(ctx, conn, s.sql.finish, token, keep, key, token); ok || err != nil {
			return err
		}
		if ok, err := changed(ctx, conn, s.sql.record, key, token, token, keep); ok || err != nil {
			return err
		}
		return s.checkOwner(ctx, conn, key, token)
	})
}

// ReleaseLease implements [notify.Leaser].
func (s seen) ReleaseLease(ctx context.Context, id, token string) error {
	key := keyOf(id)
	return s.do(ctx, "Release", func(conn *sql.Conn) error {
		if ok, err := changed(ctx, conn, s.sql.release, key, token); ok || err != nil {
			return err
		}
		return s.checkOwner(ctx, conn, key, token)
	})
}

// checkOwner returns ErrLost if a row has another token.
func (s *store) checkOwner(ctx context.Context, e executor, key, token string) error {
	found, err := s.look(ctx, e, key)
	if err == nil && found.exists && found.token != token {
		return ErrLost
	}
	return err
}

// A row is what the table has of a notification.
type row struct {
	exists, isHandled, hasLapsed bool
	token                        string
}

func (s *store) look(ctx context.Context, e executor, key string) (row, error) {
	found := row{exists: true}
	switch err := e.QueryRowContext(ctx, s.sql.look, key).Scan(&found.isHandled, &found.hasLapsed, &found.token); {
	case errors.Is(err, sql.ErrNoRows):
		return row{}, nil
	case err != nil:
		return row{}, fmt.Errorf("reading the row: %w", err)
	}
	return found, nil
}
