package sandbox_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

// TestTransferNotifies checks that the merchant is notified once that a transfer
// has ended, in each way.
func TestTransferNotifies(t *testing.T) {
	config := testConfig(t)
	settle := func(states ...sandbox.TransferState) func(*sandbox.Server, *wechatpay.Client) error {
		return func(s *sandbox.Server, _ *wechatpay.Client) error {
			for _, state := range states {
				if err := s.SettleTransfer(sandbox.DefaultMchID, bill, state); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for name, tt := range map[string]struct {
		end        func(*sandbox.Server, *wechatpay.Client) error
		after      time.Duration // from which on the merchant knows
		state, why string
	}{
		"arrives": {settle(sandbox.TransferTransfering, sandbox.TransferSuccess), 0, "SUCCESS", ""},
		"fails":   {settle(sandbox.TransferFail), 0, "FAIL", "PAYEE_ACCOUNT_ABNORMAL"},
		"frozen": {func(s *sandbox.Server, _ *wechatpay.Client) error {
			return s.FailTransfer(sandbox.DefaultMchID, bill, "ACCOUNT_FROZEN")
		}, 0, "FAIL", "ACCOUNT_FROZEN"},
		"overdue": {settle(), 24 * time.Hour, "FAIL", "OVERDUE_CLOSE"},
		"cancelled": {func(_ *sandbox.Server, client *wechatpay.Client) error {
			_, err := client.Chain(billsPath+billOf+"/cancel").Post(context.Background(), wechatpay.Options{"out_bill_no": bill})
			return err
		}, 5 * time.Second, "CANCELLED", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shop, server, client := newShop(t, config)
				defer server.Close()
				body := transferOf(wechatpay.M{"notify_url": "https://shop.example.com/notify"})
				if _, err := client.Chain(billsPath).Post(t.Context(), wechatpay.JSON(body)); err != nil {
					t.Fatal(err)
				}
				if err := tt.end(server, client); err != nil {
					t.Fatal(err)
				}
				time.Sleep(tt.after - 1)
				synctest.Wait()
				if early := len(shop.got()); tt.after > 0 && early != 0 {
					t.Fatalf("%d notifications came before %v", early, tt.after)
				}
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				if len(shop.got()) != 1 {
					t.Fatalf("%d notifications, want 1", len(shop.got()))
				}
				got := shop.got()[0]
				for field, want := range map[string]string{"mch_id": sandbox.DefaultMchID, "out_bill_no": bill, "state": tt.state,
					"fail_reason": tt.why, "transfer_amount": "100", "openid": "o-MYE42l80oelYMDE34nYD456Xoy"} {
					if got := got.Get(field).String(); got != want {
						t.Errorf("%s is %q, want %q", field, got, want)
					}
				}
				if got.EventType != "MCHTRANSFER.BILL.FINISHED" || got.Get("transfer_bill_no").String() == "" {
					t.Errorf("notified of %s: %s", got.EventType, got.Resource)
				}
			})
		})
	}
}
