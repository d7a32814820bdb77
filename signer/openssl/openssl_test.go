package openssl_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/signer/openssl"
)

// available skips a test if OpenSSL cannot be used, unless WXPAY_OPENSSL is set, as in
// .ci/run.
func available(t testing.TB) {
	t.Helper()
	switch err := openssl.Available(); {
	case err == nil:
	case os.Getenv("WXPAY_OPENSSL") != "":
		t.Fatal(err)
	default:
		t.Skip(err)
	}
}

func privateKey(t testing.TB) openssl.Key {
	t.Helper()
	available(t)
	key, err := openssl.PrivateKey(vectors.MerchantKey(t))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// publicKey returns the native form of a public key.
func publicKey(t testing.TB, key crypto.PublicKey) signer.Verifier {
	t.Helper()
	available(t)
	store, err := openssl.PublicKeys(keys.Static{"1": key})
	if err != nil {
		t.Fatal(err)
	}
	native, err := store.PublicKey(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	return native.(signer.Verifier)
}

// Signatures are those of the vectors, byte for byte.
func TestSignaturesOfTheVectors(t *testing.T) {
	key, v := privateKey(t), vectors.Load(t)
	s, err := signer.NewRSA(v.MerchantSerialNo, key)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.RSASign) == 0 {
		t.Fatal("no vectors")
	}
	public := publicKey(t, vectors.MerchantKey(t).Public())
	for _, tt := range v.RSASign {
		got, err := s.Sign(t.Context(), []byte(tt.Message))
		if err != nil || !bytes.Equal(got, tt.Signature) {
			t.Errorf("%.40q: signature %x, %v; want %x", tt.Message, got, err, tt.Signature)
		}
		if err := public.Verify([]byte(tt.Message), tt.Signature); err != nil {
			t.Errorf("%.40q: %v", tt.Message, err)
		}
	}
}

func TestDecryptionsOfTheVectors(t *testing.T) {
	key, v := privateKey(t), vectors.Load(t)
	if len(v.OAEP) == 0 {
		t.Fatal("no vectors")
	}
	for _, tt := range v.OAEP {
		if text, err := cipher.DecryptOAEP(key, tt.Ciphertext); err != nil || text != tt.Plaintext {
			t.Errorf("%.40q: %q, %v", tt.Plaintext, text, err)
		}
	}
}

// The signatures of the vectors' answers are accepted and refused for the same reasons
// as with crypto/rsa.
func TestAnswersOfTheVectors(t *testing.T) {
	available(t)
	v := vectors.Load(t)
	plain := keys.Static{v.PlatformPublicKeyID: vectors.PlatformKey(t), v.PlatformSerialNo: vectors.PlatformKey(t)}
	native, err := openssl.PublicKeys(plain)
	if err != nil {
		t.Fatal(err)
	}
	accepted := 0
	for _, tt := range v.Responses {
		seal := signer.SealOf(func(name string) string { return tt.Headers[name] })
		verify := func(keys signer.PublicKeys) error {
			return seal.Verify(t.Context(), keys, time.Unix(v.Now, 0), []byte(tt.Body))
		}
		got, want := verify(native), verify(plain)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, with crypto/rsa %v", tt.Name, got, want)
		}
		if got == nil {
			accepted++
		}
	}
	if accepted == 0 || accepted == len(v.Responses) {
		t.Errorf("%d of %d answers are accepted", accepted, len(v.Responses))
	}
}

// Every hash and padding that crypto/rsa signs with gives a signature that crypto/rsa
// verifies.
func TestSignatureSchemes(t *testing.T) {
	key := privateKey(t)
	public := key.Public().(*rsa.PublicKey)
	sums := map[crypto.Hash][]byte{}
	s1, s256, s512 := sha1.Sum([]byte("m")), sha256.Sum256([]byte("m")), sha512.Sum512([]byte("m"))
	sums[crypto.SHA1], sums[crypto.SHA256], sums[crypto.SHA512] = s1[:], s256[:], s512[:]
	for h, sum := range sums {
		got, err := key.Sign(rand.Reader, sum, h)
		want, errWant := vectors.MerchantKey(t).Sign(rand.Reader, sum, h)
		if err != nil || errWant != nil || !bytes.Equal(got, want) {
			t.Errorf("%v: %x, %v; want %x, %v", h, got, err, want, errWant)
		}
		for _, salt := range []int{rsa.PSSSaltLengthAuto, rsa.PSSSaltLengthEqualsHash, 20} {
			got, err := key.Sign(rand.Reader, sum, &rsa.PSSOptions{SaltLength: salt, Hash: h})
			if err != nil {
				t.Errorf("PSS with %v and salt %d: %v", h, salt, err)
			} else if err := rsa.VerifyPSS(public, h, sum, got, &rsa.PSSOptions{SaltLength: salt}); err != nil {
				t.Errorf("PSS with %v and salt %d: %v", h, salt, err)
			}
		}
	}
	got, err := key.Sign(rand.Reader, []byte("unhashed"), crypto.Hash(0))
	want, errWant := vectors.MerchantKey(t).Sign(rand.Reader, []byte("unhashed"), crypto.Hash(0))
	if err != nil || errWant != nil || !bytes.Equal(got, want) {
		t.Errorf("unhashed: %x, %v; want %x, %v", got, err, want, errWant)
	}
	for _, n := range []int{0, 31, 33} {
		if _, err := key.Sign(rand.Reader, make([]byte, n), crypto.SHA256); err == nil {
			t.Errorf("a digest of %d bytes is signed as SHA-256", n)
		}
	}
}

// A signature or a ciphertext that is cut, longer or changed fails, with the errors of
// crypto/rsa.
func TestWrongInput(t *testing.T) {
	key := privateKey(t)
	own := vectors.MerchantKey(t)
	public := publicKey(t, own.Public())
	message := []byte("message")
	sum := sha256.Sum256(message)
	good, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := public.(signer.Encrypter).Encrypt([]byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	above := new(big.Int).Add(new(big.Int).SetBytes(good), own.N).Bytes() // the same number modulo N
	for name, edit := range map[string]func(b []byte) []byte{
		"empty":            func([]byte) []byte { return nil },
		"cut":              func(b []byte) []byte { return b[:len(b)-1] },
		"cut at the start": func(b []byte) []byte { return b[1:] },
		"longer":           func(b []byte) []byte { return append(bytes.Clone(b), 0) },
		"zero before":      func(b []byte) []byte { return append([]byte{0}, b...) },
		"a bit changed":    func(b []byte) []byte { b = bytes.Clone(b); b[100] ^= 1; return b },
		"zeros":            func(b []byte) []byte { return make([]byte, len(b)) },
		"ones":             func(b []byte) []byte { return bytes.Repeat([]byte{0xff}, len(b)) },
		"above N":          func([]byte) []byte { return above },
	} {
		if err := public.Verify(message, edit(good)); !errors.Is(err, rsa.ErrVerification) {
			t.Errorf("signature, %s: %v", name, err)
		}
		text, err := key.Decrypt(nil, edit(sealed), &rsa.OAEPOptions{Hash: crypto.SHA1})
		want, errWant := own.Decrypt(nil, edit(sealed), &rsa.OAEPOptions{Hash: crypto.SHA1})
		// One ciphertext in 256 starts with a zero, which may be missing.
		fails := name != "cut at the start" || sealed[0] != 0
		if !bytes.Equal(text, want) || !errors.Is(err, errWant) || (err != nil) != fails {
			t.Errorf("ciphertext, %s: %q, %v; with crypto/rsa %q, %v", name, text, err, want, errWant)
		}
	}
	if err := public.Verify([]byte("massage"), good); !errors.Is(err, rsa.ErrVerification) {
		t.Errorf("another message: %v", err)
	}
	sha1Sum := sha1.Sum(message)
	other, err := key.Sign(nil, sha1Sum[:], crypto.SHA1)
	if err != nil {
		t.Fatal(err)
	}
	if err := public.Verify(message, other); !errors.Is(err, rsa.ErrVerification) {
		t.Errorf("a signature with SHA-1: %v", err)
	}
}

func TestEncrypt(t *testing.T) {
	key := privateKey(t)
	own := vectors.MerchantKey(t)
	public := publicKey(t, own.Public())
	longest := strings.Repeat("x", own.Size()-42)
	for _, text := range []string{"", "a", "张三", longest} {
		ciphertext, err := cipher.Encrypt(public, text)
		if err != nil {
			t.Errorf("%d bytes: %v", len(text), err)
			continue
		}
		for _, by := range []crypto.Decrypter{key, own} {
			if got, err := cipher.DecryptOAEP(by, ciphertext); err != nil || got != text {
				t.Errorf("%T: %q, %v; want %q", by, got, err, text)
			}
		}
		raw, err := base64.StdEncoding.DecodeString(ciphertext)
		if err != nil {
			t.Fatal(err)
		}
		is := public.(interface{ IsCiphertext([]byte) bool }).IsCiphertext
		if !is(raw) || is(raw[1:]) {
			t.Errorf("%d bytes: IsCiphertext is wrong", len(text))
		}
	}
	if _, err := cipher.Encrypt(public, longest+"x"); !errors.Is(err, rsa.ErrMessageTooLong) {
		t.Errorf("a text too long: %v", err)
	}
}

// OAEP with a label and with other hashes than WeChat Pay's. Other paddings are refused.
func TestDecryptOptions(t *testing.T) {
	key, own := privateKey(t), vectors.MerchantKey(t)
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &own.PublicKey, []byte("text"), []byte("label"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := key.Decrypt(nil, sealed, &rsa.OAEPOptions{Hash: crypto.SHA256, Label: []byte("label")}); err != nil || string(got) != "text" {
		t.Errorf("SHA-256 with a label: %q, %v", got, err)
	}
	if _, err := key.Decrypt(nil, sealed, &rsa.OAEPOptions{Hash: crypto.SHA256, Label: []byte("other")}); !errors.Is(err, rsa.ErrDecryption) {
		t.Errorf("another label: %v", err)
	}
	for _, opts := range []crypto.DecrypterOpts{nil, &rsa.PKCS1v15DecryptOptions{}, &rsa.OAEPOptions{Hash: crypto.MD5}, &rsa.OAEPOptions{Hash: crypto.SHA1, MGFHash: crypto.MD5}} {
		if _, err := key.Decrypt(nil, sealed, opts); err == nil || !strings.Contains(err.Error(), "not supported") {
			t.Errorf("%T: %v", opts, err)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	available(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	good := vectors.MerchantKey(t)
	broken := &rsa.PrivateKey{PublicKey: good.PublicKey, D: new(big.Int).Add(good.D, big.NewInt(2)), Primes: good.Primes}
	for name, key := range map[string]*rsa.PrivateKey{"nil": nil, "empty": {}, "1024 bits": small, "wrong exponent": broken} {
		if k, err := openssl.PrivateKey(key); err == nil || k != nil {
			t.Errorf("%s: %v, %v", name, k, err)
		}
	}
	for name, store := range map[string]signer.PublicKeys{"nil": nil, "nil pointer": (*keys.Downloader)(nil)} {
		if s, err := openssl.PublicKeys(store); err == nil || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

// The numbers of the private key are not in the Key, however it is printed.
func TestKeyShowsNothing(t *testing.T) {
	key, own := privateKey(t), vectors.MerchantKey(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		for _, text := range []string{fmt.Sprintf(verb, key), fmt.Sprintf(verb, []any{key})} {
			for _, secret := range []*big.Int{own.D, own.Primes[0], own.Primes[1]} {
				if strings.Contains(text, secret.String()) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
					t.Errorf("%s shows the key", verb)
				}
			}
		}
	}
}

// PrivateKey leaves its argument as it was, and does not need it afterwards.
func TestKeyIsACopy(t *testing.T) {
	available(t)
	own := *vectors.MerchantKey(t)
	d, n := new(big.Int).Set(own.D), new(big.Int).Set(own.N)
	copied := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Set(own.N), E: own.E}, D: new(big.Int).Set(own.D)}
	for _, p := range own.Primes {
		copied.Primes = append(copied.Primes, new(big.Int).Set(p))
	}
	key, err := openssl.PrivateKey(copied)
	if err != nil {
		t.Fatal(err)
	}
	if copied.D.Cmp(d) != 0 || copied.N.Cmp(n) != 0 {
		t.Error("PrivateKey changed its argument")
	}
	for _, number := range append(copied.Primes, copied.D, copied.N) {
		clear(number.Bits())
	}
	sum := sha256.Sum256([]byte("message"))
	signature, err := key.Sign(nil, sum[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	if err := rsa.VerifyPKCS1v15(&own.PublicKey, crypto.SHA256, sum[:], signature); err != nil || !own.PublicKey.Equal(key.Public()) {
		t.Errorf("after the argument was wiped: %v, public key %v", err, key.Public())
	}
}

// remote is a store that is not fixed.
type remote struct {
	signer.PublicKeys
	fail error
}

func (r remote) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	if r.fail != nil {
		return nil, r.fail
	}
	return r.PublicKeys.PublicKey(ctx, serial)
}

// Whatever store is behind, RSA keys are native, and everything else is the store's.
func TestPublicKeys(t *testing.T) {
	available(t)
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	static := keys.Static{"PUB_KEY_ID_1": vectors.PlatformKey(t), "E": edKey}
	for name, behind := range map[string]signer.PublicKeys{
		"static": static, "combined": keys.Combined(static), "remote": remote{PublicKeys: static},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := openssl.PublicKeys(behind)
			if err != nil {
				t.Fatal(err)
			}
			key, err := store.PublicKey(t.Context(), "pub_key_id_1")
			if _, ok := key.(signer.HashVerifier); err != nil || !ok {
				t.Errorf("%T, %v", key, err)
			}
			serial, current, err := store.Current(t.Context())
			if _, ok := current.(signer.Encrypter); err != nil || !ok || serial != "PUB_KEY_ID_1" || current != key {
				t.Errorf("current %s, %T, %v", serial, current, err)
			}
			if key, err := store.PublicKey(t.Context(), "E"); err != nil || !edKey.Equal(key) {
				t.Errorf("another kind of key: %T, %v", key, err)
			}
			if _, err := store.PublicKey(t.Context(), "2"); !errors.Is(err, signer.ErrUnknownSerial) {
				t.Errorf("unknown serial: %v", err)
			}
		})
	}
	down := errors.New("the store is down")
	store, err := openssl.PublicKeys(remote{static, down})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.PublicKey(t.Context(), "1"); !errors.Is(err, down) {
		t.Errorf("a store that fails: %v", err)
	}
}

// New finds the same mistakes in native keys as in others.
func TestConfigWithNativeKeys(t *testing.T) {
	key, v := privateKey(t), vectors.Load(t)
	for _, tt := range []struct {
		name string
		keys keys.Static
		want string
	}{
		{"good", keys.Static{v.PlatformPublicKeyID: vectors.PlatformKey(t)}, ""},
		{"own key", keys.Static{v.PlatformPublicKeyID: vectors.MerchantKey(t).Public()}, "the merchant's own public key"},
		{"own serial", keys.Static{v.MerchantSerialNo: vectors.PlatformKey(t)}, "is also a key of PlatformKeys"},
		{"not RSA", keys.Static{v.PlatformPublicKeyID: "key"}, "not an RSA key"},
	} {
		native, err := openssl.PublicKeys(tt.keys)
		if err != nil {
			t.Fatal(err)
		}
		_, err = wechatpay.New(wechatpay.Config{MchID: "1900000109", SerialNo: v.MerchantSerialNo, PrivateKey: key, PlatformKeys: native})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A store that returns new keys again and again does not fill the memory.
func TestStoreOfManyKeys(t *testing.T) {
	available(t)
	own := vectors.PlatformKey(t)
	store, err := openssl.PublicKeys(many{own})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		key, err := store.PublicKey(t.Context(), strconv.Itoa(i))
		if err != nil || !key.(interface{ Equal(crypto.PublicKey) bool }).Equal(own) {
			t.Fatalf("%v, %v", key, err)
		}
	}
}

// many returns another pointer for every request.
type many struct{ key *rsa.PublicKey }

func (m many) PublicKey(context.Context, string) (crypto.PublicKey, error) {
	return &rsa.PublicKey{N: m.key.N, E: m.key.E}, nil
}

func (m many) Current(context.Context) (string, crypto.PublicKey, error) { return "1", m.key, nil }
