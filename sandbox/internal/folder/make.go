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
func makeFolder(dir, mchID string, now time.Time) (Keys, error) {
	for _, name := range [...]string{keyFile, certFile, p12File, publicFile, platformDir} {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			return Keys{}, fmt.Errorf("%s is there, but %s, which is written last, is not: the first start was cut short, or the folder is another program's; "+
				"remove what the sandbox wrote, or take another folder", path, settingsFile)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return Keys{}, err
		}
	}
	m, err := party.NewMerchant(mchID, now)
	if err != nil {
		return Keys{}, err
	}
	p, err := party.NewPlatform(now)
	if err != nil {
		return Keys{}, err
	}
	files, err := newFiles(m, p)
	if err != nil {
		return Keys{}, err
	}
	if err := wholefile.MakeFolder(filepath.Join(dir, platformDir)); err != nil {
		return Keys{}, err
	}
	if err := writeMode(dir, party.WithPublicKey); err != nil {
		return Keys{}, err
	}
	if err := writeFiles(dir, files); err != nil {
		return Keys{}, err
	}
	return Keys{Merchants: []party.Merchant{m}, Platform: p, Mode: party.WithPublicKey}, nil
}

// newFiles returns the files of a merchant and a platform, in the order in which
// they are written.
func newFiles(m party.Merchant, p party.Platform) ([]newFile, error) {
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
	more, err := merchantFiles(m, p.PublicKeyID, publicFile)
	return append(files, more...), err
}

// merchantFiles returns the files of a merchant, in the order in which they are
// written. The platform public key is in the file at the path platformKey.
func merchantFiles(m party.Merchant, platformKeyID, platformKey string) ([]newFile, error) {
	key, err := privatePEM(m.PrivateKey)
	if err != nil {
		return nil, err
	}
	// Every language reads the old ciphers.
	p12, err := pkcs12.LegacyDES.Encode(m.PrivateKey, m.Certificate, nil, m.MchID)
	if err != nil {
		return nil, err
	}
	settings, err := toml.Marshal(fileSettings{
		MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: keyFile, Certificate: certFile,
		PlatformKeyID: platformKeyID, PlatformKey: platformKey, APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key,
	})
	if err != nil {
		return nil, err
	}
	return []newFile{
		{keyFile, secretMode, key},
		{certFile, publicMode, certificatePEM(m.Certificate)},
		{p12File, secretMode, p12},
		{settingsFile, secretMode, settings},
	}, nil
}

// privatePEM writes a private key as PKCS#8.
func privatePEM(key any) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func certificatePEM(cert *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})
}
