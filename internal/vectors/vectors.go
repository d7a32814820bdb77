// Package vectors reads test data that was recorded with the PHP SDK: the files
// of the directory testdata at the top of the module.
package vectors

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// Crypto is the content of crypto.json: messages that were signed, encrypted and
// answered, and the keys that were used.
type Crypto struct {
	Now                    int64
	APIv3Key               string `json:"apiv3_key"`
	APIv2Key               string `json:"apiv2_key"`
	MerchantPrivateKeyPEM  string `json:"merchant_private_key_pem"`
	MerchantCertificatePEM string `json:"merchant_certificate_pem"`
	MerchantSerialNo       string `json:"merchant_serial_no"`
	PlatformCertificatePEM string `json:"platform_certificate_pem"`
	PlatformSerialNo       string `json:"platform_serial_no"`
	PlatformPublicKeyPEM   string `json:"platform_public_key_pem"`
	PlatformPublicKeyID    string `json:"platform_public_key_id"`

	RSASign []Signature `json:"rsa_sign"`
	MD5     []Digest
	HMAC    []Digest `json:"hmac_sha256"`

	OAEP []Ciphertext `json:"oaep_decrypt_with_merchant_key"`
	GCM  []Ciphertext `json:"aes_gcm"`
	ECB  []Ciphertext `json:"aes_ecb_md5key"`

	Responses []Response
	V3        []NotificationV3 `json:"notifications_v3"`
	V2        []NotificationV2 `json:"notifications_v2"`

	XMLEncode []XML `json:"xml_encode"`
	XMLDecode []XML `json:"xml_decode"`
}

// A Signature is a message and its signature by the merchant's key.
type Signature struct {
	Message   string
	Signature []byte
}

// A Digest is a message of APIv2 and its digest.
type Digest struct {
	Message, Digest string
	AgentID         string `json:"agent_id"`
}

// A Ciphertext is a text and its ciphertext.
type Ciphertext struct {
	Plaintext      string
	AssociatedData string `json:"associated_data"`
	Nonce          string
	Ciphertext     string
}

// A Response is an answer of APIv3, and whether it verifies.
type Response struct {
	Name        string
	RequestPath string `json:"request_path"`
	Status      int
	Headers     map[string]string
	Body        string
	Accept      bool
	RejectKind  string `json:"reject_kind"`
}

// A NotificationV3 is a notification of APIv3, and whether it verifies.
type NotificationV3 struct {
	Name, Body, Plaintext string
	Headers               map[string]string
	Accept                bool
	EventType             string `json:"event_type"`
}

// A NotificationV2 is a notification of APIv2, and whether it verifies.
type NotificationV2 struct {
	Name, Body string
	Accept     bool
	Fields     map[string]string
	ReqInfo    map[string]string `json:"req_info"`
}

// XML is an XML text and the value that it stands for.
type XML struct {
	Value map[string]any
	XML   string
}

// Load returns the content of crypto.json. Do not change it.
func Load(t testing.TB) *Crypto {
	t.Helper()
	c, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Read does what [Load] does, without a test.
var Read = sync.OnceValues(func() (*Crypto, error) {
	c := new(Crypto)
	return c, ReadFile("crypto.json", c)
})

// LoadFile reads a file of testdata into v.
func LoadFile(t testing.TB, name string, v any) {
	t.Helper()
	if err := ReadFile(name, v); err != nil {
		t.Fatal(err)
	}
}

// ReadFile does what [LoadFile] does, without a test.
func ReadFile(name string, v any) error {
	top, err := os.Getwd() // the folder of the package under test
	if err != nil {
		return err
	}
	for {
		text, err := os.ReadFile(filepath.Join(top, "testdata", name))
		if err == nil {
			if err = json.Unmarshal(text, v); err != nil {
				err = fmt.Errorf("testdata/%s: %w", name, err)
			}
			return err
		}
		parent := filepath.Dir(top)
		if !os.IsNotExist(err) || parent == top {
			return err
		}
		top = parent
	}
}

// MerchantKey returns the merchant's private key. Tests also sign with it for the
// platform, whose private key was not recorded.
func MerchantKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	c := Load(t)
	key, err := c.MerchantKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// MerchantKey returns the merchant's private key.
func (c *Crypto) MerchantKey() (*rsa.PrivateKey, error) {
	return parse[*rsa.PrivateKey](c.MerchantPrivateKeyPEM, x509.ParsePKCS8PrivateKey)
}

// PlatformKey returns the platform's public key.
func PlatformKey(t testing.TB) *rsa.PublicKey {
	t.Helper()
	key, err := Load(t).PlatformKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// PlatformKey returns the platform's public key.
func (c *Crypto) PlatformKey() (*rsa.PublicKey, error) {
	return parse[*rsa.PublicKey](c.PlatformPublicKeyPEM, x509.ParsePKIXPublicKey)
}

func parse[K any](text string, parse func(der []byte) (any, error)) (K, error) {
	var none K
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return none, fmt.Errorf("testdata/crypto.json: no PEM of a %T", none)
	}
	key, err := parse(block.Bytes)
	if err != nil {
		return none, fmt.Errorf("testdata/crypto.json: %w", err)
	}
	return key.(K), nil
}
