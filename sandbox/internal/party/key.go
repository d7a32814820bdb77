package party

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"errors"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// An RSA is an implementation of RSA. Without a function, it is that of crypto/rsa.
type RSA struct {
	PrivateKey func(*rsa.PrivateKey) (crypto.Signer, error)
	PublicKeys func(signer.PublicKeys) (signer.PublicKeys, error)
}

// A Key is a private key at work, with its public key.
type Key struct {
	signer.Signer
	Private crypto.Signer    // of RSA; nil if the key has only a Signer
	Public  crypto.PublicKey // verifies and encrypts
}

// newKey returns the Key of a serial number: by, or an RSA key if by is nil.
// certified is the public key.
func (r RSA) newKey(serial string, key *rsa.PrivateKey, by signer.Signer, certified crypto.PublicKey) (k Key, err error) {
	if by != nil {
		return Key{Signer: by, Public: certified}, nil
	}
	k.Private, k.Public = key, certified
	if r.PrivateKey != nil {
		if k.Private, err = r.PrivateKey(key); err != nil {
			return k, err
		}
	}
	if r.PublicKeys != nil {
		store, err := r.PublicKeys(keys.Static{serial: certified})
		if err != nil {
			return k, err
		}
		if k.Public, err = store.PublicKey(context.Background(), serial); err != nil {
			return k, err
		}
	}
	k.Signer, err = signer.NewRSA(serial, k.Private)
	return k, err
}

// GCM returns the cipher of certificates and notifications.
func (k Key) GCM(apiv3Key string) (*cipher.GCM, error) {
	suite, _ := k.Signer.(cipher.Sealer)
	return cipher.NewGCMOf(suite, apiv3Key)
}

// Decrypt decrypts a field, in base64.
func (k Key) Decrypt(ctx context.Context, ciphertext string) (string, error) {
	if suite, ok := k.Signer.(signer.Suite); ok {
		raw, err := base64.StdEncoding.DecodeString(ciphertext)
		if err != nil {
			return "", errors.New("it is not base64")
		}
		text, err := suite.Decrypt(ctx, raw)
		return string(text), err
	}
	decrypter, ok := k.Private.(crypto.Decrypter)
	if !ok {
		return "", errors.New("the key does not decrypt")
	}
	return cipher.DecryptOAEP(decrypter, ciphertext)
}
