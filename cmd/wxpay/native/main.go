// Command native is wxpay with the machine's OpenSSL and with the SM suite (国密). Build
// it with cgo, from a copy of the repository:
//
//	go build -C cmd/wxpay/native -o wxpay .
//
// If this machine has no OpenSSL, RSA is that of crypto/rsa, and wxpay version says why.
package main

import (
	"crypto"
	"crypto/rsa"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/commands"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/signer/openssl"
	"github.com/wxchain/wechatpay/signer/sm2"
	"github.com/wxchain/wechatpay/signer/sm2/sm2sandbox"
)

func main() { cli.Main(commands.All(newBuild(openssl.Available()))) }

// newBuild returns the build of a machine with OpenSSL, or of one that lacks it for a
// reason.
func newBuild(lacking error) *build.Build {
	b := &build.Build{RSABy: "OpenSSL", Lacking: lacking, Suite: &build.Suite{
		Name: "sm2", Title: "SM2", Scheme: sm2.Scheme, Sandbox: sm2sandbox.Suite{},
		NewSigner: newSigner, Certificate: sm2.Certificate, Public: sm2.Public,
	}}
	if lacking == nil {
		b.RSA = nativeRSA()
	}
	return b
}

// nativeRSA is the RSA of OpenSSL.
func nativeRSA() sandbox.RSA {
	return sandbox.RSA{
		PrivateKey: func(key *rsa.PrivateKey) (crypto.Signer, error) { return openssl.PrivateKey(key) },
		PublicKeys: openssl.PublicKeys,
	}
}

func newSigner(serialNo, privateKey string) (signer.Signer, error) {
	key, err := sm2.Private(privateKey)
	if err != nil {
		return nil, err
	}
	return sm2.NewSigner(serialNo, key)
}
