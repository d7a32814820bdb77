package sqlstore_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
)

const first, busy, handled = notify.First, notify.Busy, notify.Handled

func newSeen(t testing.TB, db database, opts ...sqlstore.Option) notify.Seen {
	t.Helper()
	seen, err := sqlstore.NewSeen(db.DB, db.dialect, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func newLeaser(t testing.TB, db database, opts ...sqlstore.Option) notify.Leaser {
	t.Helper()
	leaser, ok := newSeen(t, db, opts...).(notify.Leaser)
	if !ok {
		t.Fatal("NewSeen returns no Leaser")
	}
	return leaser
}

func claim(t testing.TB, seen notify.Seen, id string, want notify.State) {
	t.Helper()
	if got, err := seen.Claim(t.Context(), id); got != want || err != nil {
		t.Errorf("Claim(%.64q) = %v, %v; want %v", id, got, err, want)
	}
}

func claimLease(t testing.TB, leaser notify.Leaser, id string, want notify.State) (token string) {
	t.Helper()
	token, got, err := leaser.ClaimLease(t.Context(), id)
	if got != want || err != nil || (token != "") != (want == first) {
		t.Errorf("ClaimLease(%q) = %q, %v, %v; want %v", id, token, got, err, want)
	}
	return token
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestSeen(t *testing.T) { eachMigrated(t, testSeen) }

func testSeen(t *testing.T, db database) {
	seen := newSeen(t, db)
	for _, id := range []string{"EV-1", "ev-1", "EV-1 ", "", " ", "支付", "a\x00b", "a\xffb", "'; --", "sha256:EV-1", strings.Repeat("x", 128), strings.Repeat("x", 129), strings.Repeat("支", 4000)} {
		claim(t, seen, id, first)
		claim(t, seen, id, busy)
		check(t, seen.Release(t.Context(), id))
		claim(t, seen, id, first)
		check(t, seen.Done(t.Context(), id))
		claim(t, seen, id, handled)
		check(t, seen.Release(t.Context(), id)) // too late
		check(t, seen.Done(t.Context(), id))
		claim(t, seen, id, handled)
	}
	check(t, seen.Done(t.Context(), "EV-2")) // whose claim is gone
	claim(t, seen, "EV-2", handled)
}

func TestSeenLease(t *testing.T) { eachMigrated(t, testSeenLease) }

func testSeenLease(t *testing.T, db database) {
	ctx, leaser := t.Context(), newLeaser(t, db)
	lapse := func() { db.exec(t, `UPDATE wechatpay_notifications SET lease_until = 1`) }

	old := claimLease(t, leaser, "EV-1", first)
	claimLease(t, leaser, "EV-1", busy)
	lapse()
	fresh := claimLease(t, leaser, "EV-1", first)
	checkError(t, leaser.DoneLease(ctx, "EV-1", old), "sqlstore: Done: the claim has lapsed", "set Lease")
	checkError(t, leaser.ReleaseLease(ctx, "EV-1", old), "sqlstore: Release: the claim has lapsed")
	claimLease(t, leaser, "EV-1", busy)
	check(t, leaser.DoneLease(ctx, "EV-1", fresh))
	check(t, leaser.DoneLease(ctx, "EV-1", fresh))
	checkError(t, leaser.DoneLease(ctx, "EV-1", old), "lapsed")
	checkError(t, leaser.ReleaseLease(ctx, "EV-1", old), "lapsed")
	claimLease(t, leaser, "EV-1", handled)

	late := claimLease(t, leaser, "EV-2", first)
	lapse() // and nobody else claims it
	check(t, leaser.DoneLease(ctx, "EV-2", late))
	claimLease(t, leaser, "EV-2", handled)

	late = claimLease(t, leaser, "EV-3", first)
	lapse()
	check(t, leaser.ReleaseLease(ctx, "EV-3", claimLease(t, leaser, "EV-3", first)))
	check(t, leaser.ReleaseLease(ctx, "EV-3", late))
	check(t, leaser.DoneLease(ctx, "EV-3", late)) // its function has succeeded
	claimLease(t, leaser, "EV-3", handled)
}

// By the clock of the database, a lease ends without anybody's help.
func TestSeenLeaseEnds(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		leaser, long := newLeaser(t, db, sqlstore.Lease(20*time.Millisecond)), newLeaser(t, db)
		claimLease(t, leaser, "EV-1", first)
		claimLease(t, long, "EV-2", first)
		for deadline := time.Now().Add(time.Minute); ; {
			_, state, err := leaser.ClaimLease(t.Context(), "EV-1")
			if state == first || err != nil || time.Now().After(deadline) {
				if state != first || err != nil {
					t.Errorf("the claim does not lapse: %v, %v", state, err)
				}
				break
			}
		}
		claimLease(t, leaser, "EV-2", busy) // the claim's own lease counts
	})
}

func TestSeenAtOnce(t *testing.T) { eachMigrated(t, testSeenAtOnce) }

func testSeenAtOnce(t *testing.T, db database) {
	seen := newSeen(t, db)
	var callers sync.WaitGroup
	var firsts atomic.Int32
	for i := range 60 {
		id := fmt.Sprint("EV-", i%3)
		callers.Go(func() {
			state, err := seen.Claim(t.Context(), id)
			if err != nil {
				t.Error(err)
			}
			if state == first {
				firsts.Add(1)
			}
		})
	}
	callers.Wait()
	if n := firsts.Load(); n != 3 {
		t.Errorf("%d callers were first for 3 notifications", n)
	}
}

func TestSeenOfAReceiver(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		result := errors.New("broken")
		var processes [2]*process
		for i := range processes {
			p := newReceiver(t, func(c *notify.Config) { c.Seen = newSeen(t, db) })
			p.Handler = p.receiver.Handler(func(context.Context, *notify.Notification) error { return result })
			processes[i] = p
		}
		processes[0].check(t, "EV-1", "a", 500)
		processes[0].checkHeard(t, "broken")
		result = nil
		processes[1].check(t, "EV-1", "a", 200)
		result = errors.New("called again")
		for _, p := range processes {
			p.check(t, "EV-1", "a", 200)
			p.checkHeard(t)
		}
	})
}

// Claims delete what is older than Keep, faster than they add to it.
func TestKeep(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		const old = 1200
		var rows []string
		for i := range old {
			rows = append(rows, fmt.Sprintf("('OLD-%d', 'x', 1)", i))
		}
		db.exec(t, `INSERT INTO wechatpay_notifications (id, handled_by, delete_at) VALUES `+strings.Join(rows, ", "))
		seen, count := newSeen(t, db), `SELECT COUNT(*) FROM wechatpay_notifications WHERE id LIKE 'OLD%'`
		claim(t, seen, "EV-0", first)
		db.checkInt(t, old-500, count)
		for i := range 128 {
			claim(t, seen, fmt.Sprint("EV-", i+1), first)
		}
		db.checkInt(t, 0, count)
		db.checkInt(t, 129, `SELECT COUNT(*) FROM wechatpay_notifications`)

		short := newSeen(t, db, sqlstore.Lease(time.Millisecond), sqlstore.Keep(time.Millisecond))
		claim(t, short, "SHORT", first)
		check(t, short.Done(t.Context(), "SHORT"))
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			if state, err := newSeen(t, db).Claim(t.Context(), "SHORT"); state == first || err != nil {
				check(t, err)
				return
			}
		}
		t.Error("a handled notification is not forgotten after Keep")
	})
}

// 48 hours are the default.
func TestKeepDefault(t *testing.T) {
	eachMigrated(t, func(t *testing.T, db database) {
		seen := newSeen(t, db)
		claim(t, seen, "EV-1", first)
		var claimed, kept int64
		query := `SELECT delete_at, lease_until FROM wechatpay_notifications`
		var until int64
		if err := db.QueryRowContext(t.Context(), query).Scan(&claimed, &until); err != nil {
			t.Fatal(err)
		}
		check(t, seen.Done(t.Context(), "EV-1"))
		if err := db.QueryRowContext(t.Context(), query).Scan(&kept, &until); err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		for what, got := range map[string]time.Time{"Keep of a claim": time.UnixMilli(claimed).Add(-48 * time.Hour), "Keep": time.UnixMilli(kept).Add(-48 * time.Hour), "Lease": time.UnixMilli(until).Add(-2 * time.Minute)} {
			if d := got.Sub(now).Abs(); d > time.Minute {
				t.Errorf("%s is off by %v", what, d)
			}
		}
	})
}

func TestWithoutMigrate(t *testing.T) {
	each(t, func(t *testing.T, db database) {
		seen := newSeen(t, db)
		const want = "table wechatpay_notifications is missing or old: call sqlstore.Migrate"
		_, err := seen.Claim(t.Context(), "EV-1")
		checkError(t, err, "sqlstore: Claim: ", want)
		checkError(t, seen.Done(t.Context(), "EV-1"), "sqlstore: Done: ", want)
		checkError(t, seen.Release(t.Context(), "EV-1"), "sqlstore: Release: ", want)
		p := newProcess(t, db, creditPaid)
		p.check(t, "EV-1", "a", 500)
		p.checkHeard(t, "notification EV-1", "sqlstore: Handler: ", want)
	})
}

// Each connection to a database in memory has its own, so a second one lacks the table.
func TestDatabaseInMemory(t *testing.T) {
	db := database{DB: open(t, "sqlite", ":memory:"), kind: "SQLite", dialect: sqlstore.SQLite}
	db.migrate(t)
	held, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	_, err = newSeen(t, db).Claim(t.Context(), "EV-1")
	checkError(t, err, "call SetMaxOpenConns(1)")
}
