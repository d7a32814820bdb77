// Package settings reads the settings of a merchant from flags, the environment
// and wxpay.toml.
package settings

import (
	"cmp"
	"errors"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/config"
	"github.com/wxchain/wechatpay/internal/baseurl"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/keys"
)

const (
	// FileName is the name of the configuration file.
	FileName = config.FileName

	// MaxConfig is the maximum size of a configuration file.
	MaxConfig = 1 << 20 // bytes
)

// ReadFile reads the settings from the configuration file at path.
func ReadFile(path string) (Settings, error) {
	s := Settings{}
	merchants, err := config.Read(config.File(path))
	if err != nil {
		return s, err
	}
	if len(merchants) > 0 {
		s = of(merchants[0])
	}
	return s, nil
}

// Settings say which merchant a command calls for. Each setting comes from a
// flag, otherwise from an environment variable, otherwise from the
// configuration file. A secret is never a flag, because others on the machine
// can see flags.
type Settings struct {
	MchID, SerialNo, PrivateKey, Certificate, BaseURL string
	PlatformKeyID, PlatformKey                        string
	APIv3Key, APIv2Key                                string
	Config                                            string // path of the configuration file, or ""

	Build *build.Build // whose cryptography the keys are for
}

// Help is the part of a command's help that explains the settings.
const Help = `Flags or environment variables name the merchant: WECHATPAY_MCHID,
WECHATPAY_SERIAL_NO (or WECHATPAY_CERTIFICATE, the path of apiclient_cert.pem),
WECHATPAY_PRIVATE_KEY (the path of apiclient_key.pem) and WECHATPAY_BASE_URL. A
flag overrides its variable. Settings without either come from the file
wxpay.toml, which wxpay init writes, under keys such as serial_no. The platform's
signatures are verified with WECHATPAY_PLATFORM_PUBLIC_KEY_ID and
WECHATPAY_PLATFORM_PUBLIC_KEY (a path), or with certificates that are downloaded
with the APIv3 key. Secrets come from WECHATPAY_APIV3_KEY, WECHATPAY_APIV2_KEY or
wxpay.toml, never from a flag.`

// A Setting is one field of Settings under its names: name in the configuration
// file, --name with hyphens as a flag, WECHATPAY_NAME in the environment.
type Setting struct {
	Name  string
	value *string
	usage string // help text of the flag
	Kind  Kind
}

// Kind says what a setting holds.
type Kind int

// The kinds of settings.
const (
	IsText Kind = iota
	IsPath
	IsSecret // so it is never a flag
)

// All lists the settings.
func (s *Settings) All() []Setting {
	return []Setting{
		{"mchid", &s.MchID, "merchant's number", IsText},
		{"serial_no", &s.SerialNo, "serial number of the merchant API certificate", IsText},
		{"certificate", &s.Certificate, "path of apiclient_cert.pem, in place of --serial-no", IsPath},
		{"private_key", &s.PrivateKey, "path of apiclient_key.pem", IsPath},
		{"platform_public_key_id", &s.PlatformKeyID, "id of the platform public key, " + keys.PublicKeyIDPrefix + "…", IsText},
		{"platform_public_key", &s.PlatformKey, "path of the platform public key, pub_key.pem", IsPath},
		{"base_url", &s.BaseURL, "URL of the host to call (default the platform's main host)", IsText},
		{"apiv3_key", &s.APIv3Key, "", IsSecret},
		{"apiv2_key", &s.APIv2Key, "", IsSecret},
	}
}

// Value returns the value of the setting.
func (s Setting) Value() string { return *s.value }

// SetValue changes the value of the setting.
func (s Setting) SetValue(text string) { *s.value = text }

// Flag returns the name of the setting as a flag.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Name, "_", "-") }

// Variable returns the name of the setting in the environment.
func (s Setting) Variable() string { return "WECHATPAY_" + strings.ToUpper(s.Name) }

// names says the flag and the variable that can hold the setting.
func (s Setting) names() lang.Message {
	if s.Kind == IsSecret {
		return lang.Sprintf("%s", s.Variable())
	}
	return lang.Sprintf("--%s or %s", s.Flag(), s.Variable())
}

// Bind adds the flags of the settings to cmd.
func (s *Settings) Bind(cmd *cobra.Command) {
	f := cmd.Flags()
	for _, setting := range s.All() {
		if setting.Kind != IsSecret {
			f.StringVar(setting.value, setting.Flag(), "", setting.usage)
		}
	}
	f.StringVar(&s.Config, "config", "", "configuration file (default wxpay.toml in this folder, if it exists)")
}

// Load fills empty settings from the environment, then from the configuration
// file. It does not report missing settings.
func (s *Settings) Load() error {
	_, err := s.load()
	return err
}

// load is Load, and returns where the settings come from.
func (s *Settings) load() (config.Merchant, error) {
	if HoldsKey(s.PrivateKey) {
		return config.Merchant{}, exit.Misuse(ErrKeyArgument)
	}
	flags, environment := config.Values(s.merchant()), config.Environment()
	merchants, err := config.Read(flags, environment, config.File(s.Config))
	switch {
	case err != nil:
		err = exit.Misuse(cmp.Or(errors.Unwrap(err), err))
		merchants, _ = config.Read(flags, environment) // which the file does not spoil
	case len(merchants) > 1:
		return config.Merchant{}, exit.Misuse(lang.Errorf("%s has %d merchants; name one with --mchid or WECHATPAY_MCHID", cmp.Or(s.Config, FileName), len(merchants)))
	}
	if len(merchants) == 0 {
		return config.Merchant{}, err
	}
	m := merchants[0]
	path, b := s.Config, s.Build
	*s = of(m)
	s.Config, s.Build = path, b
	return m, err
}

// LoadAll returns the settings of all merchants that flags, the environment and the
// configuration file have.
func (s *Settings) LoadAll() ([]Settings, error) {
	if HoldsKey(s.PrivateKey) {
		return nil, exit.Misuse(ErrKeyArgument)
	}
	merchants, err := config.Read(config.Values(s.merchant()), config.Environment(), config.File(s.Config))
	if err != nil {
		return nil, exit.Misuse(cmp.Or(errors.Unwrap(err), err))
	}
	var all []Settings
	for _, m := range merchants {
		one := of(m)
		one.Config, one.Build = s.Config, s.Build
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, s.Need("mchid", "serial_no", "private_key")
	}
	return all, nil
}

// of returns the settings of a merchant.
func of(m config.Merchant) Settings {
	return Settings{
		MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey, Certificate: m.Certificate, BaseURL: m.BaseURL,
		PlatformKeyID: m.PlatformPublicKeyID, PlatformKey: m.PlatformPublicKey,
		APIv3Key: m.APIv3Key, APIv2Key: m.APIv2Key,
	}
}

func (s *Settings) merchant() config.Merchant {
	return config.Merchant{
		MchID: s.MchID, SerialNo: s.SerialNo, PrivateKey: s.PrivateKey, Certificate: s.Certificate, BaseURL: s.BaseURL,
		PlatformPublicKeyID: s.PlatformKeyID, PlatformPublicKey: s.PlatformKey,
		APIv3Key: s.APIv3Key, APIv2Key: s.APIv2Key,
	}
}

// ErrKeyArgument is the error for a private key that is passed as an argument.
var ErrKeyArgument = lang.Errorf("--private-key takes the path of apiclient_key.pem, not the key itself: others on this machine can see it")

// HoldsKey reports whether text is a private key and not a path.
func HoldsKey(text string) bool {
	return strings.Contains(text, "-----BEGIN") || strings.HasPrefix(text, "private.pkcs")
}

// check reports every setting that is missing for a download of certificates,
// and reads the serial number.
func (s *Settings) check() error {
	if err := s.Need("mchid", "serial_no", "private_key", "apiv3_key"); err != nil {
		return err
	}
	if err := CheckBaseURL(s.BaseURL); err != nil {
		return exit.Misuse(err)
	}
	return s.readSerialNo()
}

// CheckBaseURL reports a base URL that lacks its scheme or its host. An empty one is that
// of the platform.
func CheckBaseURL(base string) error {
	if meant := baseurl.Meant(base); meant != "" {
		return lang.Errorf("base_url %s must start with https:// or http:// and a host; write %s", quote.Setting(base), meant)
	}
	if u, err := url.Parse(base); base != "" && (err != nil || u.Host == "") {
		return lang.Errorf("base_url is not a URL, such as %s", wechatpay.DefaultBaseURL)
	}
	return nil
}

// Need reports every missing setting among those with these names.
func (s *Settings) Need(names ...string) error {
	var missing lang.List
	for _, name := range names {
		for _, setting := range s.All() {
			if setting.Name == name && *setting.value == "" && (name != "serial_no" || s.Certificate == "") {
				missing = append(missing, setting.names())
			}
		}
	}
	if len(missing) > 0 {
		return exit.Misuse(lang.Errorf("missing: %s", missing))
	}
	return nil
}

// readSerialNo reads the serial number from the certificate if the settings
// lack it.
func (s *Settings) readSerialNo() (err error) {
	if s.SerialNo != "" || s.Certificate == "" {
		return nil
	}
	if s.SerialNo, err = s.Build.SerialNo(s.Certificate); err != nil {
		return exit.Misuse(lang.Errorf("--certificate or WECHATPAY_CERTIFICATE: %w", err))
	}
	return nil
}

// Downloader returns the configuration for downloading the platform's
// certificates.
func (s *Settings) Downloader() (keys.DownloaderConfig, error) {
	if err := s.check(); err != nil {
		return keys.DownloaderConfig{}, err
	}
	key, ofSuite, err := s.readPrivateKey()
	if err != nil {
		return keys.DownloaderConfig{}, err
	}
	downloader := keys.DownloaderConfig{MchID: s.MchID, Signer: ofSuite, APIv3Key: s.APIv3Key, BaseURL: s.BaseURL}
	if ofSuite == nil {
		downloader.SerialNo, downloader.PrivateKey = s.SerialNo, key
	}
	return downloader, nil
}

// A Problem is something wrong that a check of the settings found.
type Problem struct {
	Check         string
	Message, Mend lang.Message
	Code          int  // the exit code that it leads to
	IsMissing     bool // a setting is missing
}

// In says the problem.
func (p Problem) In(l lang.Language) string {
	if p.Mend.String() == "" {
		return l.Sprintf("%s: %s", p.Check, p.Message)
	}
	return l.Sprintf("%s: %s; %s", p.Check, p.Message, p.Mend)
}

func (p Problem) String() string { return p.In(lang.Language{}) }
