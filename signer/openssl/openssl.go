// Package openssl signs, verifies, encrypts and decrypts with the OpenSSL of the
// machine. On x86-64 that takes about 60 % of the time of crypto/rsa, and on a CPU with
// AVX-512 IFMA about 40 %:
//
//	key, err := openssl.PrivateKey(privateKey) // for wechatpay.Config.PrivateKey
//	platform, err := openssl.PublicKeys(keys)  // for wechatpay.Config.PlatformKeys
//
// The results are those of crypto/rsa. A build with cgo loads libcrypto when the
// package is first used: version 3, or else version 1.1.1. Without cgo or without
// libcrypto, every function returns the error of [Available]:
//
//	if err := openssl.Available(); err != nil {
//		log.Printf("RSA by crypto/rsa: %v", err)
//	}
//
// All functions, and the keys that they return, are safe for concurrent use.
package openssl

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/signer"
)

// A Key is a private RSA key in OpenSSL's memory. Use it for
// wechatpay.Config.PrivateKey, or with [signer.NewRSA]. Printing it shows no secret.
//
// Sign makes signatures of RSASSA-PKCS1-v1_5, or of RSASSA-PSS with
// [*rsa.PSSOptions]. Decrypt decrypts RSA-OAEP and needs [*rsa.OAEPOptions]. Public
// returns an [*rsa.PublicKey]. The source of random bytes is OpenSSL's, and the
// parameter rand is ignored.
type Key interface {
	crypto.Signer
	crypto.Decrypter
}

// Available returns nil if this build and this machine can use OpenSSL. Otherwise the
// error says what is missing. The first call loads libcrypto, and later calls return
// the same result.
func Available() error { return load() }

// PrivateKey copies a private key of at least [signer.MinBits] bits to OpenSSL. The
// copy is freed when the Key is no longer reachable. The Key does not refer to key, so
// if nothing else does, no private key stays in Go's memory.
func PrivateKey(key *rsa.PrivateKey) (Key, error) {
	if err := load(); err != nil {
		return nil, err
	}
	if key == nil || key.D == nil {
		return nil, errors.New("openssl: the private key is missing")
	}
	if err := signer.CheckRSA(&key.PublicKey); err != nil {
		return nil, fmt.Errorf("openssl: private key: %w", err)
	}
	if err := key.Validate(); err != nil {
		return nil, fmt.Errorf("openssl: private key: %w", err)
	}
	return newPrivateKey(key)
}

// PublicKeys returns a store whose RSA keys verify and encrypt with OpenSSL. The
// serial numbers and all other keys are those of keys. A key is copied to OpenSSL when
// it is first needed.
func PublicKeys(keys signer.PublicKeys) (signer.PublicKeys, error) {
	if err := load(); err != nil {
		return nil, err
	}
	return newStore(keys)
}

// choose returns the first of several libraries that the machine has.
func choose(libraries []string, exists func(name string) bool) (string, error) {
	for _, name := range libraries {
		if exists(name) {
			return name, nil
		}
	}
	return "", fmt.Errorf("openssl: this machine has no libcrypto (looked for %s): install OpenSSL 3, for example with apt-get install libssl3", strings.Join(libraries, ", "))
}
