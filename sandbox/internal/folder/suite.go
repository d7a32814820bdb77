package folder

import (
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

var errNoSuite = errors.New("no suite besides RSA is known")

// loadPairOf reads a certificate of a suite and its private key.
func loadPairOf(suite party.Suite, certPath, keyPath string) (party.Certificate, error) {
	if suite == nil {
		return party.Certificate{}, errNoSuite
	}
	cert, err := readBlock(certPath, "CERTIFICATE")
	if err != nil {
		return party.Certificate{}, err
	}
	key, err := readBlock(keyPath, "PRIVATE KEY")
	if err != nil {
		return party.Certificate{}, err
	}
	c, err := party.CertificateIn(suite, cert, key)
	if err != nil {
		return c, fmt.Errorf("%s and %s: %w", certPath, keyPath, err)
	}
	return c, nil
}

func readBlock(path, blockType string) ([]byte, error) {
	text, err := readFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != blockType {
		return nil, fmt.Errorf("%s has no PEM block of type %s", path, blockType)
	}
	return block.Bytes, nil
}

// suiteDir returns the folder of the platform's certificates of a suite.
func suiteDir(dir string, suite party.Suite) string {
	return filepath.Join(dir, platformDir, suite.Scheme())
}

// loadSuite reads the platform's certificates of a suite, if there are any.
func loadSuite(dir string, suite party.Suite) ([]party.Certificate, error) {
	if suite == nil || !exists(suiteDir(dir, suite)) {
		return nil, nil
	}
	return loadCertificates(suiteDir(dir, suite), "", func(certPath, keyPath string) (party.Certificate, error) {
		return loadPairOf(suite, certPath, keyPath)
	})
}

// addSuite adds certificates of a suite to the folder of a platform that lacks them.
func addSuite(dir string, suite party.Suite, p party.Platform, now time.Time) error {
	if suite == nil || slices.ContainsFunc(p.Certificates, func(c party.Certificate) bool { return c.Scheme() == suite.Scheme() }) {
		return nil
	}
	made, err := party.MakeCertificates(suite, now)
	if err != nil {
		return err
	}
	var files []newFile
	for _, c := range made {
		files = append(files,
			newFile{c.SerialNo() + ofKey, secretMode, keyPEM(c.PKCS8)},
			newFile{c.SerialNo() + ".pem", publicMode, certificatePEM(c.Certificate.Certificate)})
	}
	return writeFolder(filepath.Join(dir, platformDir), suite.Scheme(), files)
}
