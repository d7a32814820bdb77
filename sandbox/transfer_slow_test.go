package sandbox_test

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

// slowly makes transfers take their time.
func slowly(c *sandbox.Config) { c.SlowTransfers = true }

// inSteps does one step after the other: a duration moves the clock, and do does
// anything else. Only the last step may fail.
func (w *world) inSteps(t *testing.T, steps string, do func(step string) error) (err error) {
	t.Helper()
	for step := range strings.FieldsSeq(steps) {
		if err != nil {
			t.Fatalf("before %s: %v", step, err)
		}
		if d, notTime := time.ParseDuration(step); notTime == nil {
			w.clock.add(d)
			continue
		}
		err = do(step)
	}
	return err
}

// play does steps to the transfer bill: cancel cancels it, fail: fails it with a
// reason, and anything else settles it so.
func (w *world) play(t *testing.T, steps string) error {
	t.Helper()
	return w.inSteps(t, steps, func(step string) error {
		if reason, fails := strings.CutPrefix(step, "fail:"); fails {
			return w.FailTransfer(w.Merchant().MchID, bill, reason)
		}
		if step != "cancel" {
			return w.SettleTransfer(w.Merchant().MchID, bill, sandbox.TransferState(step))
		}
		resp, err := w.cancel()
		if err != nil {
			refused(t, err, 400, "INVALID_REQUEST")
			return err
		}
		documented(t, "POST", billsPath+billOf+"/cancel", resp)
		return nil
	})
}

// wantBill checks the state of the transfer bill, and why it failed.
func (w *world) wantBill(t *testing.T, state, why string) {
	t.Helper()
	if got := w.bill(t); got.Get("state").String() != state || got.Get("fail_reason").String() != why {
		t.Errorf("state %s for %q, want %s for %q", got.Get("state"), got.Get("fail_reason"), state, why)
	}
}

// TestSlowTransfer checks the states on the way, by the clock.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012715191
func TestSlowTransfer(t *testing.T) {
	for _, tt := range []struct {
		steps string
		fails bool // the last step
		state string
		why   string
	}{
		{"", false, "ACCEPTED", ""},
		{"4999ms", false, "ACCEPTED", ""},
		{"5s", false, "PROCESSING", ""},
		{"9999ms", false, "PROCESSING", ""},
		{"10s", false, "WAIT_USER_CONFIRM", ""},
		{"24h", false, "FAIL", "OVERDUE_CLOSE"},
		{"SUCCESS", true, "ACCEPTED", ""},
		{"5s TRANSFERING", true, "PROCESSING", ""},
		{"cancel", false, "CANCELING", ""},
		{"cancel 5s", false, "CANCELLED", ""},
		{"5s cancel", false, "CANCELING", ""},
		{"10s cancel 24h", false, "CANCELLED", ""},
		{"10s TRANSFERING", false, "TRANSFERING", ""},
		{"10s TRANSFERING 4999ms", false, "TRANSFERING", ""},
		{"10s TRANSFERING 5s", false, "SUCCESS", ""},
		{"10s TRANSFERING cancel", true, "TRANSFERING", ""},
		{"10s TRANSFERING FAIL 5s", false, "FAIL", "PAYEE_ACCOUNT_ABNORMAL"},
		{"10s TRANSFERING 5s FAIL", true, "SUCCESS", ""},
		{"10s SUCCESS", false, "SUCCESS", ""},
		{"fail:ACCOUNT_FROZEN 24h", false, "FAIL", "ACCOUNT_FROZEN"},
		{"5s fail:TRANSFER_RISK", false, "FAIL", "TRANSFER_RISK"},
		{"10s fail:TRANSFER_QUOTA_EXCEED", false, "FAIL", "TRANSFER_QUOTA_EXCEED"},
		{"10s TRANSFERING fail:REAL_NAME_CHECK_FAIL 5s", false, "FAIL", "REAL_NAME_CHECK_FAIL"},
		{"10s SUCCESS fail:TRANSFER_RISK", true, "SUCCESS", ""},
		{"cancel fail:TRANSFER_RISK", true, "CANCELING", ""},
		{"fail:TRANSFER_RISK fail:ACCOUNT_FROZEN", true, "FAIL", "TRANSFER_RISK"},
		{"fail:BAD_LUCK", true, "ACCEPTED", ""},
		{"fail:", true, "ACCEPTED", ""},
	} {
		t.Run(tt.steps, func(t *testing.T) {
			w := newWorld(t, slowly)
			if first := w.mustTransfer(t, nil); first.Get("state").String() != "ACCEPTED" || first.Get("package_info").Exists() {
				t.Errorf("answer %s", first.Bytes())
			}
			if err := w.play(t, tt.steps); (err != nil) != tt.fails {
				t.Errorf("error is %v", err)
			}
			w.wantBill(t, tt.state, tt.why)
			waits := tt.state == "WAIT_USER_CONFIRM"
			if again := w.mustTransfer(t, nil); again.Get("package_info").Exists() != waits {
				t.Errorf("repeated in the state %s: %s", tt.state, again.Bytes())
			}
		})
	}
	w := newWorld(t)
	if err := w.FailTransfer(w.Merchant().MchID, bill, "ACCOUNT_FROZEN"); err == nil || !strings.Contains(err.Error(), "NOT_FOUND") {
		t.Errorf("failing what nobody asked for: %v", err)
	}
}

// The end of a slow transfer is notified at its time, and the money leaves then.
func TestSlowTransferNotifies(t *testing.T) {
	config := testConfig(t)
	config.SlowTransfers = true
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		if _, err := client.Chain(billsPath).Post(t.Context(), wechatpay.JSON(transferOf(wechatpay.M{"notify_url": "https://shop.example.com/notify"}))); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if err := server.SettleTransfer(sandbox.DefaultMchID, bill, sandbox.TransferTransfering); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5*time.Second - 1)
		synctest.Wait()
		if early := len(shop.got()); early != 0 {
			t.Fatalf("%d notifications came early", early)
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if got := shop.got(); len(got) != 1 || got[0].Get("state").String() != "SUCCESS" {
			t.Errorf("notified: %v", got)
		}
	})
}

// What a slow transfer takes is in the bill of the day on which it succeeded, once,
// and not at all if it failed in the end.
func TestSlowTransferBill(t *testing.T) {
	for name, end := range map[string]string{"by the clock": "5s", "before": "1s SUCCESS", "not at all": "1s FAIL", "cancelled": ""} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, slowly)
			w.mustTransfer(t, wechatpay.M{"transfer_amount": 30})
			steps := "10s TRANSFERING " + end
			if name == "cancelled" {
				steps = "cancel 5s"
			}
			if err := w.play(t, steps); err != nil {
				t.Fatal(err)
			}
			w.until(t, "2018-06-09 10:00:00")
			if name == "not at all" || name == "cancelled" {
				_, err := bills.Download(t.Context(), w.client, bills.FundFlow, dayOf, bills.To(io.Discard), bills.AccountType("OPERATION"))
				refused(t, err, 400, "NO_STATEMENT_EXIST")
				return
			}
			got := w.statement(t, bills.FundFlow, dayOf, bills.AccountType("OPERATION")).flow()
			if want := "商家转账 支出 0.30 999999.70 " + bill; got != want {
				t.Errorf("the bill has\n%s\nwant\n%s", got, want)
			}
		})
	}
}
