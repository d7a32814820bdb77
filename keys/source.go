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
	"slices"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// ErrNoCertificates is the error of a download for a merchant that has no platform
// certificates. New merchants only have a platform public key.
var ErrNoCertificates = errors.New("the platform has no certificates for this merchant: " +
	"use the platform public key, from the merchant platform's account center, under API security, in keys.Static")

// maxAnswer is how long a list of certificates may be, in bytes.
const maxAnswer = 1 << 20

// A source is where certificates are downloaded from.
type source struct {
	url       *url.URL
	transport http.RoundTripper // signs
	gcm       *cipher.GCM
	parse     func(der []byte) (*x509.Certificate, error)
	trusted   []platformCertificate
	clock     func() time.Time
}

// download returns the certificates that the platform lists, and those that are
// trusted, without those that have run out. At least one is in force. known are
// those from before: one of them, or of the list, has signed the answer.
func (s *source) download(ctx context.Context, known []platformCertificate) ([]platformCertificate, error) {
	ctx = middleware.WithExchange(ctx, &middleware.Exchange{URL: s.url})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "wxchain-wechatpay")
	if i := slices.IndexFunc(known, func(c platformCertificate) bool { return c.inForce(s.clock()) }); i >= 0 {
		req.Header.Set("Wechatpay-Serial", known[i].serialNo) // to be answered under it
	}
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

	now, seal := s.clock(), signer.SealOf(resp.Header.Get)
	unverified := seal.Verify(ctx, static(known, now), now, body)
	if unverified != nil && !errors.Is(unverified, signer.ErrUnknownSerial) {
		return nil, unverified
	}
	// Unless a certificate from before has signed it, the answer has to be read
	// to be verified. What opens with the APIv3 key is the platform's; the
	// signature shows that the list is of now, and whole.
	listed, err := s.open(body)
	if err != nil {
		return nil, err
	}
	certs := merge(listed, s.trusted, now)
	if len(inForce(certs, now)) == 0 {
		return nil, fmt.Errorf("none of the %d certificates is in force at %s: set this machine's clock by NTP; "+
			"else ask for a new one, or use the platform public key, in the merchant platform's account center, under API security",
			len(listed), now.Format(time.RFC3339))
	}
	if unverified != nil {
		if err := seal.Verify(ctx, static(listed, now), now, body); err != nil {
			return nil, err
		}
	}
	return certs, nil
}

// open decrypts the certificates of an answer.
func (s *source) open(body []byte) ([]platformCertificate, error) {
	var list struct {
		Data []item `json:"data"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, fmt.Errorf("the answer is not a list of certificates: %w", err)
	}
	if len(list.Data) == 0 {
		return nil, ErrNoCertificates
	}
	certs := make([]platformCertificate, len(list.Data))
	for i, item := range list.Data {
		var err error
		if certs[i], err = item.open(s); err != nil {
			return nil, fmt.Errorf("certificate %.64q: %w", item.SerialNo, err)
		}
	}
	return certs, nil
}

// An item is a certificate in an answer. Its expire_time is no NotAfter: it is
// brought forward when the certificate is about to be replaced.
type item struct {
	SerialNo    string        `json:"serial_no"`
	From        string        `json:"effective_time"`
	Until       string        `json:"expire_time"`
	Certificate cipher.Sealed `json:"encrypt_certificate"`
}

func (i item) open(s *source) (c platformCertificate, err error) {
	text, err := s.gcm.Open(i.Certificate)
	if err != nil {
		return c, fmt.Errorf("it does not open with APIv3Key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return c, errors.New("what was encrypted is not PEM")
	}
	cert, err := s.parse(block.Bytes)
	if err != nil {
		return c, fmt.Errorf("CERTIFICATE is damaged: %w", err)
	}
	if err := signer.CheckRSA(cert.PublicKey); err != nil {
		return c, err
	}
	c = newPlatformCertificate(cert)
	if !c.isNamed(i.SerialNo) {
		return c, fmt.Errorf("its serial number is really %q", c.serialNo)
	}
	from, err := listedTime("effective_time", i.From, c.from)
	if err != nil {
		return c, err
	}
	until, err := listedTime("expire_time", i.Until, c.until)
	if err != nil {
		return c, err
	}
	if from.After(c.from) {
		c.from = from
	}
	if until.Before(c.until) {
		c.until = until
	}
	return c, nil
}

// listedTime reads a time of an answer, which may be missing.
func listedTime(name, text string, missing time.Time) (time.Time, error) {
	if text == "" {
		return missing, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return missing, fmt.Errorf("%s %.40q is not a time of RFC 3339", name, text)
	}
	return at, nil
}

// refused makes an error of an answer that says no. Nobody has signed it for
// this side to see, so that it is only told of.
func refused(resp *http.Response, body []byte) error {
	answer := shallow.ParseJSON(body)
	code, message := answer.Get("code").String(), answer.Get("message").String()
	switch {
	case resp.StatusCode == http.StatusNotFound && code == "RESOURCE_NOT_EXISTS":
		return fmt.Errorf("%w (%d %s)", ErrNoCertificates, resp.StatusCode, code)
	case resp.StatusCode == http.StatusUnauthorized && code != "":
		return fmt.Errorf("%d %.64q: %.200q; MchID, SerialNo and PrivateKey must be of one merchant API certificate that has not expired, and this machine's clock right",
			resp.StatusCode, code, message)
	case code == "":
		return fmt.Errorf("%d %s: the answer is not the platform's JSON", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	return fmt.Errorf("%d %.64q: %.200q", resp.StatusCode, code, message)
}
