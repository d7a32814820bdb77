package signer_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

const serial = "PUB_KEY_ID_0114232134912410000000000001"

func TestVerify(t *testing.T) {
	key := vectors.MerchantKey(t).Public()
	message := []byte("1790000001\nnonce\n{}\n")
	good := sign(t, message)
	flipped := append([]byte(nil), good...)
	flipped[17] ^= 1
	tests := []struct {
		name      string
		keys      store
		message   string
		signature []byte
		reason    string // "" for a message that verifies
		want      string // in the text of the error
	}{
		{"good", only(serial, key), string(message), good, "", ""},
		{"message changed", only(serial, key), string(message) + " ", good, signer.ReasonSignature, serial},
		{"signature changed", only(serial, key), string(message), flipped, signer.ReasonSignature, serial},
		{"signature cut", only(serial, key), string(message), good[:255], signer.ReasonSignature, serial},
		{"no signature", only(serial, key), string(message), nil, signer.ReasonSignature, serial},
		{"another key", only(serial, vectors.PlatformKey(t)), string(message), good, signer.ReasonSignature, serial},
		{"unknown serial", only("OTHER", key), string(message), good, signer.ReasonSerial, "unknown serial"},
		{"EC key", only(serial, &ecdsa.PublicKey{}), string(message), good, signer.ReasonSerial, "not an RSA key"},
		{"short key", only(serial, publicOf(1024)), string(message), good, signer.ReasonSerial, "1024 bits"},
		{"no key", only(serial, nil), string(message), good, signer.ReasonSerial, "not an RSA key"},
		{"nil key", only(serial, (*rsa.PublicKey)(nil)), string(message), good, signer.ReasonSerial, "empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := signer.Verify(t.Context(), tt.keys, serial, []byte(tt.message), tt.signature)
			if tt.reason == "" {
				if err != nil {
					t.Fatalf("Verify: %v", err)
				}
				return
			}
			checkRefusal(t, err, tt.reason, tt.want)
			if got, want := errors.Is(err, signer.ErrUnknownSerial), tt.name == "unknown serial"; got != want {
				t.Errorf("errors.Is(%v, ErrUnknownSerial) is %v", err, got)
			}
		})
	}
}

// checkRefusal checks that err is a VerifyError of that reason and says want.
func checkRefusal(t *testing.T, err error, reason, want string) {
	t.Helper()
	var e *signer.VerifyError
	if !errors.As(err, &e) || !errors.Is(err, signer.ErrVerify) {
		t.Fatalf("error is %v, want a VerifyError that is ErrVerify", err)
	}
	if e.Reason != reason {
		t.Errorf("reason %q, want %q (%v)", e.Reason, reason, err)
	}
	if !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), reason) {
		t.Errorf("error %q does not say %q and %q", err, reason, want)
	}
}

func TestVerifyKeepsTheErrorOfTheStore(t *testing.T) {
	failing := store(func(context.Context, string) (crypto.PublicKey, error) {
		return nil, fmt.Errorf("downloading certificates: %w", context.DeadlineExceeded)
	})
	err := signer.Verify(t.Context(), failing, serial, nil, nil)
	checkRefusal(t, err, signer.ReasonSerial, "downloading certificates")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is no DeadlineExceeded", err)
	}
	if errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("%v: a store that fails does not know that the serial is unknown", err)
	}
	if !strings.Contains(err.Error(), serial) {
		t.Errorf("error %q does not name the serial", err)
	}
}

func TestVerifyHandsTheContextToTheStore(t *testing.T) {
	type mark struct{}
	ctx := context.WithValue(t.Context(), mark{}, true)
	var got any
	keys := store(func(ctx context.Context, s string) (crypto.PublicKey, error) {
		got = ctx.Value(mark{})
		return vectors.MerchantKey(t).Public(), nil
	})
	if err := signer.Verify(ctx, keys, serial, []byte("m"), sign(t, []byte("m"))); err != nil {
		t.Fatal(err)
	}
	if got != true {
		t.Error("the store got another context")
	}
}
