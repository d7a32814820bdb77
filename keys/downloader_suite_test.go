package keys_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// suiteCertificates answers requests for the certificates of the invented suite.
type suiteCertificates struct {
	t             *testing.T
	merchant, own *suitetest.Key
	cert          *x509.Certificate
	signatureType string // in place of that of the suite
}

func (p *suiteCertificates) RoundTrip(req *http.Request) (*http.Response, error) {
	if got := req.URL.String(); got != "https://api.mch.weixin.qq.com/v3/certificates?"+suitetest.Query {
		p.t.Errorf("request for %s", got)
	}
	a, err := platform.ParseAuthorization(req.Header.Get("Authorization"), suitetest.Scheme)
	if err != nil {
		return nil, err
	}
	merchants := keys.Static{p.merchant.SerialNo(): p.merchant.Public()}
	if err := platform.Verify(req.Context(), merchants, req.Method, req.URL.RequestURI(), a, nil); err != nil {
		return nil, err
	}
	body, err := p.list()
	if err != nil {
		return nil, err
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(bytes.NewReader(body))}
	err = platform.Sign(req.Context(), p.own, resp.Header, strconv.FormatInt(time.Now().Unix(), 10), body)
	if p.signatureType != "" {
		resp.Header.Set("Wechatpay-Signature-Type", p.signatureType)
	}
	return resp, err
}

// list is the body of the answer.
func (p *suiteCertificates) list() ([]byte, error) {
	gcm, err := cipher.NewGCMOf(p.merchant, apiv3Key)
	if err != nil {
		return nil, err
	}
	sealed, err := gcm.Seal([]byte(pemText("CERTIFICATE", p.cert.Raw)), "nonce0000000", "certificate")
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"data": []any{map[string]any{"serial_no": p.own.SerialNo(), "encrypt_certificate": sealed}}})
}

// downloader returns one that knows certificates.
func (p *suiteCertificates) downloader(trusted ...*x509.Certificate) *keys.Downloader {
	p.t.Helper()
	d, err := keys.NewDownloader(p.t.Context(), keys.DownloaderConfig{
		MchID: merchantNo, Signer: p.merchant, APIv3Key: apiv3Key, Transport: p, Trusted: trusted,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// A Downloader whose Signer is a suite asks for the certificates of the suite, opens
// them with its cipher, and parses them with its parser.
func TestDownloaderOfASuite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &suiteCertificates{t: t, merchant: suitetest.New(t, "0A01"), own: suitetest.New(t, "5E01")}
		p.cert = p.own.Certificate(t, time.Now(), year)
		d := p.downloader()
		key, err := d.PublicKey(t.Context(), p.own.SerialNo())
		if err != nil || !p.own.Platform().Equal(key) {
			t.Fatalf("key %v, %v", key, err)
		}
		serial, key, err := d.Current(t.Context())
		if _, encrypts := key.(signer.Encrypter); err != nil || serial != p.own.SerialNo() || !encrypts {
			t.Errorf("current %s %T, %v", serial, key, err)
		}
		certs, err := d.Certificates(t.Context())
		if err != nil || len(certs) != 1 || !certs[0].Equal(p.cert) {
			t.Errorf("%d certificates, %v", len(certs), err)
		}
		if key, err := p.downloader(certs...).PublicKey(t.Context(), p.own.SerialNo()); err != nil || !p.own.Platform().Equal(key) {
			t.Errorf("key of a trusted certificate: %v, %v", key, err)
		}
		synctest.Wait() // the second downloader is asking
		p.signatureType = signer.SchemeRSA
		time.Sleep(time.Hour)
		if err := d.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "Wechatpay-Signature-Type") {
			t.Errorf("an answer that says it is of another suite: %v", err)
		}
	})
}
