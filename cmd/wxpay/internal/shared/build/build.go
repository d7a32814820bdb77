// Package build has what builds of wxpay differ in: the cryptography beside that of the
// Go standard library.
package build

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"io"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// A Build is the cryptography of a build. A nil Build has RSA by crypto/rsa, and no
// other suite.
type Build struct {
	// About says what the cryptography is, a line for each part.
	About []string
	// Notice says what the build lacks on this machine, or is empty.
	Notice string
	// RSA replaces crypto/rsa.
	RSA sandbox.RSA
	// Suite is a suite besides RSA, or nil.
	Suite *Suite
}

// A Suite is a suite besides RSA.
type Suite struct {
	Name        string // in --suite, such as "sm2"
	Title       string // such as "SM2"
	Sandbox     sandbox.Suite
	NewSigner   func(serialNo, privateKey string) (signer.Signer, error) // also has Public() crypto.PublicKey
	Certificate func(src string) (*x509.Certificate, error)
	Public      func(src string) (crypto.PublicKey, error)
}

// Lines returns what About says.
func (b *Build) Lines() []string {
	if b == nil || len(b.About) == 0 {
		return []string{"RSA by crypto/rsa"}
	}
	return b.About
}

// Warn prints the Notice, for commands that make many signatures.
func (b *Build) Warn(stderr io.Writer, command string) error {
	if b == nil || b.Notice == "" {
		return nil
	}
	_, err := fmt.Fprintf(stderr, "%s: %s\n", command, b.Notice)
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
		return nil, fmt.Errorf("%.40q is not a suite; want %q", name, suite.Name)
	}
	return nil, fmt.Errorf("this build of wxpay has RSA alone; for the suite sm2, build wxpay from cmd/wxpay/native")
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
func (b *Build) PublicOf(privateKey string) (key crypto.PublicKey, kind string, err error) {
	private, err := keys.Private(privateKey)
	if err == nil {
		return private.Public(), fmt.Sprintf("RSA, %d bits", private.N.BitLen()), nil
	}
	if own, ok := b.SuiteSigner("unknown", privateKey).(interface{ Public() crypto.PublicKey }); ok {
		return own.Public(), b.Suite.Title, nil
	}
	return nil, "", err
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
