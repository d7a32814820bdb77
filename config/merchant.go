package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
)

// A Merchant holds the settings of one merchant, as text. Each has a key in
// wxpay.toml and a variable: MchID has mchid and WECHATPAY_MCHID. Printing or
// encoding a Merchant shows no key.
type Merchant struct {
	MchID       string // mchid
	SerialNo    string // serial_no: of the merchant API certificate; Certificate contains it too
	Certificate string // certificate: path or PEM text of apiclient_cert.pem
	PrivateKey  string // private_key: path or PEM text of apiclient_key.pem

	PlatformPublicKeyID string // platform_public_key_id: PUB_KEY_ID_…
	PlatformPublicKey   string // platform_public_key: path or PEM text of pub_key.pem

	BaseURL  string // base_url: the host to call; the default is the platform's main host
	APIv3Key string // apiv3_key: 32 bytes
	// OtherAPIv3Key is other_apiv3_key: the new key before the merchant changes its
	// APIv3 key, the old key after that.
	OtherAPIv3Key string
	APIv2Key      string // apiv2_key: 32 bytes

	origin  string            // where the merchant was found
	origins map[string]string // where each setting was found, by its key
}

// A setting is one field of a Merchant, under its key.
type setting struct {
	key   string
	value *string
	kind  kind
}

type kind int

const (
	isText kind = iota
	isPath
	isSecret
)

func (m *Merchant) settings() []setting {
	return []setting{
		{"mchid", &m.MchID, isText},
		{"serial_no", &m.SerialNo, isText},
		{"certificate", &m.Certificate, isPath},
		{"private_key", &m.PrivateKey, isPath},
		{"platform_public_key_id", &m.PlatformPublicKeyID, isText},
		{"platform_public_key", &m.PlatformPublicKey, isPath},
		{"base_url", &m.BaseURL, isText},
		{"apiv3_key", &m.APIv3Key, isSecret},
		{"other_apiv3_key", &m.OtherAPIv3Key, isSecret},
		{"apiv2_key", &m.APIv2Key, isSecret},
	}
}

// names returns the keys that a source may have, in order.
func names() []string {
	var all []string
	for _, s := range new(Merchant).settings() {
		all = append(all, s.key)
		if s.kind == isSecret {
			all = append(all, s.key+fileSuffix)
		}
	}
	return all
}

// fileSuffix ends the key of a setting whose value is the path of a file with the
// secret.
const fileSuffix = "_file"

// set sets the setting of a key, which it knows from an origin.
func (m *Merchant) set(key, value, origin string) {
	for _, s := range m.settings() {
		if s.key == key {
			*s.value = value
		}
	}
	if m.origins == nil {
		m.origins = make(map[string]string)
	}
	m.origins[key] = origin
}

// Origin says where the setting of a key such as "mchid" was found: "wxpay.toml:3",
// "WECHATPAY_MCHID", or the path of a file. It is "" for a setting that no source
// has.
func (m Merchant) Origin(key string) string { return m.origins[key] }

// place returns where the setting of a key should be: where it is, or where the
// merchant is.
func (m Merchant) place(key string) string {
	return cmp.Or(m.origins[key], m.origin)
}

// complete fills the empty settings of m with those of other. A certificate contains
// a serial number, so m does not take one from other beside its own certificate.
func (m *Merchant) complete(other Merchant) {
	if m.Certificate != "" {
		other.SerialNo = ""
	}
	m.origins = maps.Clone(m.origins)
	theirs := other.settings()
	for i, s := range m.settings() {
		if value := *theirs[i].value; *s.value == "" && value != "" {
			m.set(s.key, value, other.origins[s.key])
		}
	}
	m.origin = cmp.Or(other.origin, m.origin)
}

// String shows the settings that are not secret. Of each key it shows only whether it
// is set.
func (m Merchant) String() string {
	given := func(text string) string {
		if text == "" {
			return "(none)"
		}
		return "(given)"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "config.Merchant{mchid: %s", quote.Setting(m.MchID))
	for _, s := range m.settings()[1:] {
		fmt.Fprintf(&b, ", %s: %s", s.key, given(*s.value))
	}
	return b.String() + "}"
}

// Format prints String for every verb.
func (m Merchant) Format(f fmt.State, _ rune) { fmt.Fprint(f, m.String()) }

// LogValue returns String, for package log/slog.
func (m Merchant) LogValue() slog.Value { return slog.StringValue(m.String()) }

// MarshalText returns String, for JSON, YAML and other texts. You cannot read a
// Merchant back.
func (m Merchant) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// MarshalBinary returns an error, because encoding/gob and other codecs would write
// the keys.
func (Merchant) MarshalBinary() ([]byte, error) {
	return nil, errors.New("a config.Merchant holds keys and cannot be encoded")
}
