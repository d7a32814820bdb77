package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// schema returns the migrations. Version n of the schema is what the first n make.
// Statements can run again: MySQL commits each, so a process that is killed leaves a
// part of a migration.
func (d Dialect) schema(q func(string) string) []string {
	first := `
		CREATE TABLE IF NOT EXISTS {table} (
			id          TEXT NOT NULL PRIMARY KEY,
			token       TEXT NOT NULL DEFAULT '',
			lease_until BIGINT NOT NULL DEFAULT 0,
			handled_by  TEXT,
			delete_at   BIGINT NOT NULL
		);
		CREATE INDEX IF NOT EXISTS {index} ON {table} (delete_at)`
	switch d {
	case PostgreSQL:
		first = strings.Replace(first, "TEXT NOT NULL PRIMARY KEY", `TEXT COLLATE "C" NOT NULL PRIMARY KEY`, 1)
	case MySQL: // whose default collations do not tell a from A
		first = `
		CREATE TABLE IF NOT EXISTS {table} (
			id          VARBINARY(128) NOT NULL PRIMARY KEY,
			token       VARBINARY(64) NOT NULL DEFAULT '',
			lease_until BIGINT NOT NULL DEFAULT 0,
			handled_by  VARBINARY(64),
			delete_at   BIGINT NOT NULL,
			KEY delete_at (delete_at)
		) ENGINE=InnoDB`
	}
	return []string{q(first)}
}

const migration = "Migrate"

// Migrate creates the table, or brings the table of an older version up to date. It
// does nothing if the table is up to date, and then needs no right to change tables.
// Many processes may call it at once. It returns an error if a newer version of this
// package has migrated the table. The option [Table] sets its name.
func Migrate(ctx context.Context, db *sql.DB, d Dialect, opts ...Option) error {
	s, err := newStore(db, d, opts)
	if err != nil {
		return err
	}
	return s.do(ctx, migration, func(conn *sql.Conn) error {
		version, err := s.version(ctx, conn)
		if errors.Is(err, errNewer) {
			return err
		}
		isGone := false
		if err == nil && version == len(s.sql.schema) {
			if err = s.checkColumns(ctx, conn); !errors.Is(err, errForeign) {
				return err
			}
			isGone = true
		}
		// A table is missing, or old.
		return s.locked(ctx, conn, func(e executor) error { return s.migrate(ctx, e, isGone) })
	})
}

// An executor is a connection or a transaction.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

var errNewer = errors.New("use a newer version of sqlstore")

// version returns the version of the schema in the database.
func (s *store) version(ctx context.Context, e executor) (version int, err error) {
	if err := e.QueryRowContext(ctx, s.sql.newest).Scan(&version); err != nil {
		return 0, err
	}
	if newest := len(s.sql.schema); version > newest {
		return 0, fmt.Errorf("table %s has version %d of the schema, and this program knows %d: %w", s.table, version, newest, errNewer)
	}
	return version, nil
}

// migrate makes the tables. isGone says that there is only the table of versions.
func (s *store) migrate(ctx context.Context, e executor, isGone bool) error {
	if _, err := e.ExecContext(ctx, s.sql.version); err != nil {
		return fmt.Errorf("creating table %s_version: %w", s.table, err)
	}
	version, err := s.version(ctx, e)
	if err != nil {
		return err
	}
	has := version
	if isGone {
		version = 0
	}
	for ; version < len(s.sql.schema); version++ {
		for statement := range strings.SplitSeq(s.sql.schema[version], ";") {
			if _, err := e.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("migrating table %s to version %d: %w", s.table, version+1, err)
			}
			if err := s.checkColumns(ctx, e); err != nil {
				return err
			}
		}
		if err := s.checkKey(ctx, e); err != nil {
			return err
		}
		if version < has {
			continue
		}
		if _, err := e.ExecContext(ctx, s.sql.migrate, version+1); err != nil {
			return fmt.Errorf("migrating table %s to version %d: %w", s.table, version+1, err)
		}
	}
	return nil
}

// errForeign is that a table of somebody else has the name, which CREATE TABLE IF NOT
// EXISTS passes over.
var errForeign = errors.New("it exists, and was not made by Migrate: use another name with Table")

// checkColumns returns an error if the table lacks a column.
func (s *store) checkColumns(ctx context.Context, e executor) error {
	err := e.QueryRowContext(ctx, s.sql.columns).Scan(new(int))
	if s.dialect.lacksTable(err) {
		return fmt.Errorf("table %s: %w: %w", s.table, errForeign, err)
	}
	return err
}

// checkKey returns an error if the table does not keep exactly one row for each ID. One
// that somebody else made may lack the key, or take an ID for another one.
func (s *store) checkKey(ctx context.Context, e executor) (err error) {
	token := newToken() // a process that ends here leaves rows that nothing takes for others
	ids := []string{token + "-a", token + "-A", token + "-a", token + "-A"}
	var kept []bool
	for _, id := range ids {
		isNew, err := changed(ctx, e, s.sql.claim, id, token, 0, sweepEvery.Milliseconds())
		if s.dialect.lacksKey(err) {
			return fmt.Errorf("table %s: its column id is not a key: %w: %w", s.table, errForeign, err)
		}
		if err != nil {
			return fmt.Errorf("checking table %s: %w", s.table, err)
		}
		kept = append(kept, isNew)
	}
	for _, id := range ids {
		if _, err := e.ExecContext(ctx, s.sql.release, id, token); err != nil {
			return fmt.Errorf("checking table %s: %w", s.table, err)
		}
	}
	if !slices.Equal(kept, []bool{true, true, false, false}) {
		return fmt.Errorf("table %s: its column id must be the primary key, and tell a from A: %w", s.table, errForeign)
	}
	return nil
}

// locked calls f while no other process migrates the table.
func (s *store) locked(ctx context.Context, conn *sql.Conn, f func(executor) error) error {
	name := sha256.Sum256([]byte("wechatpay " + s.table))
	switch s.dialect {
	case PostgreSQL:
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // after Commit it does nothing
		if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(binary.BigEndian.Uint64(name[:]))); err != nil {
			return err
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Commit()
	case MySQL:
		return lockedMySQL(ctx, conn, hex.EncodeToString(name[:16]), f)
	default:
		if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
			return err
		}
		err := f(conn)
		end := `COMMIT`
		if err != nil {
			end = `ROLLBACK`
		}
		// A connection must not go back to the pool with a transaction.
		if _, failed := conn.ExecContext(context.WithoutCancel(ctx), end); failed != nil {
			discard(conn)
			return errors.Join(err, failed)
		}
		return err
	}
}

// lockWait is how long a process waits for another one to migrate the table, in
// seconds.
const lockWait = 60

func lockedMySQL(ctx context.Context, conn *sql.Conn, name string, f func(executor) error) error {
	var got sql.NullBool
	if err := conn.QueryRowContext(ctx, `SELECT GET_LOCK(?, ?)`, name, lockWait).Scan(&got); err != nil {
		return err
	}
	if !got.Bool {
		return fmt.Errorf("another process has held the lock %s for %d seconds: call Migrate again", name, lockWait)
	}
	err := f(conn)
	// The lock belongs to the connection.
	if _, failed := conn.ExecContext(context.WithoutCancel(ctx), `DO RELEASE_LOCK(?)`, name); failed != nil {
		discard(conn)
	}
	return err
}
