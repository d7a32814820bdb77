// Package folder stores the keys of a sandbox as files: those of its merchants,
// of the platform, and of its HTTPS authority.
package folder

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// The files in a sandbox's folder. Those of a merchant have the names that the
// merchant platform gives them.
const (
	settingsFile = "wxpay.toml"
	keyFile      = "apiclient_key.pem"
	certFile     = "apiclient_cert.pem"
	p12File      = "apiclient_cert.p12"
	publicFile   = "pub_key.pem"
	platformDir  = "platform"
	ofKey        = "_key.pem" // ends the name of the platform's private keys
)

// fileSettings are the settings in wxpay.toml, under the names that the wxpay
// command reads. Paths are relative to the folder.
type fileSettings struct {
	MchID         string `toml:"mchid"`
	SerialNo      string `toml:"serial_no"`
	PrivateKey    string `toml:"private_key"`
	Certificate   string `toml:"certificate"`
	PlatformKeyID string `toml:"platform_public_key_id,omitempty"` // both are missing if the merchant works with certificates alone
	PlatformKey   string `toml:"platform_public_key,omitempty"`
	APIv3Key      string `toml:"apiv3_key"`
	APIv2Key      string `toml:"apiv2_key"`
	BaseURL       string `toml:"base_url,omitempty"` // only if a user adds it
}

// Keys are the keys in the folder of a sandbox.
type Keys struct {
	Merchants    []party.Merchant
	SubMerchants []party.SubMerchant
	Platform     party.Platform
	Mode         party.Mode
}

// A Kind says which keys merchants may have.
type Kind struct {
	Suite party.Suite // besides RSA, or nil
	Makes bool        // the merchants that are made are of Suite
}

// made returns the suite of merchants that are made, or nil for RSA.
func (kind Kind) made() party.Suite {
	if kind.Makes {
		return kind.Suite
	}
	return nil
}

// Load returns the keys of a folder. If the folder is empty or missing, Load
// makes it, with the keys of a merchant with that number and of a platform, valid
// from now. A folder that is damaged, or that was not written completely, is an
// error that names the file.
func Load(dir, mchID string, kind Kind, now time.Time) (Keys, error) {
	k, err := load(dir, kind.Suite)
	if errors.Is(err, errNoSettings) {
		k, err = makeFolder(dir, mchID, kind.made(), now)
	}
	return k, err
}

var errNoSettings = errors.New("there is no " + settingsFile)

func load(dir string, suite party.Suite) (Keys, error) {
	s, err := loadSettings(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Keys{}, errNoSettings
	}
	if err != nil {
		return Keys{}, err
	}
	m, err := loadMerchant(dir, s, suite)
	if err != nil {
		return Keys{}, err
	}
	id, err := publicKeyID(dir, s)
	if err != nil {
		return Keys{}, err
	}
	p, err := loadPlatform(dir, id)
	if err != nil {
		return Keys{}, err
	}
	ofSuite, err := loadSuite(dir, suite)
	if err != nil {
		return Keys{}, err
	}
	p.Certificates = append(p.Certificates, ofSuite...)
	k := Keys{Merchants: []party.Merchant{m}, Platform: p, Mode: oldMode}
	if err := k.loadMerchants(filepath.Join(dir, merchantsDir), suite); err != nil {
		return Keys{}, err
	}
	return k, k.loadPartners(filepath.Join(dir, partnersFile))
}

func loadSettings(dir string) (fileSettings, error) {
	var s fileSettings
	return s, loadTOML(filepath.Join(dir, settingsFile), &s)
}

func loadMerchant(dir string, s fileSettings, suite party.Suite) (party.Merchant, error) {
	cert, key := filepath.Join(dir, certFile), filepath.Join(dir, keyFile)
	pair, err := loadPair(cert, key)
	if err != nil {
		ofSuite, failed := loadPairOf(suite, cert, key)
		if failed != nil {
			return party.Merchant{}, err
		}
		pair = ofSuite
	}
	m := party.Merchant{MchID: s.MchID, PrivateKey: pair.PrivateKey, Signer: pair.Signer, Certificate: pair.Certificate, SerialNo: pair.SerialNo(),
		APIv3Key: s.APIv3Key, APIv2Key: s.APIv2Key}
	settings := filepath.Join(dir, settingsFile)
	if s.SerialNo != m.SerialNo {
		return party.Merchant{}, fmt.Errorf("%s: serial_no is %.40q, but %s has %s", settings, s.SerialNo, certFile, m.SerialNo)
	}
	if err := m.Check(); err != nil {
		return party.Merchant{}, fmt.Errorf("%s: %w", settings, err)
	}
	if m.Signer != nil {
		return m, nil
	}
	path := filepath.Join(dir, p12File)
	p12, err := keys.PKCS12(path, m.MchID)
	if err != nil {
		return party.Merchant{}, fmt.Errorf("%s: %w", path, err)
	}
	if !p12.Leaf.Equal(m.Certificate) {
		return party.Merchant{}, fmt.Errorf("%s has another certificate than %s", path, certFile)
	}
	return m, nil
}

func loadPlatform(dir, id string) (party.Platform, error) {
	folder := filepath.Join(dir, platformDir)
	private := filepath.Join(folder, id+ofKey)
	p := party.Platform{PublicKeyID: id}
	var err error
	if p.PrivateKey, err = loadPrivate(private); err != nil {
		return party.Platform{}, err
	}
	public := filepath.Join(dir, publicFile)
	key, err := keys.Public(public)
	if err != nil {
		return party.Platform{}, fmt.Errorf("%s: %w", public, err)
	}
	if !p.PrivateKey.PublicKey.Equal(key) {
		return party.Platform{}, fmt.Errorf("%s is not the public key of %s", public, private)
	}
	p.Certificates, err = loadCertificates(folder, id, loadPair)
	return p, err
}

// loadCertificates reads the certificates in a folder. Each certificate must have
// its key beside it, and each key its certificate.
func loadCertificates(folder, id string, load func(certPath, keyPath string) (party.Certificate, error)) ([]party.Certificate, error) {
	files, err := os.ReadDir(folder) // sorted
	if err != nil {
		return nil, err
	}
	serials := make(map[string]bool)
	var all []party.Certificate
	for _, file := range files {
		name, isKey := strings.CutSuffix(file.Name(), ofKey)
		if !isKey {
			name = strings.TrimSuffix(name, ".pem")
		}
		if strings.HasPrefix(name, ".") || name == id || serials[name] || file.IsDir() {
			continue
		}
		serials[name] = true
		cert := filepath.Join(folder, name+".pem")
		c, err := load(cert, filepath.Join(folder, name+ofKey))
		if err != nil {
			return nil, err
		}
		if c.SerialNo() != name {
			return nil, fmt.Errorf("%s has the serial number %s", cert, c.SerialNo())
		}
		all = append(all, c)
	}
	if all == nil {
		return nil, fmt.Errorf("%s has no certificate", folder)
	}
	return all, nil
}

// loadPair reads a certificate and its private key.
func loadPair(certPath, keyPath string) (party.Certificate, error) {
	cert, err := keys.Certificate("file://" + certPath)
	if err != nil {
		return party.Certificate{}, fmt.Errorf("%s: %w", certPath, err)
	}
	key, err := loadPrivate(keyPath)
	if err != nil {
		return party.Certificate{}, err
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return party.Certificate{}, fmt.Errorf("%s is not the certificate of %s", certPath, keyPath)
	}
	return party.Certificate{Certificate: cert, PrivateKey: key}, nil
}

func loadPrivate(path string) (*rsa.PrivateKey, error) {
	key, err := keys.Private("file://" + path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
