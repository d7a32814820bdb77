package signer_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/signer"
)

// hsm is a key that nobody can see, behind crypto.Signer.
type hsm struct {
	public crypto.PublicKey
	sign   func(digest []byte, opts crypto.SignerOpts) ([]byte, error)
}

func (h hsm) Public() crypto.PublicKey { return h.public }

func (h hsm) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return h.sign(digest, opts)
}

func publicOf(bits uint) *rsa.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), bits-1)
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}
}

func TestSignIsThatOfTheVectors(t *testing.T) {
	v := vectors.Load(t)
	s, err := signer.NewRSA(v.MerchantSerialNo, vectors.MerchantKey(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(v.RSASign) == 0 {
		t.Fatal("no vectors")
	}
	for _, vector := range v.RSASign {
		got, err := s.Sign(t.Context(), []byte(vector.Message))
		if err != nil || !bytes.Equal(got, vector.Signature) {
			t.Errorf("Sign(%.20q) = %x, %v; want %x", vector.Message, got, err, vector.Signature)
		}
	}
	if s.Scheme() != "WECHATPAY2-SHA256-RSA2048" || s.SerialNo() != v.MerchantSerialNo {
		t.Errorf("scheme %q, serial number %q", s.Scheme(), s.SerialNo())
	}
}

func TestNewRSARefuses(t *testing.T) {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var typedNil *rsa.PrivateKey
	tests := []struct {
		name   string
		serial string
		key    crypto.Signer
		want   string
	}{
		{"no serial number", "", vectors.MerchantKey(t), "serial number"},
		{"no key", "S", nil, "private key is missing"},
		{"a nil pointer", "S", typedNil, "private key is missing"},
		{"an EC key", "S", ec, "not an RSA key"},
		{"1024 bits", "S", hsm{public: publicOf(1024)}, "1024 bits, at least 2048"},
		{"2047 bits", "S", hsm{public: publicOf(2047)}, "2047 bits"},
		{"no public key", "S", hsm{}, "not an RSA key"},
		{"an empty public key", "S", hsm{public: &rsa.PublicKey{}}, "empty"},
		{"a nil public key", "S", hsm{public: (*rsa.PublicKey)(nil)}, "empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := signer.NewRSA(tt.serial, tt.key)
			if err == nil || s != nil {
				t.Fatalf("NewRSA = %v, %v; want an error alone", s, err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q does not say %q", err, tt.want)
			}
		})
	}
	if _, err := signer.NewRSA("S", hsm{public: publicOf(2048)}); err != nil {
		t.Errorf("2048 bits are refused: %v", err)
	}
}

func TestSignWithAKeyElsewhere(t *testing.T) {
	key := vectors.MerchantKey(t)
	s, err := signer.NewRSA("S", hsm{key.Public(), func(digest []byte, opts crypto.SignerOpts) ([]byte, error) {
		return key.Sign(rand.Reader, digest, opts)
	}})
	if err != nil {
		t.Fatal(err)
	}
	signature, err := s.Sign(t.Context(), []byte("message"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(signature, sign(t, []byte("message"))) {
		t.Error("a key behind crypto.Signer makes another signature than the key at hand")
	}
}

func TestSignKeepsTheKeysError(t *testing.T) {
	broken := errors.New("the HSM is out of order")
	s, err := signer.NewRSA("S", hsm{vectors.MerchantKey(t).Public(), func([]byte, crypto.SignerOpts) ([]byte, error) {
		return nil, broken
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sign(t.Context(), []byte("message")); !errors.Is(err, broken) {
		t.Errorf("error is %v, want %v", err, broken)
	}
}

func TestSignGivesUpWhenTheContextIsDone(t *testing.T) {
	s, err := signer.NewRSA("S", hsm{vectors.MerchantKey(t).Public(), func([]byte, crypto.SignerOpts) ([]byte, error) {
		t.Error("the key was used")
		return nil, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sign(ctx, []byte("message")); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v, want context.Canceled", err)
	}
}

func TestPrintingASignerShowsNoKey(t *testing.T) {
	key := vectors.MerchantKey(t)
	s, err := signer.NewRSA("5157F09EFDC096DE", key)
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&printed, verb+"\n", s)
		fmt.Fprintf(&printed, verb+"\n", struct{ S signer.Signer }{s})
		fmt.Fprintf(&printed, verb+"\n", struct{ s any }{s})
		fmt.Fprintf(&printed, verb+"\n", []any{&s})
	}
	slog.New(slog.NewTextHandler(&printed, nil)).Info("signer", "s", s)
	if !strings.Contains(printed.String(), "5157F09EFDC096DE") {
		t.Errorf("the serial number is not in\n%s", &printed)
	}
	for _, secret := range []*big.Int{key.D, key.Primes[0], key.Primes[1]} {
		for _, digits := range []string{secret.String(), secret.Text(16), strings.ToUpper(secret.Text(16))} {
			if strings.Contains(printed.String(), digits[:20]) {
				t.Fatalf("printed digits of the private key:\n%s", &printed)
			}
		}
	}
}

// softToken is a key that would print itself.
type softToken struct {
	hsm
	PIN string
}

func TestPrintingASignerShowsNothingOfAKeyElsewhere(t *testing.T) {
	s, err := signer.NewRSA("S", softToken{hsm{public: publicOf(2048)}, "493817"})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{s, struct{ S signer.Signer }{s}, []any{s}} {
			if printed := fmt.Sprintf(verb, v); strings.Contains(printed, "493817") {
				t.Errorf("%s prints %s", verb, printed)
			}
		}
	}
}

func TestMessages(t *testing.T) {
	tests := []struct{ name, got, want string }{
		{"request", string(signer.RequestMessage("POST", "/v3/x?a=b", "1790000000", "nonce", []byte(`{"a":"中"}`))),
			"POST\n/v3/x?a=b\n1790000000\nnonce\n{\"a\":\"中\"}\n"},
		{"request without a body", string(signer.RequestMessage("GET", "/v3/certificates", "1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242", nil)),
			"GET\n/v3/certificates\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n"},
		{"answer", string(signer.ResponseMessage("1554209980", "c5ac7061fccab6bf3e254dcf98995b8c", []byte("{}\n"))),
			"1554209980\nc5ac7061fccab6bf3e254dcf98995b8c\n{}\n\n"},
		{"answer without a body", string(signer.ResponseMessage("1", "n", nil)), "1\nn\n\n"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: message %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

// Every part of a message may be the longest.
func TestMessagesOfAnyLength(t *testing.T) {
	const long = 1000
	for i := range 6 {
		parts := make([]string, 5)
		if i < len(parts) { // else all are empty
			parts[i] = strings.Repeat("x", long)
		}
		want := strings.Join(parts, "\n") + "\n"
		if got := signer.RequestMessage(parts[0], parts[1], parts[2], parts[3], []byte(parts[4])); string(got) != want {
			t.Errorf("RequestMessage with part %d long is %.20q…", i, got)
		}
		want = strings.Join(parts[2:], "\n") + "\n"
		if got := signer.ResponseMessage(parts[2], parts[3], []byte(parts[4])); string(got) != want {
			t.Errorf("ResponseMessage with part %d long is %.20q…", i, got)
		}
	}
}

// Any odd exponent from 3 on is an RSA key's; crypto/rsa itself is stricter.
func TestCheckRSAExponent(t *testing.T) {
	n := vectors.MerchantKey(t).N
	for e, good := range map[int]bool{3: true, 5: true, 65537: true, 1: false, 2: false, 4: false, 65538: false, 0: false, -3: false} {
		if err := signer.CheckRSA(&rsa.PublicKey{N: n, E: e}); (err == nil) != good {
			t.Errorf("e = %d: %v, want good %v", e, err, good)
		}
	}
}
