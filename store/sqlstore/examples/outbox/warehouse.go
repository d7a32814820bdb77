package main

import (
	"context"
	"database/sql"
	"io"
	"net/http"
)

// A warehouse is the other system, with a database of its own. It keeps the key of
// each message in the transaction in which it does what the message says, so a message
// that comes again has no second effect.
type warehouse struct{ db *sql.DB }

func newWarehouse(ctx context.Context, db *sql.DB) (*warehouse, error) {
	_, err := db.ExecContext(ctx, `
		CREATE TABLE messages (id TEXT PRIMARY KEY);
		CREATE TABLE parcels (order_no TEXT NOT NULL)`)
	return &warehouse{db}, err
}

// ServeHTTP packs a parcel for the order in the body.
func (w *warehouse) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	no, err := io.ReadAll(http.MaxBytesReader(rw, req.Body, 1<<10))
	if err == nil {
		err = w.pack(req.Context(), req.Header.Get("Idempotency-Key"), string(no))
	}
	if err != nil {
		http.Error(rw, "not packed", http.StatusInternalServerError)
	}
}

func (w *warehouse) pack(ctx context.Context, key, no string) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	result, err := tx.ExecContext(ctx, `INSERT INTO messages (id) VALUES (?) ON CONFLICT DO NOTHING`, key)
	if err != nil {
		return err
	}
	if rows, err := result.RowsAffected(); rows == 0 || err != nil {
		return err // it came before
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO parcels (order_no) VALUES (?)`, no); err != nil {
		return err
	}
	return tx.Commit()
}
