package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/paid"
)

// The platform sends the notification three times. The order is credited once.
func ExampleHandler() {
	ctx, client, leave := exampleShop()
	defer leave()
	receiver := client.Notify(notify.OnError(func(_ context.Context, err error) { log.Print(err) }))

	db, err := sql.Open("sqlite", "file:shop.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite); err != nil {
		log.Fatal(err)
	}
	createOrder(ctx, db)

	mux := http.NewServeMux()
	mux.Handle("/wechatpay/notify", sqlstore.Handler(receiver, db, sqlstore.SQLite, func(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
		if n.EventType != "TRANSACTION.SUCCESS" {
			return nil
		}
		_, err := tx.ExecContext(ctx, `UPDATE orders SET credit = credit + ? WHERE no = ?`,
			n.Get("amount.total").Int(), n.Get("out_trade_no").String()) // fen
		return err
	}))

	for range 3 {
		fmt.Println(send(ctx, client, mux))
	}
	var credit int
	fmt.Println(db.QueryRow(`SELECT credit FROM orders`).Scan(&credit), credit)
	// Output:
	// 200
	// 200
	// 200
	// <nil> 100
}

// The function writes to another system, so it does not get a transaction.
func ExampleNewSeen() {
	ctx, client, leave := exampleShop()
	defer leave()
	db, err := sql.Open("sqlite", "file:shop.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()

	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite); err != nil {
		log.Fatal(err)
	}
	seen, err := sqlstore.NewSeen(db, sqlstore.SQLite)
	if err != nil {
		log.Fatal(err)
	}
	receiver := client.Notify(notify.WithSeen(seen), notify.OnError(func(_ context.Context, err error) { fmt.Println(err) }))
	isDown := true
	mux := http.NewServeMux()
	mux.Handle("/wechatpay/notify", receiver.Handler(func(_ context.Context, n *notify.Notification) error {
		if isDown {
			return errors.New("the warehouse does not answer")
		}
		fmt.Println("deliver", n.Get("out_trade_no"))
		return nil
	}))

	for range 3 {
		fmt.Println(send(ctx, client, mux))
		isDown = false
	}
	// Output:
	// notify: notification EV-2018022511223320873: the warehouse does not answer
	// 500
	// deliver 1217752501201407033233368018
	// 200
	// 200
}

// Two programs share a database, each with a table of its own.
func ExampleMigrate() {
	ctx, _, leave := exampleShop()
	defer leave()
	db, err := sql.Open("sqlite", "file:shop.db?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"shop_notifications", "loyalty_notifications"} {
		fmt.Println(sqlstore.Migrate(ctx, db, sqlstore.SQLite, sqlstore.Table(table)))
	}
	// Output:
	// <nil>
	// <nil>
}

// exampleShop makes a temporary folder the working directory. The Platform stands for
// the client of a merchant.
func exampleShop() (context.Context, *paid.Platform, func()) {
	client, err := paid.New()
	if err != nil {
		log.Fatal(err)
	}
	old, err := os.Getwd()
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "shop")
	if err == nil {
		err = os.Chdir(filepath.Clean(dir))
	}
	if err != nil {
		log.Fatal(err)
	}
	return context.Background(), client, func() {
		if err := errors.Join(os.Chdir(old), os.RemoveAll(dir)); err != nil {
			log.Fatal(err)
		}
	}
}

func createOrder(ctx context.Context, db *sql.DB) {
	if _, err := db.ExecContext(ctx, `CREATE TABLE orders (no TEXT PRIMARY KEY, credit INTEGER NOT NULL)`); err != nil {
		log.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO orders VALUES ('1217752501201407033233368018', 0)`); err != nil {
		log.Fatal(err)
	}
}

// send sends a notification to a handler of this process and returns the status.
func send(ctx context.Context, client *paid.Platform, h http.Handler) int {
	req, err := client.Request(ctx, "/wechatpay/notify", "EV-2018022511223320873", "1217752501201407033233368018", 100)
	if err != nil {
		log.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code
}
