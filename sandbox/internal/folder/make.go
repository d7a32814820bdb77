package folder

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pelletier/go-toml/v2"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/wxchain/wechatpay/internal/wholefile"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// makeFolder writes the files of a new sandbox. The settings are last.
func makeFolder(dir, mchID string, suite party.Suite, now time.Time) (Keys, error) {
	for _, name := range [...]string{keyFile, certFile, p12File, publicFile, platformDir} {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			return Keys{}, fmt.Errorf("%s is there, but %s, which is written last, is not: the first start was cut short, or the folder is another program's; "+
				"remove what the sandbox wrote, or take another folder", path, settingsFile)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Keys{}, err
		}
	}
	m, key, err := newMerchant(suite, mchID, now)
	if err != nil {
		return Keys{}, err
	}
	p, err := party.NewPlatform(now)
	if err != nil {
		return Keys{}, err
	}
	files, err := newFiles(m, key, p)
	if err != nil {
		return Keys{}, err
	}
	if err := wholefile.MakeFolder(filepath.Join(dir, platformDir)); err != nil {
		return Keys{}, err
	}
	if err := writeMode(dir, party.WithPublicKey); err != nil {
		return Keys{}, err
	}
	if err := addSuite(dir, suite, p, now); err != nil {
		return Keys{}, err
	}
	if err := writeFiles(dir, files); err != nil {
		return Keys{}, err
	}
	ofSuite, err := loadSuite(dir, suite)
	p.Certificates = append(p.Certificates, ofSuite...)
	return Keys{Merchants: []party.Merchant{m}, Platform: p, Mode: party.WithPublicKey}, err
}

// newMerchant makes a merchant of a suite, or of RSA for nil, and returns its private
// key as PEM.
func newMerchant(suite party.Suite, mchID string, now time.Time) (m party.Merchant, key []byte, err error) {
	if suite != nil {
		m, der, err := party.MakeMerchant(suite, mchID, now)
		return m, keyPEM(der), err
	}
	if m, err = party.NewMerchant(mchID, now); err != nil {
		return m, nil, err
	}
	key, err = privatePEM(m.PrivateKey)
	return m, key, err
}

// newFiles returns the files of a merchant and a platform, in the order in which
// they are written.
func newFiles(m party.Merchant, merchantKey []byte, p party.Platform) ([]newFile, error) {
	var files []newFile
	for _, c := range p.Certificates {
		key, err := privatePEM(c.PrivateKey)
		if err != nil {
			return nil, err
		}
		files = append(files,
			newFile{filepath.Join(platformDir, c.SerialNo()+ofKey), secretMode, key},
			newFile{filepath.Join(platformDir, c.SerialNo()+".pem"), publicMode, certificatePEM(c.Certificate)})
	}
	platformKey, err := privatePEM(p.PrivateKey)
	if err != nil {
		return nil, err
	}
	publicKey, err := x509.MarshalPKIXPublicKey(p.PrivateKey.Public())
	if err != nil {
		return nil, err
	}
	files = append(files,
		newFile{filepath.Join(platformDir, p.PublicKeyID+ofKey), secretMode, platformKey},
		newFile{publicFile, publicMode, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: publicKey})})
	more, err := merchantFiles(m, merchantKey, p.PublicKeyID, publicFile)
	return append(files, more...), err
}

// merchantFiles returns the files of a merchant, in the order in which they are
// written. The platform public key is in the file at the path platformKey. A merchant of
// a suite works without that key, and has no PKCS#12.
func merchantFiles(m party.Merchant, key []byte, platformKeyID, platformKey string) ([]newFile, error) {
	files := []newFile{{keyFile, secretMode, key}, {certFile, publicMode, certificatePEM(m.Certificate)}}
	if m.PrivateKey == nil {
		platformKeyID, platformKey = "", ""
	} else {
		// Every language reads the old ciphers.
		p12, err := pkcs12.LegacyDES.Encode(m.PrivateKey, m.Certificate, nil, m.MchID)
		if err != nil {
			return nil, err
		}
		files = append(files, newFile{p12File, secretMode, p12})
	}
	settings, err := toml.Marshal(fileSettings{
		MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: keyFile, Certificate: certFile,
		PlatformKeyID: platformKeyID, PlatformKey: platformKey, APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key,
	})
	if err != nil {
		return nil, err
	}
	return append(files, newFile{settingsFile, secretMode, settings}), nil
}

// privatePEM writes a private key as PKCS#8.
func privatePEM(key any) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return keyPEM(der), nil
}

func keyPEM(pkcs8 []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

func certificatePEM(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}
