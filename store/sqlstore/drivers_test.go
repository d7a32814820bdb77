package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
)

// drivers are what a program may use in place of the drivers and settings of Kinds.
var drivers = []struct {
	kind, driver string
	settings     string // added to the data source name
}{
	{"PostgreSQL", "postgres", ""}, // github.com/lib/pq
	{"PostgreSQL", "postgres", "&binary_parameters=yes"},
	{"PostgreSQL", "pgx", "&default_query_exec_mode=simple_protocol"}, // for a pool such as PgBouncer
	{"PostgreSQL", "pgx", "&default_transaction_isolation=serializable"},
	{"MariaDB", "mysql", "?parseTime=true&loc=Asia%2FShanghai&clientFoundRows=true"},
	{"MariaDB", "mysql", "?interpolateParams=true&multiStatements=true&compress=true"},
	{"MariaDB", "mysql", "?tx_isolation='read-uncommitted'"},
	{"MariaDB", "mysql", "?tx_isolation='SERIALIZABLE'"},
	{"SQLite", "sqlite", "&_txlock=immediate"},
	{"SQLite", "sqlite", "&_txlock=exclusive&_pragma=journal_mode(DELETE)"},
	{"SQLite", "sqlite", "&_pragma=journal_mode(DELETE)"},
}

// Claims, transactions and deadlocks are the same with other drivers and settings.
func TestDrivers(t *testing.T) {
	for _, d := range drivers {
		t.Run(d.kind+" "+d.driver+d.settings, func(t *testing.T) {
			for name, test := range map[string]func(*testing.T, database){
				"Seen": testSeen, "SeenLease": testSeenLease, "SeenAtOnce": testSeenAtOnce, "Handler": testHandler,
				"HandlerCommits": testHandlerCommits, "HandlerAtOnce": testHandlerAtOnce, "Serializable": testSerializable,
				"Deadlock": testDeadlock, "DeadlockIgnored": testDeadlockIgnored,
				"EndedBySQL": func(t *testing.T, db database) { db.checkEnds(t, ended, 1, "credit", "COMMIT") },
			} {
				if d.kind == "SQLite" && (name == "Deadlock" || name == "DeadlockIgnored") {
					continue // it locks no rows
				}
				t.Run(name, func(t *testing.T) {
					_, dsn := databases.Database(t, d.kind)
					dsn += d.settings
					db := database{open(t, d.driver, dsn), d.kind, d.driver, dsn, dialects[d.kind]}
					db.prepare(t)
					test(t, db)
				})
			}
		})
	}
}

// Databases of SQLite that one connection has to itself.
func TestSQLiteOneConnection(t *testing.T) {
	for _, settings := range []string{"", "&_pragma=locking_mode(EXCLUSIVE)", "&_pragma=locking_mode(EXCLUSIVE)&_pragma=journal_mode(DELETE)"} {
		t.Run(settings, func(t *testing.T) {
			for _, test := range []func(*testing.T, database){testSeen, testSeenLease, testSeenAtOnce, testHandler, testHandlerCommits, testHandlerAtOnce, testSerializable} {
				driver, dsn := "sqlite", ":memory:"
				if settings != "" {
					_, dsn = databases.Database(t, "SQLite")
					dsn += settings
				}
				db := database{open(t, driver, dsn), "SQLite", driver, dsn, sqlstore.SQLite}
				db.SetMaxOpenConns(1)
				db.prepare(t)
				test(t, db)
			}
		})
	}
}

// A second connection to such a file never gets its lock.
func TestSQLiteExclusive(t *testing.T) {
	db := newDatabase(t, "SQLite")
	file, _, _ := strings.Cut(db.dsn, "?")
	db.DB = open(t, db.driver, file+"?_pragma=busy_timeout(1)&_pragma=locking_mode(EXCLUSIVE)")
	db.migrate(t)
	held, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	_, err = newSeen(t, db).Claim(t.Context(), "EV-1")
	checkError(t, err, "sqlstore: Claim: tried 12 times: ", "if locking_mode is EXCLUSIVE, call SetMaxOpenConns(1)")
}

// On connections without autocommit, claims are committed nevertheless.
func TestWithoutAutocommit(t *testing.T) {
	eachServer(t, func(t *testing.T, db database) {
		if db.dialect != sqlstore.MySQL {
			return
		}
		there := db
		there.DB = open(t, db.driver, db.dsn+"?autocommit=0")
		there.migrate(t)
		db.checkInt(t, 1, `SELECT MAX(version) FROM wechatpay_notifications_version`)
		here, leaser := newLeaser(t, db), newLeaser(t, there)
		token := claimLease(t, leaser, "EV-A", first)
		claimLease(t, here, "EV-A", busy)
		check(t, leaser.ReleaseLease(t.Context(), "EV-A", token))
		check(t, leaser.DoneLease(t.Context(), "EV-B", claimLease(t, leaser, "EV-B", first)))
		claimLease(t, here, "EV-B", handled)
		claimLease(t, here, "EV-A", first)
		testSeenAtOnce(t, there)
	})
}

// Connections of the pool that the database has closed since they were used, for example
// because they were idle, are replaced.
func TestDeadConnections(t *testing.T) {
	for _, d := range []struct{ kind, driver string }{{"PostgreSQL", "pgx"}, {"PostgreSQL", "postgres"}, {"MariaDB", "mysql"}} {
		t.Run(d.driver, func(t *testing.T) {
			_, dsn := databases.Database(t, d.kind)
			db := database{open(t, d.driver, dsn), d.kind, d.driver, dsn, dialects[d.kind]}
			db.prepare(t)
			leaser, p := newLeaser(t, db), newProcess(t, db, creditPaid)
			db.killConnections(t)
			token := claimLease(t, leaser, "EV-1", first)
			db.killConnections(t)
			check(t, leaser.DoneLease(t.Context(), "EV-1", token))
			db.killConnections(t)
			p.check(t, "EV-2", "a", 200)
			p.checkHeard(t)
			db.checkCredits(t, 1, 0)
		})
	}
}

// killConnections fills the pool with connections and lets the server close them.
func (db database) killConnections(t *testing.T) {
	t.Helper()
	const conns = 5
	db.SetMaxIdleConns(0) // those that the server closed before
	db.SetMaxIdleConns(conns)
	id, kill, running := `SELECT CONNECTION_ID()`, `KILL %s`, `SELECT COUNT(*) FROM information_schema.processlist WHERE id IN (%s)`
	if db.dialect == sqlstore.PostgreSQL {
		id, kill, running = `SELECT pg_backend_pid()`, `SELECT pg_terminate_backend(%s)`, `SELECT COUNT(*) FROM pg_stat_activity WHERE pid IN (%s)`
	}
	admin := open(t, db.driver, db.dsn)
	var pool [conns]*sql.Conn
	var ids []string
	for i := range pool {
		var err error
		if pool[i], err = db.Conn(t.Context()); err != nil {
			t.Fatal(err)
		}
		var n string
		check(t, pool[i].QueryRowContext(t.Context(), id).Scan(&n))
		ids = append(ids, n)
	}
	for i := range pool {
		check(t, pool[i].Close())
		_, err := admin.ExecContext(t.Context(), fmt.Sprintf(kill, ids[i]))
		check(t, err)
	}
	for left := 1; left > 0 && !t.Failed(); {
		check(t, admin.QueryRowContext(t.Context(), fmt.Sprintf(running, strings.Join(ids, ", "))).Scan(&left))
	}
}

// newLossy is newDatabase with connections that lose an answer when lose says so.
func newLossy(t *testing.T) (db database, lose *atomic.Int32) {
	t.Helper()
	db, lose = newDatabase(t, "PostgreSQL"), new(atomic.Int32)
	config, err := pgx.ParseConfig(db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &lossy{conn, lose}, err
	}
	db.DB = stdlib.OpenDB(*config)
	t.Cleanup(func() { check(t, db.Close()) })
	db.prepare(t)
	return db, lose
}

// lossy is a connection that breaks at an answer, the one after lose - 1 others.
type lossy struct {
	net.Conn
	lose *atomic.Int32
}

func (c *lossy) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && c.lose.Load() > 0 && c.lose.Add(-1) == 0 {
		c.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// fillPool calls f with each of two connections, which stay in the pool.
func (db database) fillPool(t *testing.T, f func(i int)) {
	t.Helper()
	take := func() *sql.Conn {
		conn, err := db.Conn(t.Context())
		check(t, err)
		return conn
	}
	one, other := take(), take()
	check(t, one.Close())
	f(0)
	one = take()
	check(t, other.Close())
	f(1)
	check(t, one.Close())
}

// The connection breaks after the database has made the claim. It is still the caller's.
func TestClaimAnswerLost(t *testing.T) {
	db, lose := newLossy(t)
	leaser := newLeaser(t, db)
	db.fillPool(t, func(i int) { claimLease(t, leaser, fmt.Sprint("EV-", i), first) }) // prepares the statements
	lose.Store(1)
	token := claimLease(t, leaser, "EV-A", first)
	if lose.Load() != 0 {
		t.Error("no answer was lost")
	}
	claimLease(t, leaser, "EV-A", busy)
	check(t, leaser.DoneLease(t.Context(), "EV-A", token))
	claimLease(t, leaser, "EV-A", handled)
}

// The connection breaks after the function has returned, before or during the commit.
func TestHandlerAnswerLost(t *testing.T) {
	db, lose := newLossy(t)
	var after atomic.Int32
	p := newProcess(t, db, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
		err := creditPaid(ctx, tx, n)
		lose.Store(after.Swap(0))
		return err
	})
	want := 0
	for answers := range int32(3) {
		db.fillPool(t, func(i int) {
			p.check(t, fmt.Sprint("EV-", answers, "-", i), "b", 200)
		})
		after.Store(answers + 1)
		p.check(t, fmt.Sprint("EV-", answers), "a", 200)
		p.checkHeard(t)
		if lose.Swap(0) != 0 && answers == 0 {
			t.Error("no answer was lost")
		}
		want++
		db.checkCredits(t, want, 2*want)
	}
}
