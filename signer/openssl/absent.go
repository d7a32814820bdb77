//go:build !cgo

package openssl

import (
	"crypto"
	"crypto/rsa"
	"errors"
)

func load() error {
	return errors.New("openssl: this program was built without cgo: build it with CGO_ENABLED=1 and a C compiler")
}

func newPrivateKey(*rsa.PrivateKey) (Key, error) { return nil, load() }

func newPublicKey(*rsa.PublicKey) (crypto.PublicKey, error) { return nil, load() }
