package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"strings"
	"time"
	"unicode"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/keys"
)

const (
	mendAPIv3Key  lang.Phrase = "set what the merchant platform's account center has under API security, APIv3 key: 32 letters and digits"
	mendAPIv2Key  lang.Phrase = "set what the merchant platform's account center has under API security, API key: 32 letters and digits"
	mendPublicKey lang.Phrase = "the platform public key and its id are in the merchant platform's account center, under API security"
)

func checkAPIv3Key(_ context.Context, c *checkup) finding {
	key := c.APIv3Key
	if key == "" {
		return skipped("not set; it opens notifications and the platform's certificates")
	}
	_, err := cipher.NewGCM(key)
	switch {
	case err != nil:
		return bad(exit.Usage, lang.Sprintf("%v%s", err, spaced(key)), mendAPIv3Key)
	case spaced(key) != "":
		return fine("32 bytes%s", spaced(key)).but(mendAPIv3Key)
	case key == c.APIv2Key:
		return fine("32 bytes, but it is the APIv2 key, too").but(lang.Sprintf("they are two keys, unless both were set to the same; %s", mendAPIv3Key))
	}
	return fine("32 bytes")
}

func checkAPIv2Key(_ context.Context, c *checkup) finding {
	key := c.APIv2Key
	if key == "" {
		return skipped("not set; APIv2 alone needs it")
	}
	if err := refuse(wechatpay.Config{MchID: anyMchID, APIv2Key: key}); err != "" {
		return bad(exit.Usage, lang.Sprintf("%s%s", err, spaced(key)), mendAPIv2Key)
	}
	if spaced(key) != "" {
		return fine("32 bytes%s", spaced(key)).but(mendAPIv2Key)
	}
	return fine("32 bytes")
}

// spaced describes white space in a key, such as a line break that was copied
// with it.
func spaced(key string) lang.Phrase {
	switch {
	case strings.ContainsAny(key, "\r\n"):
		return "; there is a line break in it"
	case strings.ContainsFunc(key, unicode.IsSpace):
		return "; there is a space in it"
	}
	return ""
}

// hasPlatformKey reports whether the platform public key or its id is set.
func (c *checkup) hasPlatformKey() bool { return c.PlatformKeyID != "" || c.PlatformKey != "" }

const noPlatformKey = "not set: the platform's certificates are downloaded with the APIv3 key"

func checkPlatformKeyID(ctx context.Context, c *checkup) finding {
	id := c.PlatformKeyID
	switch {
	case !c.hasPlatformKey() && c.IsAPIv2Only():
		return skipped("not set; APIv3 alone needs it")
	case !c.hasPlatformKey() && c.APIv3Key != "":
		return skipped(noPlatformKey)
	case !c.hasPlatformKey() && c.broken == nil:
		_, err := c.PublicKeys(ctx)
		missing := bad(exit.Usage, err, mendPublicKey)
		missing.isMissing = true
		return missing
	}
	if missing, ok := c.need("platform_public_key_id"); !ok {
		return missing
	}
	switch {
	case isPublicKeyID(id):
		return checkKeyIDForm(id)
	case strings.EqualFold(id, c.certSerialNo()) || strings.EqualFold(id, c.SerialNo):
		return bad(exit.Usage, lang.Sprintf("%s is the serial number of the merchant's certificate", term.Cut(id)), mendPublicKey)
	}
	if serialNo, err := keys.SerialNo(c.PlatformKey); err == nil && strings.EqualFold(id, serialNo) {
		return fine("%s, the serial number of the certificate that is set as platform_public_key", id)
	}
	return bad(exit.Usage, lang.Sprintf("%q does not start with %s", term.Cut(id), keys.PublicKeyIDPrefix), mendPublicKey)
}

// checkKeyIDForm checks the part of a public key's id that follows the prefix.
func checkKeyIDForm(id string) finding {
	const digits = 28 // of the ids that the platform gives
	rest := id[len(keys.PublicKeyIDPrefix):]
	switch {
	case identity.CheckSerialNo(id) != nil || rest == "":
		return bad(exit.Usage, lang.Sprintf("%s is not the whole id, or has something else in it", term.Cut(id)), mendPublicKey)
	case !strings.HasPrefix(id, keys.PublicKeyIDPrefix):
		return fine("%s, but ids start with %s in capitals", id, keys.PublicKeyIDPrefix).but(lang.Sprintf("set it to %s", keys.PublicKeyIDPrefix+rest))
	case strings.Trim(rest, "0123456789") != "" || len(rest) != digits:
		return fine("%s, but ids have %d digits after %s", id, digits, keys.PublicKeyIDPrefix).but(lang.Phrase("compare it with the one in the merchant platform's account center, under API security"))
	}
	return fine("%s", id)
}

func checkPlatformKey(_ context.Context, c *checkup) finding {
	if !c.hasPlatformKey() {
		return skipped("not set")
	}
	if missing, ok := c.need("platform_public_key"); !ok {
		return missing
	}
	key, err := keys.Public(c.PlatformKey)
	if err != nil {
		return bad(exit.Usage, err, mendPublicKey)
	}
	cert, err := keys.Certificate(c.PlatformKey)
	switch isCert := err == nil; {
	case c.key != nil && c.key.Equal(key):
		return bad(exit.Usage, lang.Phrase("it is the merchant's own key"), mendPublicKey)
	case isCert && isPublicKeyID(c.PlatformKeyID):
		return bad(exit.Usage, lang.Phrase("it is a certificate, but the id is that of a public key"), lang.Sprintf("give pub_key.pem; %s", mendPublicKey))
	case isCert:
		return inForce(cert, c.now(), "download the platform's certificates again, with wxpay certs")
	case c.PlatformKeyID == "":
		missing, _ := c.need("platform_public_key_id")
		return missing
	case !isPublicKeyID(c.PlatformKeyID):
		return bad(exit.Usage, lang.Phrase("it is a public key, but its id is not that of one"), mendPublicKey)
	}
	return fine("RSA, %d bits", key.N.BitLen())
}

// checkPlatformCertificates downloads the platform's certificates, as a client
// without the platform public key does.
func checkPlatformCertificates(ctx context.Context, c *checkup) finding {
	certs, err := c.download(ctx, c.Settings)
	switch {
	case errors.Is(err, keys.ErrNoCertificates) && c.hasPlatformKey():
		return skipped("none: the merchant has the platform public key alone")
	case errors.Is(err, keys.ErrNoCertificates):
		return bad(exit.Usage, err, lang.Sprintf("set platform_public_key_id and platform_public_key; %s", mendPublicKey))
	case errors.Is(err, cipher.ErrDecrypt):
		return bad(exit.Usage, lang.Phrase("the APIv3 key is not the merchant's: it does not open what the platform encrypted"), mendAPIv3Key)
	case err != nil:
		return bad(exit.Code(err), err, lang.Phrase("try again; wxpay certs does this alone"))
	}
	var names lang.List
	for _, cert := range certs {
		serialNo, _ := keys.SerialNo(cert) // the certificate was parsed, so this does not fail
		names = append(names, lang.Sprintf("%s to %s", serialNo, cert.NotAfter.Local().Format(time.DateOnly)))
	}
	return fine("%s; the APIv3 key opens them", names)
}

// download downloads the platform's certificates.
func (c *checkup) download(ctx context.Context, s *settings.Settings) ([]*x509.Certificate, error) {
	config, err := s.Downloader()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	config.Clock, config.Transport = c.now, c.transport
	d, err := keys.NewDownloader(ctx, config)
	if err != nil {
		return nil, exit.Misuse(err)
	}
	return d.Certificates(ctx)
}
