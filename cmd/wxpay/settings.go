package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

// settings say for whom a command calls. Each is a flag, or else an environment
// variable, or else a key of the configuration file; a secret is never a flag,
// which others on the machine can see.
type settings struct {
	mchID, serialNo, privateKey, certificate, baseURL string
	platformKeyID, platformKey                        string
	apiv3Key, apiv2Key                                string
	config                                            string // path of the configuration file, or ""
}

const settingsHelp = `The merchant is given by flags or, where there is none, by the environment:
WECHATPAY_MCHID, WECHATPAY_SERIAL_NO (or WECHATPAY_CERTIFICATE, the path of
apiclient_cert.pem), WECHATPAY_PRIVATE_KEY (the path of apiclient_key.pem) and
WECHATPAY_BASE_URL; or else by the file wxpay.toml, which wxpay init writes,
with keys such as serial_no. What the platform signs with is
WECHATPAY_PLATFORM_PUBLIC_KEY_ID and WECHATPAY_PLATFORM_PUBLIC_KEY (a path), or
certificates that are downloaded with the APIv3 key. The secrets come from
WECHATPAY_APIV3_KEY, WECHATPAY_APIV2_KEY or wxpay.toml, never from a flag.`

// A setting is one of the settings under its names: name in the configuration
// file, --name with hyphens as a flag, WECHATPAY_NAME in the environment.
type setting struct {
	name  string
	value *string
	usage string // of the flag
	kind  settingKind
}

// settingKind is what a setting holds.
type settingKind int

const (
	isText settingKind = iota
	isPath
	isSecret // and so never a flag
)

// all lists the settings.
func (s *settings) all() []setting {
	return []setting{
		{"mchid", &s.mchID, "merchant's number", isText},
		{"serial_no", &s.serialNo, "serial number of the merchant API certificate", isText},
		{"certificate", &s.certificate, "path of apiclient_cert.pem, in the place of --serial-no", isPath},
		{"private_key", &s.privateKey, "path of apiclient_key.pem", isPath},
		{"platform_public_key_id", &s.platformKeyID, "id of the platform public key, " + keys.PublicKeyIDPrefix + "…", isText},
		{"platform_public_key", &s.platformKey, "path of the platform public key, pub_key.pem", isPath},
		{"base_url", &s.baseURL, "host to call (default the platform's main host)", isText},
		{"apiv3_key", &s.apiv3Key, "", isSecret},
		{"apiv2_key", &s.apiv2Key, "", isSecret},
	}
}

func (s setting) flag() string { return strings.ReplaceAll(s.name, "_", "-") }

func (s setting) variable() string { return "WECHATPAY_" + strings.ToUpper(s.name) }

// String names the places that the setting may come from.
func (s setting) String() string {
	if s.kind == isSecret {
		return s.variable()
	}
	return "--" + s.flag() + " or " + s.variable()
}

// bind gives cmd the flags.
func (s *settings) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	for _, setting := range s.all() {
		if setting.kind != isSecret {
			f.StringVar(setting.value, setting.flag(), "", setting.usage)
		}
	}
	f.StringVar(&s.config, "config", "", "configuration file (default wxpay.toml in this folder, if it is there)")
}

// load completes the flags from the environment, and that from the
// configuration file. It does not say what is missing.
func (s *settings) load() error {
	if holdsKey(s.privateKey) {
		return misuse{errKeyArgument}
	}
	s.complete(fromEnvironment())
	file, err := readConfig(s.config)
	if err != nil {
		return misuse{err}
	}
	s.complete(file)
	return nil
}

func fromEnvironment() (s settings) {
	for _, setting := range s.all() {
		*setting.value = os.Getenv(setting.variable())
	}
	return s
}

var errKeyArgument = errors.New("--private-key takes the path of apiclient_key.pem, not the key itself: others on this machine can see it")

// holdsKey tells the text of a private key from a path.
func holdsKey(text string) bool {
	return strings.Contains(text, "-----BEGIN") || strings.HasPrefix(text, "private.pkcs")
}

// complete takes what s lacks from another place. A certificate says its serial
// number itself.
func (s *settings) complete(from settings) {
	if s.certificate != "" {
		from.serialNo = ""
	}
	others := from.all()
	for i, setting := range s.all() {
		*setting.value = cmp.Or(*setting.value, *others[i].value)
	}
}

// check says all that is missing for a download of certificates, and reads the
// serial number.
func (s *settings) check() error {
	if err := s.need("mchid", "serial_no", "private_key", "apiv3_key"); err != nil {
		return err
	}
	if err := s.checkBaseURL(); err != nil {
		return err
	}
	return s.readSerialNo()
}

func (s *settings) checkBaseURL() error {
	if u, err := url.Parse(s.baseURL); s.baseURL != "" && (err != nil || u.Host == "") {
		return misuse{errors.New("--base-url or WECHATPAY_BASE_URL is no URL; it is like " + wechatpay.DefaultBaseURL)}
	}
	return nil
}

// need says all that is missing of the settings with these names.
func (s *settings) need(names ...string) error {
	var missing []string
	for _, name := range names {
		for _, setting := range s.all() {
			if setting.name == name && *setting.value == "" && (name != "serial_no" || s.certificate == "") {
				missing = append(missing, setting.String())
			}
		}
	}
	if len(missing) > 0 {
		return misuse{fmt.Errorf("missing: %s", strings.Join(missing, ", "))}
	}
	return nil
}

// readSerialNo reads the serial number from the certificate, if need be.
func (s *settings) readSerialNo() (err error) {
	if s.serialNo != "" || s.certificate == "" {
		return nil
	}
	if s.serialNo, err = keys.SerialNo(s.certificate); err != nil {
		return misuse{fmt.Errorf("--certificate or WECHATPAY_CERTIFICATE: %w", err)}
	}
	return nil
}

// downloader is the configuration of what downloads the platform's certificates.
func (s *settings) downloader() (keys.DownloaderConfig, error) {
	if err := s.check(); err != nil {
		return keys.DownloaderConfig{}, err
	}
	key, err := keys.Private(s.privateKey)
	if err != nil {
		return keys.DownloaderConfig{}, misuse{fmt.Errorf("--private-key or WECHATPAY_PRIVATE_KEY: %w", err)}
	}
	return keys.DownloaderConfig{
		MchID: s.mchID, SerialNo: s.serialNo, PrivateKey: key, APIv3Key: s.apiv3Key, BaseURL: s.baseURL,
	}, nil
}
