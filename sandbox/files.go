package sandbox

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

// fileSettings are what wxpay.toml has, under the names that the wxpay command
// reads. Paths are relative to the folder.
type fileSettings struct {
	MchID         string `toml:"mchid"`
	SerialNo      string `toml:"serial_no"`
	PrivateKey    string `toml:"private_key"`
	Certificate   string `toml:"certificate"`
	PlatformKeyID string `toml:"platform_public_key_id"`
	PlatformKey   string `toml:"platform_public_key"`
	APIv3Key      string `toml:"apiv3_key"`
	APIv2Key      string `toml:"apiv2_key"`
	BaseURL       string `toml:"base_url,omitempty"` // for who writes it there
}

// LoadDir returns a Config with the merchants and the platform whose keys are
// files in a folder. When there are none yet it makes them, as of now, and the
// folder if need be: wxpay.toml, for the wxpay command, has the merchant's
// number, serial number, APIv3 and APIv2 keys and the id of the platform public
// key; beside it are apiclient_key.pem, apiclient_cert.pem, apiclient_cert.p12
// (whose password is the merchant's number) and pub_key.pem, and in the folder
// platform its certificates, by serial number, and its private keys. What holds
// a secret is for its owner alone. [AddMerchant] and [AddSubMerchant] add to them.
//
// A folder that is damaged, or was not written to its end, is an error that
// names the file.
func LoadDir(dir string, now time.Time) (Config, error) {
	config, err := loadDir(dir)
	if errors.Is(err, errNoSettings) {
		config, err = makeDir(dir, now)
	}
	if err != nil {
		return Config{}, fmt.Errorf("sandbox: %w", err)
	}
	return config, nil
}

var errNoSettings = errors.New("there is no " + settingsFile)

func loadDir(dir string) (Config, error) {
	s, err := loadSettings(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return Config{}, errNoSettings
	}
	if err != nil {
		return Config{}, err
	}
	m, err := loadMerchant(dir, s)
	if err != nil {
		return Config{}, err
	}
	p, err := loadPlatform(dir, s.PlatformKeyID)
	if err != nil {
		return Config{}, err
	}
	config := Config{Merchants: []Merchant{m}, Platform: &p}
	if err := config.loadMerchants(filepath.Join(dir, merchantsDir)); err != nil {
		return Config{}, err
	}
	return config, config.loadSubMerchants(filepath.Join(dir, partnersFile))
}

func loadSettings(dir string) (fileSettings, error) {
	var s fileSettings
	return s, loadTOML(filepath.Join(dir, settingsFile), &s)
}

func loadMerchant(dir string, s fileSettings) (Merchant, error) {
	pair, err := loadPair(filepath.Join(dir, certFile), filepath.Join(dir, keyFile))
	if err != nil {
		return Merchant{}, err
	}
	m := Merchant{MchID: s.MchID, PrivateKey: pair.PrivateKey, Certificate: pair.Certificate, SerialNo: pair.serialNo(),
		APIv3Key: s.APIv3Key, APIv2Key: s.APIv2Key}
	settings := filepath.Join(dir, settingsFile)
	if s.SerialNo != m.SerialNo {
		return Merchant{}, fmt.Errorf("%s: serial_no is %.40q, but %s has %s", settings, s.SerialNo, certFile, m.SerialNo)
	}
	if err := m.check(); err != nil {
		return Merchant{}, fmt.Errorf("%s: %w", settings, err)
	}
	path := filepath.Join(dir, p12File)
	p12, err := keys.PKCS12(path, m.MchID)
	if err != nil {
		return Merchant{}, fmt.Errorf("%s: %w", path, err)
	}
	if !p12.Leaf.Equal(m.Certificate) {
		return Merchant{}, fmt.Errorf("%s has another certificate than %s", path, certFile)
	}
	return m, nil
}

func loadPlatform(dir, id string) (Platform, error) {
	folder := filepath.Join(dir, platformDir)
	private := filepath.Join(folder, id+ofKey)
	if !strings.HasPrefix(id, keys.PublicKeyIDPrefix) || filepath.Base(id) != id {
		return Platform{}, fmt.Errorf("%s: platform_public_key_id is %.60q, want %s…", filepath.Join(dir, settingsFile), id, keys.PublicKeyIDPrefix)
	}
	p := Platform{PublicKeyID: id}
	var err error
	if p.PrivateKey, err = loadPrivate(private); err != nil {
		return Platform{}, err
	}
	public := filepath.Join(dir, publicFile)
	key, err := keys.Public(public)
	if err != nil {
		return Platform{}, fmt.Errorf("%s: %w", public, err)
	}
	if !p.PrivateKey.PublicKey.Equal(key) {
		return Platform{}, fmt.Errorf("%s is not the public key of %s", public, private)
	}
	p.Certificates, err = loadCertificates(folder, id)
	return p, err
}

// loadCertificates reads the certificates in a folder, each of which has its
// key beside it, and the other way round.
func loadCertificates(folder, id string) ([]PlatformCertificate, error) {
	files, err := os.ReadDir(folder) // sorted
	if err != nil {
		return nil, err
	}
	serials := make(map[string]bool)
	var all []PlatformCertificate
	for _, file := range files {
		name, isKey := strings.CutSuffix(file.Name(), ofKey)
		if !isKey {
			name = strings.TrimSuffix(name, ".pem")
		}
		if strings.HasPrefix(name, ".") || name == id || serials[name] {
			continue
		}
		serials[name] = true
		cert := filepath.Join(folder, name+".pem")
		c, err := loadPair(cert, filepath.Join(folder, name+ofKey))
		if err != nil {
			return nil, err
		}
		if c.serialNo() != name {
			return nil, fmt.Errorf("%s has the serial number %s", cert, c.serialNo())
		}
		all = append(all, c)
	}
	if all == nil {
		return nil, fmt.Errorf("%s has no certificate", folder)
	}
	return all, nil
}

// loadPair reads a certificate and its private key.
func loadPair(certPath, keyPath string) (PlatformCertificate, error) {
	cert, err := keys.Certificate("file://" + certPath)
	if err != nil {
		return PlatformCertificate{}, fmt.Errorf("%s: %w", certPath, err)
	}
	key, err := loadPrivate(keyPath)
	if err != nil {
		return PlatformCertificate{}, err
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return PlatformCertificate{}, fmt.Errorf("%s is not the certificate of %s", certPath, keyPath)
	}
	return PlatformCertificate{cert, key}, nil
}

func loadPrivate(path string) (*rsa.PrivateKey, error) {
	key, err := keys.Private("file://" + path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
