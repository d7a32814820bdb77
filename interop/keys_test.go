package interop

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// platformKey returns the platform public key of a sandbox, and its id.
func platformKey(t *testing.T, sb *sandbox.Sandbox) (id string, key *rsa.PublicKey) {
	t.Helper()
	id, current, err := keys.Combined(sb.PlatformKeys()).Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id, current.(*rsa.PublicKey)
}

// keysAsPEM returns the merchant's private key, and the platform public key with its
// id.
func keysAsPEM(t *testing.T, sb *sandbox.Sandbox) (private, id, public string) {
	t.Helper()
	merchant, err := x509.MarshalPKCS8PrivateKey(sb.Merchant().PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	id, key := platformKey(t, sb)
	platform, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", merchant), id, pemOf("PUBLIC KEY", platform)
}

func pemOf(blockType string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: blockType, Bytes: der}))
}
