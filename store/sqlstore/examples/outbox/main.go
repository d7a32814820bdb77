// Outbox tells another system of a paid order, once. The order, the message to the
// warehouse and the record of the notification commit in one transaction. A relay then
// sends the message until the warehouse answers 200.
//
// Once means: the warehouse packs one parcel for each order. The message itself may
// arrive several times, if an answer is lost or a process dies, and always has the
// same key. The warehouse keeps the keys, in the transaction in which it packs. A
// system that does not look at the key has the effect at least once.
package main

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

	_ "modernc.org/sqlite"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/paid"
)

func main() {
	folder, err := os.MkdirTemp("", "outbox")
	if err != nil {
		log.Fatal(err)
	}
	if err := errors.Join(run(context.Background(), folder), os.RemoveAll(folder)); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, folder string) error {
	shop, err := open(ctx, filepath.Join(folder, "shop.db"))
	if err != nil {
		return err
	}
	defer shop.Close()
	if err := errors.Join(sqlstore.Migrate(ctx, shop, sqlstore.SQLite), createTables(ctx, shop)); err != nil {
		return err
	}
	stock, err := open(ctx, filepath.Join(folder, "warehouse.db"))
	if err != nil {
		return err
	}
	defer stock.Close()
	parcels, err := newWarehouse(ctx, stock)
	if err != nil {
		return err
	}
	server := httptest.NewServer(parcels) // another machine
	defer server.Close()

	const no = "1217752501201407033233368018"
	if _, err := shop.ExecContext(ctx, `INSERT INTO orders (no) VALUES (?)`, no); err != nil {
		return err
	}
	if err := notifyTwice(ctx, shop, no); err != nil {
		return err
	}
	// A program calls run every second or so, and after each notification.
	if err := (relay{shop, server.Client(), server.URL}).run(ctx); err != nil {
		return err
	}
	return show(ctx, stock)
}

// notifyTwice plays the platform, which here sends the notification twice.
func notifyTwice(ctx context.Context, db *sql.DB, no string) error {
	platform, err := paid.New()
	if err != nil {
		return err
	}
	receiver := platform.Notify(notify.OnError(func(_ context.Context, err error) { log.Print(err) }))
	handler := sqlstore.Handler(receiver, db, sqlstore.SQLite, orderPaid)
	for range 2 {
		req, err := platform.Request(ctx, "/wechatpay/notify", "EV-2018022511223320873", no, 1880)
		if err != nil {
			return err
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		fmt.Println("the notification is answered", w.Code, http.StatusText(w.Code))
	}
	return nil
}

func show(ctx context.Context, db *sql.DB) error {
	var no string
	var parcels int
	if err := db.QueryRowContext(ctx, `SELECT MIN(order_no), COUNT(*) FROM parcels`).Scan(&no, &parcels); err != nil {
		return err
	}
	fmt.Println("parcels:", parcels, "for order", no)
	return nil
}

func open(ctx context.Context, file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	return db, db.PingContext(ctx)
}
