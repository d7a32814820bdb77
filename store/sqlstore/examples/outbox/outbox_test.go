package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/store/sqlstore"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/paid"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/workers"
)

// shopVariable makes the test binary a shop. It has the URL of the warehouse and the
// file of the shop's database.
const shopVariable = "OUTBOX_TEST_SHOP"

func TestMain(m *testing.M) {
	if os.Getenv(shopVariable) == "" {
		os.Exit(m.Run())
	}
	if err := work(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// work receives notifications and relays the outbox after each.
func work(ctx context.Context) error {
	url, file, _ := strings.Cut(os.Getenv(shopVariable), " ")
	db, err := open(ctx, file)
	if err != nil {
		return err
	}
	platform, err := paid.New()
	if err != nil {
		return err
	}
	handler := sqlstore.Handler(platform.Notify(), db, sqlstore.SQLite, orderPaid)
	r := relay{db, http.DefaultClient, url}
	return workers.Serve(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/relay" {
			if err := r.run(ctx); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
			return
		}
		handler.ServeHTTP(w, req)
		_ = r.run(ctx) // what fails stays in the outbox
	}))
}

// failing fails three of ten requests: before they reach h, or after h has done its
// work, when the answer is lost.
func failing(h http.Handler, lost *atomic.Int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch rand.IntN(10) {
		case 0:
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case 1, 2:
			h.ServeHTTP(httptest.NewRecorder(), req)
			lost.Add(1)
			panic(http.ErrAbortHandler) // closes the connection
		default:
			h.ServeHTTP(w, req)
		}
	})
}

// Two shop processes on one database are killed again and again, and three of ten
// requests to the warehouse fail. Each paid order gets one parcel.
func TestOutboxKilled(t *testing.T) {
	const orders, kills = 60, 6
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shopFile := filepath.Join(t.TempDir(), "shop.db")
	shop, err := open(ctx, shopFile)
	if err != nil {
		t.Fatal(err)
	}
	defer shop.Close()
	if err := errors.Join(sqlstore.Migrate(ctx, shop, sqlstore.SQLite), createTables(ctx, shop)); err != nil {
		t.Fatal(err)
	}
	for i := range orders {
		if _, err := shop.ExecContext(ctx, `INSERT INTO orders (no) VALUES (?)`, fmt.Sprint("order ", i)); err != nil {
			t.Fatal(err)
		}
	}
	stock, err := open(ctx, filepath.Join(t.TempDir(), "warehouse.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer stock.Close()
	parcels, err := newWarehouse(ctx, stock)
	if err != nil {
		t.Fatal(err)
	}
	var lost atomic.Int64
	server := httptest.NewServer(failing(parcels, &lost))
	t.Cleanup(server.Close)
	processes := []*workers.Worker{
		workers.Start(t, shopVariable, server.URL+" "+shopFile),
		workers.Start(t, shopVariable, server.URL+" "+shopFile),
	}

	deliverAndKill(ctx, t, processes, orders, kills)
	for post(ctx, t, processes[0].URL()+"relay") != http.StatusOK && ctx.Err() == nil {
	}

	for query, want := range map[string]int{
		`SELECT COUNT(*) FROM parcels`:                 orders,
		`SELECT COUNT(DISTINCT order_no) FROM parcels`: orders,
	} {
		var got int
		if err := stock.QueryRowContext(ctx, query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", query, got, err, want)
		}
	}
	var unpaid int
	if err := shop.QueryRowContext(ctx, `SELECT COUNT(*) FROM orders WHERE paid <> 100`).Scan(&unpaid); err != nil || unpaid != 0 {
		t.Errorf("%d orders are not paid once, %v", unpaid, err)
	}
	t.Logf("%d orders, %d kills, %d lost answers: one parcel each", orders, kills, lost.Load())
}

// deliverAndKill delivers each notification three times at once until it is answered
// 200, and kills a process each time that a part of them is.
func deliverAndKill(ctx context.Context, t *testing.T, processes []*workers.Worker, orders, kills int) {
	platform, err := paid.New()
	if err != nil {
		t.Fatal(err)
	}
	var answered atomic.Int64
	var sendings, killers sync.WaitGroup
	slots := make(chan struct{}, 12)
	for i := range orders * 3 {
		slots <- struct{}{}
		sendings.Go(func() {
			defer func() { <-slots }()
			for ctx.Err() == nil {
				req, err := platform.Request(ctx, processes[rand.IntN(len(processes))].URL(), fmt.Sprint("EV-", i/3), fmt.Sprint("order ", i/3), 100)
				if err != nil {
					t.Error(err)
					return
				}
				if do(req) == http.StatusOK {
					break
				}
				time.Sleep(rand.N(50 * time.Millisecond)) // the platform waits longer
			}
			if n := answered.Add(1); n%int64(orders*3/(kills+1)) == 0 && n/int64(orders*3/(kills+1)) <= int64(kills) {
				killers.Go(processes[rand.IntN(len(processes))].Kill)
			}
		})
	}
	sendings.Wait()
	killers.Wait()
	if ctx.Err() != nil {
		t.Error("some notifications were never answered 200")
	}
}

func post(ctx context.Context, t *testing.T, url string) int {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		t.Error(err)
		return http.StatusOK
	}
	return do(req)
}

// do returns the status of the answer, or 0.
func do(req *http.Request) int {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0 // killed
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}
