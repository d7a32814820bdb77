// Package settings reads the settings of a merchant from flags, the environment
// and wxpay.toml.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/keys"
)

// Settings say which merchant a command calls for. Each setting comes from a
// flag, otherwise from an environment variable, otherwise from the
// configuration file. A secret is never a flag, because others on the machine
// can see flags.
type Settings struct {
	MchID, SerialNo, PrivateKey, Certificate, BaseURL string
	PlatformKeyID, PlatformKey                        string
	APIv3Key, APIv2Key                                string
	Config                                            string // path of the configuration file, or ""
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
	isPath
	IsSecret // so it is never a flag
)

// All lists the settings.
func (s *Settings) All() []Setting {
	return []Setting{
		{"mchid", &s.MchID, "merchant's number", IsText},
		{"serial_no", &s.SerialNo, "serial number of the merchant API certificate", IsText},
		{"certificate", &s.Certificate, "path of apiclient_cert.pem, in place of --serial-no", isPath},
		{"private_key", &s.PrivateKey, "path of apiclient_key.pem", isPath},
		{"platform_public_key_id", &s.PlatformKeyID, "id of the platform public key, " + keys.PublicKeyIDPrefix + "…", IsText},
		{"platform_public_key", &s.PlatformKey, "path of the platform public key, pub_key.pem", isPath},
		{"base_url", &s.BaseURL, "host to call (default the platform's main host)", IsText},
		{"apiv3_key", &s.APIv3Key, "", IsSecret},
		{"apiv2_key", &s.APIv2Key, "", IsSecret},
	}
}

// Flag returns the name of the setting as a flag.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Name, "_", "-") }

// Variable returns the name of the setting in the environment.
func (s Setting) Variable() string { return "WECHATPAY_" + strings.ToUpper(s.Name) }

// String names the flag and the variable that can hold the setting.
func (s Setting) String() string {
	if s.Kind == IsSecret {
		return s.Variable()
	}
	return "--" + s.Flag() + " or " + s.Variable()
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
	if HoldsKey(s.PrivateKey) {
		return exit.Misuse(ErrKeyArgument)
	}
	s.complete(fromEnvironment())
	file, err := ReadFile(s.Config)
	if err != nil {
		return exit.Misuse(err)
	}
	s.complete(file)
	return nil
}

func fromEnvironment() (s Settings) {
	for _, setting := range s.All() {
		*setting.value = os.Getenv(setting.Variable())
	}
	return s
}

// ErrKeyArgument is the error for a private key that is passed as an argument.
var ErrKeyArgument = errors.New("--private-key takes the path of apiclient_key.pem, not the key itself: others on this machine can see it")

// HoldsKey reports whether text is a private key and not a path.
func HoldsKey(text string) bool {
	return strings.Contains(text, "-----BEGIN") || strings.HasPrefix(text, "private.pkcs")
}

// complete fills the empty settings of s with those of from. It leaves the serial
// number empty if s has a certificate, because the certificate contains it.
func (s *Settings) complete(from Settings) {
	if s.Certificate != "" {
		from.SerialNo = ""
	}
	others := from.All()
	for i, setting := range s.All() {
		*setting.value = cmp.Or(*setting.value, *others[i].value)
	}
}

// check reports every setting that is missing for a download of certificates,
// and reads the serial number.
func (s *Settings) check() error {
	if err := s.Need("mchid", "serial_no", "private_key", "apiv3_key"); err != nil {
		return err
	}
	if err := s.checkBaseURL(); err != nil {
		return err
	}
	return s.readSerialNo()
}

func (s *Settings) checkBaseURL() error {
	if u, err := url.Parse(s.BaseURL); s.BaseURL != "" && (err != nil || u.Host == "") {
		return exit.Misuse(errors.New("--base-url or WECHATPAY_BASE_URL is not a URL, such as " + wechatpay.DefaultBaseURL))
	}
	return nil
}

// Need reports every missing setting among those with these names.
func (s *Settings) Need(names ...string) error {
	var missing []string
	for _, name := range names {
		for _, setting := range s.All() {
			if setting.Name == name && *setting.value == "" && (name != "serial_no" || s.Certificate == "") {
				missing = append(missing, setting.String())
			}
		}
	}
	if len(missing) > 0 {
		return exit.Misuse(fmt.Errorf("missing: %s", strings.Join(missing, ", ")))
	}
	return nil
}

// readSerialNo reads the serial number from the certificate if the settings
// lack it.
func (s *Settings) readSerialNo() (err error) {
	if s.SerialNo != "" || s.Certificate == "" {
		return nil
	}
	if s.SerialNo, err = keys.SerialNo(s.Certificate); err != nil {
		return exit.Misuse(fmt.Errorf("--certificate or WECHATPAY_CERTIFICATE: %w", err))
	}
	return nil
}

// Downloader returns the configuration for downloading the platform's
// certificates.
func (s *Settings) Downloader() (keys.DownloaderConfig, error) {
	if err := s.check(); err != nil {
		return keys.DownloaderConfig{}, err
	}
	key, err := keys.Private(s.PrivateKey)
	if err != nil {
		return keys.DownloaderConfig{}, exit.Misuse(fmt.Errorf("--private-key or WECHATPAY_PRIVATE_KEY: %w", err))
	}
	return keys.DownloaderConfig{
		MchID: s.MchID, SerialNo: s.SerialNo, PrivateKey: key, APIv3Key: s.APIv3Key, BaseURL: s.BaseURL,
	}, nil
}
