package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/paid"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/servers"
)

var databases servers.Servers

func TestMain(m *testing.M) {
	if os.Getenv(workerVariable) != "" {
		work()
		return
	}
	code := m.Run()
	if err := databases.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var dialects = map[string]sqlstore.Dialect{"PostgreSQL": sqlstore.PostgreSQL, "MariaDB": sqlstore.MySQL, "MySQL": sqlstore.MySQL, "SQLite": sqlstore.SQLite}

// A database is an empty database of a test.
type database struct {
	*sql.DB
	kind, driver, dsn string
	dialect           sqlstore.Dialect
}

func newDatabase(t testing.TB, kind string) database {
	t.Helper()
	driver, dsn := databases.Database(t, kind)
	return database{open(t, driver, dsn), kind, driver, dsn, dialects[kind]}
}

func open(t testing.TB, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(10)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// each runs a test with an empty database of every kind.
func each(t *testing.T, f func(t *testing.T, db database)) {
	for _, kind := range servers.Kinds() {
		t.Run(kind, func(t *testing.T) { f(t, newDatabase(t, kind)) })
	}
}

// eachServer is each without SQLite, which is not a server.
func eachServer(t *testing.T, f func(t *testing.T, db database)) {
	for _, kind := range servers.Kinds() {
		if kind != "SQLite" {
			t.Run(kind, func(t *testing.T) { f(t, newDatabase(t, kind)) })
		}
	}
}

// eachMigrated is each with the tables of this package and with orders.
func eachMigrated(t *testing.T, f func(t *testing.T, db database)) {
	each(t, func(t *testing.T, db database) {
		db.prepare(t)
		f(t, db)
	})
}

// prepare makes the tables of this package, and orders.
func (db database) prepare(t testing.TB) {
	t.Helper()
	db.migrate(t)
	db.exec(t, `CREATE TABLE orders (no VARCHAR(64) PRIMARY KEY, credits INTEGER NOT NULL)`)
	db.exec(t, `INSERT INTO orders VALUES ('a', 0), ('b', 0)`)
}

func (db database) migrate(t testing.TB, opts ...sqlstore.Option) {
	t.Helper()
	if err := sqlstore.Migrate(t.Context(), db.DB, db.dialect, opts...); err != nil {
		t.Fatal(err)
	}
}

func (db database) exec(t testing.TB, statement string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// checkInt checks the number that a query returns.
func (db database) checkInt(t testing.TB, want int, query string) {
	t.Helper()
	var got int
	if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if got != want {
		t.Errorf("%s: %d, want %d", query, got, want)
	}
}

func (db database) checkCredits(t testing.TB, a, b int) {
	t.Helper()
	db.checkInt(t, a, `SELECT credits FROM orders WHERE no = 'a'`)
	db.checkInt(t, b, `SELECT credits FROM orders WHERE no = 'b'`)
}

// credit is what functions do in a transaction.
func credit(ctx context.Context, tx *sql.Tx, no string) error {
	_, err := tx.ExecContext(ctx, `UPDATE orders SET credits = credits + 1 WHERE no = '`+no+`'`)
	return err
}

func creditPaid(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
	return credit(ctx, tx, n.Get("out_trade_no").String())
}

// A process stands for one of several processes: it has a Receiver of its own, with
// its own memory.
type process struct {
	http.Handler
	receiver *notify.Receiver

	mu    sync.Mutex
	heard []string // by OnError
}

type function = func(context.Context, *sql.Tx, *notify.Notification) error

func newProcess(t testing.TB, db database, f function, opts ...sqlstore.Option) *process {
	t.Helper()
	p := newReceiver(t)
	p.Handler = sqlstore.Handler(p.receiver, db.DB, db.dialect, f, opts...)
	return p
}

// newReceiver is a process without a handler.
func newReceiver(t testing.TB, edit ...notify.Option) *process {
	t.Helper()
	p := new(process)
	p.receiver = newPlatform(t).Notify(append(edit, func(c *notify.Config) {
		c.OnError = func(_ context.Context, err error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.heard = append(p.heard, err.Error())
		}
	})...)
	return p
}

func newPlatform(t testing.TB) *paid.Platform {
	t.Helper()
	platform, err := paid.New()
	if err != nil {
		t.Fatal(err)
	}
	return platform
}

// deliver delivers a notification of an order and returns the status of the answer.
func (p *process) deliver(t testing.TB, id, order string) int {
	t.Helper()
	req, err := newPlatform(t).Request(t.Context(), "/notify", id, order, 100)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, req)
	return w.Code
}

func (p *process) check(t testing.TB, id, order string, status int) {
	t.Helper()
	if got := p.deliver(t, id, order); got != status {
		t.Errorf("notification %s was answered %d, want %d; OnError heard %q", id, got, status, p.errors())
	}
}

func (p *process) errors() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.heard, "\n")
}

// checkHeard checks that OnError heard of each text, and forgets what it heard.
func (p *process) checkHeard(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.errors(), text) {
			t.Errorf("OnError heard %q, want %q in it", p.errors(), text)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(texts) == 0 && len(p.heard) > 0 {
		t.Errorf("OnError heard %q", p.heard)
	}
	p.heard = nil
}

func checkError(t testing.TB, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", texts)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error is %q, want %q in it", err, text)
		}
	}
}
