package keys_test

import (
	"bytes"
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

// A Downloader whose Signer is a suite asks for the certificates of the suite, opens
// them with its cipher, and parses them with its parser.
func TestDownloaderOfASuite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		merchant, own := suitetest.New(t, "0A01"), suitetest.New(t, "5E01")
		cert := own.Certificate(t, time.Now(), year)
		gcm, err := cipher.NewGCMOf(merchant, apiv3Key)
		if err != nil {
			t.Fatal(err)
		}
		signatureType := ""
		network := roundTripper(func(req *http.Request) (*http.Response, error) {
			if got := req.URL.String(); got != "https://api.mch.weixin.qq.com/v3/certificates?"+suitetest.Query {
				t.Errorf("request for %s", got)
			}
			a, err := platform.ParseAuthorization(req.Header.Get("Authorization"), suitetest.Scheme)
			if err != nil {
				return nil, err
			}
			merchants := keys.Static{merchant.SerialNo(): merchant.Public()}
			if err := platform.Verify(req.Context(), merchants, req.Method, req.URL.RequestURI(), a, nil); err != nil {
				return nil, err
			}
			sealed, err := gcm.Seal([]byte(pemText("CERTIFICATE", cert.Raw)), "nonce0000000", "certificate")
			if err != nil {
				return nil, err
			}
			body, err := json.Marshal(map[string]any{"data": []any{map[string]any{"serial_no": own.SerialNo(), "encrypt_certificate": sealed}}})
			if err != nil {
				return nil, err
			}
			resp := &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(bytes.NewReader(body))}
			err = platform.Sign(req.Context(), own, resp.Header, strconv.FormatInt(time.Now().Unix(), 10), body)
			if signatureType != "" {
				resp.Header.Set("Wechatpay-Signature-Type", signatureType)
			}
			return resp, err
		})
		d, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{MchID: merchantNo, Signer: merchant, APIv3Key: apiv3Key, Transport: network})
		if err != nil {
			t.Fatal(err)
		}
		key, err := d.PublicKey(t.Context(), own.SerialNo())
		if err != nil || !own.Platform().Equal(key) {
			t.Fatalf("key %v, %v", key, err)
		}
		serial, key, err := d.Current(t.Context())
		if _, encrypts := key.(signer.Encrypter); err != nil || serial != own.SerialNo() || !encrypts {
			t.Errorf("current %s %T, %v", serial, key, err)
		}
		certs, err := d.Certificates(t.Context())
		if err != nil || len(certs) != 1 || !certs[0].Equal(cert) {
			t.Errorf("%d certificates, %v", len(certs), err)
		}

		signatureType = signer.SchemeRSA
		time.Sleep(time.Hour)
		if err := d.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "Wechatpay-Signature-Type") {
			t.Errorf("an answer that says it is of another suite: %v", err)
		}

		trusting, err := keys.NewDownloader(t.Context(), keys.DownloaderConfig{
			MchID: merchantNo, Signer: merchant, APIv3Key: apiv3Key, Transport: network, Trusted: certs,
		})
		if err != nil {
			t.Fatal(err)
		}
		if key, err := trusting.PublicKey(t.Context(), own.SerialNo()); err != nil || !own.Platform().Equal(key) {
			t.Errorf("key of a trusted certificate: %v, %v", key, err)
		}
	})
}
