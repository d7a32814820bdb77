package signer_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

// bare is a platform key that only verifies.
type bare struct{ signer.Verifier }

// sealedBy is a good seal of a key on body.
func sealedBy(t testing.TB, key *suitetest.Key, body string) signer.Seal {
	t.Helper()
	const at = "1790000001"
	signature, err := key.Sign(t.Context(), signer.ResponseMessage(at, "n1", []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	return signer.Seal{Timestamp: at, Nonce: "n1", Serial: serial, Signature: base64.StdEncoding.EncodeToString(signature)}
}

func TestVerifierInPlaceOfAKey(t *testing.T) {
	key := suitetest.New(t, "5157F0")
	now := time.Unix(signedAt, 0)
	const body = `{"coupon_id":"9867041"}`
	for name, public := range map[string]signer.Verifier{"whole": key.Platform(), "only Verify": bare{key.Platform()}} {
		t.Run(name, func(t *testing.T) {
			platform := keys.Static{serial: public}
			seal := sealedBy(t, key, body)
			if err := seal.Verify(t.Context(), platform, now, []byte(body)); err != nil {
				t.Error(err)
			}
			forged := seal.Verify(t.Context(), platform, now, []byte(body+" "))
			var v *signer.VerifyError
			if !errors.As(forged, &v) || v.Reason != signer.ReasonSignature || !strings.Contains(forged.Error(), "Ed25519") {
				t.Errorf("a changed body: %v", forged)
			}
			for _, n := range []int{1, 7, 100} {
				if err := inPieces(t.Context(), seal, platform, now, []byte(body), n); err != nil {
					t.Errorf("in pieces of %d: %v", n, err)
				}
				if err := inPieces(t.Context(), seal, platform, now, []byte(body+" "), n); !errors.As(err, &v) || v.Reason != signer.ReasonSignature {
					t.Errorf("a changed body in pieces of %d: %v", n, err)
				}
			}
			message := []byte("text")
			signature, err := key.Sign(t.Context(), message)
			if err != nil {
				t.Fatal(err)
			}
			if err := signer.Verify(t.Context(), platform, serial, message, signature); err != nil {
				t.Error(err)
			}
			if err := signer.Verify(t.Context(), platform, serial, message, signature[:40]); !errors.Is(err, signer.ErrVerify) {
				t.Errorf("a short signature: %v", err)
			}
		})
	}
}

// A key that hashes the message takes any length. For a key that only verifies, a
// Digest holds the message, up to a limit.
func TestLongMessages(t *testing.T) {
	key := suitetest.New(t, "5157F0")
	now := time.Unix(signedAt, 0)
	tests := []struct {
		name   string
		public signer.Verifier
		size   int
		want   string // in the error, or ""
	}{
		{"hashed", key.Platform(), 17 << 20, ""},
		{"held", bare{key.Platform()}, 15 << 20, ""},
		{"too long to be held", bare{key.Platform()}, 17 << 20, "longer than the 16777216 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := bytes.Repeat([]byte("x"), tt.size)
			seal := sealedBy(t, key, string(body))
			err := inPieces(t.Context(), seal, keys.Static{serial: tt.public}, now, body, 1<<20)
			if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, signer.ErrVerify) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// Wechatpay-Signature-Type must be the scheme of the key, if the header is there and
// the key has a scheme.
func TestSignatureType(t *testing.T) {
	const body = "{}"
	own := suitetest.New(t, "5157F0")
	bySuite, byRSA := sealedBy(t, own, body), sealed(t, "1790000001", body)
	tests := []struct {
		name string
		seal signer.Seal
		key  any
		typ  string
		fits bool
	}{
		{"RSA, no header", byRSA, vectors.MerchantKey(t).Public(), "", true},
		{"RSA", byRSA, vectors.MerchantKey(t).Public(), signer.SchemeRSA, true},
		{"RSA for another suite", byRSA, vectors.MerchantKey(t).Public(), "WECHATPAY2-SM2-WITH-SM3", false},
		{"RSA in lower case", byRSA, vectors.MerchantKey(t).Public(), strings.ToLower(signer.SchemeRSA), false},
		{"RSA and a space", byRSA, vectors.MerchantKey(t).Public(), signer.SchemeRSA + " ", false},
		{"suite, no header", bySuite, own.Platform(), "", true},
		{"suite", bySuite, own.Platform(), suitetest.Scheme, true},
		{"suite for RSA", bySuite, own.Platform(), signer.SchemeRSA, false},
		{"a key without a scheme", bySuite, bare{own.Platform()}, suitetest.Scheme, true},
		{"a key without a scheme, and any type", bySuite, bare{own.Platform()}, "ANY", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.seal.Type = tt.typ
			platform, now := keys.Static{serial: tt.key}, time.Unix(signedAt, 0)
			for _, err := range []error{
				tt.seal.Verify(t.Context(), platform, now, []byte(body)),
				inPieces(t.Context(), tt.seal, platform, now, []byte(body), 1),
			} {
				var v *signer.VerifyError
				switch {
				case tt.fits && err != nil:
					t.Error(err)
				case !tt.fits && (!errors.As(err, &v) || v.Reason != signer.ReasonHeader || !strings.Contains(err.Error(), "Wechatpay-Signature-Type is ")):
					t.Errorf("error %v, want a VerifyError that names the header", err)
				}
			}
		})
	}
	long := byRSA
	long.Type = strings.Repeat("x", 257)
	err := long.Verify(t.Context(), keys.Static{serial: vectors.MerchantKey(t).Public()}, time.Unix(signedAt, 0), []byte(body))
	if !errors.Is(err, signer.ErrVerify) || !strings.Contains(err.Error(), "has 257 bytes") {
		t.Errorf("a long header: %v", err)
	}
}

func TestCheckRSAOfAVerifier(t *testing.T) {
	if err := signer.CheckRSA(suitetest.New(t, "1").Platform()); err != nil {
		t.Error(err)
	}
	err := signer.CheckRSA((*suitetest.Public)(nil))
	if err == nil || !strings.Contains(err.Error(), "nil pointer") {
		t.Errorf("a nil pointer: %v", err)
	}
	err = signer.Verify(t.Context(), keys.Static{serial: (*suitetest.Public)(nil)}, serial, nil, nil)
	var v *signer.VerifyError
	if !errors.As(err, &v) || v.Reason != signer.ReasonSerial {
		t.Errorf("verifying with a nil pointer: %v", err)
	}
}

// A private key that is not RSA does not sign as RSA, whatever its public key can do.
func TestNewRSARefusesVerifiers(t *testing.T) {
	if _, err := signer.NewRSA(serial, impostor{vectors.MerchantKey(t)}); err == nil || !strings.Contains(err.Error(), "not an RSA key") {
		t.Errorf("error %v", err)
	}
}

// impostor is a private key whose public key is a Verifier.
type impostor struct{ crypto.Signer }

func (impostor) Public() crypto.PublicKey { return new(suitetest.Public) }
