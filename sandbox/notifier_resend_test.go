package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestResend(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config)
		defer server.Close()
		place(t, client, "resend")
		pay(t, server, "resend")
		synctest.Wait()
		id := payments(server)[0].ID
		if err := server.Resend(id); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(shop.at) != 2 || len(shop.got()) != 1 || payments(server)[0].Sent != 2 {
			t.Errorf("came %d times, handled %d times", len(shop.at), len(shop.got()))
		}
		if err := server.Resend("EV-none"); err == nil {
			t.Error("a notification that is not there was sent")
		}
	})
}

// A notification that is acknowledged after Resend is not sent by the schedule
// any more.
func TestResendEndsTheSchedule(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		shop, server, client := newShop(t, config, 500)
		defer server.Close()
		place(t, client, "resend")
		pay(t, server, "resend")
		synctest.Wait()
		if err := server.Resend(payments(server)[0].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if n := payments(server)[0]; len(shop.at) != 2 || !n.Acknowledged || n.Sent != 2 {
			t.Errorf("came %d times: %+v", len(shop.at), n)
		}
	})
}
