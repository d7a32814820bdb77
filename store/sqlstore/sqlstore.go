// Package sqlstore remembers handled notifications in your database, in one table
// that all processes share. It works with PostgreSQL, MySQL, MariaDB and SQLite by
// database/sql and imports no driver.
//
// [Handler] gives your function a transaction. The row that records the notification
// as handled commits together with what your function wrote, so the effect happens
// once, even if a process is killed or the platform sends the notification several
// times at once. [NewSeen] is for functions that write elsewhere: your function may
// then run again after a crash.
//
// Call [Migrate] when your program starts. It creates the table.
//
// # Databases
//
// With PostgreSQL use the driver github.com/jackc/pgx/v5/stdlib or github.com/lib/pq,
// with MySQL and MariaDB github.com/go-sql-driver/mysql, with SQLite
// modernc.org/sqlite. Other drivers of these databases work too if their errors have
// the method SQLState (PostgreSQL) or the field Number (MySQL).
//
// The tables that your function writes to must be transactional. In MySQL and
// MariaDB that is ENGINE=InnoDB.
//
// SQLite has one writer at a time, so the others must wait. Set busy_timeout in the
// data source name:
//
//	file:shop.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)
//
// If it is 0, this package sets it to 5 seconds for the connections that it uses. A
// database in memory belongs to one connection, as does one with locking_mode EXCLUSIVE:
// call SetMaxOpenConns(1).
package sqlstore

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// A store is the table in a database.
type store struct {
	db      *sql.DB
	dialect Dialect
	options
	sql        statements
	sweep      sweeper
	autocommit autocommit
}

// newStore returns a store, or an error that reports all mistakes.
func newStore(db *sql.DB, d Dialect, opts []Option) (*store, error) {
	s := &store{db: db, dialect: d, options: defaults}
	for _, option := range opts {
		if option != nil {
			option(&s.options)
		}
	}
	problems := s.options.problems(d)
	if db == nil {
		problems = append(problems, errors.New("the *sql.DB is nil: open it with sql.Open"))
	}
	if !d.known() {
		problems = append(problems, fmt.Errorf("the dialect is %v, want PostgreSQL, MySQL or SQLite", d))
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("sqlstore: %s", strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; "))
	}
	s.sql = d.statements(s.table)
	return s, nil
}

// maxKey is the size of the column id.
const maxKey = 128

// keyOf returns what the column id has for a notification: its ID, or the hash of an
// ID that not every database can store and compare as it is.
func keyOf(id string) string {
	const hashed = "sha256:"
	isPlain := len(id) > 0 && len(id) <= maxKey && !strings.HasPrefix(id, hashed)
	for i := 0; i < len(id) && isPlain; i++ {
		isPlain = id[i] > ' ' && id[i] <= '~'
	}
	if isPlain {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hashed + hex.EncodeToString(sum[:])
}

// newToken returns a text that no other claim has.
func newToken() string { return rand.Text() }
