package keys

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// ErrNoCertificates is the error of a download for a merchant to whom the
// platform gives no certificates, as new merchants: the platform public key is
// all there is.
var ErrNoCertificates = errors.New("the platform has no certificates for this merchant: " +
	"use the platform public key, from the merchant platform's account center, under API security, in keys.Static")

// maxAnswer is how long a list of certificates may be, in bytes.
const maxAnswer = 1 << 20

// A source is where certificates are downloaded from.
type source struct {
	url       *url.URL
	transport http.RoundTripper // signs
	gcm       *cipher.GCM
	trusted   []*x509.Certificate
	clock     func() time.Time
}

// download returns the certificates that are in force. known are those that
// were before; they and the new ones may have signed the answer.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012551764
func (s *source) download(ctx context.Context, known []*x509.Certificate) ([]*x509.Certificate, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "wxchain-wechatpay")
	resp, err := s.transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := middleware.ReadBody(resp, maxAnswer)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, refused(resp, body)
	}
	certs, err := s.open(body)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	// What was sealed with the APIv3 key is the platform's; the signature shows
	// that the answer is of now, and whole.
	if err := signer.SealOf(resp.Header.Get).Verify(ctx, static(certs, known), now, body); err != nil {
		return nil, err
	}
	if good := inForce(append(certs, s.trusted...), now); len(good) > 0 {
		return good, nil
	}
	return nil, fmt.Errorf("none of the %d certificates is in force at %s, the last until %s: set this machine's clock by NTP",
		len(certs), now.Format(time.RFC3339), newestFirst(certs)[0].NotAfter.Format(time.RFC3339))
}

// open decrypts the certificates of an answer.
func (s *source) open(body []byte) ([]*x509.Certificate, error) {
	var list struct {
		Data []struct {
			SerialNo    string        `json:"serial_no"`
			Certificate cipher.Sealed `json:"encrypt_certificate"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("the answer is not a list of certificates: %w", err)
	}
	if len(list.Data) == 0 {
		return nil, ErrNoCertificates
	}
	var certs []*x509.Certificate
	for _, item := range list.Data {
		cert, err := s.openOne(item.Certificate)
		if err != nil {
			return nil, fmt.Errorf("certificate %.64q: %w", item.SerialNo, err)
		}
		if serial := serialNo(cert); !strings.EqualFold(serial, item.SerialNo) {
			return nil, fmt.Errorf("certificate %.64q: its serial number is really %q", item.SerialNo, serial)
		}
		certs = append(certs, cert)
	}
	return certs, nil
}

func (s *source) openOne(sealed cipher.Sealed) (*x509.Certificate, error) {
	text, err := s.gcm.Open(sealed)
	if err != nil {
		return nil, fmt.Errorf("it does not open with APIv3Key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("what was encrypted is not PEM")
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("CERTIFICATE is damaged: %w", err)
	}
	return cert, signer.CheckRSA(cert.PublicKey)
}

// refused makes an error of an answer that says no. Nobody has signed it for
// this side to see, so that it is only told of.
func refused(resp *http.Response, body []byte) error {
	answer := gjson.ParseBytes(body)
	code, message := answer.Get("code").String(), answer.Get("message").String()
	switch {
	case resp.StatusCode == http.StatusNotFound && code == "RESOURCE_NOT_EXISTS":
		return fmt.Errorf("%w (%d %s)", ErrNoCertificates, resp.StatusCode, code)
	case code == "SIGN_ERROR":
		return fmt.Errorf("%d SIGN_ERROR: %.200q; MchID, SerialNo and PrivateKey must be of one merchant API certificate", resp.StatusCode, message)
	case code == "":
		return fmt.Errorf("%d %s: the answer is not the platform's JSON", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return fmt.Errorf("%d %.64q: %.200q", resp.StatusCode, code, message)
}
