// Package signer signs messages for WeChat Pay and verifies the platform's
// signatures. It does not depend on HTTP.
//
// The signature of a request covers [RequestMessage], and that of an answer or a
// notification covers [ResponseMessage]. Both use RSASSA-PKCS1-v1_5 with SHA-256,
// unless the [Signer] and the platform keys are of another suite ([Suite],
// [Verifier]):
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342 (signing) and
// https://pay.weixin.qq.com/doc/v3/merchant/4013053249 (verifying).
package signer

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
)

// SchemeRSA is the authentication scheme of APIv3 requests with an RSA signature. It
// is the first word of the Authorization header.
const SchemeRSA = "WECHATPAY2-SHA256-RSA2048"

// MinBits is the minimum size of an RSA key, in bits.
const MinBits = 2048

// ErrSign marks every failure to sign a request.
var ErrSign = errors.New("request not signed")

// A Signer signs requests for a merchant. [NewRSA] makes one from a private key.
// Implement Signer to use a remote signing service. A Signer of another suite than RSA
// is also a [Suite]. A Signer must be safe for concurrent use.
type Signer interface {
	// Scheme is the authentication scheme, such as [SchemeRSA].
	Scheme() string
	// SerialNo is the serial number of the merchant API certificate, in
	// upper-case hexadecimal.
	SerialNo() string
	// Sign returns the signature of message as raw bytes. It returns an error if ctx
	// ends.
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

type rsaSigner struct {
	serialNo string
	key      crypto.Signer
}

// NewRSA returns a [Signer] that signs with key: an RSA private key of at least
// [MinBits] bits in memory, in an HSM or in a KMS. serialNo is the serial number of
// the merchant API certificate of key.
func NewRSA(serialNo string, key crypto.Signer) (Signer, error) {
	if serialNo == "" {
		return nil, errors.New("serial number of the merchant API certificate is missing")
	}
	if v := reflect.ValueOf(key); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, errors.New("private key is missing")
	}
	if _, err := rsaPublicKey(key.Public()); err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return rsaSigner{serialNo, key}, nil
}

// CheckRSA returns an error if a platform key cannot verify. An RSA key must have at
// least [MinBits] bits, an odd modulus and an odd exponent above 1: with the exponent
// 1 everybody can sign. A [Verifier] must not be a nil pointer. Any other key is an
// error.
func CheckRSA(key crypto.PublicKey) error {
	if v, ok := key.(Verifier); ok {
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() {
			return fmt.Errorf("%T is a nil pointer", key)
		}
		return nil
	}
	_, err := rsaPublicKey(key)
	return err
}

func rsaPublicKey(key crypto.PublicKey) (*rsa.PublicKey, error) {
	k, ok := key.(*rsa.PublicKey)
	switch {
	case !ok:
		return nil, fmt.Errorf("%T is not an RSA key; WeChat Pay uses RSA", key)
	case k == nil || k.N == nil:
		return nil, errors.New("RSA key is empty")
	case k.N.BitLen() < MinBits:
		return nil, fmt.Errorf("RSA key has %d bits, at least %d are needed", k.N.BitLen(), MinBits)
	case k.N.Bit(0) == 0:
		return nil, errors.New("RSA key is damaged: its modulus is even")
	case k.E < 3 || k.E%2 == 0:
		return nil, fmt.Errorf("RSA key is damaged: its exponent %d is not an odd number above 1", k.E)
	}
	return k, nil
}

func (s rsaSigner) Scheme() string   { return SchemeRSA }
func (s rsaSigner) SerialNo() string { return s.serialNo }

func (s rsaSigner) Sign(ctx context.Context, message []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(message)
	return s.key.Sign(rand.Reader, digest[:], crypto.SHA256)
}

// String does not show the private key.
func (s rsaSigner) String() string { return "RSA signer " + s.serialNo }

// GoString is String, for %#v.
func (s rsaSigner) GoString() string { return s.String() }

// RequestMessage returns the signed text of a request: method, request target as
// sent (escaped path and query), timestamp in seconds, nonce and body, each followed
// by a line feed.
func RequestMessage(method, target, timestamp, nonce string, body []byte) []byte {
	b := make([]byte, 0, len(method)+len(target)+len(timestamp)+len(nonce)+len(body)+5)
	return appendLine(appendLines(b, method, target, timestamp, nonce), body)
}

// ResponseMessage returns the signed text of an answer or a notification: timestamp
// in seconds, nonce and body, each followed by a line feed.
func ResponseMessage(timestamp, nonce string, body []byte) []byte {
	b := make([]byte, 0, len(timestamp)+len(nonce)+len(body)+3)
	return appendLine(appendLines(b, timestamp, nonce), body)
}

func appendLines(b []byte, lines ...string) []byte {
	for _, line := range lines {
		b = append(append(b, line...), '\n')
	}
	return b
}

func appendLine(b, line []byte) []byte {
	return append(append(b, line...), '\n')
}
