package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// A Path may have its method in lower case, and spaces around its parts.
func TestFaultPathAsPeopleWrite(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"post v3/pay/transactions/native", " POST  /v3/pay/transactions/native "} {
		if err := w.Faults(sandbox.Fault{Path: path, Kind: sandbox.FaultError}); err != nil {
			t.Fatal(err)
		}
		_, err := w.call("POST", native, w.order("as_people_write", 100))
		refused(t, err, 500, "SYSTEM_ERROR")
	}
}

func orderOf(outTradeNo string, total int) wechatpay.M {
	return wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "d",
		"out_trade_no": outTradeNo, "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": total},
	}
}

// A client that cannot know the new certificate refuses what it signed. A client
// that downloads the certificates, or asks for the public key, continues with
// every kind of call.
func TestFaultRotate(t *testing.T) {
	serve(t, func(t *testing.T, s *served) {
		s.transport.DisableKeepAlives = true // an hour is longer than a connection lasts
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		m := s.Merchant()
		downloader, err := keys.NewDownloader(ctx, keys.DownloaderConfig{
			MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey, APIv3Key: m.APIv3Key, BaseURL: servedURL, Transport: s.transport,
		})
		if err != nil {
			t.Fatal(err)
		}
		downloading := s.newClient(t, func(c *wechatpay.Config) { c.PlatformKeys = downloader })
		place(t, downloading, "before") // with the first certificates
		for _, c := range s.callsOfAllKinds(t, all(succeeds)) {
			time.Sleep(time.Hour) // the platform does not want to be asked more often
			c.prepare(t)
			if err := s.Faults(sandbox.Fault{Kind: sandbox.FaultRotate, Count: 1}); err != nil {
				t.Fatal(err)
			}
			for _, client := range []*wechatpay.Client{downloading, s.client} {
				if _, err := c.call(client, wechatpay.Timeout(time.Minute)); err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
			}
			if len(s.PlatformKeys()) != 2 || len(s.FaultsLeft()) != 0 {
				t.Errorf("%s: the keys are %v; faults left: %v", c.name, s.PlatformKeys(), s.FaultsLeft())
			}
		}
	})
}

func TestFaultsByPathAndCount(t *testing.T) {
	w := newWorld(t, migrating)
	set := []sandbox.Fault{
		{Path: "v3/pay/transactions/n*", Kind: sandbox.FaultTooMany, Count: 2},
		{Path: native, Kind: sandbox.FaultError, Count: 1},
		{Path: "v3/refund/*/refunds", Kind: sandbox.FaultUnavailable},
	}
	if err := w.Faults(set...); err != nil {
		t.Fatal(err)
	}
	set[0].Count = 100 // theirs is a copy
	w.mustCall(t, "GET", "v3/certificates", nil)
	for _, status := range []int{429, 429, 500} {
		_, err := w.call("POST", native, w.order("counted", 1))
		var e *wechatpay.Error
		if !errors.As(err, &e) || e.StatusCode != status || !e.Verified {
			t.Errorf("error is %v, want %d", err, status)
		}
	}
	w.mustCall(t, "POST", native, w.order("counted", 1))
	for range 3 {
		_, err := w.call("POST", "v3/refund/domestic/refunds", wechatpay.M{})
		refused(t, err, 502, "SERVICE_UNAVAILABLE")
	}
	if left := w.FaultsLeft(); len(left) != 1 || left[0] != set[2] {
		t.Errorf("left is %v", left)
	}
	var seen []sandbox.FaultKind
	for _, r := range w.Requests() {
		seen = append(seen, r.Fault)
	}
	if got := fmt.Sprint(seen); got != "[ 429 429 500  502 502 502]" {
		t.Errorf("the requests had the faults %s", got)
	}
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultCut}, sandbox.Fault{}); err == nil || len(w.FaultsLeft()) != 1 {
		t.Errorf("a fault of no kind: %v", err)
	}
}

// As many requests as Count says meet the fault, however many come at once.
func TestFaultCountIsExact(t *testing.T) {
	w := newWorld(t)
	const faults, requests = 10, 40
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultTooMany, Count: faults}); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, requests)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { _, errs[i] = w.call("POST", native, w.order(fmt.Sprintf("exact_%d", i), 1)) })
	}
	all.Wait()
	var met int
	for _, err := range errs {
		if err != nil {
			refused(t, err, 429, "FREQUENCY_LIMITED")
			met++
		}
	}
	if met != faults {
		t.Errorf("%d requests met the fault, want %d", met, faults)
	}
}

// A refused call was not carried out, and one that was cut off was.
func TestFaultAndWhatWasDone(t *testing.T) {
	for kind, done := range map[sandbox.FaultKind]bool{
		sandbox.FaultRefuse: false, sandbox.FaultError: false, sandbox.FaultUnavailable: false, sandbox.FaultTooMany: false,
		sandbox.FaultCut: true, sandbox.FaultSignature: true, sandbox.FaultTimestamp: true, sandbox.FaultSerial: true,
	} {
		t.Run(string(kind), func(t *testing.T) {
			sb := sandbox.Start(t)
			client := sb.Client()
			if err := sb.Faults(sandbox.Fault{Path: native, Kind: kind}); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf("done_or_not", 1))); err == nil {
				t.Error("it succeeded")
			}
			_, err := sb.Pay(sandbox.DefaultMchID, "done_or_not")
			if (err == nil) != done {
				t.Errorf("then paying ends with %v", err)
			}
		})
	}
}

// Close ends delays: the request continues at once.
func TestFaultDelayEndsWithClose(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config.Clock = time.Now
		server, client := newServer(t, config)
		if err := server.Faults(sandbox.Fault{Kind: sandbox.FaultDelay, Delay: time.Hour}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		time.AfterFunc(time.Second, server.Close)
		place(t, client, "delayed")
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v, want 1s", took)
		}
	})
}
