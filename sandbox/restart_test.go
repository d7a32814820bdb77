package sandbox_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// waits returns how many notifications wait in a store.
func waits(t *testing.T, store sandbox.Store) (n int) {
	t.Helper()
	if err := store.View(func(tx sandbox.Tx) error {
		return tx.Each("notification", "", func(string, []byte) error { n++; return nil })
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A notification that waits when the sandbox ends is sent by the next one, with
// the same schedule, ID and form.
func TestNotificationsOutliveTheSandbox(t *testing.T) {
	config := testConfig(t)
	for name, order := range map[string]func(*testing.T, *wechatpay.Client, string){
		"APIv3": place,
		"APIv2": func(t *testing.T, client *wechatpay.Client, number string) { placeV2(t, client, number, nil) },
	} {
		for _, tt := range []struct {
			down  time.Duration   // after 40 seconds, when it has come three times: at 0, 15 and 30 seconds
			after []time.Duration // since it is up again
		}{
			{5 * time.Second, []time.Duration{15 * time.Second, 195 * time.Second}},
			{time.Hour, []time.Duration{0, 3 * time.Minute}}, // what is overdue comes at once, and the rest as if it had been due then
		} {
			t.Run(name+" "+tt.down.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					config := config
					config.Store = sandbox.NewMemory()
					_, first, client := newShop(t, config, 500, 500, 500, 500)
					order(t, client, "outlives")
					pay(t, first, "outlives")
					time.Sleep(40 * time.Second)
					synctest.Wait()
					first.Close()
					was := first.Notifications()[0]
					if was.Sent != 3 || waits(t, config.Store) != 1 {
						t.Fatalf("sent %d times, %d wait", was.Sent, waits(t, config.Store))
					}
					time.Sleep(tt.down)

					up := time.Now()
					shop, second, _ := newShop(t, config, 500)
					defer second.Close()
					time.Sleep(48 * time.Hour)
					synctest.Wait()
					var after []time.Duration
					for _, at := range shop.at {
						after = append(after, shop.first.Sub(up)+at)
					}
					if !slices.Equal(after, tt.after) {
						t.Errorf("it came %v after the start, want %v", after, tt.after)
					}
					now := second.Notifications()
					if len(now) != 1 || now[0].ID != was.ID || now[0].Sent != 5 || !now[0].Acknowledged || len(shop.got()) != 1 {
						t.Errorf("it was %+v and is %+v", was, now)
					}
					if n := waits(t, config.Store); n != 0 {
						t.Errorf("%d wait once it is acknowledged", n)
					}
				})
			})
		}
	}
}

// The next sandbox does not send a notification that was acknowledged, or that
// was sent as often as the schedule says. It sends the notification of a payment
// that was not sent yet.
func TestNotificationsThatAreOver(t *testing.T) {
	config := testConfig(t)
	config.Store = sandbox.NewMemory()
	synctest.Test(t, func(t *testing.T) {
		_, first, client := newShop(t, config)
		place(t, client, "acknowledged")
		pay(t, first, "acknowledged")
		synctest.Wait()
		first.Close()
		if n := waits(t, config.Store); n != 0 {
			t.Errorf("%d wait once one is acknowledged", n)
		}

		_, second, client := newShop(t, config, slices.Repeat([]int{500}, 16)...)
		place(t, client, "given_up")
		pay(t, second, "given_up")
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if n := second.Notifications()[0]; n.Sent != 16 || waits(t, config.Store) != 0 {
			t.Errorf("%+v; %d wait", n, waits(t, config.Store))
		}
		second.Close()

		_, third, client := newShop(t, config)
		third.Close() // what is paid now, nobody is told of
		place(t, client, "untold")
		pay(t, third, "untold")
		time.Sleep(time.Hour)

		shop, fourth, _ := newShop(t, config)
		defer fourth.Close()
		synctest.Wait()
		if got := shop.got(); len(got) != 1 || got[0].Get("out_trade_no").String() != "untold" {
			t.Errorf("the shop was told %v", got)
		}
	})
}

// A notification that is being sent when the sandbox ends is sent again.
func TestNotificationsThatAreCutOff(t *testing.T) {
	config := testConfig(t)
	config.Store = sandbox.NewMemory()
	synctest.Test(t, func(t *testing.T) {
		hangs := config
		hangs.Clock = time.Now
		hangs.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		})}
		first, client := newServer(t, hangs)
		place(t, client, "cut_off")
		pay(t, first, "cut_off")
		synctest.Wait()
		first.Close()

		shop, second, _ := newShop(t, config)
		defer second.Close()
		synctest.Wait()
		if len(shop.got()) != 1 || !second.Notifications()[0].Acknowledged {
			t.Errorf("%+v", second.Notifications())
		}
	})
}

// Open refunds and transfers end in the next sandbox, and their merchants are
// notified.
func TestEndsOutliveTheSandbox(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config := config
		config.Store = sandbox.NewMemory()
		_, first, client := newShop(t, config)
		place(t, client, "to_refund")
		id := pay(t, first, "to_refund")
		if _, err := client.Chain("v3/refund/domestic/refunds").Post(t.Context(), wechatpay.JSON(wechatpay.M{
			"transaction_id": id, "out_refund_no": "r1", "notify_url": "https://shop.example.com/refunded",
			"amount": wechatpay.M{"total": 100, "refund": 10, "currency": "CNY"},
		})); err != nil {
			t.Fatal(err)
		}
		body := transferOf(wechatpay.M{"notify_url": "https://shop.example.com/notify"})
		if _, err := client.Chain(billsPath).Post(t.Context(), wechatpay.JSON(body)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		first.Close()

		shop, second, _ := newShop(t, config)
		defer second.Close()
		kinds := func() (all []string) {
			for _, n := range shop.got() {
				all = append(all, n.EventType)
			}
			return all
		}
		for _, step := range []struct {
			sleep time.Duration
			want  []string
		}{
			{4*time.Second - 1, nil},
			{1, []string{"REFUND.SUCCESS"}},
			{24*time.Hour - 5*time.Second - 1, []string{"REFUND.SUCCESS"}},
			{1, []string{"REFUND.SUCCESS", "MCHTRANSFER.BILL.FINISHED"}},
			{48 * time.Hour, []string{"REFUND.SUCCESS", "MCHTRANSFER.BILL.FINISHED"}},
		} {
			time.Sleep(step.sleep)
			synctest.Wait()
			if got := kinds(); !slices.Equal(got, step.want) {
				t.Errorf("after another %v the shop was told %q, want %q", step.sleep, got, step.want)
			}
		}
		second.Close()

		shop, third, _ := newShop(t, config)
		defer third.Close()
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if got := kinds(); got != nil {
			t.Errorf("told once more: %q", got)
		}
	})
}

// The clock continues from where it was moved to.
func TestClockOutlivesTheSandbox(t *testing.T) {
	store := newStore(t)
	w := newWorld(t, func(c *sandbox.Config) { c.Store = store })
	for range 2 {
		if err := w.Advance(24 * time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	w.Server.Close()
	again := newWorld(t, func(c *sandbox.Config) { c.Store = store })
	if got, want := again.controls(t, 200, "GET", "clock", "").Get("now").String(), start.Add(48*time.Hour).Format(time.RFC3339); got != want {
		t.Errorf("the clock says %s, want %s", got, want)
	}
	if err := again.Advance(1<<63 - 1); err == nil {
		t.Error("the clock went by 292 years")
	}
}
