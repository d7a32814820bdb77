package keys_test

import (
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

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

// A request names the newest certificate in force, so that the answer is signed
// with it, and none before there is one.
func TestDownloaderNamesACertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := issue(t, 0, year)
		p := &fakePlatform{t: t, certs: []issued{old}}
		var named []string
		d := p.downloader(func(c *keys.DownloaderConfig) {
			c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
				named = append(named, req.Header.Get("Wechatpay-Serial"))
				return p.RoundTrip(req)
			})
		})
		refresh := func() {
			t.Helper()
			if err := d.Refresh(t.Context()); err != nil {
				t.Error(err)
			}
		}
		refresh()
		time.Sleep(time.Minute)
		fresh := issue(t, 1, year)
		p.set(old, fresh)
		refresh()
		time.Sleep(time.Minute)
		refresh()
		if want := []string{"", old.serial(), fresh.serial()}; !slices.Equal(named, want) {
			t.Errorf("the requests name %q, want %q", named, want)
		}
	})
}

// A certificate that is about to run out is in force; one that just ran out may
// have signed what arrives.
func TestDownloaderAtTheEndOfACertificate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := issue(t, 0, 10*time.Minute)
		p := &fakePlatform{t: t, certs: []issued{old}}
		time.Sleep(8 * time.Minute)
		d := p.downloader()
		wantCurrent(t, d, old.serial())
		p.checkRequests(1)

		time.Sleep(4 * time.Minute)
		fresh := issue(t, 1, year)
		p.set(old, fresh)
		wantCurrent(t, d, fresh.serial())
		wantKey(t, d, old)
		p.checkRequests(2)
	})
}

// When the last certificate runs out after a download that succeeded, the next
// need downloads again, but not within a minute.
func TestDownloaderWhoseLastCertificateRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := issue(t, 0, 30*time.Second)
		p := &fakePlatform{t: t, certs: []issued{old}}
		d := p.downloader()
		wantCurrent(t, d, old.serial())
		time.Sleep(31 * time.Second)
		if serial, _, err := d.Current(t.Context()); err == nil || !strings.Contains(err.Error(), "no certificate is in force any more") {
			t.Errorf("Current is %s, %v", serial, err)
		}
		if certs, err := d.Certificates(t.Context()); len(certs) != 0 || err == nil {
			t.Errorf("Certificates: %d, %v", len(certs), err)
		}
		p.checkRequests(1)
		fresh := issue(t, 1, year)
		p.set(fresh)
		time.Sleep(29 * time.Second)
		wantCurrent(t, d, fresh.serial())
		p.checkRequests(2)
	})
}

// The newest of the certificates in force comes first, and each comes once.
func TestDownloaderListsCertificates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := issue(t, 0, year)
		time.Sleep(time.Hour)
		fresh := issue(t, 1, year)
		p := &fakePlatform{t: t, certs: []issued{old, fresh}}
		certs, err := p.downloader(func(c *keys.DownloaderConfig) { c.Trusted = []*x509.Certificate{old.Certificate} }).Certificates(t.Context())
		if err != nil || len(certs) != 1 || !certs[0].Equal(old.Certificate) {
			t.Errorf("before the download: %d certificates, %v", len(certs), err)
		}
		certs, err = p.downloader().Certificates(t.Context())
		if err != nil || len(certs) != 2 || !certs[0].Equal(fresh.Certificate) || !certs[1].Equal(old.Certificate) {
			t.Errorf("%d certificates, %v", len(certs), err)
		}
	})
}
