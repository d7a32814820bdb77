package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
)

const (
	ended  = "sqlstore: Handler: the function ended the transaction: leave Commit and Rollback to Handler"
	undone = "sqlstore: Handler: the transaction was rolled back while the function ran"
)

// executing returns a function that executes statements, and credits the order in place
// of each "credit".
func executing(statements ...string) function {
	return func(ctx context.Context, tx *sql.Tx, n *notify.Notification) (err error) {
		for _, statement := range statements {
			if statement == "credit" {
				err = errors.Join(err, creditPaid(ctx, tx, n))
				continue
			}
			_, failed := tx.ExecContext(ctx, statement)
			err = errors.Join(err, failed)
		}
		return err
	}
}

// checkEnds checks what becomes of a function that ends its transaction by statements. If
// what it wrote stays, the notification is handled, or else it is not.
func (db database) checkEnds(t *testing.T, want string, credits int, statements ...string) {
	t.Helper()
	db.SetMaxOpenConns(1) // a connection that is left in a transaction shows
	p := newProcess(t, db, executing(statements...))
	p.check(t, "EV-1", "a", 500)
	p.checkHeard(t, want)
	db.checkCredits(t, credits, 0)
	if want == undone {
		credits++
	}
	p = newProcess(t, db, creditPaid)
	for range 2 {
		p.check(t, "EV-1", "a", 200)
		p.checkHeard(t)
		db.checkCredits(t, credits, 0)
	}
	p.check(t, "EV-2", "b", 200)
	db.checkCredits(t, credits, 1)
}

// A function that sends COMMIT or ROLLBACK past its sql.Tx is wrong, and OnError hears it.
func TestHandlerEndedBySQL(t *testing.T) {
	for name, tt := range map[string]struct {
		statements []string
		want       string
		credits    int
	}{
		"commit":          {[]string{"credit", "COMMIT"}, ended, 1},
		"commit first":    {[]string{"COMMIT", "credit"}, ended, 1},
		"commit, begin":   {[]string{"credit", "COMMIT", "BEGIN", "credit"}, ended, 2},
		"rollback":        {[]string{"credit", "ROLLBACK"}, undone, 0},
		"rollback, begin": {[]string{"credit", "ROLLBACK", "BEGIN", "credit"}, undone, 0},
	} {
		t.Run(name, func(t *testing.T) {
			eachMigrated(t, func(t *testing.T, db database) { db.checkEnds(t, tt.want, tt.credits, tt.statements...) })
		})
	}
}

// Some statements of MySQL commit, such as BEGIN and all that change tables.
func TestHandlerEndedByMySQL(t *testing.T) {
	for name, statement := range map[string]string{"begin": "BEGIN", "table": "CREATE TABLE another (no INTEGER)", "autocommit": "SET autocommit = 1"} {
		t.Run(name, func(t *testing.T) {
			eachRowLocking(t, func(t *testing.T, db database) {
				if db.dialect == sqlstore.MySQL {
					db.checkEnds(t, ended, 2, "credit", statement, "credit")
				}
			})
		})
	}
}

// Savepoints are the function's.
func TestHandlerSavepoints(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		p := newProcess(t, db, executing("SAVEPOINT one", "credit", "SAVEPOINT two", "credit", "ROLLBACK TO SAVEPOINT two", "credit", "RELEASE SAVEPOINT one"))
		p.check(t, "EV-1", "a", 200)
		p.checkHeard(t)
		db.checkCredits(t, 2, 0)
		newProcess(t, db, creditPaid).check(t, "EV-1", "a", 200)
		db.checkCredits(t, 2, 0)
	})
}
