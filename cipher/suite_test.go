package cipher_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/internal/vectors"
)

func TestGCMOfASuite(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	suite := suitetest.New(t, "1")
	gcm, err := cipher.NewGCMOf(suite, key)
	if err != nil {
		t.Fatal(err)
	}
	if gcm.Algorithm() != suitetest.Algorithm {
		t.Errorf("algorithm %s", gcm.Algorithm())
	}
	sealed, err := gcm.Seal([]byte("text"), "0123456789ab", "about")
	if err != nil || sealed.Algorithm != suitetest.Algorithm {
		t.Fatalf("%+v, %v", sealed, err)
	}
	if text, err := gcm.Open(sealed); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	other, err := cipher.NewGCMOf(suite, strings.ToUpper(key))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Open(sealed); !errors.Is(err, cipher.ErrDecrypt) {
		t.Errorf("with another key: %v", err)
	}
	refusedSuites(t, suite, key, sealed)
}

// refusedSuites checks that a text of a suite does not open without it, and that APIv3
// keys have 32 bytes in every suite.
func refusedSuites(t *testing.T, suite cipher.Sealer, key string, sealed cipher.Sealed) {
	t.Helper()
	rsa, err := cipher.NewGCMOf(nil, key)
	if err != nil || rsa.Algorithm() != cipher.AlgorithmGCM {
		t.Fatalf("without a suite: %v, %v", rsa, err)
	}
	if _, err := rsa.Open(sealed); err == nil || !strings.Contains(err.Error(), suitetest.Algorithm) {
		t.Errorf("in another algorithm: %v", err)
	}
	for _, key := range []string{"", key[:31], key + "0"} {
		if _, err := cipher.NewGCMOf(suite, key); err == nil || !strings.Contains(err.Error(), "want 32") {
			t.Errorf("a key of %d bytes: %v", len(key), err)
		}
	}
}

func TestEncrypt(t *testing.T) {
	const text = "张三"
	suite := suitetest.New(t, "1")
	bySuite, err := cipher.Encrypt(suite.Platform(), text)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(bySuite)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := suite.Decrypt(t.Context(), raw); err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	key := vectors.MerchantKey(t)
	byRSA, err := cipher.Encrypt(&key.PublicKey, text)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cipher.DecryptOAEP(key, byRSA); err != nil || got != text {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := cipher.Encrypt(ed25519.PublicKey{}, text); err == nil || !strings.Contains(err.Error(), "signer.Encrypter") {
		t.Errorf("a key that only verifies: %v", err)
	}
}
