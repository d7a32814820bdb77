package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wxchain/wechatpay/notify"
)

// createTables creates the shop's tables. The outbox holds what the warehouse must
// learn. The id is that of the notification, which is the same at every sending.
func createTables(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS orders (no TEXT PRIMARY KEY, paid INTEGER NOT NULL DEFAULT 0);
		CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL)`)
	return err
}

// orderPaid marks an order as paid and notes that the warehouse must learn of it. Both
// commit together, with the row that says that the notification was handled.
func orderPaid(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
	if n.EventType != "TRANSACTION.SUCCESS" {
		return nil
	}
	no, total := n.Get("out_trade_no").String(), n.Get("amount.total").Int() // fen
	result, err := tx.ExecContext(ctx, `UPDATE orders SET paid = paid + ? WHERE no = ?`, total, no)
	if err != nil {
		return fmt.Errorf("order %s: %w", no, err)
	}
	if rows, err := result.RowsAffected(); err != nil || rows != 1 {
		return errors.Join(fmt.Errorf("order %s does not exist", no), err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO outbox (id, body) VALUES (?, ?)`, n.ID, no)
	return err
}

// A relay tells the warehouse what is in the outbox.
type relay struct {
	db     *sql.DB
	client *http.Client
	url    string // of the warehouse
}

// run tells the warehouse of every message in the outbox, in their order, until it is
// empty or one fails. A message leaves the outbox after the warehouse has answered
// 200. If the relay is killed between, it sends the message again under the same key.
//
// Several relays may run at once. With PostgreSQL and MySQL 8, add FOR UPDATE SKIP
// LOCKED to the SELECT and delete in the same transaction, so that they share the work.
func (r relay) run(ctx context.Context) error {
	for {
		var position int64
		var id, body string
		err := r.db.QueryRowContext(ctx, `SELECT position, id, body FROM outbox ORDER BY position LIMIT 1`).Scan(&position, &id, &body)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = r.tell(ctx, id, body)
		}
		if err == nil {
			_, err = r.db.ExecContext(ctx, `DELETE FROM outbox WHERE position = ?`, position)
		}
		if err != nil {
			return fmt.Errorf("outbox: %w", err) // the message stays; run again later
		}
	}
}

// tell sends a message to the warehouse.
func (r relay) tell(ctx context.Context, key, body string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewBufferString(body))
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", key)
	resp, err := r.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the warehouse answers %s to %s", resp.Status, key)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}
