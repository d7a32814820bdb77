package signer

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/wxchain/wechatpay/internal/quote"
)

// ErrVerify marks every message that could not be verified as the platform's.
var ErrVerify = errors.New("signature not verified")

// ErrUnknownSerial is the error of [PublicKeys.PublicKey], possibly wrapped, for a
// serial number without a key.
var ErrUnknownSerial = errors.New("unknown serial")

// PublicKeys is a store of the platform's public keys. The serial of a key is the
// serial number of its certificate, or its id (PUB_KEY_ID_…). Its type is
// [*rsa.PublicKey], or any type that is a [Verifier]. A PublicKeys must be safe for
// concurrent use.
type PublicKeys interface {
	// PublicKey returns the key of serial, or [ErrUnknownSerial].
	PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error)
	// Current returns the key that encrypts sensitive fields, and its serial. A
	// request names that serial in the header Wechatpay-Serial, so that the platform
	// signs the answer with this key. The key is an [*rsa.PublicKey] or an
	// [Encrypter].
	Current(ctx context.Context) (serial string, key crypto.PublicKey, err error)
}

// Verify verifies signature, in raw bytes, of message with the key of serial in keys.
// The error wraps [ErrVerify]. It also wraps [ErrUnknownSerial] if keys lacks the key.
func Verify(ctx context.Context, keys PublicKeys, serial string, message, signature []byte) error {
	key, err := lookUp(ctx, keys, serial)
	if err != nil {
		return err
	}
	return verify(key, serial, message, signature)
}

// lookUp returns the key of serial, which is a [Verifier] or an *rsa.PublicKey.
func lookUp(ctx context.Context, keys PublicKeys, serial string) (crypto.PublicKey, error) {
	key, err := keys.PublicKey(ctx, serial)
	if errors.Is(err, ErrUnknownSerial) {
		return nil, &VerifyError{Reason: ReasonSerial, Err: fmt.Errorf("%w; add the platform public key or certificate of this serial to the platform keys", err)}
	}
	if err == nil {
		err = CheckRSA(key)
	}
	if err != nil {
		return nil, &VerifyError{Reason: ReasonSerial, Err: fmt.Errorf("platform key %s: %w", quote.Text(serial), err)}
	}
	return key, nil
}

func verify(key crypto.PublicKey, serial string, message, signature []byte) error {
	if v, ok := key.(Verifier); ok {
		return mismatch(v.Verify(message, signature), serial)
	}
	digest := sha256.Sum256(message)
	return mismatch(verifyRSA(key, digest[:], signature), serial)
}

func verifyRSA(key crypto.PublicKey, digest, signature []byte) error {
	return rsa.VerifyPKCS1v15(key.(*rsa.PublicKey), crypto.SHA256, digest, signature)
}

// mismatch returns the [*VerifyError] of a signature that does not verify.
func mismatch(err error, serial string) error {
	if err == nil {
		return nil
	}
	wrong := fmt.Errorf("it does not match under the key %s: the message was changed on its way, or that key is not the one this serial stands for", quote.Text(serial))
	if !errors.Is(err, rsa.ErrVerification) {
		wrong = fmt.Errorf("%w: %w", wrong, err) // a remote key may fail for another cause
	}
	return &VerifyError{Reason: ReasonSignature, Err: wrong}
}

// schemeOf returns the scheme whose signatures a key verifies, or "" if the key does
// not say.
func schemeOf(key crypto.PublicKey) string {
	if _, ok := key.(Verifier); !ok {
		return SchemeRSA
	}
	if k, ok := key.(interface{ Scheme() string }); ok {
		return k.Scheme()
	}
	return ""
}

// The reasons of a [VerifyError].
const (
	ReasonHeader    = "header"    // a header is missing, malformed, or does not fit the key
	ReasonTimestamp = "timestamp" // signed too long ago, or in the future
	ReasonSerial    = "serial"    // no key for the serial
	ReasonSignature = "signature" // the signature does not match
)

// A VerifyError says why a message was not verified as the platform's. It wraps
// [ErrVerify].
type VerifyError struct {
	Reason string // [ReasonHeader], [ReasonTimestamp], [ReasonSerial] or [ReasonSignature]
	Err    error  // what exactly is wrong, and what to do about it
}

// Error says what is wrong, and what to do about it.
func (e *VerifyError) Error() string {
	return fmt.Sprintf("%v (%s): %v", ErrVerify, e.Reason, e.Err)
}

// Unwrap returns [ErrVerify] and Err.
func (e *VerifyError) Unwrap() []error { return []error{ErrVerify, e.Err} }
