package sm2_test

import (
	"bytes"
	"context"
	"crypto"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/signer/sm2"
)

// recorded is the content of shangmi.json.
type recorded struct {
	Merchant struct {
		MchID          string
		SerialNo       string `json:"serial_no"`
		PrivateKeyPEM  string `json:"private_key_pem"`
		CertificatePEM string `json:"certificate_pem"`
	}
	Platform struct {
		CertificatePEM string `json:"certificate_pem"`
	}
	APIv3Key  string `json:"apiv3_key"`
	Signature struct {
		Message, Base64 string
		MustNotVerify   string `json:"must_not_verify"`
	}
	Encryption struct{ Plaintext, Base64 string }
	GCM        struct {
		Plaintext, Nonce, Base64 string
		AssociatedData           string `json:"associated_data"`
		MustNotOpen              string `json:"must_not_open"`
	}
}

func load(t testing.TB) *recorded {
	t.Helper()
	v := new(recorded)
	vectors.LoadFile(t, "shangmi.json", v)
	return v
}

func raw(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// merchant returns the Signer of the vectors' merchant.
func merchant(t testing.TB) signer.Signer {
	t.Helper()
	v := load(t)
	key, err := sm2.Private(v.Merchant.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sm2.NewSigner(v.Merchant.SerialNo, key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// public returns the key of the vectors' merchant certificate.
func public(t testing.TB) signer.HashVerifier {
	t.Helper()
	key, err := sm2.Public(load(t).Merchant.CertificatePEM)
	if err != nil {
		t.Fatal(err)
	}
	return key.(signer.HashVerifier)
}

func TestSignatureOfTheVectors(t *testing.T) {
	v, key := load(t).Signature, public(t)
	signature := raw(t, v.Base64)
	byHash := func(message string, signature []byte) error {
		h := key.NewHash()
		for _, b := range []byte(message) {
			h.Write([]byte{b})
		}
		return key.VerifyHash(h.Sum(nil), signature)
	}
	for name, verify := range map[string]func(message string, signature []byte) error{
		"whole": func(message string, signature []byte) error { return key.Verify([]byte(message), signature) }, "in pieces": byHash,
	} {
		if err := verify(v.Message, signature); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if verify(v.MustNotVerify, signature) == nil {
			t.Errorf("%s: another message verifies", name)
		}
		for i := range signature {
			changed := bytes.Clone(signature)
			changed[i] ^= 1
			if verify(v.Message, changed) == nil || verify(v.Message, signature[:i]) == nil {
				t.Errorf("%s: a signature verifies that is changed or cut at byte %d", name, i)
			}
		}
	}
}

func TestSignaturesVerify(t *testing.T) {
	s, key := merchant(t), public(t)
	if s.Scheme() != "WECHATPAY2-SM2-WITH-SM3" || s.SerialNo() != load(t).Merchant.SerialNo {
		t.Errorf("%s, %s", s.Scheme(), s.SerialNo())
	}
	for _, message := range []string{"", "message", strings.Repeat("长", 1000)} {
		signature, err := s.Sign(t.Context(), []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		if err := key.Verify([]byte(message), signature); err != nil {
			t.Errorf("%.20q: %v", message, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Sign(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
}

func TestEncryptionOfTheVectors(t *testing.T) {
	v, suite := load(t).Encryption, merchant(t).(signer.Suite)
	ciphertext := raw(t, v.Base64)
	if text, err := suite.Decrypt(t.Context(), ciphertext); err != nil || string(text) != v.Plaintext {
		t.Errorf("%q, %v", text, err)
	}
	ones := 0
	for i, c := range v.Base64 {
		if c != '1' {
			continue
		}
		ones++
		changed := v.Base64[:i] + "2" + v.Base64[i+1:]
		if text, err := suite.Decrypt(t.Context(), raw(t, changed)); !errors.Is(err, cipher.ErrDecrypt) {
			t.Errorf("with a 2 at %d: %q, %v", i, text, err)
		}
	}
	if ones == 0 {
		t.Error("the vector has no 1 to change")
	}
	for i := range ciphertext {
		if text, err := suite.Decrypt(t.Context(), ciphertext[:i]); !errors.Is(err, cipher.ErrDecrypt) {
			t.Errorf("cut at %d: %q, %v", i, text, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := suite.Decrypt(ctx, ciphertext); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
}

func TestEncrypt(t *testing.T) {
	key, suite := public(t), merchant(t).(signer.Suite)
	is := key.(interface{ IsCiphertext([]byte) bool }).IsCiphertext
	for _, text := range []string{"a", "张三", strings.Repeat("x", 1000)} {
		ciphertext, err := cipher.Encrypt(key, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := suite.Decrypt(t.Context(), raw(t, ciphertext)); err != nil || string(got) != text || !is(raw(t, ciphertext)) {
			t.Errorf("%.20q: %.20q, %v", text, got, err)
		}
	}
	if is([]byte("张三")) || is(nil) || is(raw(t, load(t).Signature.Base64)) {
		t.Error("something else passes for a ciphertext")
	}
	if _, err := cipher.Encrypt(key, ""); err == nil {
		t.Error("an empty text is encrypted")
	}
}

func TestGCMOfTheVectors(t *testing.T) {
	v := load(t)
	for name, suite := range map[string]cipher.Sealer{"signer": merchant(t).(signer.Suite), "public key": public(t).(cipher.Sealer)} {
		gcm, err := cipher.NewGCMOf(suite, v.APIv3Key)
		if err != nil {
			t.Fatal(err)
		}
		sealed := cipher.Sealed{Algorithm: "AEAD_SM4_GCM", Ciphertext: v.GCM.Base64, AssociatedData: v.GCM.AssociatedData, Nonce: v.GCM.Nonce}
		if text, err := gcm.Open(sealed); err != nil || string(text) != v.GCM.Plaintext {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if again, err := gcm.Seal([]byte(v.GCM.Plaintext), v.GCM.Nonce, v.GCM.AssociatedData); err != nil || again != sealed {
			t.Errorf("%s: sealed %+v, %v; want %+v", name, again, err, sealed)
		}
		sealed.Ciphertext = v.GCM.MustNotOpen
		if text, err := gcm.Open(sealed); !errors.Is(err, cipher.ErrDecrypt) {
			t.Errorf("%s: what must not open: %q, %v", name, text, err)
		}
		sealed.Ciphertext, sealed.Algorithm = v.GCM.Base64, cipher.AlgorithmGCM
		if text, err := gcm.Open(sealed); err == nil {
			t.Errorf("%s: as AEAD_AES_256_GCM: %q", name, text)
		}
	}
}

func TestCertificatesOfTheVectors(t *testing.T) {
	v := load(t)
	if serial, err := sm2.SerialNo(v.Merchant.CertificatePEM); err != nil || serial != v.Merchant.SerialNo {
		t.Errorf("serial number %s, %v; want %s", serial, err, v.Merchant.SerialNo)
	}
	cert, err := sm2.Certificate(v.Platform.CertificatePEM)
	if err != nil {
		t.Fatal(err)
	}
	if cert.Subject.CommonName != "Tenpay.com sign" || cert.NotAfter.Year() != 2023 {
		t.Errorf("certificate of %s until %s", cert.Subject, cert.NotAfter)
	}
	key := merchant(t).(interface{ Public() crypto.PublicKey }).Public()
	if !public(t).(interface{ Equal(crypto.PublicKey) bool }).Equal(key) {
		t.Error("the key of the merchant's certificate is not that of its private key")
	}
	if cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }).Equal(key) {
		t.Error("the platform's key equals the merchant's")
	}
}

// However they are printed, a Signer and a Config with it show no secret.
func TestPrintingShowsNoSecret(t *testing.T) {
	v := load(t)
	key, err := sm2.Private(v.Merchant.PrivateKeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	config := wechatpay.Config{MchID: v.Merchant.MchID, Signer: merchant(t), APIv3Key: v.APIv3Key, PlatformKeys: keys.Static{"5E01": public(t)}}
	client, err := wechatpay.New(config)
	if err == nil || !strings.Contains(err.Error(), "the merchant's own public key") {
		t.Errorf("New takes the merchant's own key for the platform's: %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		for _, value := range []any{merchant(t), []any{merchant(t)}, config, client} {
			text := fmt.Sprintf(verb, value)
			for _, secret := range []string{key.D.String(), fmt.Sprintf("%x", key.D), v.APIv3Key} {
				if strings.Contains(text, secret) {
					t.Errorf("%s of a %T shows a secret", verb, value)
				}
			}
		}
	}
}
