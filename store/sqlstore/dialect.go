package sqlstore

import (
	"fmt"
	"strconv"
	"strings"
)

// A Dialect is the SQL of a database.
type Dialect int

// The dialects.
const (
	PostgreSQL Dialect = iota + 1
	MySQL              // and MariaDB
	SQLite
)

var dialectNames = [...]string{PostgreSQL: "PostgreSQL", MySQL: "MySQL", SQLite: "SQLite"}

func (d Dialect) known() bool { return d >= PostgreSQL && d <= SQLite }

// String returns the name of the database.
func (d Dialect) String() string {
	if !d.known() {
		return "Dialect(" + strconv.Itoa(int(d)) + ")"
	}
	return dialectNames[d]
}

// statements are the statements of a store. Times are in milliseconds since 1970, by
// the clock of the database, because the clocks of the processes differ.
type statements struct {
	claim    string // id, token, lease, keep
	overtake string // token, lease, keep, id: takes a claim that has lapsed
	look     string // id: whether it was handled, whether its lease has lapsed, its token
	finish   string // handledBy, keep, id, token
	finishID string // handledBy, keep, id
	record   string // id, token, handledBy, keep: a row that is handled from the start
	release  string // id, token
	drop     string // id
	stays    string // id, handledBy: a row if it is there
	old      string // limit: ids of rows to delete
	remove   string // a list of ids follows

	columns string   // 0, if the table has its columns
	schema  []string // the migrations, each may have several statements
	newest  string   // the version of the schema
	version string   // the table of versions
	migrate string   // version: notes that it is there
}

// now returns the current time as an expression.
func (d Dialect) now() string {
	switch d {
	case PostgreSQL:
		return `(extract(epoch FROM clock_timestamp()) * 1000)::bigint`
	case MySQL:
		return `(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000)`
	default:
		return `CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)`
	}
}

// mark and release are the statements that show whether a transaction ended and another
// one began since: its savepoints are gone then. PostgreSQL has transaction for that, which
// does not make all further statements those of a subtransaction.
const (
	mark    = `SAVEPOINT wechatpay_notification`
	release = `RELEASE ` + mark

	transaction = `txid_current()::text`
)

// quote quotes a name that may have a schema. Names have no quotes in them.
func (d Dialect) quote(name string) string {
	mark := `"`
	if d == MySQL {
		mark = "`"
	}
	return mark + strings.ReplaceAll(name, ".", mark+"."+mark) + mark
}

func (d Dialect) statements(table string) statements {
	insert, orNot := "INSERT INTO", " ON CONFLICT (id) DO NOTHING"
	if d == MySQL {
		insert, orNot = "INSERT IGNORE INTO", ""
	}
	index := table[strings.LastIndex(table, ".")+1:] + "_delete_at"
	fill := strings.NewReplacer("{insert}", insert, "{or not}", orNot, "{now}", d.now(),
		"{table}", d.quote(table), "{version}", d.quote(table+"_version"), "{index}", d.quote(index))
	q := func(text string) string { return d.bind(fill.Replace(text)) }
	return statements{
		claim:    q(`{insert} {table} (id, token, lease_until, delete_at) VALUES (?, ?, {now} + ?, {now} + ?){or not}`),
		overtake: q(`UPDATE {table} SET token = ?, lease_until = {now} + ?, delete_at = {now} + ? WHERE id = ? AND handled_by IS NULL AND lease_until <= {now}`),
		look:     q(`SELECT handled_by IS NOT NULL, lease_until <= {now}, token FROM {table} WHERE id = ?`),
		finish:   q(`UPDATE {table} SET handled_by = ?, delete_at = {now} + ? WHERE id = ? AND token = ? AND handled_by IS NULL`),
		finishID: q(`UPDATE {table} SET handled_by = ?, delete_at = {now} + ? WHERE id = ? AND handled_by IS NULL`),
		record:   q(`{insert} {table} (id, token, lease_until, handled_by, delete_at) VALUES (?, ?, 0, ?, {now} + ?){or not}`),
		release:  q(`DELETE FROM {table} WHERE id = ? AND token = ? AND handled_by IS NULL`),
		drop:     q(`DELETE FROM {table} WHERE id = ? AND handled_by IS NULL`),
		stays:    q(`SELECT 1 FROM {table} WHERE id = ? AND handled_by = ?`),
		old:      q(`SELECT id FROM {table} WHERE delete_at <= {now} ORDER BY delete_at LIMIT ?`),
		remove:   q(`DELETE FROM {table} WHERE delete_at <= {now} AND id IN `),

		columns: q(`SELECT COUNT(*) FROM (SELECT id, token, lease_until, handled_by, delete_at FROM {table} WHERE 1 = 0) AS checked`),
		schema:  d.schema(q),
		newest:  q(`SELECT COALESCE(MAX(version), 0) FROM {version}`),
		version: q(`CREATE TABLE IF NOT EXISTS {version} (version INTEGER NOT NULL PRIMARY KEY)`),
		migrate: q(`INSERT INTO {version} (version) VALUES (?)`),
	}
}

// bind writes the parameters of a statement as the database wants them.
func (d Dialect) bind(text string) string {
	if d != PostgreSQL {
		return text
	}
	var b strings.Builder
	n := 0
	for _, r := range text {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		fmt.Fprintf(&b, "$%d", n)
	}
	return b.String()
}

// list returns a list of n parameters.
func (d Dialect) list(n int) string {
	return d.bind("(?" + strings.Repeat(", ?", n-1) + ")")
}
