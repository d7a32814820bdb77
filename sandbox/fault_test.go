package sandbox_test

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// An outcome says what is wrong with an error, or "".
type outcome func(error) string

func succeeds(err error) string {
	if err != nil {
		return "want none"
	}
	return ""
}

func unverified(reason string) outcome {
	return func(err error) string {
		var v *wechatpay.VerifyError
		if !errors.As(err, &v) || v.Reason != reason || !errors.Is(err, wechatpay.ErrVerify) {
			return "want a VerifyError of reason " + reason
		}
		return ""
	}
}

// answered is an Error of that status and code; APIv2 answers "FAIL".
func answered(status int, code string) outcome {
	return func(err error) string {
		var e *wechatpay.Error
		if !errors.As(err, &e) || e.StatusCode != status || e.Code != code && e.Code != "FAIL" || !strings.Contains(e.Error(), code) {
			return fmt.Sprintf("want an Error, %d %s", status, code)
		}
		return ""
	}
}

// broken is an error of the network, which is no answer.
func broken(targets ...error) outcome {
	return func(err error) string {
		var e *wechatpay.Error
		if errors.As(err, &e) || errors.Is(err, wechatpay.ErrVerify) {
			return "want no answer"
		}
		for _, target := range targets {
			if errors.Is(err, target) {
				return ""
			}
		}
		return fmt.Sprintf("want one of %q", targets)
	}
}

var (
	ended = broken(io.EOF, syscall.ECONNRESET)
	cut   = broken(io.ErrUnexpectedEOF, syscall.ECONNRESET)
)

// Each kind of call meets each fault, by a network, and ends as it is
// documented to: an answer that is not the platform's is none.
func TestLibraryAgainstFaults(t *testing.T) {
	tests := []struct {
		fault sandbox.Fault
		// What becomes of a call of APIv3 with an answer that has a body, of one
		// with none (204), and of one of APIv2.
		v3, v3Empty, v2 outcome
	}{
		{sandbox.Fault{Kind: sandbox.FaultDelay, Delay: time.Millisecond}, succeeds, succeeds, succeeds},
		{sandbox.Fault{Kind: sandbox.FaultDelay, Delay: time.Hour}, broken(context.DeadlineExceeded), broken(context.DeadlineExceeded), broken(context.DeadlineExceeded)},
		{sandbox.Fault{Kind: sandbox.FaultRefuse}, ended, ended, ended},
		{sandbox.Fault{Kind: sandbox.FaultCut}, cut, ended, cut},
		{sandbox.Fault{Kind: sandbox.FaultError}, answered(500, "SYSTEM_ERROR"), answered(500, "SYSTEM_ERROR"), answered(500, "SYSTEM_ERROR")},
		{sandbox.Fault{Kind: sandbox.FaultUnavailable}, answered(502, "SERVICE_UNAVAILABLE"), answered(502, "SERVICE_UNAVAILABLE"), answered(502, "SERVICE_UNAVAILABLE")},
		{sandbox.Fault{Kind: sandbox.FaultTooMany}, answered(429, "FREQUENCY_LIMITED"), answered(429, "FREQUENCY_LIMITED"), answered(429, "FREQUENCY_LIMITED")},
		{sandbox.Fault{Kind: sandbox.FaultSignature}, unverified(signer.ReasonSignature), unverified(signer.ReasonSignature), unverified(signer.ReasonSignature)},
		{sandbox.Fault{Kind: sandbox.FaultTimestamp}, unverified(signer.ReasonTimestamp), unverified(signer.ReasonTimestamp), succeeds},
		{sandbox.Fault{Kind: sandbox.FaultSerial}, unverified(signer.ReasonSerial), unverified(signer.ReasonSerial), succeeds},
		{sandbox.Fault{Kind: sandbox.FaultRotate, Count: 1}, unverified(signer.ReasonSerial), unverified(signer.ReasonSerial), succeeds},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %v", tt.fault.Kind, tt.fault.Delay), func(t *testing.T) {
			f := newFaulty(t)
			for i := range f.calls {
				c := f.calls[i]
				if err := f.Faults(); err != nil {
					t.Fatal(err)
				}
				c.prepare()
				if err := f.Faults(tt.fault); err != nil {
					t.Fatal(err)
				}
				want, limit := tt.v3, 30*time.Second
				switch c.kind {
				case "empty":
					want = tt.v3Empty
				case "v2":
					want = tt.v2
				}
				if tt.fault.Delay > time.Minute {
					limit = 50 * time.Millisecond
				}
				resp, err := c.call(wechatpay.Timeout(limit))
				if wrong := want(err); wrong != "" {
					t.Errorf("%s: error is %v, %s", c.name, err, wrong)
				}
				if (resp == nil) != (err != nil) {
					t.Errorf("%s: a Response and the error %v", c.name, err)
				}
				if tt.fault.Kind == sandbox.FaultRotate {
					f = newFaulty(t) // from now on every answer is by another key
				}
			}
		})
	}
}

// A faulty is a sandbox and calls of all kinds that can be made of it, by a
// client that knows the platform's certificates.
type faulty struct {
	*sandbox.Sandbox
	client *wechatpay.Client
	calls  []faultyCall
}

type faultyCall struct {
	name, kind string // "body", "empty" or "v2"
	prepare    func()
	call       func(wechatpay.Option) (*wechatpay.Response, error)
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	f := &faulty{Sandbox: sandbox.Start(t)}
	f.client = f.Client(func(c *wechatpay.Config) { c.PlatformKeys = certificatesOf(f.PlatformKeys()) })
	order := func() {
		t.Helper()
		_, err := f.client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf("faulty", 100)))
		if err != nil {
			t.Fatalf("without a fault: %v", err)
		}
	}
	of := wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})
	byNumber := f.client.Chain("v3/pay/transactions/out-trade-no/faulty")
	f.calls = []faultyCall{
		{"an order", "body", func() {}, func(o wechatpay.Option) (*wechatpay.Response, error) {
			return f.client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf("faulty", 100)), o)
		}},
		{"a query", "body", order, func(o wechatpay.Option) (*wechatpay.Response, error) { return byNumber.Get(t.Context(), of, o) }},
		{"a query that is streamed", "body", order, func(o wechatpay.Option) (*wechatpay.Response, error) {
			return byNumber.Get(t.Context(), of, wechatpay.Sink(new(bytes.Buffer)), o)
		}},
		{"a call of APIv2", "v2", func() {}, func(o wechatpay.Option) (*wechatpay.Response, error) {
			return f.client.Chain("v2/pay/closeorder").Post(t.Context(), o, wechatpay.XML(wechatpay.M{"appid": "wxd678efh567hg6787", "out_trade_no": "faulty"}))
		}},
		{"a close", "empty", order, func(o wechatpay.Option) (*wechatpay.Response, error) {
			return byNumber.Chain("close").Post(t.Context(), wechatpay.JSON(wechatpay.M{"mchid": sandbox.DefaultMchID}), o)
		}},
	}
	return f
}

func orderOf(outTradeNo string, total int) wechatpay.M {
	return wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": sandbox.DefaultMchID, "description": "d",
		"out_trade_no": outTradeNo, "notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": total},
	}
}

// certificatesOf leaves the public key out, which no rotation concerns.
func certificatesOf(all keys.Static) keys.Static {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(id string, _ crypto.PublicKey) bool { return strings.HasPrefix(id, keys.PublicKeyIDPrefix) })
	return some
}

// Who cannot know the new certificate refuses what it signed; who asks by the
// public key, or downloads the certificates, goes on.
func TestFaultRotate(t *testing.T) {
	config := testConfig(t)
	synctest.Test(t, func(t *testing.T) {
		config.Clock = time.Now
		server, byPublicKey := newServer(t, config)
		defer server.Close()
		m := server.Merchant()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		downloader, err := keys.NewDownloader(ctx, keys.DownloaderConfig{
			MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey, APIv3Key: m.APIv3Key, Transport: inProcess{server},
		})
		if err != nil {
			t.Fatal(err)
		}
		clientConfig := server.ClientConfig()
		clientConfig.Transport, clientConfig.PlatformKeys = inProcess{server}, downloader
		downloading, err := wechatpay.New(clientConfig)
		if err != nil {
			t.Fatal(err)
		}
		place(t, downloading, "before")
		time.Sleep(time.Hour)
		if err := server.Faults(sandbox.Fault{Path: native, Kind: sandbox.FaultRotate, Count: 1}); err != nil {
			t.Fatal(err)
		}
		old := server.PlatformKeys()
		place(t, downloading, "downloading")
		place(t, byPublicKey, "by_public_key")
		if len(server.PlatformKeys()) != 2 || len(old) != 3 || len(server.FaultsLeft()) != 0 {
			t.Errorf("the keys were %v and are %v; faults left: %v", old, server.PlatformKeys(), server.FaultsLeft())
		}
	})
}

func TestFaultsByPathAndCount(t *testing.T) {
	w := newWorld(t)
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

// What was refused was not done, and what was cut was.
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

// Close ends what is delayed: the request goes on at once.
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
