package signer_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/signer"
)

// vectors are the recorded signatures and the keys behind them.
type vectors struct {
	MerchantPrivateKey string `json:"merchant_private_key_pem"`
	MerchantSerialNo   string `json:"merchant_serial_no"`
	PlatformPublicKey  string `json:"platform_public_key_pem"`
	RSASign            []struct {
		Message   string
		Signature []byte
	} `json:"rsa_sign"`
}

var readVectors = sync.OnceValues(func() (v vectors, err error) {
	text, err := os.ReadFile("../testdata/crypto.json")
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
})

func loadVectors(t testing.TB) vectors {
	t.Helper()
	v, err := readVectors()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// testKey signs in these tests, for the merchant and for the platform.
func testKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	block, _ := pem.Decode([]byte(loadVectors(t).MerchantPrivateKey))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// otherKey is a good key, but that of somebody else.
func otherKey(t testing.TB) *rsa.PublicKey {
	t.Helper()
	block, _ := pem.Decode([]byte(loadVectors(t).PlatformPublicKey))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

func sign(t testing.TB, message []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(message)
	signature, err := rsa.SignPKCS1v15(nil, testKey(t), crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signature
}

// store is a key store whose every answer is a function's.
type store func(ctx context.Context, serial string) (crypto.PublicKey, error)

var _ signer.PublicKeys = store(nil)

func (s store) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	return s(ctx, serial)
}

func (s store) Current(context.Context) (string, crypto.PublicKey, error) {
	panic("verifying never asks for the current key")
}

// only is a store of one key.
func only(serial string, key crypto.PublicKey) store {
	return func(_ context.Context, s string) (crypto.PublicKey, error) {
		if s != serial {
			return nil, signer.ErrUnknownSerial
		}
		return key, nil
	}
}
