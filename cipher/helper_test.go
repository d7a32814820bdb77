package cipher_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
)

// vectors are recorded ciphertexts and the keys behind them.
type vectors struct {
	APIv3Key           string   `json:"apiv3_key"`
	APIv2Key           string   `json:"apiv2_key"`
	MerchantPrivateKey string   `json:"merchant_private_key_pem"`
	OAEP               []vector `json:"oaep_decrypt_with_merchant_key"`
	GCM                []vector `json:"aes_gcm"`
	ECB                []vector `json:"aes_ecb_md5key"`
}

type vector struct {
	Plaintext      string
	AssociatedData string `json:"associated_data"`
	Nonce          string
	Ciphertext     string
}

var readVectors = sync.OnceValues(func() (v vectors, err error) {
	text, err := os.ReadFile("../testdata/crypto.json")
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return v, err
	}
	if len(v.OAEP) == 0 || len(v.GCM) == 0 || len(v.ECB) == 0 {
		return v, errors.New("testdata/crypto.json lacks a kind of vector")
	}
	return v, nil
})

func loadVectors(t testing.TB) vectors {
	t.Helper()
	v, err := readVectors()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func merchantKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(loadVectors(t).MerchantPrivateKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

var makeOtherKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// otherKey is a good key, but that of somebody else.
func otherKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := makeOtherKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newGCM(t testing.TB, key string) *cipher.GCM {
	t.Helper()
	g, err := cipher.NewGCM(key)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// checkRefusal checks that err says want, is ErrDecrypt or not, as decrypt
// says, and quotes none of the secrets.
func checkRefusal(t *testing.T, err error, decrypt bool, want string, secrets ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if errors.Is(err, cipher.ErrDecrypt) != decrypt {
		t.Errorf("error %q is ErrDecrypt: %v, want %v", err, !decrypt, decrypt)
	}
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q does not say %q", err, want)
	}
	for _, secret := range secrets {
		if len(secret) > 3 && strings.Contains(err.Error(), secret) {
			t.Errorf("error %q quotes a secret", err)
		}
	}
}
