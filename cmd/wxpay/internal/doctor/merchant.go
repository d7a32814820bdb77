package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/keys"
)

const (
	mendKey         lang.Phrase = "give the path of apiclient_key.pem, an RSA key as PEM, as the platform's certificate tool writes it"
	mendCertificate lang.Phrase = "give the path of apiclient_cert.pem, which the platform issued for this key"
	mendNewOne      lang.Phrase = "apply for a new certificate in the merchant platform's account center, under API security"
)

// soon is how long before its expiry a certificate should be replaced.
const soon = 30 * 24 * time.Hour

// checkPrivateKeyFile reads the private key. If the setting holds a key and not
// a path, the error must not show it; package keys takes care of that.
func checkPrivateKeyFile(_ context.Context, c *checkup) finding {
	if c.IsAPIv2Only() {
		return skipped("not set: with an APIv2 key alone, APIv2 alone can be called")
	}
	if missing, ok := c.need("private_key"); !ok {
		return missing
	}
	if _, _, err := c.Build.PublicOf(c.PrivateKey); errors.As(err, new(syscall.Errno)) {
		return bad(exit.Usage, err, mendKey)
	}
	path := strings.TrimPrefix(c.PrivateKey, "file://")
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fine("it is a text, not a file")
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return fine("%s can be read by others on this machine (%s)", path, info.Mode().Perm()).but(lang.Sprintf("chmod 600 %s", path))
	}
	return fine("%s", path)
}

func checkPrivateKey(_ context.Context, c *checkup) finding {
	key, kind, err := c.Build.PublicOf(c.PrivateKey)
	if err != nil {
		mend := mendKey
		if strings.Contains(err.Error(), "passphrase") {
			mend = "no passphrase is asked for here; write the key without one, with openssl pkcs8 -topk8 -nocrypt"
		}
		return bad(exit.Usage, err, mend)
	}
	c.key, _ = key.(publicKey) // every key that is loaded
	return fine("%s", kind)
}

// checkCertificate reads the certificate that is set, or the one next to the
// key, where the platform's tool puts it.
func checkCertificate(_ context.Context, c *checkup) finding {
	path := c.Certificate
	if path == "" {
		beside := filepath.Join(filepath.Dir(strings.TrimPrefix(c.PrivateKey, "file://")), "apiclient_cert.pem")
		if _, err := os.Stat(beside); c.key == nil || err != nil {
			return skipped("not set, and not needed; with it, it could be seen whether serial_no and private_key belong together")
		}
		path = beside
	}
	cert, err := c.Build.Certificate(path)
	if err != nil {
		return bad(exit.Usage, err, mendCertificate)
	}
	c.cert = cert
	return fine("serial number %s", c.certSerialNo())
}

// certSerialNo returns the serial number of the merchant's certificate, or ""
// if there is none.
func (c *checkup) certSerialNo() string {
	if c.cert == nil {
		return ""
	}
	serialNo, _ := keys.SerialNo(c.cert) // the certificate was parsed, so this does not fail
	return serialNo
}

func checkCertificateInForce(_ context.Context, c *checkup) finding {
	return inForce(c.cert, c.now(), mendNewOne)
}

func inForce(cert *x509.Certificate, now time.Time, mend lang.Phrase) finding {
	from, until := cert.NotBefore.Local().Format(time.DateTime), cert.NotAfter.Local().Format(time.DateTime)
	switch left := cert.NotAfter.Sub(now); {
	case now.Before(cert.NotBefore):
		return bad(exit.Usage, lang.Sprintf("it is not in force before %s", from), lang.Phrase("set this machine's clock, if it is behind; else wait"))
	case left < 0:
		return bad(exit.Usage, lang.Sprintf("it expired at %s", until), mend)
	case left < soon:
		return fine("it expires in %d days, at %s", int(left.Hours()/24), until).but(lang.Sprintf("%s, before that", mend))
	}
	return fine("from %s to %s", from, until)
}

func checkKeyPair(_ context.Context, c *checkup) finding {
	if !c.key.Equal(c.cert.PublicKey) {
		return bad(exit.Usage, lang.Sprintf("the private key is not that of the certificate %s", c.certSerialNo()),
			lang.Phrase("take apiclient_key.pem and apiclient_cert.pem of one and the same application"))
	}
	return fine("the private key is that of the certificate")
}
