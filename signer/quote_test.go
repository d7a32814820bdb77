package signer_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

// checkShort checks that an error shows at most 64 characters of a text of which
// every character is mark, and none that cannot be printed.
func checkShort(t *testing.T, err error, mark string) {
	t.Helper()
	if n := strings.Count(err.Error(), mark); n > 64 {
		t.Errorf("the error shows %d characters of a header: %.200s…", n, err)
	}
	if len(err.Error()) > 1000 || strings.ContainsFunc(err.Error(), unicode.IsControl) {
		t.Errorf("the error has %d bytes: %.200q", len(err.Error()), err)
	}
}

// Whatever a header holds, an error shows at most 64 characters of it, and no
// store of keys is asked for what cannot be a serial.
func TestErrorsShowLittleOfHeaders(t *testing.T) {
	const body = "{}"
	now := time.Unix(signedAt, 0)
	keys := only(serial, vectors.MerchantKey(t).Public())
	for _, n := range []int{65, 256, 257, 4096, 4097, 900 << 10} {
		for _, text := range []string{strings.Repeat("Ω", n/2), "\x1b[31m\r\n" + strings.Repeat("Ω", n/2)} {
			for name, edit := range map[string]func(*signer.Seal){
				"timestamp": func(s *signer.Seal) { s.Timestamp = text },
				"nonce":     func(s *signer.Seal) { s.Nonce = text },
				"serial":    func(s *signer.Seal) { s.Serial = text },
				"signature": func(s *signer.Seal) { s.Signature = text },
				"all":       func(s *signer.Seal) { *s = signer.Seal{Timestamp: text, Nonce: text, Serial: text, Signature: text} },
			} {
				s := sealed(t, "1790000001", body)
				edit(&s)
				err := s.Verify(t.Context(), keys, now, []byte(body))
				if !errors.Is(err, signer.ErrVerify) {
					t.Fatalf("%s of %d bytes: error is %v", name, n, err)
				}
				checkShort(t, err, "Ω")
			}
			for how, keys := range map[string]signer.PublicKeys{
				"unknown":         keys,
				"failing":         store(func(context.Context, string) (crypto.PublicKey, error) { return nil, errors.New("away") }),
				"no RSA":          only(text, "x"),
				"other signature": only(text, vectors.PlatformKey(t)),
			} {
				err := signer.Verify(t.Context(), keys, text, []byte("m"), sign(t, []byte("m")))
				if !errors.Is(err, signer.ErrVerify) {
					t.Fatalf("%s: error is %v", how, err)
				}
				checkShort(t, err, "Ω")
			}
		}
	}
}

func TestLongestHeaders(t *testing.T) {
	now, keys := time.Unix(signedAt, 0), only(serial, vectors.MerchantKey(t).Public())
	for _, tt := range []struct {
		name string
		seal func(n int) signer.Seal
		most int
	}{
		{"Wechatpay-Timestamp", func(n int) signer.Seal {
			return signer.Seal{Timestamp: strings.Repeat("1", n), Nonce: "n", Serial: "s", Signature: "x"}
		}, 32},
		{"Wechatpay-Nonce", func(n int) signer.Seal {
			return signer.Seal{Timestamp: "1790000001", Nonce: strings.Repeat("n", n), Serial: "s", Signature: "x"}
		}, 256},
		{"Wechatpay-Serial", func(n int) signer.Seal {
			return signer.Seal{Timestamp: "1790000001", Nonce: "n", Serial: strings.Repeat("s", n), Signature: "AAAA"}
		}, 256},
		{"Wechatpay-Signature", func(n int) signer.Seal {
			return signer.Seal{Timestamp: "1790000001", Nonce: "n", Serial: serial, Signature: strings.Repeat("A", n)}
		}, 4096},
	} {
		want := fmt.Sprintf("%s has %d bytes, at most %d are read", tt.name, tt.most+1, tt.most)
		if err := tt.seal(tt.most+1).Verify(t.Context(), keys, now, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
		if err := tt.seal(tt.most).Verify(t.Context(), keys, now, nil); err == nil || strings.Contains(err.Error(), "are read") {
			t.Errorf("%s of %d bytes: %v", tt.name, tt.most, err)
		}
	}
}

// A probe is recognised by errors.Is, and only a probe.
func TestErrProbe(t *testing.T) {
	now, keys := time.Unix(signedAt, 0), only(serial, vectors.MerchantKey(t).Public())
	for signature, want := range map[string]bool{
		"WECHATPAY/SIGNTEST/":       true,
		"WECHATPAY/SIGNTEST/AAAA":   true,
		"WECHATPAY/SIGNTEST":        false,
		"AWECHATPAY/SIGNTEST/AAAA=": false,
		"AAAA":                      false,
	} {
		s := sealed(t, "1790000001", "{}")
		s.Signature = signature
		err := s.Verify(t.Context(), keys, now, []byte("{}"))
		var v *signer.VerifyError
		if errors.Is(err, signer.ErrProbe) != want || !errors.As(err, &v) || v.Reason != signer.ReasonSignature || !errors.Is(err, signer.ErrVerify) {
			t.Errorf("%s: error is %v; errors.Is(err, ErrProbe) should be %v", signature, err, want)
		}
	}
}
