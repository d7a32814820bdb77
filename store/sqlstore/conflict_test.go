package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
)

// crossing returns a function that credits two orders, the first that of the
// notification. Two notifications of different orders lock the orders crosswise at
// their first calls.
func crossing(calls *atomic.Int32, between func(error) error) function {
	var met sync.WaitGroup
	met.Add(2)
	return func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
		mine, theirs := "a", "b"
		if n.Get("out_trade_no").String() == "b" {
			mine, theirs = theirs, mine
		}
		if err := credit(ctx, tx, mine); err != nil {
			return err
		}
		if calls.Add(1) <= 2 {
			met.Done()
			met.Wait()
		}
		if err := between(credit(ctx, tx, theirs)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO orders VALUES ('for `+n.ID+`', 1)`)
		return err
	}
}

// eachRowLocking runs a test with an empty database of every kind that locks rows, so
// that transactions can deadlock.
func eachRowLocking(t *testing.T, f func(t *testing.T, db database)) {
	eachServer(t, func(t *testing.T, db database) {
		db.prepare(t)
		f(t, db)
	})
}

// atOnce calls f with both orders at the same time.
func atOnce(f func(order string)) {
	var calls sync.WaitGroup
	for _, order := range []string{"a", "b"} {
		calls.Go(func() { f(order) })
	}
	calls.Wait()
}

// A transaction that the database gives up after a deadlock is tried again within the
// same answer.
func TestDeadlock(t *testing.T) { eachRowLocking(t, testDeadlock) }

func testDeadlock(t *testing.T, db database) {
	var calls atomic.Int32
	p := newProcess(t, db, crossing(&calls, func(err error) error {
		if err != nil {
			return fmt.Errorf("crediting: %w", errors.Join(errBroken, err))
		}
		return nil
	}))
	atOnce(func(order string) { p.check(t, "EV-"+order, order, 200) })
	p.checkHeard(t)
	db.checkCredits(t, 2, 2)
	if calls.Load() < 3 {
		t.Error("there was no deadlock")
	}
}

// A function that ignores the error of a deadlock does not commit a part of its work.
func TestDeadlockIgnored(t *testing.T) { eachRowLocking(t, testDeadlockIgnored) }

func testDeadlockIgnored(t *testing.T, db database) {
	var calls atomic.Int32
	p := newProcess(t, db, crossing(&calls, func(error) error { return nil }))
	atOnce(func(order string) { p.deliver(t, "EV-"+order, order) })
	want := "return the error of each statement that fails"
	if db.kind == "PostgreSQL" { // refuses every further statement
		want = "current transaction is aborted"
	}
	p.checkHeard(t, want)
	for _, order := range []string{"a", "b"} {
		p.check(t, "EV-"+order, order, 200)
	}
	db.checkCredits(t, 2, 2)
	db.checkInt(t, 4, `SELECT COUNT(*) FROM orders`)
}

// At the level serializable, functions that read before they write are repeated until
// they fit.
func TestSerializable(t *testing.T) { eachMigrated(t, testSerializable) }

func testSerializable(t *testing.T, db database) {
	var calls atomic.Int32
	p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
		calls.Add(1)
		var credits int
		if err := tx.QueryRowContext(ctx, `SELECT credits FROM orders WHERE no = 'a'`).Scan(&credits); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, fmt.Sprintf(`UPDATE orders SET credits = %d WHERE no = 'a'`, credits+1))
		return err
	}, sqlstore.Isolation(sql.LevelSerializable))
	const total = 30
	var left [3]sync.WaitGroup
	for i := range total {
		left[i%3].Go(func() {
			for p.deliver(t, fmt.Sprint("EV-", i), "a") != 200 {
			}
		})
	}
	for i := range left {
		left[i].Wait()
	}
	db.checkCredits(t, total, 0)
	t.Logf("%d calls for %d notifications", calls.Load(), total)
}

// A function that does not wait for the lock of another transaction is called again
// until that has ended.
func TestNoWait(t *testing.T) {
	eachRowLocking(t, func(t *testing.T, db database) {
		other, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := credit(t.Context(), other, "a"); err != nil {
			t.Fatal(err)
		}
		calls := 0
		p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			if calls++; calls == 3 {
				check(t, other.Commit())
			}
			if err := tx.QueryRowContext(ctx, `SELECT credits FROM orders WHERE no = 'a' FOR UPDATE NOWAIT`).Scan(new(int)); err != nil {
				return err
			}
			return creditPaid(ctx, tx, n)
		})
		p.check(t, "EV-1", "a", 200)
		p.checkHeard(t)
		db.checkCredits(t, 2, 0)
		if calls != 3 {
			t.Errorf("%d calls, want 3", calls)
		}
	})
}

// What never succeeds is given up.
func TestGivesUp(t *testing.T) {
	eachRowLocking(t, func(t *testing.T, db database) {
		calls := 0
		p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
			calls++
			statement := `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$`
			if db.dialect == sqlstore.MySQL {
				statement = `SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213, MESSAGE_TEXT = 'again'`
			}
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		p.check(t, "EV-1", "a", 500)
		if calls != 12 {
			t.Errorf("%d calls, want 12", calls)
		}
		p.checkHeard(t, "sqlstore: Handler: tried 12 times: ", "again")
	})
}
