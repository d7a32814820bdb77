package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

const (
	refreshEvery    = 12 * time.Hour
	atMostEvery     = time.Minute // downloads, whatever asks for them
	downloadTimeout = 30 * time.Second
)

// A Downloader is a [signer.PublicKeys] with the platform certificates of a
// merchant. It downloads them at the first need, again every 12 hours, and when
// a serial turns up that it does not know: one download at a time, and none
// within a minute of the last, whatever arrives. When a download fails, it goes
// on with what it has. The id of a platform public key (PUB_KEY_ID_…) never
// causes one; see [Combined].
//
// It is safe for any number of goroutines. Printing it shows no secret.
type Downloader struct {
	ctx       context.Context
	source    *source
	onRefresh func(error)
	clock     func() time.Time

	mu    sync.Mutex
	certs []*x509.Certificate // newest first; some may have run out since
	last  *download           // the last, maybe under way; nil before the first
}

// A download is one under way until done is closed, and then how it ended.
type download struct {
	began time.Time
	done  chan struct{}
	err   error
}

var _ signer.PublicKeys = (*Downloader)(nil)

// NewDownloader returns a Downloader for config, which it checks without the
// network; the error says all that is wrong. When ctx ends, the Downloader has
// the certificates that it has, and downloads no more.
func NewDownloader(ctx context.Context, config DownloaderConfig) (*Downloader, error) {
	source, err := config.source()
	if err == nil && ctx == nil {
		err = errors.New("ctx is nil")
	}
	if err != nil {
		return nil, fmt.Errorf("keys: downloader: %w", err)
	}
	d := &Downloader{ctx: ctx, source: source, onRefresh: config.OnRefresh, clock: source.clock}
	d.certs = newestFirst(config.Trusted)
	return d, nil
}

// PublicKey returns the key of the certificate with that serial number, whose
// letters may be of either case, and downloads the certificates when there is
// none. The error is [signer.ErrUnknownSerial] if there is none then; it tells
// of the download when that failed.
func (d *Downloader) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	if strings.HasPrefix(serial, PublicKeyIDPrefix) {
		return nil, fmt.Errorf("%w %.64q: it is the id of a platform public key, and no certificate has it; put that key before the certificates, with keys.Combined", signer.ErrUnknownSerial, serial)
	}
	find := func() (crypto.PublicKey, bool) {
		for _, cert := range d.current() {
			if strings.EqualFold(serialNo(cert), serial) {
				return cert.PublicKey, true
			}
		}
		return nil, false
	}
	key, ok := find()
	if ok {
		return key, nil
	}
	if err := d.refresh(ctx); err != nil {
		return nil, fmt.Errorf("%w %.64q: %w", signer.ErrUnknownSerial, serial, err)
	}
	if key, ok = find(); ok {
		return key, nil
	}
	return nil, fmt.Errorf("%w %.64q (in force: %q)", signer.ErrUnknownSerial, serial, slices.Sorted(maps.Keys(static(d.current()))))
}

// Current returns the key of the newest certificate in force, which it
// downloads when it has none.
func (d *Downloader) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	certs, err := d.Certificates(ctx)
	if err != nil {
		return "", nil, err
	}
	return serialNo(certs[0]), certs[0].PublicKey, nil
}

// Certificates returns the certificates in force, newest first and at least
// one, which it downloads when it has none.
func (d *Downloader) Certificates(ctx context.Context) ([]*x509.Certificate, error) {
	certs := d.current()
	if len(certs) == 0 {
		if err := d.refresh(ctx); err != nil {
			return nil, err
		}
		if certs = d.current(); len(certs) == 0 {
			return nil, errors.New("keys: downloader: all certificates have run out within the last minute")
		}
	}
	return certs, nil
}

// Refresh downloads the certificates now, unless that is under way: then it
// waits for the outcome. Within a minute of a download it returns what came of
// that.
func (d *Downloader) Refresh(ctx context.Context) error { return d.refresh(ctx) }

// current returns the certificates in force, newest first.
func (d *Downloader) current() []*x509.Certificate {
	d.mu.Lock()
	certs := d.certs
	d.mu.Unlock()
	return inForce(certs, d.clock())
}

// refresh waits for a download, which it starts if it may. The download does
// not end with ctx: others may wait for it too.
func (d *Downloader) refresh(ctx context.Context) error {
	last, err := d.begin()
	if err != nil {
		return fmt.Errorf("keys: downloader: %w", err)
	}
	select {
	case <-last.done:
		return last.err
	case <-ctx.Done():
		return fmt.Errorf("keys: downloader: waiting for the certificates: %w", ctx.Err())
	}
}

// begin returns the download that counts now.
func (d *Downloader) begin() (*download, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock()
	if d.last != nil && (!d.last.ended() || now.Sub(d.last.began).Abs() < atMostEvery) {
		return d.last, nil
	}
	if d.ctx.Err() != nil {
		return nil, fmt.Errorf("no download, because its context has ended: %w", context.Cause(d.ctx))
	}
	if d.last == nil {
		go d.keepFresh()
	}
	d.last = &download{began: now, done: make(chan struct{})}
	go d.run(d.last, d.certs)
	return d.last, nil
}

func (l *download) ended() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// run downloads, knowing the certificates known.
func (d *Downloader) run(l *download, known []*x509.Certificate) {
	ctx, cancel := context.WithTimeout(d.ctx, downloadTimeout)
	defer cancel()
	certs, err := d.source.download(ctx, inForce(known, d.clock()))
	if err != nil {
		err = fmt.Errorf("keys: downloader: GET %s: %w", certificates, err)
	}
	if l.err = err; err == nil {
		d.mu.Lock()
		d.certs = certs
		d.mu.Unlock()
	}
	if d.onRefresh != nil {
		d.onRefresh(err)
	}
	close(l.done) // last, so that one download is told of before the next begins
}

// keepFresh refreshes until the context of d ends.
func (d *Downloader) keepFresh() {
	ticker := time.NewTicker(refreshEvery)
	defer ticker.Stop()
	for {
		select {
		case <-d.ctx.Done():
			return
		case <-ticker.C:
			// What fails is told to OnRefresh, and to whoever needs a key.
			_, _ = d.begin()
		}
	}
}

// Format prints a name and no secret, whatever the verb.
func (d *Downloader) Format(f fmt.State, _ rune) { io.WriteString(f, "keys.Downloader") }
