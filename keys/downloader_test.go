package keys_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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
		wantUnknown(t, d, "AB")
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
		time.Sleep(time.Minute - time.Second)
		if _, _, err := d.Current(t.Context()); !errors.Is(err, broken) {
			t.Errorf("error %v", err)
		}
		p.checkRequests(1)
		p.fail(nil)
		time.Sleep(time.Second)
		if _, _, err := d.Current(t.Context()); err != nil {
			t.Error(err)
		}
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

func TestDownloaderTrusts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, fresh := issue(t, 0, 20*time.Hour), issue(t, 1, year)
		p := &fakePlatform{t: t, certs: []issued{fresh}, signedBy: old}
		release := make(chan struct{})
		p.answer = func(*http.Response) error { <-release; return nil }
		d := p.downloader(func(c *keys.DownloaderConfig) { c.Trusted = []*x509.Certificate{old.Certificate} })
		wantKey(t, d, old) // waits for nothing, but starts the downloads
		close(release)
		synctest.Wait()
		p.checkRequests(1)
		wantKey(t, d, fresh) // the answer was signed by old
		wantKey(t, d, old)   // which is not in it
		p.checkRequests(1)

		p.set(fresh) // which signs from now on
		time.Sleep(21 * time.Hour)
		synctest.Wait()
		p.checkRequests(2)
		wantUnknown(t, d, old.serial(), fresh.serial())
	})
}

// What opens with the APIv3 key is not enough when a trusted certificate has
// signed the answer, or says it has.
func TestDownloaderVerifiesWithWhatItHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, fresh := issue(t, 0, year), issue(t, 1, year)
		p := &fakePlatform{t: t, certs: []issued{fresh}, signedBy: issued{old.Certificate, fresh.key}}
		d := p.downloader(func(c *keys.DownloaderConfig) { c.Trusted = []*x509.Certificate{old.Certificate} })
		err := wantFailed(t, d, fresh.serial())
		var bad *signer.VerifyError
		if !errors.As(err, &bad) || bad.Reason != signer.ReasonSignature {
			t.Errorf("error %v, want that the signature does not match", err)
		}
		wantCurrent(t, d, old.serial())
	})
}

// The platform puts a certificate to use after its NotBefore, and out of use
// before its NotAfter.
func TestDownloaderKeepsToTheListedTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, fresh := issue(t, 0, year), issue(t, 1, year)
		p := &fakePlatform{t: t, certs: []issued{fresh, old}, signedBy: old}
		noon := time.Now().Add(6 * time.Hour)
		p.times = func(c issued) (from, until any) {
			if c.serial() == old.serial() {
				return c.NotBefore, noon
			}
			return noon, c.NotAfter
		}
		d := p.downloader()
		wantCurrent(t, d, old.serial())
		wantUnknown(t, d, fresh.serial(), old.serial())
		if certs, err := d.Certificates(t.Context()); len(certs) != 1 || err != nil {
			t.Errorf("%d certificates in force, %v", len(certs), err)
		}
		time.Sleep(6*time.Hour - signer.MaxSkew) // here it is not noon yet, but there it may be
		wantCurrent(t, d, old.serial())
		wantKey(t, d, fresh)
		time.Sleep(2 * signer.MaxSkew) // signed before noon
		wantCurrent(t, d, fresh.serial())
		wantKey(t, d, old)
		p.checkRequests(1)
		time.Sleep(time.Second)
		wantUnknown(t, d, old.serial(), fresh.serial())
		wantKey(t, d, fresh)
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

// What the platform does not say is as the certificate says.
func TestDownloaderWithoutListedTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cert := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{cert}}
		p.times = func(issued) (from, until any) { return nil, nil }
		wantCurrent(t, p.downloader(), cert.serial())
	})
}

// A certificate that the platform lists no more is one that it has withdrawn.
func TestDownloaderDropsWhatIsWithdrawn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, fresh := issue(t, 0, year), issue(t, 1, year)
		p := &fakePlatform{t: t, certs: []issued{old}}
		d := p.downloader()
		wantKey(t, d, old)
		p.set(fresh)
		time.Sleep(time.Minute)
		wantKey(t, d, fresh)
		wantUnknown(t, d, old.serial(), fresh.serial())
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

func TestDownloaderRefuses(t *testing.T) {
	body := func(text string) func(*http.Response) error {
		return func(resp *http.Response) error {
			resp.Body.Close()
			resp.Body = http.NoBody
			if text != "" {
				resp.Body = readCloser{strings.NewReader(text)}
			}
			return nil
		}
	}
	for _, tt := range []struct {
		name   string
		edit   func(t *testing.T, p *fakePlatform)
		kind   error
		reason string // of a VerifyError
		want   string
	}{
		{"a wrong APIv3 key", func(t *testing.T, p *fakePlatform) { p.apiv3Key = strings.Repeat("x", 32) }, nil, "", "APIv3Key"},
		{"no certificates", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusNotFound
				return body(`{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书"}`)(resp)
			}
		}, keys.ErrNoCertificates, "", "platform public key"},
		{"an empty list", func(t *testing.T, p *fakePlatform) { p.answer = body(`{"data":[]}`) }, keys.ErrNoCertificates, "", ""},
		{"a wrong signature of the merchant", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusUnauthorized
				return body(`{"code":"SIGN_ERROR","message":"签名错误"}`)(resp)
			}
		}, nil, "", "MchID, SerialNo and PrivateKey"},
		{"a proxy's page", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusBadGateway
				return body(`<html>`)(resp)
			}
		}, nil, "", "502 Bad Gateway"},
		{"a redirect", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusFound
				resp.Header.Set("Location", "https://example.com/")
				return nil
			}
		}, nil, "", "302"},
		{"a stale answer", func(t *testing.T, p *fakePlatform) { p.answer = resealed(p, -301*time.Second) }, signer.ErrVerify, signer.ReasonTimestamp, "clock"},
		{"an answer of the future", func(t *testing.T, p *fakePlatform) { p.answer = resealed(p, 301*time.Second) }, signer.ErrVerify, signer.ReasonTimestamp, "clock"},
		{"an unsigned answer", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error { resp.Header.Del("Wechatpay-Signature"); return nil }
		}, signer.ErrVerify, signer.ReasonHeader, "Wechatpay-Signature"},
		{"a changed answer", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				list, err := p.list()
				if err != nil {
					return err
				}
				return body(string(list) + " ")(resp)
			}
		}, signer.ErrVerify, signer.ReasonSignature, "changed"},
		{"a signature by a certificate not in it", func(t *testing.T, p *fakePlatform) { p.signedBy = issue(t, 1, year) }, signer.ErrVerify, signer.ReasonSerial, ""},
		{"a wrong serial number", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				list, err := p.list()
				if err != nil {
					return err
				}
				return body(strings.Replace(string(list), p.certs[0].serial(), "ABCD", 1))(resp)
			}
		}, nil, "", "really"},
		{"expired certificates", func(t *testing.T, p *fakePlatform) {
			p.certs = []issued{issue(t, 0, time.Hour)}
			time.Sleep(2 * time.Hour)
		}, nil, "", "none of the 1 certificates is in force"},
		{"a time that is none", func(t *testing.T, p *fakePlatform) {
			p.times = func(issued) (from, until any) { return "tomorrow", nil }
		}, nil, "", `effective_time "tomorrow"`},
		{"an end that is none", func(t *testing.T, p *fakePlatform) {
			p.times = func(issued) (from, until any) { return nil, "tomorrow" }
		}, nil, "", `expire_time "tomorrow"`},
		{"another's refusal", func(t *testing.T, p *fakePlatform) {
			p.answer = func(resp *http.Response) error {
				resp.StatusCode = http.StatusTooManyRequests
				return body(`{"code":"FREQUENCY_LIMITED","message":"slow down"}`)(resp)
			}
		}, nil, "", `429 "FREQUENCY_LIMITED": "slow down"`},
		{"no JSON", func(t *testing.T, p *fakePlatform) { p.answer = body(`{"data":`) }, nil, "", "not a list"},
		{"too long", func(t *testing.T, p *fakePlatform) { p.answer = body(strings.Repeat(" ", 1<<20+1)) }, nil, "", "limit"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cert := issue(t, 0, year)
				p := &fakePlatform{t: t, certs: []issued{cert}}
				tt.edit(t, p)
				d := p.downloader()
				_, _, err := d.Current(t.Context())
				if err == nil || !strings.Contains(err.Error(), tt.want) || tt.kind != nil && !errors.Is(err, tt.kind) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
				var bad *signer.VerifyError
				if errors.As(err, &bad); tt.reason != "" && (bad == nil || bad.Reason != tt.reason) {
					t.Errorf("error %v, want reason %q", err, tt.reason)
				}
				// Nothing of it was kept, and the error is the same again.
				if key, again := d.PublicKey(t.Context(), cert.serial()); key != nil || again == nil || again.Error() != err.Error() {
					t.Errorf("PublicKey: %T, %v", key, again)
				}
				p.checkRequests(1)
			})
		})
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// resealed signs the answer at another time.
func resealed(p *fakePlatform, beside time.Duration) func(*http.Response) error {
	return func(resp *http.Response) error {
		list, err := p.list()
		if err != nil {
			return err
		}
		return seal(resp.Request.Context(), p.certs[0], resp.Header, time.Now().Add(beside), list)
	}
}

func TestNewDownloaderRefuses(t *testing.T) {
	p := &fakePlatform{t: t}
	for _, tt := range []struct {
		name string
		edit func(*keys.DownloaderConfig)
		want []string
	}{
		{"nothing", func(c *keys.DownloaderConfig) { *c = keys.DownloaderConfig{} }, []string{"MchID", "SerialNo", "PrivateKey", "APIv3Key"}},
		{"a short APIv3 key", func(c *keys.DownloaderConfig) { c.APIv3Key = "short" }, []string{"APIv3Key", "5 bytes"}},
		{"a host without scheme", func(c *keys.DownloaderConfig) { c.BaseURL = "api.mch.weixin.qq.com" }, []string{"BaseURL"}},
		{"a password in the URL", func(c *keys.DownloaderConfig) { c.BaseURL = "https://u:secret@h/" }, []string{"BaseURL"}},
		{"two signers", func(c *keys.DownloaderConfig) { c.Signer = otherSigner{} }, []string{"Signer", "PrivateKey"}},
		{"an empty certificate", func(c *keys.DownloaderConfig) { c.Trusted = []*x509.Certificate{nil} }, []string{"Trusted[0]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := p.config()
			tt.edit(&config)
			d, err := keys.NewDownloader(t.Context(), config)
			if d != nil || err == nil {
				t.Fatal("it was made")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q", err)
			}
		})
	}
}

type otherSigner struct{}

func (otherSigner) Scheme() string                               { return signer.SchemeRSA }
func (otherSigner) SerialNo() string                             { return "AB" }
func (otherSigner) Sign(context.Context, []byte) ([]byte, error) { return nil, errors.ErrUnsupported }

func TestDownloaderPrintsNoSecret(t *testing.T) {
	p := &fakePlatform{t: t}
	config := p.config()
	text, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	d := p.downloader()
	printed := fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s %v", config, config, config, config, d, d, d, text, slog.AnyValue(config).Resolve())
	if strings.Contains(printed, apiv3Key) || strings.Contains(printed, loadMaterial(t).private.D.String()) {
		t.Errorf("printed: %s", printed)
	}
	if !strings.Contains(printed, merchantNo) {
		t.Errorf("no merchant in %s", printed)
	}
}
