package keys_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

const (
	apiv3Key   = "c7acc1c7811ed60617bfe6aeae1f22e2"
	merchantNo = "1900000109"
	publicID   = keys.PublicKeyIDPrefix + "0114232134912410000000000001"
)

// platformKeys are made once: they take long to make.
var platformKeys = sync.OnceValues(func() (pair [2]*rsa.PrivateKey, err error) {
	for i := range pair {
		if pair[i], err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			return pair, err
		}
	}
	return pair, nil
})

// A certificate of the platform, with its key.
type issued struct {
	*x509.Certificate
	key *rsa.PrivateKey
}

func (c issued) serial() string { return fmt.Sprintf("%X", c.SerialNumber.Bytes()) }

// issue makes a certificate of the i-th key that is good from now on.
func issue(t testing.TB, i int, life time.Duration) issued {
	t.Helper()
	pair, err := platformKeys()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.Unix()*10 + int64(i)),
		Subject:      pkix.Name{CommonName: "platform"},
		NotBefore:    now,
		NotAfter:     now.Add(life),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, pair[i].Public(), pair[i])
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return issued{cert, pair[i]}
}

// fakePlatform answers requests for certificates.
type fakePlatform struct {
	t        testing.TB
	apiv3Key string // another one than the merchant's, if set

	mu       sync.Mutex
	certs    []issued // that are listed
	signedBy issued   // the last of certs if empty
	answer   func(resp *http.Response) error
	times    func(c issued) (from, until any) // as listed; those of c if not set
	requests int
}

func (p *fakePlatform) RoundTrip(req *http.Request) (*http.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	if err := p.check(req); err != nil {
		p.t.Error(err)
		return nil, err
	}
	body, err := p.list()
	if err != nil {
		return nil, err
	}
	by := p.signedBy
	if by.Certificate == nil {
		by = p.certs[len(p.certs)-1]
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(bytes.NewReader(body)), ContentLength: -1, Request: req}
	if err := seal(req.Context(), by, resp.Header, time.Now(), body); err != nil {
		return nil, err
	}
	if p.answer != nil {
		if err := p.answer(resp); err != nil {
			return nil, err
		}
	}
	return resp, req.Context().Err()
}

func seal(ctx context.Context, by issued, h http.Header, at time.Time, body []byte) error {
	s, err := signer.NewRSA(by.serial(), by.key)
	if err != nil {
		return err
	}
	return platform.Sign(ctx, s, h, strconv.FormatInt(at.Unix(), 10), body)
}

// check checks the request as the platform does.
func (p *fakePlatform) check(req *http.Request) error {
	if req.Method != http.MethodGet || req.URL.String() != "https://api.mch.weixin.qq.com/v3/certificates" {
		return fmt.Errorf("request for %s %s", req.Method, req.URL)
	}
	a, err := platform.ParseAuthorization(req.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	m := loadMaterial(p.t)
	if a.MchID != merchantNo || req.Header.Get("User-Agent") == "" || req.Header.Get("Accept") != "application/json" {
		return fmt.Errorf("mchid %s, headers %v", a.MchID, req.Header)
	}
	return platform.Verify(req.Context(), keys.Static{m.merchantNo: m.private.Public()}, req.Method, req.URL.RequestURI(), a, nil)
}

// list is the body of the answer.
func (p *fakePlatform) list() ([]byte, error) {
	gcm, err := cipher.NewGCM(cmp.Or(p.apiv3Key, apiv3Key))
	if err != nil {
		return nil, err
	}
	data := make([]any, 0, len(p.certs))
	for i, c := range p.certs {
		sealed, err := gcm.Seal([]byte(pemText("CERTIFICATE", c.Raw)), fmt.Sprintf("nonce%07d", i), "certificate")
		if err != nil {
			return nil, err
		}
		var from, until any = c.NotBefore, c.NotAfter
		if p.times != nil {
			from, until = p.times(c)
		}
		data = append(data, map[string]any{
			"serial_no": c.serial(), "effective_time": from, "expire_time": until, "encrypt_certificate": sealed, "new": true,
		})
	}
	return json.Marshal(map[string]any{"data": data})
}

// set lists certs, of which the last signs.
func (p *fakePlatform) set(certs ...issued) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.certs, p.signedBy = certs, issued{}
}

func (p *fakePlatform) fail(answer func(*http.Response) error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

func (p *fakePlatform) checkRequests(want int) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.requests != want {
		p.t.Errorf("%d downloads, want %d", p.requests, want)
	}
}

func (p *fakePlatform) config() keys.DownloaderConfig {
	m := loadMaterial(p.t)
	return keys.DownloaderConfig{MchID: merchantNo, SerialNo: m.merchantNo, PrivateKey: m.private, APIv3Key: apiv3Key, Transport: p}
}

// downloader returns one that ends with the test.
func (p *fakePlatform) downloader(edit ...func(*keys.DownloaderConfig)) *keys.Downloader {
	p.t.Helper()
	config := p.config()
	for _, f := range edit {
		f(&config)
	}
	d, err := keys.NewDownloader(p.t.Context(), config)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}
