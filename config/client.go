package config

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// config returns the Config of a client for m.
func (m opened) config(ctx context.Context, common shared) (wechatpay.Config, error) {
	config := wechatpay.Config{
		MchID: m.MchID, BaseURL: m.BaseURL, APIv3Key: m.APIv3Key, OtherAPIv3Key: m.OtherAPIv3Key, APIv2Key: m.APIv2Key,
		Transport: common.transport, Seen: common.seen,
	}
	c := checked{opened: m}
	c.mchID()
	c.secret("apiv3_key", m.APIv3Key)
	c.secret("other_apiv3_key", m.OtherAPIv3Key)
	c.secret("apiv2_key", m.APIv2Key)
	if m.OtherAPIv3Key != "" && m.APIv3Key == "" {
		c.missing("apiv3_key", "apiv3_key, beside other_apiv3_key")
	}
	c.baseURL()
	ready := new(wechatpay.Config) // what becomes of config
	if !m.isAPIv2Only() {
		config.PrivateKey, config.SerialNo, config.ClientCert = c.identity()
		config.PlatformKeys = c.platformKeys(ctx, &config, ready)
	}
	if len(c.problems) > 0 {
		return wechatpay.Config{}, errors.Join(c.problems...)
	}
	for _, edit := range common.edits {
		edit(&config)
	}
	*ready = config
	return config, nil
}

// isAPIv2Only reports whether m can make only APIv2 calls.
func (m Merchant) isAPIv2Only() bool {
	return m.APIv2Key != "" && m.PrivateKey == "" && m.SerialNo == "" && m.PlatformPublicKeyID == "" && m.PlatformPublicKey == ""
}

// checked collects what is wrong with the settings of m.
type checked struct {
	opened
	problems []error
}

// wrong reports that the setting of a key is wrong. err continues its name.
func (c *checked) wrong(key string, err error) {
	c.problems = append(c.problems, at(c.place(key), fmt.Errorf("%s %w", key, err)))
}

// broken reports the error of what the setting of a key leads to.
func (c *checked) broken(key string, err error) {
	c.problems = append(c.problems, at(c.place(key), fmt.Errorf("%s: %w", key, err)))
}

// read hands the text of a key or certificate to load and returns what that returns.
// If the text is missing or wrong, it reports the error and returns false.
func read[T any](c *checked, key string, load func(text string) (T, error)) (loaded T, ok bool) {
	err := c.errs[key]
	if err == nil {
		if loaded, err = load(c.texts[key]); err == nil {
			return loaded, true
		}
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // without the name, which the key says too
		}
	}
	c.broken(key, err)
	return loaded, false
}

// missing reports that the settings that text names are missing.
func (c *checked) missing(key, text string) {
	place := c.place(key)
	if c.MchID != "" && key != "mchid" {
		place = strings.TrimPrefix(place+": merchant "+quote.Setting(c.MchID), ": ")
	}
	c.problems = append(c.problems, at(place, fmt.Errorf("missing: %s", text)))
}

func (c *checked) mchID() {
	if c.MchID == "" {
		c.missing("mchid", "mchid")
	} else if err := identity.CheckMchID(c.MchID); err != nil {
		c.wrong("mchid", err)
	}
}

func (c *checked) secret(key, value string) {
	const size = 32
	if n := len(value); n != 0 && n != size {
		c.wrong(key, fmt.Errorf("has %d bytes, such a key has %d", n, size))
	}
}

func (c *checked) baseURL() {
	if c.BaseURL == "" {
		return
	}
	// Nothing else can be wrong with this client.
	_, err := wechatpay.New(wechatpay.Config{MchID: "1900000109", APIv2Key: strings.Repeat("0", 32), BaseURL: c.BaseURL})
	if err != nil {
		c.wrong("base_url", errors.New(strings.TrimPrefix(err.Error(), "wechatpay: config: BaseURL ")))
	}
}

// identity returns the merchant's key, the serial number of its certificate, and the
// certificate for calls of APIv2, if it is there.
func (c *checked) identity() (*rsa.PrivateKey, string, *tls.Certificate) {
	var key *rsa.PrivateKey
	if c.PrivateKey == "" {
		c.missing("private_key", "private_key, the path of apiclient_key.pem")
	} else {
		key, _ = read(c, "private_key", keys.Private)
	}
	serial := c.SerialNo
	var cert *x509.Certificate
	if c.Certificate != "" {
		cert = c.certificate(key)
		if cert != nil && serial == "" {
			serial, _ = keys.SerialNo(cert)
		}
	}
	switch {
	case serial == "" && c.Certificate == "":
		c.missing("serial_no", "serial_no, or certificate, the path of apiclient_cert.pem")
	case serial == "": // what is wrong with the certificate was reported
	case strings.HasPrefix(strings.ToUpper(serial), keys.PublicKeyIDPrefix):
		c.wrong("serial_no", errors.New("is the id of a platform public key; write the serial number of apiclient_cert.pem"))
	default:
		if err := identity.CheckSerialNo(serial); err != nil {
			c.wrong("serial_no", err)
		}
	}
	if cert == nil || key == nil || c.APIv2Key == "" {
		return key, serial, nil
	}
	return key, serial, &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

// certificate returns the merchant's certificate, which must be that of key and of the
// serial number.
func (c *checked) certificate(key *rsa.PrivateKey) *x509.Certificate {
	cert, ok := read(c, "certificate", keys.Certificate)
	if !ok {
		return nil
	}
	if key != nil && !key.PublicKey.Equal(cert.PublicKey) {
		c.wrong("certificate", fmt.Errorf("does not belong to private_key%s; both come from one download of the merchant platform", of(c.Origin("private_key"))))
		return nil
	}
	if serial, err := keys.SerialNo(cert); err == nil && c.SerialNo != "" && !strings.EqualFold(serial, c.SerialNo) {
		c.wrong("serial_no", fmt.Errorf("is not that of certificate, %s; leave one of both out", serial))
	}
	return cert
}

func of(place string) string {
	if place == "" {
		return ""
	}
	return " of " + place
}

// platformKey returns the platform public key, or nil without one.
func (c *checked) platformKey() keys.Static {
	switch {
	case c.PlatformPublicKeyID == "" && c.PlatformPublicKey == "":
		return nil
	case c.PlatformPublicKeyID == "":
		c.missing("platform_public_key_id", "platform_public_key_id, "+keys.PublicKeyIDPrefix+"…, of platform_public_key")
		return nil
	case c.PlatformPublicKey == "":
		c.missing("platform_public_key", "platform_public_key, the path of pub_key.pem, of platform_public_key_id")
		return nil
	}
	if err := identity.CheckSerialNo(c.PlatformPublicKeyID); err != nil {
		c.wrong("platform_public_key_id", err)
		return nil
	}
	key, ok := read(c, "platform_public_key", keys.Public)
	if !ok {
		return nil
	}
	return keys.Static{c.PlatformPublicKeyID: key}
}

// platformKeys returns the keys of the platform: its public key, its certificates, or
// both. The downloads go the way of the calls of ready.
func (c *checked) platformKeys(ctx context.Context, config, ready *wechatpay.Config) signer.PublicKeys {
	static := c.platformKey()
	if c.APIv3Key == "" && c.PlatformPublicKeyID == "" && c.PlatformPublicKey == "" {
		c.missing("platform_public_key", "platform_public_key_id and platform_public_key, from the merchant platform's account center, under API security; "+
			"or apiv3_key, to download the platform's certificates")
	}
	if len(c.problems) > 0 || c.APIv3Key == "" {
		return static
	}
	downloader, err := keys.NewDownloader(ctx, keys.DownloaderConfig{
		MchID: config.MchID, SerialNo: config.SerialNo, PrivateKey: config.PrivateKey,
		APIv3Key: config.APIv3Key, OtherAPIv3Key: config.OtherAPIv3Key, BaseURL: config.BaseURL, Transport: transportOf{ready},
		Clock: func() time.Time {
			if ready.Clock == nil {
				return time.Now()
			}
			return ready.Clock()
		},
	})
	switch {
	case err != nil:
		c.problems = append(c.problems, at(c.origin, err))
		return nil
	case static == nil:
		return downloader
	}
	return keys.Combined(static, downloader)
}

// transportOf is the Transport of a Config.
type transportOf struct{ config *wechatpay.Config }

func (t transportOf) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.config.Transport.RoundTrip(req)
}
