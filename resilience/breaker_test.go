package resilience_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/resilience"
)

// An operation that fails is not called for a while; others are.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen events
		down := true
		p := &platform{}
		p.answer = func(n int, r sent) (*http.Response, error) {
			if down && r.Method == http.MethodPost {
				return systemError(n, r)
			}
			return fine(n, r)
		}
		client := newClient(t, p, resilience.Breaker(resilience.Failures(3, 5), resilience.Rest(10*time.Second), seen.observe()))
		failTimes(t, client, 3)
		err := placeOrder(t.Context(), client)
		if !errors.Is(err, resilience.ErrOpen) || p.count() != 3 || wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent {
			t.Fatalf("sent %d times, %s: %v", p.count(), wechatpay.OutcomeOf(err), err)
		}
		if text := err.Error(); !strings.Contains(text, "POST v3/pay/transactions/native failed") || !strings.Contains(text, "in 10s; its last failure: 500 SYSTEM_ERROR") {
			t.Error(text)
		}
		if err := certificates(t.Context(), client); err != nil {
			t.Errorf("another operation: %v", err)
		}
		time.Sleep(10 * time.Second) // of the bubble
		tries, after := placeOrder(t.Context(), client), placeOrder(t.Context(), client)
		if !wechatpay.IsCode(tries, "SYSTEM_ERROR") || !errors.Is(after, resilience.ErrOpen) {
			t.Errorf("the call that tries again: %v; after that: %v", tries, after)
		}
		time.Sleep(10 * time.Second)
		down = false
		if err := errors.Join(placeOrder(t.Context(), client), placeOrder(t.Context(), client)); err != nil {
			t.Errorf("after the end of the failure: %v", err)
		}
		if seen.kinds() != "open closed" || seen.list[0].Delay != 10*time.Second || seen.list[0].Operation != "POST v3/pay/transactions/native" {
			t.Errorf("events %+v", seen.list)
		}
	})
}

// failTimes makes n calls that the platform answers with an error.
func failTimes(t *testing.T, client *wechatpay.Client, n int) {
	t.Helper()
	for range n {
		if err := placeOrder(t.Context(), client); !wechatpay.IsCode(err, "SYSTEM_ERROR") {
			t.Fatal(err)
		}
	}
}

// What counts as a failure.
func TestBreakerFailures(t *testing.T) {
	unified := postV2("v2/pay/unifiedorder", wechatpay.M{"out_trade_no": "T1"})
	micropay := postV2("v2/pay/micropay", wechatpay.M{"out_trade_no": "T1", "auth_code": "134"})
	for name, test := range map[string]struct {
		do     verb
		answer func(int, sent) (*http.Response, error)
		opens  bool
	}{
		"500":                  {placeOrder, systemError, true},
		"503":                  {placeOrder, unavailable, true},
		"reset":                {placeOrder, reset, true},
		"dial":                 {placeOrder, noConnection, true},
		"SYSTEMERROR of APIv2": {unified, v2Refusal("SYSTEMERROR"), true},
		"an unverified answer": {placeOrder, unsigned, true},
		"400":                  {placeOrder, always(400, `{"code":"PARAM_ERROR"}`), false},
		"429":                  {placeOrder, tooMany, false},
		"404":                  {certificates, always(404, `{"code":"NOT_FOUND"}`), false},
		"refusal of APIv2":     {unified, v2Refusal("PARAM_ERROR"), false},
		"a user who is paying": {micropay, v2Refusal("USERPAYING"), false},
		"202":                  {placeOrder, always(202, "{}"), false},
		"success":              {placeOrder, fine, false},
		"a mistake of the shop's": {func(ctx context.Context, c *wechatpay.Client) error {
			_, err := c.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(native), wechatpay.Header("X-Refuse", "1"))
			return err
		}, fine, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: test.answer}
			client := newClient(t, p, resilience.Breaker(resilience.Failures(2, 4)), refusing)
			var err error
			for range 5 {
				err = test.do(t.Context(), client)
			}
			if got := errors.Is(err, resilience.ErrOpen); got != test.opens {
				t.Errorf("%s: open is %v: %v", name, got, err)
			}
		})
	}
}

func unsigned(int, sent) (*http.Response, error) {
	resp := answer(200, "{}")
	resp.Header.Set("Wechatpay-Signature", "none")
	return resp, nil
}

// refusing does not send requests with the header X-Refuse.
func refusing(_ middleware.Protocol, s *middleware.Stack) error {
	return s.Before(middleware.NameSigner, "refusing", func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.Header.Get("X-Refuse") != "" {
				return nil, middleware.ErrNotSent
			}
			return next.RoundTrip(req)
		})
	})
}

// A call that its caller cancels says nothing about the operation, and gives its permit
// back.
func TestBreakerAndCancelledCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := true
		p := &platform{}
		p.answer = func(n int, r sent) (*http.Response, error) {
			if hang {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return fine(n, r)
		}
		client := newClient(t, p, resilience.Breaker(resilience.Failures(2, 4), resilience.Rest(10*time.Second)))
		cancelled := func() error {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			return certificates(ctx, client)
		}
		for range 5 {
			if err := cancelled(); !errors.Is(err, context.Canceled) || errors.Is(err, resilience.ErrOpen) {
				t.Fatal(err)
			}
		}
		p.answer = inOrder(reset) // opens it
		for range 2 {
			_ = certificates(t.Context(), client)
		}
		time.Sleep(10 * time.Second)
		hang = true
		p.answer = func(n int, r sent) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		if err := cancelled(); !errors.Is(err, context.Canceled) {
			t.Errorf("the call that tries again: %v", err)
		}
		time.Sleep(10 * time.Second)
		p.answer = fine
		if err := certificates(t.Context(), client); err != nil {
			t.Errorf("the permit was not given back: %v", err)
		}
	})
}

// A panic of a middleware does not keep the permit either.
func TestBreakerAndPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: reset}
		client := newClient(t, p, resilience.Breaker(resilience.Failures(1, 1), resilience.Rest(time.Second)))
		_ = certificates(t.Context(), client)
		time.Sleep(time.Second)
		p.answer = func(int, sent) (*http.Response, error) { panic("boom") }
		func() {
			defer func() { _ = recover() }()
			_ = certificates(t.Context(), client)
		}()
		time.Sleep(time.Second)
		p.answer = fine
		if err := certificates(t.Context(), client); err != nil {
			t.Error(err)
		}
	})
}

// An operation is one, however it is spelled. Retry does not repeat a call that is not
// sent.
func TestBreakerKnowsOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: systemError}
		client := newClient(t, p, resilience.Breaker(resilience.Failures(3, 3)), resilience.Retry())
		_, _ = client.Chain("v3/marketing/favor/stocks/{id}").Get(t.Context(), wechatpay.Bind("id", "1"), wechatpay.Query(wechatpay.M{"stock_creator_mchid": "1"}))
		if p.count() != 3 {
			t.Fatalf("sent %d times", p.count())
		}
		_, err := client.Chain("v3/marketing/favor/stocks/2").Get(t.Context(), wechatpay.Query(wechatpay.M{"stock_creator_mchid": "1"}))
		if !errors.Is(err, resilience.ErrOpen) || p.count() != 3 {
			t.Errorf("sent %d times, %v", p.count(), err)
		}
	})
}

func TestBreakerOptionsAreChecked(t *testing.T) {
	refused(t, resilience.Breaker(resilience.Failures(0, 5)), "Failures is 0 of 5")
	refused(t, resilience.Breaker(resilience.Failures(6, 5)), "Failures is 6 of 5")
	refused(t, resilience.Breaker(resilience.Rest(0)), "Rest is 0s")
	refused(t, middleware.Edits(resilience.Breaker(), resilience.Breaker()), "used twice")
	newClient(t, &platform{answer: fine}, resilience.Breaker(nil))
}
