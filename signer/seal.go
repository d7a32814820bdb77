package signer

import (
	"context"
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/internal/quote"
)

// MaxSkew is the maximum difference between the timestamp of a signed message and
// this machine's clock, in either direction.
const MaxSkew = 300 * time.Second

const typeHeader = "Wechatpay-Signature-Type"

// probePrefix starts the signatures of the platform's probes, which check whether a
// receiver verifies.
const probePrefix = "WECHATPAY/SIGNTEST/"

// ErrProbe marks a probe: the platform sends some answers and notifications with a
// wrong signature on purpose, to check that the receiver refuses them. The signature
// of a probe starts with WECHATPAY/SIGNTEST/. The error of a probe wraps [ErrVerify]
// too.
var ErrProbe = errors.New("it is one of the platform's probes (" + probePrefix + "…), sent to see that wrong signatures are refused")

// A Seal has the values of the headers with which the platform signs an answer or a
// notification: Wechatpay-Timestamp, Wechatpay-Nonce, Wechatpay-Serial,
// Wechatpay-Signature and Wechatpay-Signature-Type. Type may be empty. If it is set,
// it must be the scheme of the key that Serial names, such as [SchemeRSA].
type Seal struct {
	Timestamp, Nonce, Serial, Signature, Type string
}

// SealOf returns the Seal in the headers that get returns, such as
// [net/http.Header.Get].
func SealOf(get func(name string) string) Seal {
	return Seal{
		Timestamp: get("Wechatpay-Timestamp"),
		Nonce:     get("Wechatpay-Nonce"),
		Serial:    get("Wechatpay-Serial"),
		Signature: get("Wechatpay-Signature"),
		Type:      get("Wechatpay-Signature-Type"),
	}
}

// Verify verifies the seal of body at the time now. The error is a [*VerifyError].
func (s Seal) Verify(ctx context.Context, keys PublicKeys, now time.Time, body []byte) error {
	key, signature, err := s.open(ctx, keys, now)
	if err != nil {
		return err
	}
	return verify(key, s.Serial, ResponseMessage(s.Timestamp, s.Nonce, body), signature)
}

// Stream is Verify for a body that is too long for memory. It checks everything but
// the signature. Write the body to the [Digest] and call its Verify, which verifies
// the signature.
func (s Seal) Stream(ctx context.Context, keys PublicKeys, now time.Time) (*Digest, error) {
	key, signature, err := s.open(ctx, keys, now)
	if err != nil {
		return nil, err
	}
	d := newDigest(key, s.Serial, signature)
	d.text.Write(appendLines(nil, s.Timestamp, s.Nonce))
	return d, nil
}

// open checks everything about the seal that does not need the body.
func (s Seal) open(ctx context.Context, keys PublicKeys, now time.Time) (crypto.PublicKey, []byte, error) {
	for _, h := range [...]struct {
		name, value string
		max         int // in bytes; the platform's are much shorter
	}{
		{"Wechatpay-Timestamp", s.Timestamp, 32},
		{"Wechatpay-Nonce", s.Nonce, 256},
		{"Wechatpay-Serial", s.Serial, 256},
		{"Wechatpay-Signature", s.Signature, 4096},
		{typeHeader, s.Type, 256},
	} {
		switch n := len(h.value); {
		case n == 0 && h.name != typeHeader:
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
	if scheme := schemeOf(key); s.Type != "" && scheme != "" && s.Type != scheme {
		return nil, nil, &VerifyError{Reason: ReasonHeader, Err: fmt.Errorf(
			"%s is %s, but the key %s is for %s: use the platform keys of the suite that the merchant signs with",
			typeHeader, quote.Text(s.Type), quote.Text(s.Serial), scheme)}
	}
	return key, signature, nil
}

func beside(skew int64) string {
	if skew < 0 {
		return strconv.FormatInt(-skew, 10) + " s ahead of"
	}
	return strconv.FormatInt(skew, 10) + " s behind"
}
