package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay/notify"
)

// A function may change the search path and the role of its transaction, as shops with a
// schema for each tenant do.
func TestHandlerSearchPath(t *testing.T) {
	for _, driver := range []string{"pgx", "postgres"} {
		_, dsn := databases.Database(t, "PostgreSQL")
		db := database{open(t, driver, dsn), "PostgreSQL", driver, dsn, dialects["PostgreSQL"]}
		db.prepare(t)
		for i, setting := range []string{`SET LOCAL search_path = pg_catalog`, `SET LOCAL ROLE pg_monitor`} {
			p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
				if err := creditPaid(ctx, tx, n); err != nil {
					return err
				}
				_, err := tx.ExecContext(ctx, setting)
				return err
			})
			for range 2 {
				p.check(t, fmt.Sprint("EV-", i), "a", 200)
			}
			p.checkHeard(t)
		}
		db.checkCredits(t, 2, 0)
	}
}

// A function that leaves rows open is told so. It does not run forever, and its connection
// goes back to the pool.
func TestHandlerOpenRows(t *testing.T) {
	for _, d := range []struct{ kind, driver string }{{"PostgreSQL", "pgx"}, {"PostgreSQL", "postgres"}, {"MariaDB", "mysql"}} {
		t.Run(d.driver, func(t *testing.T) {
			_, dsn := databases.Database(t, d.kind)
			db := database{open(t, d.driver, dsn), d.kind, d.driver, dsn, dialects[d.kind]}
			db.prepare(t)
			var calls atomic.Int32
			p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
				calls.Add(1)
				if err := creditPaid(ctx, tx, n); err != nil {
					return err
				}
				rows, err := tx.QueryContext(ctx, `SELECT no FROM orders`)
				if err == nil {
					rows.Next()
				}
				return err
			})
			const deliveries, idle = 5, 2
			for i := range deliveries {
				p.check(t, fmt.Sprint("EV-", i), "a", 500)
				p.checkHeard(t, "the function left the rows of a query open: close them")
			}
			if n := calls.Load(); n > deliveries*(idle+1) {
				t.Errorf("%d calls of the function for %d deliveries", n, deliveries)
			}
			if n := db.Stats().InUse; n > 0 {
				t.Errorf("%d connections are in use", n)
			}
			db.checkCredits(t, 0, 0)
		})
	}
}
