package sandbox

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/folder"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// A Dir is the folder of a sandbox whose merchants may be of a suite besides RSA.
type Dir struct {
	Path string
	// Suite is that suite. A folder with such merchants cannot be loaded without it.
	Suite Suite
	// MakesSuite makes merchants of Suite in place of RSA.
	MakesSuite bool
}

// LoadDir returns a Config with the merchants and the platform whose keys are
// files in a folder. If the folder has none, LoadDir makes them, valid from now:
//
//   - wxpay.toml, which the wxpay command reads: the numbers of the merchant and of
//     its certificate, its APIv3 and APIv2 keys, and the id of the platform public
//     key;
//   - apiclient_key.pem, apiclient_cert.pem and apiclient_cert.p12, whose password
//     is the number of the merchant;
//   - pub_key.pem, the platform public key;
//   - in the folder platform, the certificates of the platform by serial number,
//     and its private keys;
//   - sandbox.toml, the PlatformKey and the sub-merchants.
//
// Merchants of a new folder work with KeyPublic, and those of a folder that names
// no PlatformKey, because an older version made it, with KeyBoth.
// Only the owner can read files that hold a secret. [AddMerchant],
// [AddSubMerchant] and [SetPlatformKey] change the folder. A folder that is damaged, or that was not
// written completely, is an error that names the file.
func LoadDir(dir string, now time.Time) (Config, error) { return Dir{Path: dir}.Load(now) }

// Load does what [LoadDir] does. A merchant of the Suite has no apiclient_cert.p12, and
// its wxpay.toml has no platform public key. The certificates of the Suite are in a
// folder of their own in the folder platform.
func (d Dir) Load(now time.Time) (Config, error) {
	k, err := d.keys(now)
	if err != nil {
		return Config{}, err
	}
	p := platformOf(k.Platform)
	config := Config{Platform: &p, PlatformKey: PlatformKey(k.Mode)}
	for _, m := range k.Merchants {
		config.Merchants = append(config.Merchants, Merchant(m))
		if m.Signer != nil {
			config.Suite = d.Suite
		}
	}
	for _, sub := range k.SubMerchants {
		config.SubMerchants = append(config.SubMerchants, SubMerchant(sub))
	}
	return config, nil
}

func (d Dir) kind() folder.Kind { return folder.Kind{Suite: d.Suite, Makes: d.MakesSuite} }

func (d Dir) keys(now time.Time) (folder.Keys, error) {
	k, err := folder.Load(d.Path, DefaultMchID, d.kind(), now)
	if err != nil {
		return k, fmt.Errorf("sandbox: %w", err)
	}
	return k, nil
}

// AddMerchant makes a merchant with a number of 1 to 32 digits and writes its
// files into the folder of a sandbox. They are in the folder merchants/ and the
// number, under the same names as those of the first merchant. If the sandbox
// has the merchant already, nothing changes. If dir is not yet the folder of a
// sandbox, it becomes one, as by [LoadDir]. A running sandbox sees the merchant
// after its next start.
func AddMerchant(dir, mchID string, now time.Time) error {
	return Dir{Path: dir}.AddMerchant(mchID, now)
}

// AddMerchant does what the function AddMerchant does. If MakesSuite is true, the
// merchant is of the Suite.
func (d Dir) AddMerchant(mchID string, now time.Time) error {
	if !party.MchIDs.MatchString(mchID) {
		return fmt.Errorf("sandbox: %.40q is not the number of a merchant, which has 1 to 32 digits", mchID)
	}
	k, err := d.keys(now)
	if err != nil {
		return err
	}
	if err := folder.AddMerchant(d.Path, mchID, d.kind(), k, now); err != nil {
		return fmt.Errorf("sandbox: adding merchant %s: %w", mchID, err)
	}
	return nil
}

// AddSubMerchant adds a sub-merchant and its partner to the file sandbox.toml in
// the folder of a sandbox. The partner must be one of its merchants. If the file
// has the pair already, nothing changes; with another SubAppID it is an error, and
// you must edit the file. If dir is not yet the folder of a sandbox, it becomes
// one, as by [LoadDir]. A running sandbox sees the pair after its next start.
func AddSubMerchant(dir string, sub SubMerchant, now time.Time) error {
	return Dir{Path: dir}.AddSubMerchant(sub, now)
}

// AddSubMerchant does what the function AddSubMerchant does.
func (d Dir) AddSubMerchant(sub SubMerchant, now time.Time) error {
	k, err := d.keys(now)
	if err != nil {
		return err
	}
	if err := folder.AddSubMerchant(d.Path, party.SubMerchant(sub), k); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// SetPlatformKey decides which of the platform's keys the merchants in the folder of
// a sandbox work with. Their wxpay.toml then has the platform public key, or lacks it
// for KeyCertificate. If dir is not yet the folder of a sandbox, it becomes one, as
// by [LoadDir]. A running sandbox sees the change after its next start.
func SetPlatformKey(dir string, key PlatformKey, now time.Time) error {
	return Dir{Path: dir}.SetPlatformKey(key, now)
}

// SetPlatformKey does what the function SetPlatformKey does. The merchants of the Suite
// do not change.
func (d Dir) SetPlatformKey(key PlatformKey, now time.Time) error {
	if err := party.Mode(key).Check(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	k, err := d.keys(now)
	if err != nil {
		return err
	}
	if err := folder.SetMode(d.Path, party.Mode(key), k); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// CAFile is the file, in the folder of a sandbox, of the certificate that its
// clients must trust over TLS.
const CAFile = folder.CAFile

// LoadTLS returns the configuration for serving HTTPS for hosts, which are names
// or IP addresses. The authority of the certificate is [CAFile] in dir; LoadTLS
// makes it if it is missing, expires within a month, or may not certify the hosts. An
// authority is valid for a year, and may certify only [PlatformHosts], this machine
// (localhost and loopback addresses) and hosts. Clients are asked for a certificate,
// because some calls of APIv2 must present the merchant's, which the sandbox checks.
func LoadTLS(dir string, now time.Time, hosts ...string) (*tls.Config, error) {
	config, err := folder.TLS(dir, now, hosts...)
	if err != nil {
		return nil, fmt.Errorf("sandbox: TLS: %w", err)
	}
	return config, nil
}
