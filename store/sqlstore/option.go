package sqlstore

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// An Option changes the defaults of [NewSeen], [Handler] and [Migrate].
type Option func(*options)

type options struct {
	table     string
	lease     time.Duration
	keep      time.Duration
	isolation sql.IsolationLevel
}

// The platform sends a notification again for 24 h and 4 min.
var defaults = options{table: "wechatpay_notifications", lease: 2 * time.Minute, keep: 48 * time.Hour}

// Table sets the name of the table, which may have a schema: "pay.notifications". The
// default is wechatpay_notifications. Migrate makes a second table, whose name ends in
// _version. Functions with different purposes that get the same notifications need a
// table each.
func Table(name string) Option { return func(o *options) { o.table = name } }

// Lease sets how long a claim of [NewSeen] lasts without Done or Release. It must be
// longer than any function takes. The default is 2 minutes. [Handler] does not need
// it: its claim ends with its transaction.
func Lease(d time.Duration) Option { return func(o *options) { o.lease = d } }

// Keep sets how long the table keeps a handled notification. It must not be shorter
// than the lease. The default is 48 hours; the platform repeats notifications for a
// day. Later claims delete older rows, a few hundred at a time.
func Keep(d time.Duration) Option { return func(o *options) { o.keep = d } }

// Isolation sets the isolation level of the transactions of [Handler]. The default is
// that of the database. With a level that the driver does not know, each notification is
// answered 500.
func Isolation(level sql.IsolationLevel) Option { return func(o *options) { o.isolation = level } }

// A name needs room for _version and _delete_at within the 63 bytes of PostgreSQL.
var tableName = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,49}\.)?[A-Za-z_][A-Za-z0-9_]{0,49}$`)

func (o options) problems(d Dialect) (list []error) {
	if !tableName.MatchString(o.table) {
		list = append(list, fmt.Errorf("Table: %.64q is not a name of at most 50 letters, digits and underscores, with or without a schema", o.table))
	} else if d == SQLite && strings.Contains(o.table, ".") {
		list = append(list, fmt.Errorf("Table: %q has a schema, which SQLite does not have: use the name alone", o.table))
	}
	if o.lease < time.Millisecond {
		list = append(list, fmt.Errorf("Lease: %v is too short: use more than any function takes", o.lease))
	}
	if o.keep < o.lease {
		list = append(list, fmt.Errorf("Keep: %v is shorter than the lease of %v", o.keep, o.lease))
	}
	return list
}
