package sandbox_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/internal/suitetest"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
)

// A counted RSA key does what crypto/rsa does, and counts it.
type counted struct {
	*rsa.PrivateKey
	signed, decrypted *atomic.Int64
}

func (k counted) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	k.signed.Add(1)
	return k.PrivateKey.Sign(rand, digest, opts)
}

func (k counted) Decrypt(rand io.Reader, ciphertext []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	k.decrypted.Add(1)
	return k.PrivateKey.Decrypt(rand, ciphertext, opts)
}

// A countedStore has keys that count what they verify and encrypt.
type countedStore struct {
	signer.PublicKeys
	verified, encrypted *atomic.Int64
}

func (s countedStore) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	key, err := s.PublicKeys.PublicKey(ctx, serial)
	return countedPublic{s, key}, err
}

type countedPublic struct {
	countedStore
	key crypto.PublicKey
}

func (k countedPublic) Verify(message, signature []byte) error {
	k.verified.Add(1)
	return signer.Verify(context.Background(), staticKey{k.key}, "1", message, signature)
}

func (k countedPublic) Encrypt(plaintext []byte) ([]byte, error) {
	k.encrypted.Add(1)
	text, err := cipher.EncryptOAEP(k.key.(*rsa.PublicKey), string(plaintext))
	if err != nil {
		return nil, err
	}
	var raw []byte
	return raw, json.Unmarshal([]byte(`"`+text+`"`), &raw)
}

type staticKey struct{ key crypto.PublicKey }

func (s staticKey) PublicKey(context.Context, string) (crypto.PublicKey, error) { return s.key, nil }
func (s staticKey) Current(context.Context) (string, crypto.PublicKey, error)   { return "1", s.key, nil }

// Config.RSA works with each key of a sandbox and of its client.
func TestRSA(t *testing.T) {
	var signed, decrypted, verified, encrypted atomic.Int64
	w := newWorld(t, migrating, func(c *sandbox.Config) {
		c.Demo = true // it has a complaint
		c.RSA = sandbox.RSA{
			PrivateKey: func(key *rsa.PrivateKey) (crypto.Signer, error) { return counted{key, &signed, &decrypted}, nil },
			PublicKeys: func(keys signer.PublicKeys) (signer.PublicKeys, error) {
				return countedStore{keys, &verified, &encrypted}, nil
			},
		}
	})
	expect := func(step string, wantSigned, wantVerified, wantEncrypted, wantDecrypted int64) {
		t.Helper()
		got := [4]int64{signed.Swap(0), verified.Swap(0), encrypted.Swap(0), decrypted.Swap(0)}
		if want := [4]int64{wantSigned, wantVerified, wantEncrypted, wantDecrypted}; got != want {
			t.Errorf("%s: %v signatures, verifications, encryptions and decryptions, want %v", step, got, want)
		}
	}
	w.mustCall(t, "POST", native, w.order("by_rsa_of_mine", 100))
	expect("an order", 2, 2, 0, 0)
	var receiver map[string]any
	if err := json.Unmarshal(openapi.Example(openapi.Lookup("POST", "v3/profitsharing/receivers/add"), 0), &receiver); err != nil {
		t.Fatal(err)
	}
	receiver["name"] = wechatpay.Secret("张三")
	w.mustCall(t, "POST", "v3/profitsharing/receivers/add", receiver)
	expect("a field of a request", 2, 2, 1, 1)
	resp := w.mustCall(t, "GET", "v3/merchant-service/complaints-v2/200201820200101080076610000", nil)
	if phone, err := resp.Decrypt("payer_phone"); err != nil || phone != "13800000000" {
		t.Errorf("payer_phone is %q, %v", phone, err)
	}
	expect("a field of an answer", 2, 2, 1, 1)
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultRotate, Count: 1}); err != nil {
		t.Fatal(err)
	}
	w.mustCall(t, "GET", "v3/certificates", nil)
	expect("a new certificate", 2, 2, 0, 0)
}

// An RSA that fails is an error of New.
func TestRSAFails(t *testing.T) {
	config := testConfig(t)
	for want, r := range map[string]sandbox.RSA{
		"no library": {PrivateKey: func(*rsa.PrivateKey) (crypto.Signer, error) { return nil, errors.New("no library") }},
		"no store":   {PublicKeys: func(signer.PublicKeys) (signer.PublicKeys, error) { return nil, errors.New("no store") }},
	} {
		config.RSA = r
		if _, err := sandbox.New(config); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A merchant of any suite works with the platform's certificates of that suite, next to
// merchants with RSA keys.
func TestMerchantOfASuite(t *testing.T) {
	own, platform := suitetest.New(t, "0A01"), suitetest.New(t, "5E01")
	m := sandbox.Merchant{
		MchID: "1900000110", Signer: own, SerialNo: own.SerialNo(), Certificate: own.Certificate(t, start, time.Hour),
		APIv3Key: strings.Repeat("3", 32), APIv2Key: strings.Repeat("2", 32),
	}
	w := newWorld(t, func(c *sandbox.Config) {
		keyed := testConfig(t)
		c.Merchants, c.Platform = append(keyed.Merchants, m), keyed.Platform
		c.Platform.Certificates = append(c.Platform.Certificates, sandbox.PlatformCertificate{Certificate: platform.Certificate(t, start, time.Hour), Signer: platform})
	})
	client := w.Client(func(c *wechatpay.Config) {
		c.MchID, c.SerialNo, c.PrivateKey, c.Signer, c.Transport = m.MchID, "", nil, own, inprocess.Transport(w.Server)
		c.APIv3Key, c.PlatformKeys = m.APIv3Key, staticSerial{staticKey{platform.Platform()}, "5E01"}
	})
	order := w.order("of_a_suite", 1)
	order["mchid"] = m.MchID
	resp, err := client.Chain(native).Post(t.Context(), wechatpay.JSON(order))
	if err != nil {
		t.Fatal(err)
	}
	if got := resp.Header.Get("Wechatpay-Signature-Type"); got != suitetest.Scheme {
		t.Errorf("Wechatpay-Signature-Type is %q", got)
	}
	w.mustCall(t, "POST", native, w.order("of_rsa", 1))
	if keys := w.PlatformKeys(); len(keys) != 1 || keys["5E01"] != nil {
		t.Errorf("the keys of the first merchant, with RSA, are %v", keys)
	}
}

type staticSerial struct {
	staticKey
	serial string
}

func (s staticSerial) Current(context.Context) (string, crypto.PublicKey, error) {
	return s.serial, s.key, nil
}

// An invented Suite has a key for each serial number.
type invented struct{ t testing.TB }

func (invented) Scheme() string          { return suitetest.Scheme }
func (invented) NewKey() ([]byte, error) { return []byte("the key of a serial number"), nil }

func (s invented) NewSigner(serialNo string, _ []byte) (signer.Signer, error) {
	return suitetest.New(s.t, serialNo), nil
}

func (s invented) NewCertificate(template *x509.Certificate, _ []byte) ([]byte, error) {
	key := suitetest.New(s.t, fmt.Sprintf("%X", template.SerialNumber.Bytes()))
	return key.Certificate(s.t, template.NotBefore, template.NotAfter.Sub(template.NotBefore)).Raw, nil
}

func (s invented) ParseCertificate(der []byte) (*x509.Certificate, error) {
	return suitetest.New(s.t, "1").ParseCertificate(der)
}

// With Config.Suite, the merchant that New makes is of the suite, and the platform gets
// certificates of the suite, which FaultRotate replaces too.
func TestConfigSuite(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.Suite = invented{t} })
	resp := w.mustCall(t, "POST", native, w.order("of_a_suite", 1))
	if got := resp.Header.Get("Wechatpay-Signature-Type"); got != suitetest.Scheme || len(w.PlatformKeys()) != 2 {
		t.Errorf("signed with %q; %d keys", got, len(w.PlatformKeys()))
	}
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultRotate, Count: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.call("POST", native, w.order("after_it", 1)); !errors.Is(err, wechatpay.ErrVerify) || len(w.PlatformKeys()) != 1 {
		t.Errorf("%v; %d keys", err, len(w.PlatformKeys()))
	}
	certs, err := sandbox.NewCertificatesOf(invented{t}, start)
	if err != nil || len(certs) != 2 || certs[0].Signer.Scheme() != suitetest.Scheme {
		t.Errorf("certificates %v, %v", certs, err)
	}
}

// suiteDir makes a folder whose first and third merchant are of a suite, and returns what
// it has at first and at last.
func suiteDir(t *testing.T) (d sandbox.Dir, first, last sandbox.Config) {
	t.Helper()
	d = sandbox.Dir{Path: t.TempDir(), Suite: invented{t}, MakesSuite: true}
	first, err := d.Load(start)
	if err != nil {
		t.Fatal(err)
	}
	plain := d
	plain.MakesSuite = false
	if err := errors.Join(plain.AddMerchant("1900000110", start), d.AddMerchant("1900000111", start), plain.SetPlatformKey(sandbox.KeyBoth, start),
		plain.AddSubMerchant(sandbox.SubMerchant{SpMchID: "1900000111", SubMchID: "1900000112"}, start)); err != nil {
		t.Fatal(err)
	}
	if last, err = plain.Load(start); err != nil {
		t.Fatal(err)
	}
	return plain, first, last
}

// A folder keeps the merchants of a suite and the platform's certificates of the suite.
func TestDirOfASuite(t *testing.T) {
	_, first, last := suiteDir(t)
	if last.Suite == nil || len(last.Merchants) != 3 || len(last.SubMerchants) != 1 || len(last.Platform.Certificates) != 4 {
		t.Fatalf("loaded %+v", last)
	}
	for i, want := range []bool{true, false, true} {
		if m := last.Merchants[i]; (m.Signer != nil) != want || (m.PrivateKey == nil) != want {
			t.Errorf("merchant %s: Signer %v", m, m.Signer)
		}
	}
	if m := last.Merchants[0]; m.SerialNo != first.Merchants[0].SerialNo || m.APIv3Key != first.Merchants[0].APIv3Key {
		t.Errorf("merchant %v, was %v", m, first.Merchants[0])
	}
	server, err := sandbox.New(last)
	if err != nil {
		t.Fatal(err)
	}
	server.Close()
}

// A folder of a suite is an error without the suite, or with a file missing.
func TestDirOfASuiteRefuses(t *testing.T) {
	d, _, _ := suiteDir(t)
	if _, err := sandbox.LoadDir(d.Path, start); err == nil || !strings.Contains(err.Error(), "apiclient_") {
		t.Errorf("without the Suite: %v", err)
	}
	ofSuite := filepath.Join(d.Path, "platform", suitetest.Scheme)
	files, err := os.ReadDir(ofSuite)
	if err != nil || len(files) != 4 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.Remove(filepath.Join(ofSuite, files[0].Name())); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Load(start); err == nil || !strings.Contains(err.Error(), suitetest.Scheme) {
		t.Errorf("without a file of the platform: %v", err)
	}
}
