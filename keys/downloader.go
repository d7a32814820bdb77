package keys

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/signer"
)

const (
	refreshEvery    = 12 * time.Hour
	atMostEvery     = time.Minute // downloads, whatever asks for them
	firstWait       = time.Second // after a failure, while no certificate is in force
	downloadTimeout = 30 * time.Second
)

// A Downloader is a [signer.PublicKeys] with the platform certificates of a merchant.
// It downloads them when they are first needed, again every 12 hours, and when an
// unknown serial number arrives. It makes one download at a time, and at most one a
// minute, whatever arrives. The id of a platform public key (PUB_KEY_ID_…) never
// causes a download; see [Combined].
//
// If a download fails, the current certificates stay in use. While no certificate is
// in force, the next need downloads again 1, 2, 4 … seconds after the failure, and in
// the end every minute. If a download succeeds, the certificates are those that the
// platform lists and those of [DownloaderConfig.Trusted], each while it is in force.
//
// A Downloader is safe for concurrent use. Printing it shows no secret.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012551764
type Downloader struct {
	ctx       context.Context
	source    *source
	onRefresh func(error)

	mu    sync.Mutex
	certs []platformCertificate // newest first; not all may be in force
	last  *download             // the last, maybe under way; nil before the first need
	fails int                   // how many downloads in a row have failed
	timer *time.Timer           // of the next download; nil before the first need
}

// A download is one under way until done is closed, and then how it ended.
type download struct {
	began time.Time // by this machine's monotonic clock, which nobody sets
	done  chan struct{}
	over  time.Time // as began
	err   error
}

var _ signer.PublicKeys = (*Downloader)(nil)

// NewDownloader returns a Downloader for config. It checks config without the network
// and reports all mistakes in one error. When ctx ends, the Downloader keeps its
// certificates and downloads no more.
func NewDownloader(ctx context.Context, config DownloaderConfig) (*Downloader, error) {
	source, err := config.source()
	switch {
	case err != nil:
		return nil, fmt.Errorf("keys: downloader: %w", err)
	case ctx == nil:
		return nil, errors.New("keys: downloader: ctx is nil")
	}
	return &Downloader{
		ctx: ctx, source: source, onRefresh: config.OnRefresh,
		certs: merge(nil, source.trusted, source.clock()),
	}, nil
}

// PublicKey returns the key of the certificate with a serial number, whose letters
// may be of either case. If the Downloader lacks the certificate, it downloads the
// list. The error is [signer.ErrUnknownSerial] if the list lacks it too. If the
// download failed or ctx ended, the error is that failure.
func (d *Downloader) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	if n := len(PublicKeyIDPrefix); len(serial) >= n && strings.EqualFold(serial[:n], PublicKeyIDPrefix) {
		return nil, fmt.Errorf("%w %s: it is the id of a platform public key, and no certificate has it; put that key in a keys.Static before the certificates, with keys.Combined", signer.ErrUnknownSerial, quote.Text(serial))
	}
	wanted := func(c platformCertificate, now time.Time) bool { return c.isNamed(serial) && c.mayHaveSigned(now) }
	started := d.wake()
	c, ok := d.find(wanted)
	if ok {
		return c.PublicKey, nil
	}
	waited, err := d.refresh(ctx)
	if c, ok = d.find(wanted); ok {
		return c.PublicKey, nil
	}
	unlooked := ""
	if _, ok := d.find(platformCertificate.inForce); ok && !started && !waited {
		unlooked = fmt.Sprintf("; %.64q was not looked up, because the last download is under a minute old: ask again later", serial)
	}
	if err != nil {
		return nil, fmt.Errorf("%w%s", err, unlooked)
	}
	return nil, fmt.Errorf("%w %.64q (in force: %q)%s", signer.ErrUnknownSerial, serial, d.serials(), unlooked)
}

// Current returns the key of the newest certificate in force. If there is none, it
// downloads the certificates.
func (d *Downloader) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	c, err := d.newest(ctx)
	if err != nil {
		return "", nil, err
	}
	return c.serialNo, c.PublicKey, nil
}

// Certificates returns the certificates in force, newest first, and at least one. If
// there is none, it downloads the certificates.
func (d *Downloader) Certificates(ctx context.Context) ([]*x509.Certificate, error) {
	newest, err := d.newest(ctx)
	if err != nil {
		return nil, err
	}
	certs := []*x509.Certificate{newest.Certificate}
	for _, c := range d.inForce() {
		if c.Certificate != newest.Certificate {
			certs = append(certs, c.Certificate)
		}
	}
	return certs, nil
}

// Refresh downloads the certificates now. If a download is running, it waits for that
// download. Within a minute after a download it returns the result of that download.
// While no certificate is in force, that time is 1, 2, 4 … seconds after a failure.
func (d *Downloader) Refresh(ctx context.Context) error {
	_, err := d.refresh(ctx)
	return err
}

// refresh is Refresh, and reports whether it waited for a download.
func (d *Downloader) refresh(ctx context.Context) (waited bool, err error) {
	last, waited, err := d.begin()
	if err != nil {
		return true, fmt.Errorf("keys: downloader: %w", err)
	}
	// The download does not end with ctx: others may wait for it too.
	select {
	case <-last.done:
		return waited, last.err
	case <-ctx.Done():
		return waited, fmt.Errorf("keys: downloader: waiting for the certificates: %w", ctx.Err())
	}
}

func (d *Downloader) newest(ctx context.Context) (platformCertificate, error) {
	d.wake()
	c, ok := d.find(platformCertificate.inForce)
	if !ok {
		if err := d.Refresh(ctx); err != nil {
			return c, err
		}
		if c, ok = d.find(platformCertificate.inForce); !ok {
			return c, errors.New("keys: downloader: no certificate is in force any more, and the last download was less than a minute ago")
		}
	}
	return c, nil
}

// wake starts the downloads at the first need, which waits for none if it can do
// without, and reports whether this is it.
func (d *Downloader) wake() (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if first = d.last == nil && d.ctx.Err() == nil; first {
		d.start()
	}
	return first
}

// find returns the newest certificate that is wanted now.
func (d *Downloader) find(wanted func(platformCertificate, time.Time) bool) (c platformCertificate, ok bool) {
	now := d.source.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.certs {
		if wanted(c, now) {
			return c, true
		}
	}
	return c, false
}

// serials are those of the certificates in force.
func (d *Downloader) serials() []string {
	var serials []string
	for _, c := range d.inForce() {
		serials = append(serials, c.serialNo)
	}
	slices.Sort(serials)
	return serials
}

// inForce returns the certificates in force, newest first.
func (d *Downloader) inForce() []platformCertificate {
	now := d.source.clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	return inForce(d.certs, now)
}

// begin returns the download that counts now, which it starts if it may, and
// reports whether that is still under way.
func (d *Downloader) begin() (last *download, underWay bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.last != nil && !d.last.ended():
		return d.last, true, nil
	case d.ctx.Err() != nil:
		return nil, false, fmt.Errorf("no download, because its context has ended: %w", context.Cause(d.ctx))
	case d.last == nil || d.due():
		d.start()
		return d.last, true, nil
	}
	return d.last, false, nil
}

// due reports whether the last download is so long ago that another may start;
// d.mu is locked.
func (d *Downloader) due() bool {
	if d.fails > 0 && len(inForce(d.certs, d.source.clock())) == 0 {
		wait := firstWait << min(d.fails-1, 6) // more than a minute
		return time.Since(d.last.over) >= min(wait, atMostEvery)
	}
	return time.Since(d.last.began) >= atMostEvery
}

// start starts a download; d.mu is locked.
func (d *Downloader) start() {
	if d.last == nil {
		d.keepFresh()
	}
	d.last = &download{began: time.Now(), done: make(chan struct{})}
	go d.run(d.last, d.certs)
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
func (d *Downloader) run(l *download, known []platformCertificate) {
	ctx, cancel := context.WithTimeout(d.ctx, downloadTimeout)
	defer cancel()
	certs, err := d.download(ctx, known)
	if err != nil {
		err = fmt.Errorf("keys: downloader: GET %s: %w", certificates, err)
	}
	d.mu.Lock()
	d.fails++
	if l.err = err; err == nil {
		d.certs, d.fails = certs, 0
	}
	l.over = time.Now()
	d.mu.Unlock()
	if d.onRefresh != nil {
		d.onRefresh(err)
	}
	close(l.done) // last, so that one download is told of before the next begins
}

// download makes an error of a panic, which a Transport or a Signer of the user's
// may have: it is the error of those who wait.
func (d *Downloader) download(ctx context.Context, known []platformCertificate) (certs []platformCertificate, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n\n%s", v, debug.Stack())
		}
	}()
	return d.source.download(ctx, known)
}

// keepFresh downloads again every 12 hours until the context of d ends; d.mu is
// locked. It needs no goroutine between the downloads.
func (d *Downloader) keepFresh() {
	d.timer = time.AfterFunc(refreshEvery, func() {
		// What fails is told to OnRefresh, and to whoever needs a key.
		_, _, _ = d.begin()
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.ctx.Err() == nil {
			d.timer.Reset(refreshEvery)
		}
	})
	context.AfterFunc(d.ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.timer.Stop()
	})
}

// Format prints a name and no secret, with any verb.
func (d *Downloader) Format(f fmt.State, _ rune) { io.WriteString(f, "keys.Downloader") }
