package sqlstore

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"slices"
	"strings"
)

// isTransient reports whether the database gave up a transaction that would succeed
// if it were tried again.
func (d Dialect) isTransient(err error) bool {
	switch d {
	case PostgreSQL: // serialization_failure, deadlock_detected, lock_not_available
		return slices.Contains([]string{"40001", "40P01", "55P03"}, sqlState(err))
	case MySQL: // lock wait timeout, deadlock, NOWAIT; MariaDB: a row has changed since the snapshot
		return slices.Contains([]uint64{1205, 1213, 3572, 1020}, mysqlNumber(err))
	default:
		return contains(err, "database is locked", "database table is locked", "SQLITE_BUSY")
	}
}

// isDead reports whether the connection is closed. What was sent over it last may have
// been done.
func (d Dialect) isDead(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	if d == PostgreSQL && sqlState(err) == "57P01" { // admin_shutdown
		return true
	}
	var network *net.OpError
	return errors.As(err, &network) && !network.Timeout() && network.Op != "dial"
}

// lacksMark reports whether a transaction has no mark, because it ended and another one
// began.
func (d Dialect) lacksMark(err error) bool {
	if d == MySQL {
		return mysqlNumber(err) == 1305
	}
	return contains(err, "no such savepoint")
}

// lacksTable reports whether a table or column does not exist.
func (d Dialect) lacksTable(err error) bool {
	switch d {
	case PostgreSQL: // undefined_table, undefined_column, invalid_schema_name
		return slices.Contains([]string{"42P01", "42703", "3F000"}, sqlState(err))
	case MySQL: // no such table, unknown column
		return slices.Contains([]uint64{1146, 1054}, mysqlNumber(err))
	default:
		return contains(err, "no such table", "no such column")
	}
}

// lacksKey reports whether a table has no key for its IDs.
func (d Dialect) lacksKey(err error) bool {
	if d == PostgreSQL { // invalid_column_reference
		return sqlState(err) == "42P10"
	}
	return contains(err, "ON CONFLICT clause does not match")
}

// hasOpenRows reports whether a connection refused a statement because the rows of a query
// are open.
func hasOpenRows(err error) bool {
	return errors.As(err, new(*aliveError)) || contains(err, "conn busy", "already a query being processed")
}

// An aliveError looks like one of a dead connection, which is alive.
type aliveError struct{ error }

func (e *aliveError) Unwrap() error { return e.error }

// advice says what to do about the error of a method, or is empty.
func (s *store) advice(method string, err error) string {
	var foreign *functionError
	switch {
	case errors.As(err, &foreign) || err == nil:
		return ""
	case s.dialect.lacksTable(err) && method == migration: // such as the schema
		return ""
	case s.dialect.lacksTable(err):
		advice := fmt.Sprintf("; table %s is missing or old: call sqlstore.Migrate when the program starts", s.table)
		if s.dialect == SQLite {
			advice += "; if the database is in memory, each connection has its own, so call SetMaxOpenConns(1)"
		}
		return advice
	case s.dialect == SQLite && s.dialect.isTransient(err):
		return "; another process writes for long: raise busy_timeout in the data source name, or keep transactions short; if locking_mode is EXCLUSIVE, call SetMaxOpenConns(1)"
	case s.dialect == PostgreSQL && sqlState(err) == "25P02": // in_failed_sql_transaction
		return "; the function returned nil although a statement had failed: return the error of the statement"
	case hasOpenRows(err):
		return "; the function left the rows of a query open: close them"
	case errors.Is(err, driver.ErrBadConn) && contains(err, afterFunction):
		return "; unless the database was away, the function left the rows of a query open: close them"
	default:
		return ""
	}
}

// A functionError is an error of the caller's function.
type functionError struct{ error }

func (e *functionError) Unwrap() error { return e.error }

// sqlState returns the SQLSTATE of an error of a driver for PostgreSQL.
func sqlState(err error) string {
	var state interface{ SQLState() string }
	if errors.As(err, &state) {
		return state.SQLState()
	}
	return ""
}

// mysqlNumber returns the number of an error of a driver for MySQL, which has it in a
// field. Importing the driver for its type would add it to every program.
func mysqlNumber(err error) uint64 {
	switch wrapped := err.(type) {
	case nil:
		return 0
	case interface{ Unwrap() []error }:
		for _, one := range wrapped.Unwrap() {
			if n := mysqlNumber(one); n != 0 {
				return n
			}
		}
	}
	if v := reflect.Indirect(reflect.ValueOf(err)); v.Kind() == reflect.Struct {
		if number := v.FieldByName("Number"); number.IsValid() && number.Kind() == reflect.Uint16 {
			return number.Uint()
		}
	}
	return mysqlNumber(errors.Unwrap(err))
}

func contains(err error, texts ...string) bool {
	return err != nil && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(err.Error(), text) })
}
