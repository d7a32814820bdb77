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

// mainDown answers in one way at the main host, and is fine at every other one.
func mainDown(down func(int, sent) (*http.Response, error)) func(int, sent) (*http.Response, error) {
	return func(n int, r sent) (*http.Response, error) {
		if r.URL.Host == mainHost {
			return down(n, r)
		}
		return fine(n, r)
	}
}

// hosts returns where the requests went.
func (p *platform) hosts() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []string
	for _, r := range p.sent {
		switch r.URL.Host {
		case mainHost:
			list = append(list, "main")
		case backupHost:
			list = append(list, "backup")
		default:
			list = append(list, r.URL.Host)
		}
	}
	return strings.Join(list, " ")
}

// After what the calls go to the backup.
func TestFailover(t *testing.T) {
	for name, test := range map[string]struct {
		down  func(int, sent) (*http.Response, error)
		retry bool
		hosts string // of two calls
		fails bool   // the first one
	}{
		"no connection":            {noConnection, false, "main backup backup", false},
		"no connection, and Retry": {noConnection, true, "main backup backup", false},
		"a reset":                  {reset, false, "main backup", true},
		"a reset, and Retry":       {reset, true, "main backup backup", false},
		"502":                      {always(502, "<html>"), false, "main backup", true},
		"503":                      {unavailable, false, "main backup", true},
		"503, and Retry":           {unavailable, true, "main backup backup", false},
		"500":                      {systemError, false, "main main", true},
		"400":                      {always(400, `{"code":"PARAM_ERROR"}`), false, "main main", true},
		"429":                      {tooMany, false, "main main", true},
		"an unverified answer":     {unsigned, false, "main main", true},
		"success":                  {fine, false, "main main", false},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &platform{answer: mainDown(test.down)}
			edits := []middleware.Edit{resilience.Failover(backupURL)}
			if test.retry {
				edits = append(edits, resilience.Retry())
			}
			client := newClient(t, p, edits...)
			if err := placeOrder(t.Context(), client); (err != nil) != test.fails {
				t.Errorf("%s: %v", name, err)
			}
			_ = placeOrder(t.Context(), client)
			if got := p.hosts(); got != test.hosts {
				t.Errorf("%s: sent to %s, want %s", name, got, test.hosts)
			}
		})
	}
}

// The request to the backup is the same, with a signature and a Host of its own.
func TestFailoverSignsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: mainDown(noConnection)}
		resp, err := newClient(t, p, resilience.Failover(backupURL)).Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(native))
		if err != nil || len(p.sent) != 2 {
			t.Fatalf("sent %d times, %v", len(p.sent), err)
		}
		first, second := p.sent[0], p.sent[1]
		if second.body != first.body || second.URL.Path != first.URL.Path || second.URL.Scheme != "https" || second.Host != backupHost {
			t.Errorf("sent %s %s to %s", second.Method, second.URL, second.Host)
		}
		if in(second.Header.Get("Authorization"), "nonce_str") == in(first.Header.Get("Authorization"), "nonce_str") {
			t.Error("the nonce is the same")
		}
		if resp.Request.URL.Host != backupHost {
			t.Errorf("Response.Request is for %s", resp.Request.URL)
		}
	})
}

// After a while a real call tries the main host, and all others follow if it is back.
// Calls that must not be repeated are not for trying.
func TestFailoverComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen events
		down := unavailable
		p := &platform{}
		p.answer = mainDown(func(n int, r sent) (*http.Response, error) { return down(n, r) })
		client := newClient(t, p, resilience.Failover(backupURL, resilience.Rest(30*time.Second), seen.observe()))
		codepay := post("v3/pay/transactions/codepay", wechatpay.M{"out_trade_no": "T1", "payer": wechatpay.M{"auth_code": "134"}})
		step := func(do verb, want string) {
			t.Helper()
			before := len(p.hosts())
			_ = do(t.Context(), client)
			if got := strings.TrimSpace(p.hosts()[before:]); got != want {
				t.Errorf("sent to %q, want %q", got, want)
			}
		}
		step(placeOrder, "main")
		step(placeOrder, "backup")
		time.Sleep(29 * time.Second) // of the bubble
		step(placeOrder, "backup")
		time.Sleep(time.Second)
		step(codepay, "backup")
		step(placeOrder, "main") // which is still down
		step(placeOrder, "backup")
		time.Sleep(30 * time.Second)
		down = noConnection
		step(placeOrder, "main backup") // nothing was sent, so the call goes on
		time.Sleep(30 * time.Second)
		down = always(400, `{"code":"PARAM_ERROR"}`) // a refusal is an answer
		step(placeOrder, "main")
		down = fine
		step(codepay, "main")
		step(placeOrder, "main")
		if want := "failover probe probe probe back"; seen.kinds() != want {
			t.Errorf("events %s, want %s", seen.kinds(), want)
		}
		if first, last := seen.list[0], seen.list[4]; first.Host != backupHost || first.Cause.Error() != "503 SERVICE_UNAVAILABLE" || first.Attempt != 1 || last.Host != mainHost {
			t.Errorf("events %+v, %+v", first, last)
		}
	})
}

// One call tries the main host at a time. If it is cancelled, another one tries.
func TestFailoverProbesWithOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{}
		p.answer = mainDown(unavailable)
		client := newClient(t, p, resilience.Failover(backupURL, resilience.Rest(time.Second)))
		_ = placeOrder(t.Context(), client)
		time.Sleep(time.Second)
		p.answer = mainDown(func(_ int, r sent) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		var probe wechatpay.Outcome
		done := make(chan struct{})
		go func() {
			defer close(done)
			probe = wechatpay.OutcomeOf(placeOrder(ctx, client))
		}()
		synctest.Wait()
		for range 3 {
			if err := placeOrder(t.Context(), client); err != nil {
				t.Error(err)
			}
		}
		cancel()
		<-done
		if probe != wechatpay.OutcomeUnknown || p.hosts() != "main main backup backup backup" {
			t.Errorf("%s, sent to %s", probe, p.hosts())
		}
		p.answer = fine
		if _, _ = placeOrder(t.Context(), client), placeOrder(t.Context(), client); !strings.HasSuffix(p.hosts(), "backup main main") {
			t.Errorf("sent to %s", p.hosts())
		}
	})
}

// If the backup fails, the next call goes to the main host.
func TestFailoverOfTheBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: unavailable}
		client := newClient(t, p, resilience.Failover(backupURL))
		for range 3 {
			_ = placeOrder(t.Context(), client)
		}
		if p.hosts() != "main backup main" {
			t.Errorf("sent to %s", p.hosts())
		}
		p = &platform{answer: noConnection}
		client = newClient(t, p, resilience.Failover(backupURL))
		for range 2 {
			err := placeOrder(t.Context(), client)
			if wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent || !errors.Is(err, errDial) || !strings.Contains(err.Error(), "before that, at api") {
				t.Errorf("%s: %v", wechatpay.OutcomeOf(err), err)
			}
		}
	})
}

// A failure in between is not enough for After(3).
func TestFailoverAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: mainDown(inOrder(unavailable, unavailable, fine, unavailable, unavailable, unavailable))}
		client := newClient(t, p, resilience.Failover(backupURL, resilience.After(3)))
		for range 7 {
			_ = placeOrder(t.Context(), client)
		}
		if p.hosts() != "main main main main main main backup" {
			t.Errorf("sent to %s", p.hosts())
		}
	})
}

// A call that names its host keeps it. The two protocols and all clients that share the
// value fail over together.
func TestFailoverLeavesOtherHosts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &platform{answer: mainDown(unavailable)}
		failover := resilience.Failover(backupURL)
		client, second := newClient(t, p, failover), newClient(t, p, failover)
		_ = placeOrder(t.Context(), client)
		_ = placeOrder(t.Context(), second)
		_, _ = client.Chain("v3/certificates").Get(t.Context(), wechatpay.BaseURL("https://"+mainHost+"/"))
		_, _ = client.Chain("v3/certificates").Get(t.Context(), wechatpay.BaseURL("https://pay.example/"))
		_ = postV2("v2/pay/unifiedorder", wechatpay.M{"out_trade_no": "T1"})(t.Context(), second)
		if want := "main backup main pay.example backup"; p.hosts() != want {
			t.Errorf("sent to %s, want %s", p.hosts(), want)
		}
	})
}

// Guard lets the calls go to these two hosts only.
func TestFailoverAllowsTheseHosts(t *testing.T) {
	for host, want := range map[string]int{mainHost: 2, backupHost: 2, "api3.mch.weixin.qq.com": 1, "evil.example": 1} {
		synctest.Test(t, func(t *testing.T) {
			to := ""
			p := &platform{answer: mainDown(unavailable)}
			client := newClient(t, p, resilience.Failover(backupURL), func(_ middleware.Protocol, s *middleware.Stack) error {
				return s.Push("elsewhere", func(next http.RoundTripper) http.RoundTripper {
					return roundTripper(func(req *http.Request) (*http.Response, error) {
						if to != "" {
							req = req.Clone(req.Context())
							req.URL.Host = to
						}
						return next.RoundTrip(req)
					})
				})
			})
			_ = placeOrder(t.Context(), client)
			to = host
			if err := placeOrder(t.Context(), client); p.count() != want {
				t.Errorf("%s: sent %d times, want %d: %v", host, p.count(), want, err)
			}
		})
	}
}

func TestFailoverIsChecked(t *testing.T) {
	for backup, says := range map[string]string{
		"":                                       "https://",
		"api2.mch.weixin.qq.com":                 "https://",
		"http://api2.mch.weixin.qq.com/":         "https://",
		"ftp://api2.mch.weixin.qq.com/":          "https://",
		"https://":                               "no host",
		"https:///x":                             "no host",
		"https://user:secret@backup.example/":    "leave out what stands before the @",
		"https://backup.example/pay/":            "a scheme and a host",
		"https://backup.example/?x=1":            "a scheme and a host",
		"https://backup.example/#x":              "a scheme and a host",
		"https://backup.example\x7f/secret:x@y/": "not a URL",
	} {
		refused(t, resilience.Failover(backup), says)
	}
	refused(t, resilience.Failover(backupURL, resilience.After(0)), "After is 0")
	refused(t, resilience.Failover(backupURL, resilience.Rest(-1)), "Rest is -1")
	refused(t, middleware.Edits(resilience.Failover(backupURL), resilience.Failover(backupURL)), "used twice")
	for _, backup := range []string{backupURL, "https://" + backupHost, "http://127.0.0.1:8080", "https://backup.example:8443/"} {
		newClient(t, &platform{answer: fine}, resilience.Failover(backup, nil))
	}
	_, err := wechatpay.New(newConfig(t, &platform{}, resilience.Failover("https://user:secret@backup.example/")))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is shown: %v", err)
	}
}
