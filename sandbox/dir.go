package sandbox

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/folder"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

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
	k, err := loadKeys(dir, now)
	if err != nil {
		return Config{}, err
	}
	p := platformOf(k.Platform)
	config := Config{Platform: &p}
	for _, m := range k.Merchants {
		config.Merchants = append(config.Merchants, Merchant(m))
	}
	for _, sub := range k.SubMerchants {
		config.SubMerchants = append(config.SubMerchants, SubMerchant(sub))
	}
	return config, nil
}

func loadKeys(dir string, now time.Time) (folder.Keys, error) {
	k, err := folder.Load(dir, DefaultMchID, now)
	if err != nil {
		return k, fmt.Errorf("sandbox: %w", err)
	}
	return k, nil
}

// AddMerchant makes a merchant with that number, of 1 to 32 digits, and writes
// its files into the folder of a sandbox, which [LoadDir] makes if need be: into
// the folder merchants/ and the number there, under the names that those of the
// first merchant have. If the sandbox has the merchant, nothing changes. A
// sandbox that is running does not see it before its next start.
func AddMerchant(dir, mchID string, now time.Time) error {
	if !party.MchIDs.MatchString(mchID) {
		return fmt.Errorf("sandbox: %.40q is no number of a merchant, which has 1 to 32 digits", mchID)
	}
	k, err := loadKeys(dir, now)
	if err != nil {
		return err
	}
	if err := folder.AddMerchant(dir, mchID, k, now); err != nil {
		return fmt.Errorf("sandbox: adding merchant %s: %w", mchID, err)
	}
	return nil
}

// AddSubMerchant has a merchant act for a sub-merchant: it adds both to the file
// sandbox.toml in the folder of a sandbox, which [LoadDir] makes if need be. The
// partner must be one of the merchants there. If they are in the file, nothing
// changes, unless with another SubAppID, which is an error: edit the file. A
// sandbox that is running does not see them before its next start.
func AddSubMerchant(dir string, sub SubMerchant, now time.Time) error {
	k, err := loadKeys(dir, now)
	if err != nil {
		return err
	}
	if err := folder.AddSubMerchant(dir, party.SubMerchant(sub), k); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// CAFile is the file of the certificate that clients of a sandbox over TLS
// must trust, in its folder.
const CAFile = folder.CAFile

// LoadTLS returns how to serve HTTPS for hosts, names or IP addresses, with a
// certificate of an authority whose own is [CAFile] in dir; it makes that
// authority when there is none, or its time is over. Clients are asked for
// their certificate, as some calls of APIv2 must present the merchant's; it is
// the sandbox that checks whose it is.
func LoadTLS(dir string, now time.Time, hosts ...string) (*tls.Config, error) {
	config, err := folder.TLS(dir, now, hosts...)
	if err != nil {
		return nil, fmt.Errorf("sandbox: TLS: %w", err)
	}
	return config, nil
}
