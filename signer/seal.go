package signer

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/quote"
)

// MaxSkew is the maximum difference between the timestamp of a signed message and
// this machine's clock, in either direction.
const MaxSkew = 300 * time.Second

// probePrefix starts the signatures of the platform's probes, which check whether a
// receiver verifies.
const probePrefix = "WECHATPAY/SIGNTEST/"

// ErrProbe marks a probe: the platform sends some answers and notifications with a
// wrong signature on purpose, to check that the receiver refuses them. The signature
// of a probe starts with WECHATPAY/SIGNTEST/. The error of a probe wraps [ErrVerify]
// too.
var ErrProbe = errors.New("it is one of the platform's probes (" + probePrefix + "…), sent to see that wrong signatures are refused")

// A Seal has the values of the headers with which the platform signs an answer or a
// notification: Wechatpay-Timestamp, Wechatpay-Nonce, Wechatpay-Serial and
// Wechatpay-Signature.
type Seal struct {
	Timestamp, Nonce, Serial, Signature string
}

// SealOf returns the Seal in the headers that get returns, such as
// [net/http.Header.Get].
func SealOf(get func(name string) string) Seal {
	return Seal{
		Timestamp: get("Wechatpay-Timestamp"),
		Nonce:     get("Wechatpay-Nonce"),
		Serial:    get("Wechatpay-Serial"),
		Signature: get("Wechatpay-Signature"),
	}
}

// Verify verifies the seal of body at the time now. The error is a [*VerifyError].
func (s Seal) Verify(ctx context.Context, keys PublicKeys, now time.Time, body []byte) error {
	key, signature, err := s.open(ctx, keys, now)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(ResponseMessage(s.Timestamp, s.Nonce, body))
	return verifyDigest(key, s.Serial, digest[:], signature)
}

// Stream is Verify for a body that is too long for memory. It checks everything but
// the signature. Write the body to the [Digest] and call its Verify, which verifies
// the signature.
func (s Seal) Stream(ctx context.Context, keys PublicKeys, now time.Time) (*Digest, error) {
	key, signature, err := s.open(ctx, keys, now)
	if err != nil {
		return nil, err
	}
	d := &Digest{hash: sha256.New(), key: key, serial: s.Serial, signature: signature}
	d.hash.Write(appendLines(nil, s.Timestamp, s.Nonce))
	return d, nil
}

// open checks everything about the seal that does not need the body.
func (s Seal) open(ctx context.Context, keys PublicKeys, now time.Time) (*rsa.PublicKey, []byte, error) {
	for _, h := range [...]struct {
		name, value string
		max         int // in bytes; the platform's are much shorter
	}{
		{"Wechatpay-Timestamp", s.Timestamp, 32},
		{"Wechatpay-Nonce", s.Nonce, 256},
		{"Wechatpay-Serial", s.Serial, 256},
		{"Wechatpay-Signature", s.Signature, 4096},
	} {
		switch n := len(h.value); {
		case n == 0:
			return nil, nil, &VerifyError{Reason: ReasonHeader, Err: fmt.Errorf(
				"%s is missing: the message is not from the platform, or a proxy on the way drops its headers", h.name)}
		case n > h.max:
			return nil, nil, &VerifyError{Reason: ReasonHeader, Err: fmt.Errorf(
				"%s has %d bytes, at most %d are read: the message is not from the platform", h.name, n, h.max)}
		}
	}
	seconds, err := strconv.ParseInt(s.Timestamp, 10, 64)
	if err != nil {
		return nil, nil, &VerifyError{Reason: ReasonHeader, Err: fmt.Errorf("Wechatpay-Timestamp %s is not a number of seconds", quote.Text(s.Timestamp))}
	}
	if skew := now.Unix() - seconds; skew > int64(MaxSkew/time.Second) || skew < -int64(MaxSkew/time.Second) {
		return nil, nil, &VerifyError{Reason: ReasonTimestamp, Err: fmt.Errorf(
			"Wechatpay-Timestamp %d is %s this machine's clock, more than the %d s allowed: set the clock by NTP, or suspect a replay",
			seconds, beside(skew), int64(MaxSkew/time.Second))}
	}
	if strings.HasPrefix(s.Signature, probePrefix) {
		return nil, nil, &VerifyError{Reason: ReasonSignature, Err: ErrProbe}
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil {
		return nil, nil, &VerifyError{Reason: ReasonSignature, Err: errors.New("Wechatpay-Signature is not base64")}
	}
	key, err := lookUp(ctx, keys, s.Serial)
	if err != nil {
		return nil, nil, err
	}
	return key, signature, nil
}

func beside(skew int64) string {
	if skew < 0 {
		return strconv.FormatInt(-skew, 10) + " s ahead of"
	}
	return strconv.FormatInt(skew, 10) + " s behind"
}

// A Digest receives the body of a sealed message as a stream.
type Digest struct {
	hash      hash.Hash
	key       *rsa.PublicKey
	serial    string
	signature []byte
}

// Write adds to the body. It never fails.
func (d *Digest) Write(p []byte) (int, error) { return d.hash.Write(p) }

// Verify verifies the signature of everything that was written. The error is a
// [*VerifyError]. Do not write after Verify.
func (d *Digest) Verify() error {
	d.hash.Write([]byte{'\n'})
	return verifyDigest(d.key, d.serial, d.hash.Sum(nil), d.signature)
}
