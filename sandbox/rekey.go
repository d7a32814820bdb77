package sandbox

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// IssueCertificate gives a merchant another API certificate, with a new key, and
// returns the merchant with it. Its older certificates stay valid, as on the platform,
// which allows three at once. Answers are encrypted for the certificate that signed the
// request. Changes of keys last as long as the Server: the files of [LoadDir] stay as
// they are.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053053
func (s *Server) IssueCertificate(mchID string) (Merchant, error) {
	m, err := s.merchants.Certify(mchID, s.wall())
	return Merchant(m), keyError(err, "issuing a certificate")
}

// controlIssue issues a certificate and returns it with its key, as texts of PEM.
func (s *Server) controlIssue(mchID string) (any, error) {
	if m, ok := s.merchants.Of(mchID); ok && m.PrivateKey == nil {
		return nil, fmt.Errorf("sandbox: the control API issues RSA certificates, and merchant %s has another key", mchID)
	}
	m, err := s.IssueCertificate(mchID)
	if err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(m.PrivateKey)
	if err != nil {
		return nil, err
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return map[string]string{"serial_no": m.SerialNo, "certificate": text("CERTIFICATE", m.Certificate.Raw), "private_key": text("PRIVATE KEY", key)}, nil
}

// RevokeCertificate ends an API certificate of a merchant, which must have another.
// Requests that it signs are refused with SIGN_ERROR from now on.
//
// https://pay.weixin.qq.com/doc/v3/partner/4013058943
func (s *Server) RevokeCertificate(mchID, serialNo string) error {
	return keyError(s.merchants.Revoke(mchID, serialNo), "revoking a certificate")
}

// SetAPIv3Key replaces the APIv3 key of a merchant, which has 32 bytes. From now on it
// encrypts new notifications and the platform's certificates. Notifications that were
// written before are repeated as they were written, so the old key opens them.
func (s *Server) SetAPIv3Key(mchID, key string) error {
	return keyError(s.merchants.SetAPIv3Key(mchID, key), "setting the APIv3 key of merchant %.40q", mchID)
}

// AnnounceCertificate adds a new certificate of the platform, and one of the Suite if
// there is one, and returns the serial numbers. v3/certificates lists it beside the
// others, which go on to sign until [Server.ShiftKeys]. It is for merchants that work
// with [KeyCertificate].
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wechatpay/wechatpay5_0.shtml
func (s *Server) AnnounceCertificate() (serialNos []string, err error) {
	serialNos, err = s.issuer.Announce(s.wall())
	return serialNos, keyError(err, "announcing a certificate")
}

// ShiftKeys sets the share, from 0 to 1, of what a newer key of the platform signs.
//
// With [KeyCertificate], the newer key is the announced certificate, and the share is
// that of answers and notifications. With [KeyBoth], it is the public key, and the
// share is that of notifications, whatever key requests name; each request decides
// on its answer. On the platform the latter goes from 0.1 % to 100 % in seven days.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012154180
func (s *Server) ShiftKeys(share float64) error {
	return keyError(s.issuer.Shift(share), "shifting to another key")
}

// RetireCertificates ends all certificates of the platform but the newest, and one of
// each Suite.
func (s *Server) RetireCertificates() error {
	return keyError(s.issuer.Retire(), "retiring certificates")
}

// SetPlatformKey changes which of the platform's keys the merchants work with. To change
// from certificates to the public key, set [KeyBoth], shift the notifications with
// [Server.ShiftKeys], and set [KeyPublic], which ends the certificates.
func (s *Server) SetPlatformKey(key PlatformKey) error {
	return keyError(s.issuer.SetMode(party.Mode(key)), "setting the platform key")
}

// keyError returns the error of a change of keys.
func keyError(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("sandbox: "+format+": %w", append(args, err)...)
}
