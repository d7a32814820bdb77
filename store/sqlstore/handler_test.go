package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/servers"
)

func TestHandler(t *testing.T) { eachMigrated(t, testHandler) }

func testHandler(t *testing.T, db database) {
	one, other := newProcess(t, db, creditPaid), newProcess(t, db, creditPaid)
	one.check(t, "EV-1", "a", 200)
	for _, p := range []*process{one, other, newProcess(t, db, creditPaid)} {
		p.check(t, "EV-1", "a", 200)
		p.checkHeard(t)
	}
	other.check(t, "EV-2", "b", 200)
	one.check(t, "ev-2", "b", 200)
	db.checkCredits(t, 1, 2)
	db.checkInt(t, 3, `SELECT COUNT(*) FROM wechatpay_notifications WHERE handled_by IS NOT NULL`)
}

var errBroken = errors.New("broken")

// Whatever ends a function but nil, what it wrote is undone, and the next sending is
// handled, by any process.
func TestHandlerFails(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(tx *sql.Tx) error
		want string
	}{
		"error":    {func(*sql.Tx) error { return errBroken }, "notification EV-1: broken"},
		"panic":    {func(*sql.Tx) error { panic("a bug") }, "panic: a bug"},
		"goexit":   {func(*sql.Tx) error { runtime.Goexit(); return nil }, "Goexit"},
		"rollback": {func(tx *sql.Tx) error { return tx.Rollback() }, "the function ended the transaction"},
		"sql":      {func(tx *sql.Tx) error { _, err := tx.Exec(`INSERT INTO nowhere VALUES (1)`); return err }, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			eachMigrated(t, func(t *testing.T, db database) {
				db.SetMaxOpenConns(1) // a connection that is left in a transaction shows
				failing := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
					if err := creditPaid(ctx, tx, n); err != nil {
						return err
					}
					return tt.end(tx)
				})
				for range 2 {
					failing.check(t, "EV-1", "a", 500)
					if strings.Contains(failing.errors(), "call sqlstore.Migrate") { // the table nowhere is the caller's
						t.Errorf("the advice is wrong: %q", failing.errors())
					}
					failing.checkHeard(t, tt.want)
					db.checkCredits(t, 0, 0)
				}
				working := newProcess(t, db, creditPaid)
				working.check(t, "EV-1", "a", 200)
				working.checkHeard(t)
				failing.check(t, "EV-1", "a", 200)
				db.checkCredits(t, 1, 0)
			})
		})
	}
}

// A function that commits by itself is wrong, and still has its effect once.
func TestHandlerCommits(t *testing.T) { eachMigrated(t, testHandlerCommits) }

func testHandlerCommits(t *testing.T, db database) {
	p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
		return errors.Join(creditPaid(ctx, tx, n), tx.Commit())
	})
	p.check(t, "EV-1", "a", 500)
	p.checkHeard(t, "leave Commit and Rollback to Handler")
	p.check(t, "EV-1", "a", 200)
	p.checkHeard(t)
	db.checkCredits(t, 1, 0)
}

// The second of two processes waits for the first: it answers 200 if the first
// commits, and calls its function if the first fails.
func TestHandlerAtOnce(t *testing.T) { eachMigrated(t, testHandlerAtOnce) }

func testHandlerAtOnce(t *testing.T, db database) {
	for i, result := range []error{nil, errBroken} {
		id := fmt.Sprint("EV-", i)
		started, end := make(chan struct{}), make(chan struct{})
		slow := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			close(started)
			<-end
			return errors.Join(creditPaid(ctx, tx, n), result)
		})
		var quickCalls atomic.Int32
		quick := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			quickCalls.Add(1)
			return creditPaid(ctx, tx, n)
		})
		var deliveries sync.WaitGroup
		deliveries.Go(func() {
			want := 200
			if result != nil {
				want = 500
			}
			slow.check(t, id, "a", want)
		})
		<-started
		for range 4 {
			deliveries.Go(func() { quick.deliver(t, id, "a") }) // 500 if the machine is slow
		}
		if n := quickCalls.Load(); n != 0 {
			t.Errorf("%d functions run while the first is in its transaction", n)
		}
		close(end)
		deliveries.Wait()
		quick.check(t, id, "a", 200)
		if n := quickCalls.Load(); n != int32(i) {
			t.Errorf("the second process called its function %d times, want %d", n, i)
		}
	}
	db.checkCredits(t, 2, 0)
}

// The Receiver around the handler may have a Seen on the same table, and processes may
// change from NewSeen to Handler and back.
func TestHandlerWithSeen(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		result := errBroken
		p := newReceiver(t, func(c *notify.Config) { c.Seen = newSeen(t, db) })
		p.Handler = sqlstore.Handler(p.receiver, db.DB, db.dialect, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			return errors.Join(creditPaid(ctx, tx, n), result)
		})
		p.check(t, "EV-1", "a", 500)
		p.checkHeard(t, "broken")
		result = nil
		for range 2 {
			p.check(t, "EV-1", "a", 200)
			p.checkHeard(t)
		}
		db.checkCredits(t, 1, 0)
		claim(t, newSeen(t, db), "EV-1", handled)

		seen := newSeen(t, db)
		claim(t, seen, "EV-2", first)
		check(t, seen.Done(t.Context(), "EV-2"))
		newProcess(t, db, creditPaid).check(t, "EV-2", "a", 200)
		db.checkCredits(t, 1, 0)
	})
}

// Shutdown ends the context of the function, and with it the transaction.
func TestHandlerShutdown(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		db.SetMaxOpenConns(1)
		started := make(chan struct{})
		p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			err := creditPaid(ctx, tx, n)
			close(started)
			<-ctx.Done()
			return err
		})
		var delivery sync.WaitGroup
		delivery.Go(func() { p.check(t, "EV-1", "a", 500) })
		<-started
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := p.receiver.Shutdown(ctx); err == nil {
			t.Error("Shutdown did not wait for the function")
		}
		delivery.Wait()
		check(t, p.receiver.Shutdown(t.Context()))
		db.checkCredits(t, 0, 0)
		newProcess(t, db, creditPaid).check(t, "EV-1", "a", 200)
		db.checkCredits(t, 1, 0)
	})
}

// A connection goes back to the pool as it was.
func TestHandlerConnection(t *testing.T) {
	settings := map[string]string{
		"PostgreSQL": `SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings`,
		"MariaDB":    `SELECT CONCAT_WS(' ', @@autocommit, @@tx_isolation, @@in_transaction, @@sql_mode, @@time_zone)`,
		"MySQL":      `SELECT CONCAT_WS(' ', @@autocommit, @@transaction_isolation, @@sql_mode, @@time_zone)`,
		"SQLite":     `SELECT timeout || ' ' || read_uncommitted || ' ' || query_only FROM pragma_busy_timeout, pragma_read_uncommitted, pragma_query_only`,
	}
	each(t, func(t *testing.T, db database) {
		db.migrate(t)
		db.SetMaxOpenConns(1)
		read := func() (text string) {
			check(t, db.QueryRowContext(t.Context(), settings[db.kind]).Scan(&text))
			return text
		}
		var result error
		p := newProcess(t, db, func(context.Context, *sql.Tx, *notify.Notification) error { return result }, sqlstore.Isolation(sql.LevelSerializable))
		for i, before := range []string{`SET autocommit = 1`, `SET autocommit = 0`, `SET autocommit = 1`} {
			if db.dialect == sqlstore.MySQL {
				db.exec(t, before)
			}
			want := read()
			for id, status := range map[string]int{fmt.Sprint("EV-", i): 200, "EV-FAILS": 500} {
				if result = nil; status == 500 {
					result = errBroken
				}
				p.check(t, id, "a", status)
				if got := read(); got != want {
					t.Errorf("after %s the connection has %s, want %s", id, got, want)
				}
			}
		}
	})
}

// The session's settings are the caller's. All of these are stricter than the defaults, or
// make another result of statements that depend on them.
func TestSessionSettings(t *testing.T) {
	settings := map[string]string{
		"PostgreSQL": `&timezone=Asia/Shanghai&default_transaction_isolation=serializable&standard_conforming_strings=off&enable_seqscan=off`,
		"MariaDB":    `?sql_mode='ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES'&time_zone='%2B08:00'&sql_safe_updates=1&innodb_strict_mode=1`,
		"MySQL":      `?sql_mode='ANSI,TRADITIONAL,NO_BACKSLASH_ESCAPES'&time_zone='%2B08:00'&sql_safe_updates=1&sql_require_primary_key=1&transaction_isolation='SERIALIZABLE'`,
	}
	eachServer(t, func(t *testing.T, db database) {
		db.DB = open(t, db.driver, db.dsn+settings[db.kind])
		db.prepare(t)
		leaser := newLeaser(t, db)
		token := claimLease(t, leaser, "EV-1", first)
		claimLease(t, leaser, "EV-1", busy)
		check(t, leaser.DoneLease(t.Context(), "EV-1", token))
		claimLease(t, leaser, "EV-1", handled)
		newProcess(t, db, creditPaid).check(t, "EV-1", "a", 200)
		newProcess(t, db, creditPaid).check(t, "EV-2", "a", 200)
		db.checkCredits(t, 1, 0)
		db.exec(t, `UPDATE wechatpay_notifications SET delete_at = 1 WHERE id IN ('EV-1', 'EV-2')`)
		claim(t, newSeen(t, db), "EV-3", first)
		db.checkInt(t, 1, `SELECT COUNT(*) FROM wechatpay_notifications`)
		db.checkInt(t, 1, fmt.Sprintf(`SELECT COUNT(*) FROM wechatpay_notifications WHERE ABS(lease_until - %d) < 60000`, time.Now().Add(2*time.Minute).UnixMilli()))
	})
}

// Without busy_timeout in the data source name, writers wait nevertheless.
func TestHandlerBusySQLite(t *testing.T) {
	db := newDatabase(t, "SQLite")
	file, _, _ := strings.Cut(db.dsn, "?")
	db.DB = open(t, db.driver, file)
	db.prepare(t)
	p := newProcess(t, db, creditPaid)
	var deliveries sync.WaitGroup
	for i := range 40 {
		deliveries.Go(func() { p.check(t, fmt.Sprint("EV-", i), "a", 200) })
	}
	deliveries.Wait()
	db.checkCredits(t, 40, 0)
}

// A pool that is too small for the functions says so.
func TestHandlerPool(t *testing.T) {
	db := newDatabase(t, "SQLite")
	db.migrate(t)
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, db, creditPaid)
	p.check(t, "EV-1", "a", 500)
	p.checkHeard(t, "no connection within 4s", "SetMaxOpenConns")
	check(t, conn.Close())
}

// A process does not wait longer than the platform for another one.
func TestHandlerBusy(t *testing.T) {
	for _, kind := range servers.Kinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			db := newDatabase(t, kind)
			db.prepare(t)
			started, end := make(chan struct{}), make(chan struct{})
			slow := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
				close(started)
				<-end
				return creditPaid(ctx, tx, n)
			})
			quick := newProcess(t, db, creditPaid)
			var delivery sync.WaitGroup
			delivery.Go(func() { slow.deliver(t, "EV-1", "a") }) // 500, because its function takes too long
			<-started
			quick.check(t, "EV-1", "a", 500)
			close(end)
			delivery.Wait()
			for _, p := range []*process{slow, quick} { // SQLite waits for busy_timeout
				check(t, p.receiver.Shutdown(t.Context()))
			}
			newProcess(t, db, creditPaid).check(t, "EV-1", "a", 200)
			db.checkCredits(t, 1, 0)
		})
	}
}

// A connection that breaks in the transaction leaves nothing behind, neither in the
// database nor in the pool.
func TestHandlerLosesConnection(t *testing.T) {
	eachServer(t, func(t *testing.T, db database) {
		db.prepare(t)
		end := map[sqlstore.Dialect]string{sqlstore.PostgreSQL: `SELECT pg_terminate_backend(pg_backend_pid())`, sqlstore.MySQL: `KILL CONNECTION_ID()`}[db.dialect]
		breaks := true
		p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			err := creditPaid(ctx, tx, n)
			if breaks {
				_, broken := tx.ExecContext(ctx, end)
				err = errors.Join(err, broken)
			}
			return err
		})
		for range 3 {
			p.check(t, "EV-1", "a", 500)
		}
		breaks = false
		p.check(t, "EV-1", "a", 200)
		db.checkCredits(t, 1, 0)
	})
}

// While the database is away, notifications are answered 500.
func TestDatabaseAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	check(t, listener.Close())
	for driver, dsn := range map[string]string{"pgx": "postgres://shop:secret-word@" + address + "/shop?sslmode=disable", "mysql": "shop:secret-word@tcp(" + address + ")/shop"} {
		db := database{DB: open(t, driver, dsn), dialect: map[string]sqlstore.Dialect{"pgx": sqlstore.PostgreSQL, "mysql": sqlstore.MySQL}[driver]}
		checkError(t, sqlstore.Migrate(t.Context(), db.DB, db.dialect), "sqlstore: Migrate: ", address)
		_, err := newSeen(t, db).Claim(t.Context(), "EV-1")
		checkError(t, err, "sqlstore: Claim: ", address)
		p := newProcess(t, db, creditPaid)
		p.check(t, "EV-1", "a", 500)
		for _, text := range []string{err.Error(), p.errors()} {
			if strings.Contains(text, "secret-word") {
				t.Errorf("the error shows the password: %s", text)
			}
		}
		p.checkHeard(t, "sqlstore: Handler: ", address)
	}
}
