package sandbox_test

import (
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/sandbox"
)

// The intervals are those of
// https://pay.weixin.qq.com/doc/v3/merchant/4012791861.
func TestNotifySchedule(t *testing.T) {
	intervals := []time.Duration{0, 15 * time.Second, 15 * time.Second, 30 * time.Second, 3 * time.Minute, 10 * time.Minute, 20 * time.Minute,
		30 * time.Minute, 30 * time.Minute, 30 * time.Minute, time.Hour, 3 * time.Hour, 3 * time.Hour, 3 * time.Hour, 6 * time.Hour, 6 * time.Hour}
	refusing := []int{500, 0, 302, 404, 201, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500, 500}
	tests := []struct {
		name     string
		statuses []int
		speed    int
		sent     int
	}{
		{"acknowledged at once", nil, 0, 1},
		{"acknowledged by 204", []int{204}, 0, 1},
		{"acknowledged the fourth time", refusing[:3], 1, 4},
		{"acknowledged the last time", refusing[:15], 1, 16},
		{"never acknowledged", refusing, 1, 16},
		{"never acknowledged, fast", refusing, 1000, 16},
	}
	config := testConfig(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := config
				config.Speed = tt.speed
				shop, server, client := newShop(t, config, tt.statuses...)
				defer server.Close()
				place(t, client, "schedule")
				pay(t, server, "schedule")
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				var due time.Duration
				for i, at := range shop.at {
					due += intervals[i] / time.Duration(max(tt.speed, 1))
					if at != due {
						t.Errorf("sending %d came after %v, want %v", i, at, due)
					}
				}
				n := payments(server)[0]
				if acknowledged := tt.sent > len(tt.statuses) || tt.statuses[tt.sent-1] == 204; len(shop.at) != tt.sent || n.Sent != tt.sent || n.Acknowledged != acknowledged {
					t.Errorf("sent %d times, want %d; %+v", len(shop.at), tt.sent, n)
				}
			})
		})
	}
}

// payments returns the notifications that are not probes.
func payments(server *sandbox.Server) []sandbox.Notification {
	var all []sandbox.Notification
	for _, n := range server.Notifications() {
		if !n.Probe {
			all = append(all, n)
		}
	}
	return all
}

func TestNotifyContent(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		place(t, client, "content")
		id := pay(t, server, "content")
		synctest.Wait()
		refund := func(number string, fen int) {
			_, err := client.Chain("v3/refund/domestic/refunds").Post(t.Context(), wechatpay.JSON(wechatpay.M{
				"transaction_id": id, "out_refund_no": number, "notify_url": "https://shop.example.com/refunded",
				"amount": wechatpay.M{"total": 100, "refund": fen, "currency": "CNY"},
			}))
			if err != nil {
				t.Fatal(err)
			}
		}
		refund("r1", 10)
		time.Sleep(5 * time.Second) // nobody settles it
		synctest.Wait()
		for number, state := range map[string]sandbox.RefundState{"r2": sandbox.RefundAbnormal, "r3": sandbox.RefundClosed} {
			time.Sleep(time.Minute) // the refunds of an order are a minute apart
			refund(number, 20)
			if err := server.SettleRefund(sandbox.DefaultMchID, number, state); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute)
		synctest.Wait()

		got := make(map[string]*notify.Notification)
		for _, n := range shop.got() {
			got[n.EventType] = n
		}
		if len(shop.got()) != 4 {
			t.Errorf("%d notifications, want 4: %v", len(shop.got()), got)
		}
		for event, fields := range map[string]map[string]string{
			"TRANSACTION.SUCCESS": {"transaction_id": id, "out_trade_no": "content", "trade_state": "SUCCESS", "attach": "附加", "mchid": sandbox.DefaultMchID, "amount.total": "100"},
			"REFUND.SUCCESS":      {"transaction_id": id, "out_trade_no": "content", "out_refund_no": "r1", "refund_status": "SUCCESS", "amount.refund": "10"},
			"REFUND.ABNORMAL":     {"out_refund_no": "r2", "refund_status": "ABNORMAL", "amount.refund": "20", "success_time": ""},
			"REFUND.CLOSED":       {"out_refund_no": "r3", "refund_status": "CLOSED", "amount.total": "100"},
		} {
			n := got[event]
			if n == nil {
				t.Errorf("no %s came", event)
				continue
			}
			for name, want := range fields {
				if text := n.Get(name).String(); text != want {
					t.Errorf("%s: %s is %q, want %q", event, name, text, want)
				}
			}
			if n.Summary == "" || n.CreateTime.IsZero() {
				t.Errorf("%s: summary %q, create_time %v", event, n.Summary, n.CreateTime)
			}
		}
	})
}

func TestNotifyProbes(t *testing.T) {
	config := testConfig(t)
	sequence := func(seed uint64) (probed []bool) {
		synctest.Test(t, func(t *testing.T) {
			config := config
			config.Seed = seed
			shop, server, client := newShop(t, config)
			defer server.Close()
			const payments = 60
			for i := range payments {
				number := "probe_" + time.Duration(i).String()
				place(t, client, number)
				pay(t, server, number)
			}
			synctest.Wait()
			if len(shop.got()) != payments || len(shop.probes) == 0 || len(shop.probes) > payments/3 {
				t.Errorf("%d notifications were taken, want %d; %d probes, want some", len(shop.got()), payments, len(shop.probes))
			}
			for _, status := range shop.probes {
				if status != http.StatusUnauthorized {
					t.Errorf("a probe was answered %d", status)
				}
			}
			for _, n := range server.Notifications() {
				probed = append(probed, n.Probe)
				if n.Probe && (n.Acknowledged || n.Sent != 1) {
					t.Errorf("probe %+v", n)
				}
			}
		})
		return probed
	}
	one, again, other := sequence(1), sequence(1), sequence(2)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("probes do not go by the seed: %v, %v, %v", one, again, other)
	}
}

// Advance sends what is due, and Close ends everything.
func TestNotifyAdvanceAndClose(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config, 500, 500, 500, 500)
		place(t, client, "advance")
		pay(t, server, "advance")
		synctest.Wait()
		if err := server.Advance(15 * time.Second); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(shop.at) != 2 {
			t.Errorf("came %d times, want 2", len(shop.at))
		}
		server.Close()
		server.Close() // again, and nothing happens
		time.Sleep(48 * time.Hour)
		if len(shop.at) != 2 {
			t.Errorf("came %d times after Close, want 2", len(shop.at))
		}
		for _, d := range []time.Duration{0, -time.Second} {
			if err := server.Advance(d); err == nil {
				t.Errorf("the clock went by %v", d)
			}
		}
	})
}

// Advance sends everything that is due within the time, and nothing more.
func TestNotifyAdvanceByADay(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		down := slices.Repeat([]int{500}, 32)
		shop, server, client := newShop(t, config, down...)
		defer server.Close()
		place(t, client, "advance")
		pay(t, server, "advance")
		synctest.Wait()
		for _, tt := range []struct {
			by   time.Duration
			want int
		}{{time.Minute, 4}, {24 * time.Hour, 15}, {72 * time.Hour, 16}, {72 * time.Hour, 16}} {
			if err := server.Advance(tt.by); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			time.Sleep(time.Millisecond) // the timers of what is due by now
			synctest.Wait()
			if len(shop.at) != tt.want {
				t.Errorf("%v later it came %d times, want %d", tt.by, len(shop.at), tt.want)
			}
		}
		if err := server.Advance(1<<63 - 1); err == nil {
			t.Error("the clock went by 292 years")
		}
	})
}

// An attempt without an answer ends after 5 seconds.
func TestNotifyTimeout(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		var began time.Time
		config.Clock = time.Now
		config.Client = &http.Client{Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			began = time.Now()
			<-req.Context().Done()
			return nil, req.Context().Err()
		})}
		server, client := newServer(t, config)
		defer server.Close()
		place(t, client, "timeout")
		pay(t, server, "timeout")
		time.Sleep(5*time.Second + time.Millisecond)
		synctest.Wait()
		n := payments(server)[0]
		if n.Sent != 1 || n.Status != 0 || n.Failure == "" || time.Since(began) > 6*time.Second {
			t.Errorf("%+v", n)
		}
	})
}
