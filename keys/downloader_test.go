package keys_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

const year = 365 * 24 * time.Hour

// wantKey checks that the keys have that of cert.
func wantKey(t *testing.T, store signer.PublicKeys, cert issued) {
	t.Helper()
	key, err := store.PublicKey(t.Context(), cert.serial())
	if err != nil || !cert.key.PublicKey.Equal(key) {
		t.Errorf("PublicKey(%s) is another key, or none: %v", cert.serial(), err)
	}
}

func wantCurrent(t *testing.T, store signer.PublicKeys, serial string) {
	t.Helper()
	if got, key, err := store.Current(t.Context()); got != serial || key == nil || err != nil {
		t.Errorf("Current is %s, %T, %v; want %s", got, key, err, serial)
	}
}

func wantUnknown(t *testing.T, store signer.PublicKeys, serial string, want ...string) {
	t.Helper()
	key, err := store.PublicKey(t.Context(), serial)
	if key != nil || !errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("PublicKey(%s) is %T, %v; want ErrUnknownSerial", serial, key, err)
		return
	}
	for _, text := range append(want, serial) {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

// wantFailed checks that the keys do not know whether there is such a key.
func wantFailed(t *testing.T, store signer.PublicKeys, serial string, want ...string) error {
	t.Helper()
	key, err := store.PublicKey(t.Context(), serial)
	if key != nil || err == nil || errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("PublicKey(%s) is %T, %v; want an error that is not ErrUnknownSerial", serial, key, err)
		return err
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
	return err
}

func TestDownloaderStartsAtTheFirstNeed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		d := p.downloader()
		time.Sleep(24 * time.Hour)
		p.checkRequests(0)
		wantKey(t, d, cert)
		wantCurrent(t, d, cert.serial())
		if _, err := d.PublicKey(t.Context(), strings.ToLower(cert.serial())); err != nil {
			t.Error(err)
		}
		if certs, err := d.Certificates(t.Context()); len(certs) != 1 || !certs[0].Equal(cert.Certificate) || err != nil {
			t.Errorf("Certificates: %d, %v", len(certs), err)
		}
		p.checkRequests(1)
	})
}

func TestDownloaderRotates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := issue(t, 0, 20*time.Hour)
		p := &fakePlatform{t: t, certs: []issued{old}}
		d := p.downloader()
		wantCurrent(t, d, old.serial())

		time.Sleep(11 * time.Hour)
		fresh := issue(t, 1, year)
		p.set(old, fresh)
		wantCurrent(t, d, old.serial()) // until the twelve hours are over
		time.Sleep(time.Hour)
		synctest.Wait()
		p.checkRequests(2)
		wantCurrent(t, d, fresh.serial())
		wantKey(t, d, old)

		time.Sleep(9 * time.Hour) // the old one runs out
		wantKey(t, d, fresh)
		p.checkRequests(2)
		wantUnknown(t, d, old.serial(), fresh.serial()) // asked for again, but not good any more
		p.checkRequests(3)
		wantCurrent(t, d, fresh.serial())
	})
}

func TestDownloaderAsksOnceForAHundred(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		release := make(chan struct{})
		p.answer = func(*http.Response) error { <-release; return nil }
		d := p.downloader()
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				if i%2 == 0 {
					wantKey(t, d, cert)
				} else {
					wantCurrent(t, d, cert.serial())
				}
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		p.checkRequests(1)
	})
}

func TestDownloaderAsksForUnknownSerialsOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		d := p.downloader()
		wantKey(t, d, cert)
		for i := range 50 {
			wantUnknown(t, d, fmt.Sprintf("AB%02d", i), cert.serial())
		}
		p.checkRequests(1)
		time.Sleep(time.Minute - time.Second)
		wantUnknown(t, d, "AB")
		p.checkRequests(1)
		time.Sleep(time.Second)
		fresh := issue(t, 1, year)
		p.set(cert, fresh)
		wantKey(t, d, fresh)
		wantUnknown(t, d, "AB", "not looked up", "under a minute old")
		wantUnknown(t, d, "AB", "not looked up", "under a minute old")
		p.checkRequests(2)
		if err := d.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
		p.checkRequests(2)
		time.Sleep(time.Minute)
		if err := d.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
		p.checkRequests(3)
	})
}

func TestDownloaderNeverAsksForAPublicKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakePlatform{t: t}
		wantUnknown(t, p.downloader(), publicID, "keys.Combined")
		wantUnknown(t, p.downloader(), strings.ToLower(publicID), "keys.Combined")
		wantUnknown(t, p.downloader(), keys.PublicKeyIDPrefix, "keys.Combined")
		p.checkRequests(0)
	})
}

func TestDownloaderGoesOnWithWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		var told []error
		d := p.downloader(func(c *keys.DownloaderConfig) { c.OnRefresh = func(err error) { told = append(told, err) } })
		wantKey(t, d, cert)
		broken := errors.New("connection refused")
		p.fail(func(*http.Response) error { return broken })
		time.Sleep(13 * time.Hour)
		synctest.Wait()
		p.checkRequests(2)
		wantKey(t, d, cert)
		wantCurrent(t, d, cert.serial())
		wantFailed(t, d, "AB", "connection refused")
		wantFailed(t, d, "AC", "connection refused") // as it was, within the minute
		p.checkRequests(3)
		synctest.Wait()
		if len(told) != 3 || told[0] != nil || !errors.Is(told[1], broken) {
			t.Errorf("OnRefresh was told %v", told)
		}
	})
}

func TestDownloaderThatNeverSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakePlatform{t: t, certs: []issued{issue(t, 0, year)}}
		broken := errors.New("connection refused")
		p.answer = func(*http.Response) error { return broken }
		d := p.downloader()
		for range 20 {
			if _, _, err := d.Current(t.Context()); !errors.Is(err, broken) {
				t.Errorf("error %v", err)
			}
		}
		p.checkRequests(1)
		requests := 1
		for _, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			time.Sleep(wait*time.Second - time.Millisecond)
			wantFailed(t, d, "AB", "connection refused")
			p.checkRequests(requests)
			time.Sleep(time.Millisecond)
			requests++
			wantFailed(t, d, "AB", "connection refused")
			p.checkRequests(requests)
		}
		p.fail(nil)
		time.Sleep(time.Minute)
		if _, _, err := d.Current(t.Context()); err != nil {
			t.Error(err)
		}
		// From then on it is a minute again, and a failure does not change that.
		time.Sleep(time.Minute)
		p.fail(func(*http.Response) error { return broken })
		wantFailed(t, d, "AB", "connection refused")
		p.checkRequests(requests + 2)
		time.Sleep(time.Minute - time.Millisecond)
		wantFailed(t, d, "AB", "connection refused", "not looked up", "under a minute old")
		p.checkRequests(requests + 2)
		time.Sleep(time.Millisecond)
		wantFailed(t, d, "AB", "connection refused")
		p.checkRequests(requests + 3)
	})
}

// A download that fails slowly is followed by a pause, too.
func TestDownloaderWaitsAfterASlowFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakePlatform{t: t, certs: []issued{issue(t, 0, year)}}
		p.answer = func(resp *http.Response) error { <-resp.Request.Context().Done(); return resp.Request.Context().Err() }
		d := p.downloader()
		for range 2 {
			if _, _, err := d.Current(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
		}
		p.checkRequests(1)
		time.Sleep(time.Second)
		if _, _, err := d.Current(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		p.checkRequests(2)
	})
}

func TestDownloaderOutlivesItsCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		release := make(chan struct{})
		p.answer = func(*http.Response) error { <-release; return nil }
		d := p.downloader()
		ctx, cancel := context.WithCancel(t.Context())
		first := make(chan error)
		go func() { _, _, err := d.Current(ctx); first <- err }()
		synctest.Wait()
		second := make(chan error)
		go func() { _, _, err := d.Current(t.Context()); second <- err }()
		cancel()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("the first, who gave up: %v", err)
		}
		close(release)
		if err := <-second; err != nil {
			t.Errorf("the second, who waited: %v", err)
		}
		p.checkRequests(1)
	})
}

func TestDownloaderEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		ctx, cancel := context.WithCancel(t.Context())
		d, err := keys.NewDownloader(ctx, p.config())
		if err != nil {
			t.Fatal(err)
		}
		wantKey(t, d, cert)
		cancel()
		time.Sleep(48 * time.Hour)
		synctest.Wait() // the bubble fails when a goroutine is left
		wantKey(t, d, cert)
		wantFailed(t, d, "AB", "context has ended")
		wantCurrent(t, d, cert.serial())
		p.checkRequests(1)
	})
}

func TestDownloaderGivesUpOnASlowPlatform(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakePlatform{t: t, certs: []issued{issue(t, 0, year)}}
		p.answer = func(resp *http.Response) error { <-resp.Request.Context().Done(); return resp.Request.Context().Err() }
		if _, _, err := p.downloader().Current(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestDownloaderOutlivesAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakePlatform{t: t, certs: []issued{issue(t, 0, year)}}
		p.answer = func(*http.Response) error { panic("a careless transport") }
		if _, _, err := p.downloader().Current(t.Context()); err == nil || !strings.Contains(err.Error(), "a careless transport") {
			t.Errorf("error %v", err)
		}
	})
}

// A clock that somebody sets does not make downloads more frequent.
func TestDownloaderCountsMinutesItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		var beside time.Duration
		d := p.downloader(func(c *keys.DownloaderConfig) { c.Clock = func() time.Time { return time.Now().Add(beside) } })
		wantKey(t, d, cert)
		beside = 2 * time.Minute
		wantUnknown(t, d, "AB")
		p.checkRequests(1)
		beside = -time.Minute
		time.Sleep(time.Minute)
		beside = 0
		wantUnknown(t, d, "AB")
		p.checkRequests(2)
	})
}

// A key at hand costs no memory: one is asked for with every answer.
func TestDownloaderAllocates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		d, serial := p.downloader(), cert.serial()
		wantKey(t, d, cert)
		if n := testing.AllocsPerRun(100, func() {
			if _, err := d.PublicKey(t.Context(), serial); err != nil {
				t.Error(err)
			}
		}); n > 1 {
			t.Errorf("%v allocations", n)
		}
	})
}

// goroutines returns the stacks of those that run package keys or were started by it:
// a count of all has those of the runtime and of other tests too.
func goroutines() []string {
	stacks := make([]byte, 1<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	return slices.DeleteFunc(all, func(stack string) bool {
		return !strings.Contains(stack, "github.com/wxchain/wechatpay/keys.")
	})
}

// A Downloader has no goroutine between its downloads, so a process can hold thousands
// of merchants.
func TestDownloaderWaitsWithoutAGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &fakePlatform{t: t, certs: []issued{issue(t, 0, year)}}
		d := p.downloader()
		if err := d.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if left := goroutines(); len(left) > 0 {
			t.Errorf("after the download:\n%s", strings.Join(left, "\n\n"))
		}
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		p.checkRequests(3)
	})
}
