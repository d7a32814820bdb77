// Package build has what builds of wxpay differ in: the cryptography beside that of the
// Go standard library.
package build

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// A Build is the cryptography of a build. A nil Build has RSA by crypto/rsa, and no
// other suite.
type Build struct {
	// RSA replaces crypto/rsa, and RSABy is its name. Both are empty without it.
	RSA   sandbox.RSA
	RSABy string
	// Lacking says why RSABy cannot be used on this machine. RSA is empty then.
	Lacking error
	// Suite is a suite besides RSA, or nil.
	Suite *Suite
}

// A Suite is a suite besides RSA.
type Suite struct {
	Name        string // in --suite, such as "sm2"
	Title       string // such as "SM2"
	Scheme      string // of the authentication of requests
	Sandbox     sandbox.Suite
	NewSigner   func(serialNo, privateKey string) (signer.Signer, error) // also has Public() crypto.PublicKey
	Certificate func(src string) (*x509.Certificate, error)
	Public      func(src string) (crypto.PublicKey, error)
}

// About says what the cryptography is, a line for each part.
func (b *Build) About(l lang.Language) string {
	about := b.rsa().In(l)
	if suite := b.suite(); suite != nil {
		about += "\n" + l.Sprintf("SM suite: %s", suite.Scheme)
	}
	return about
}

// rsa says which implementation does RSA, and why it is not another one.
func (b *Build) rsa() lang.Message {
	if b != nil && b.Lacking != nil {
		return lang.Sprintf("RSA by %s, because %s cannot be used: %v", b.Signer(), b.RSABy, b.Lacking)
	}
	return lang.Sprintf("RSA by %s", b.Signer())
}

// Signer returns the name of the implementation that makes RSA signatures.
func (b *Build) Signer() string {
	if b == nil || b.RSABy == "" || b.Lacking != nil {
		return "crypto/rsa"
	}
	return b.RSABy
}

// SuiteName returns the name of the suite besides RSA, or "".
func (b *Build) SuiteName() string {
	if suite := b.suite(); suite != nil {
		return suite.Name
	}
	return ""
}

// Warn prints what the build lacks on this machine, for commands that make many
// signatures.
func (b *Build) Warn(l lang.Language, stderr io.Writer, command string) error {
	if b == nil || b.Lacking == nil {
		return nil
	}
	_, err := fmt.Fprintf(stderr, "%s: %s\n", command, b.rsa().In(l))
	return err
}

// SandboxRSA returns the RSA of a sandbox.
func (b *Build) SandboxRSA() sandbox.RSA {
	if b == nil {
		return sandbox.RSA{}
	}
	return b.RSA
}

// SandboxSuite returns the suite of a sandbox with that name in --suite. Without a
// name, it returns the suite that the build has, or nil.
func (b *Build) SandboxSuite(name string) (sandbox.Suite, error) {
	suite := b.suite()
	switch {
	case suite != nil && (name == "" || name == suite.Name):
		return suite.Sandbox, nil
	case name == "":
		return nil, nil
	case suite != nil:
		return nil, lang.Errorf("%.40q is not a suite; want %q", name, suite.Name)
	}
	return nil, lang.Errorf("this build of wxpay has RSA alone; for the suite sm2, build wxpay from cmd/wxpay/native")
}

// suite returns the suite besides RSA, or nil.
func (b *Build) suite() *Suite {
	if b == nil {
		return nil
	}
	return b.Suite
}

// Private loads a private RSA key.
func (b *Build) Private(src string) (crypto.Signer, error) {
	key, err := keys.Private(src)
	if err != nil || b == nil || b.RSA.PrivateKey == nil {
		return key, err
	}
	return b.RSA.PrivateKey(key)
}

// SuiteSigner returns the signer for a private key of the suite, or nil if it is not
// one.
func (b *Build) SuiteSigner(serialNo, privateKey string) signer.Signer {
	suite := b.suite()
	if suite == nil {
		return nil
	}
	s, err := suite.NewSigner(serialNo, privateKey)
	if err != nil {
		return nil
	}
	return s
}

// PublicOf returns the public key of a private key, and what kind of key it is.
func (b *Build) PublicOf(privateKey string) (key crypto.PublicKey, kind lang.Message, err error) {
	private, err := keys.Private(privateKey)
	if err == nil {
		return private.Public(), lang.Sprintf("RSA, %d bits", private.N.BitLen()), nil
	}
	if own, ok := b.SuiteSigner("unknown", privateKey).(interface{ Public() crypto.PublicKey }); ok {
		return own.Public(), lang.Sprintf("%s", b.Suite.Title), nil
	}
	return nil, lang.Message{}, err
}

// Certificate loads a certificate.
func (b *Build) Certificate(src string) (*x509.Certificate, error) {
	cert, err := keys.Certificate(src)
	if suite := b.suite(); err != nil && suite != nil {
		if other, failed := suite.Certificate(src); failed == nil {
			return other, nil
		}
	}
	return cert, err
}

// SerialNo returns the serial number of a certificate.
func (b *Build) SerialNo(src string) (string, error) {
	cert, err := b.Certificate(src)
	if err != nil {
		return "", err
	}
	return keys.SerialNo(cert)
}

// Public loads a public key of the platform.
func (b *Build) Public(src string) (crypto.PublicKey, error) {
	key, err := keys.Public(src)
	if err == nil {
		return key, nil
	}
	if suite := b.suite(); suite != nil {
		if other, failed := suite.Public(src); failed == nil {
			return other, nil
		}
	}
	return nil, err
}

// PublicKeys returns a store whose keys verify and encrypt by the build's RSA.
func (b *Build) PublicKeys(from signer.PublicKeys) (signer.PublicKeys, error) {
	if b == nil || b.RSA.PublicKeys == nil {
		return from, nil
	}
	return b.RSA.PublicKeys(from)
}
