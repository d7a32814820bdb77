package sqlstore_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/store/sqlstore"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/paid"
	"github.com/wxchain/wechatpay/store/sqlstore/internal/workers"
)

// workerVariable makes the test binary a process that receives notifications. It has
// the kind, the driver and the data source name of the database.
const workerVariable = "SQLSTORE_TEST_WORKER"

// work serves until its standard input ends, which it does with the test.
func work() {
	kind, rest, _ := strings.Cut(os.Getenv(workerVariable), " ")
	driver, dsn, _ := strings.Cut(rest, " ")
	db, err := sql.Open(driver, dsn)
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(8)
	if err := sqlstore.Migrate(context.Background(), db, dialects[kind]); err != nil {
		log.Fatal(err)
	}
	platform, err := paid.New()
	if err != nil {
		log.Fatal(err)
	}
	receiver := platform.Notify(func(c *notify.Config) {
		c.OnError = func(_ context.Context, err error) {
			text := err.Error()
			if !slices.ContainsFunc([]string{"injected", "being handled", "is handling it", "goes on after the answer", "no connection within"}, func(expected string) bool {
				return strings.Contains(text, expected)
			}) {
				log.Printf("%.500s", text)
			}
		}
	})
	if err := workers.Serve(sqlstore.Handler(receiver, db, dialects[kind], creditWithFailures)); err != nil {
		log.Fatal(err)
	}
}

// creditWithFailures credits an order and the balances of two of eight shops in any
// order, so functions deadlock. Three of ten calls fail or panic, before or after they
// wrote.
func creditWithFailures(ctx context.Context, tx *sql.Tx, n *notify.Notification) error {
	dice := rand.IntN(100)
	if dice < 7 {
		return errors.New("injected before writing")
	}
	no := n.Get("out_trade_no").String()
	for _, statement := range []string{
		`UPDATE orders SET credits = credits + 1 WHERE no = '` + no + `'`,
		`INSERT INTO ledger (no) VALUES ('` + no + `')`,
		fmt.Sprintf(`UPDATE orders SET credits = credits + 1 WHERE no = 'shop %d'`, rand.IntN(8)),
		fmt.Sprintf(`UPDATE orders SET credits = credits + 1 WHERE no = 'shop %d'`, rand.IntN(8)),
	} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	switch {
	case dice < 20:
		return errors.New("injected after writing")
	case dice < 30:
		panic("injected")
	}
	return nil
}

const (
	killWorkers = 4
	killsEach   = 2
	killCopies  = 5
)

// Four processes get each notification five times at once. Three of ten functions
// fail, and each process is killed twice. Each order is credited once, and none is
// lost. WXPAY_SQL_NOTIFICATIONS is the number of notifications.
func TestKilled(t *testing.T) {
	total := 100
	if n, err := strconv.Atoi(os.Getenv("WXPAY_SQL_NOTIFICATIONS")); err == nil {
		total = n
	}
	each(t, func(t *testing.T, db database) {
		db.migrate(t)
		prepareOrders(t, db, total)
		processes := make([]*workers.Worker, killWorkers)
		for i := range processes {
			processes[i] = workers.Start(t, workerVariable, db.kind+" "+db.driver+" "+db.dsn)
		}
		began := time.Now()
		sent := deliverAll(t, processes, total)
		took := time.Since(began)

		db.checkInt(t, total, `SELECT COUNT(*) FROM orders WHERE no LIKE 'order %' AND credits = 1`)
		db.checkInt(t, total, `SELECT COUNT(*) FROM ledger`)
		db.checkInt(t, total, `SELECT COUNT(DISTINCT no) FROM ledger`)
		db.checkInt(t, 2*total, `SELECT SUM(credits) FROM orders WHERE no LIKE 'shop %'`)
		db.checkInt(t, total, `SELECT COUNT(*) FROM wechatpay_notifications WHERE handled_by IS NOT NULL`)
		db.checkInt(t, total, `SELECT COUNT(*) FROM wechatpay_notifications`)
		t.Logf("%s: %d notifications, %d requests, %d kills: each order credited once; %v, %.0f notifications/s",
			db.kind, total, sent, killWorkers*killsEach, took.Round(10*time.Millisecond), float64(total)/took.Seconds())
	})
}

func prepareOrders(t *testing.T, db database, total int) {
	db.exec(t, `CREATE TABLE orders (no VARCHAR(64) PRIMARY KEY, credits INTEGER NOT NULL)`)
	db.exec(t, `CREATE TABLE ledger (no VARCHAR(64) NOT NULL)`) // without a unique key, which would hide a second credit
	db.exec(t, `INSERT INTO orders VALUES ('shop 0', 0), ('shop 1', 0), ('shop 2', 0), ('shop 3', 0), ('shop 4', 0), ('shop 5', 0), ('shop 6', 0), ('shop 7', 0)`)
	for i := range total {
		db.exec(t, fmt.Sprintf(`INSERT INTO orders VALUES ('order %d', 0)`, i))
	}
}

// deliverAll delivers all notifications until each copy was answered 200, kills the
// processes at random moments between, and returns the number of requests.
func deliverAll(t *testing.T, processes []*workers.Worker, total int) int64 {
	// The moments of the kills are numbers of requests that were answered 200.
	kills := make(map[int64]*workers.Worker)
	for len(kills) < killWorkers*killsEach {
		kills[rand.Int64N(int64(total*killCopies*9/10))] = processes[len(kills)%killWorkers]
	}
	platform := newPlatform(t)
	var sent, answered atomic.Int64
	var killers, copies sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	slots := make(chan struct{}, 24)
	for i := range total {
		slots <- struct{}{}
		var five sync.WaitGroup
		for range killCopies {
			five.Go(func() {
				for ctx.Err() == nil {
					sent.Add(1)
					if deliverOnce(ctx, t, platform, processes[rand.IntN(len(processes))], i) {
						if w := kills[answered.Add(1)-1]; w != nil {
							killers.Go(w.Kill)
						}
						return
					}
					time.Sleep(rand.N(50 * time.Millisecond)) // the platform waits longer
				}
			})
		}
		copies.Go(func() { five.Wait(); <-slots })
	}
	copies.Wait()
	killers.Wait()
	if ctx.Err() != nil {
		t.Error("some notifications were never answered 200")
	}
	return sent.Load()
}

// deliverOnce reports whether the answer was 200.
func deliverOnce(ctx context.Context, t *testing.T, platform *paid.Platform, w *workers.Worker, i int) bool {
	req, err := platform.Request(ctx, w.URL(), fmt.Sprintf("EV-%d", i), fmt.Sprintf("order %d", i), 100)
	if err != nil {
		t.Error(err)
		return true
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false // killed
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode == http.StatusOK
}
