package cipher_test

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
)

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
