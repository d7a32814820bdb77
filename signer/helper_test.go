package signer_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

func sign(t testing.TB, message []byte) []byte {
	t.Helper()
	digest := sha256.Sum256(message)
	signature, err := rsa.SignPKCS1v15(nil, vectors.MerchantKey(t), crypto.SHA256, digest[:])
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
