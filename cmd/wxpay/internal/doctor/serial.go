package doctor

import (
	"context"
	"crypto/x509"
	"path/filepath"
	"slices"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/keys"
)

func checkSerialNo(ctx context.Context, c *checkup) finding {
	if c.IsAPIv2Only() {
		return skipped("not set: with an APIv2 key alone, APIv2 alone can be called")
	}
	if missing, ok := c.need("serial_no"); !ok {
		if own := c.certSerialNo(); own != "" && missing.OK == wrong {
			missing.Mend = lang.Sprintf("set it to %s, as the certificate has it", own)
		}
		return missing
	}
	given, own := c.SerialNo, c.certSerialNo()
	mend := lang.Sprintf("it is that of apiclient_cert.pem, as the merchant platform's account center shows it, under API security")
	if own != "" {
		mend = lang.Sprintf("set it to %s, as the certificate has it", own)
	}
	switch {
	case given == "" && own == "":
		return skipped("it is to be read from the certificate")
	case given == "":
		return fine("%s, read from the certificate", own)
	case isPublicKeyID(given):
		return bad(exit.Usage, lang.Sprintf("%s is the id of a platform public key, not the serial number of the merchant's certificate", given), mend)
	case strings.EqualFold(given, own):
		return fine("%s, as the certificate has it", given)
	case serialForm(given) != nil:
		return bad(exit.Usage, serialForm(given), mend)
	case c.isPlatforms(ctx, given):
		return bad(exit.Usage, lang.Sprintf("%s is the serial number of a certificate of the platform, not of the merchant's", given), mend)
	case own != "":
		return bad(exit.Usage, lang.Sprintf("it is %s, but the certificate has %s", term.Cut(given), own), mend)
	}
	return fine("%s; there is no certificate to compare it with", given)
}

// serialForm says why text cannot be the serial number of a certificate, or returns nil.
func serialForm(text string) error {
	if err := identity.CheckSerialNo(text); err != nil {
		return err
	}
	for _, r := range text {
		if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return lang.Errorf("%s has the character %c, and a serial number has the digits 0 to 9 and A to F alone", quote.Setting(text), r)
		}
	}
	return nil
}

func isPublicKeyID(name string) bool {
	n := len(keys.PublicKeyIDPrefix)
	return len(name) >= n && strings.EqualFold(name[:n], keys.PublicKeyIDPrefix)
}

// isPlatforms reports whether a serial number belongs to a certificate of the
// platform: the answer was signed with it, the platform lists it, or a local
// certificate that does not match the merchant's key has it.
func (c *checkup) isPlatforms(ctx context.Context, serialNo string) bool {
	if c.greeting != nil && strings.EqualFold(c.greeting.header.Get("Wechatpay-Serial"), serialNo) {
		return true
	}
	return slices.ContainsFunc(append(c.certificatesAtHand(), c.certificatesListed(ctx)...), func(cert *x509.Certificate) bool {
		its, err := keys.SerialNo(cert)
		return err == nil && strings.EqualFold(its, serialNo) && (c.key == nil || !c.key.Equal(cert.PublicKey))
	})
}

// certificatesAtHand returns local certificates: the one that is set as the
// platform's key, and those next to the merchant's key or in a subfolder, where
// wxpay certs may have written them.
func (c *checkup) certificatesAtHand() (certs []*x509.Certificate) {
	paths := []string{c.PlatformKey}
	if c.key != nil { // so its folder is known
		dir := filepath.Dir(strings.TrimPrefix(c.PrivateKey, "file://"))
		for _, pattern := range []string{"*.pem", filepath.Join("platform", "*.pem")} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern)) // a folder with an invalid pattern as its name has no matches
			paths = append(paths, found...)
		}
	}
	for _, path := range paths {
		if cert, err := c.Build.Certificate(path); err == nil {
			certs = append(certs, cert)
		}
	}
	return certs
}

// certificatesListed returns the certificates that the platform lists. It asks
// with the serial number from the merchant's certificate.
func (c *checkup) certificatesListed(ctx context.Context) []*x509.Certificate {
	s := *c.Settings
	if s.SerialNo = c.certSerialNo(); s.SerialNo == "" || c.greeting == nil {
		return nil
	}
	certs, _ := c.download(ctx, &s) // empty if that number is wrong too
	return certs
}
