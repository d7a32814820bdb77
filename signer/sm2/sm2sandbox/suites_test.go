package sm2sandbox_test

import (
	"crypto"
	"crypto/rand"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gmsm "github.com/emmansun/gmsm/sm2"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/signer/sm2"
	"github.com/wxchain/wechatpay/signer/sm2/sm2sandbox"
)

const smMchID = "1900000110"

// A both is a sandbox whose first merchant has RSA keys, and whose second one is of the
// SM suite.
type both struct {
	*sandbox.Sandbox
	platform sandbox.Platform
	sm       sandbox.Merchant
}

// rsaParties are a merchant and a platform with RSA keys, made once: that takes long.
var rsaParties = sync.OnceValues(func() (config sandbox.Config, err error) {
	m, err := sandbox.NewMerchant(sandbox.DefaultMchID, time.Now())
	if err != nil {
		return config, err
	}
	p, err := sandbox.NewPlatform(time.Now())
	return sandbox.Config{Merchants: []sandbox.Merchant{m}, Platform: &p, PlatformKey: sandbox.KeyBoth}, err
})

// smParties returns a merchant and certificates of the SM suite.
func smParties(t *testing.T) (sandbox.Merchant, []sandbox.PlatformCertificate) {
	t.Helper()
	m, err := sandbox.NewMerchantOf(sm2sandbox.Suite{}, smMchID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	certs, err := sandbox.NewCertificatesOf(sm2sandbox.Suite{}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return m, certs
}

// with returns a platform with more certificates.
func with(p sandbox.Platform, certs ...sandbox.PlatformCertificate) *sandbox.Platform {
	p.Certificates = slices.Concat(p.Certificates, certs)
	return &p
}

func newBoth(t *testing.T) *both {
	t.Helper()
	config, err := rsaParties()
	if err != nil {
		t.Fatal(err)
	}
	sm, certs := smParties(t)
	config.Merchants = append(slices.Clone(config.Merchants), sm)
	config.Platform = with(*config.Platform, certs...)
	sm2sandbox.Use(&config)
	return &both{sandbox.Start(t, func(c *sandbox.Config) { *c = config }), *config.Platform, sm}
}

// keys returns the platform keys of a scheme.
func (b *both) keys(scheme string) keys.Static {
	all := b.platform.Keys()
	maps.DeleteFunc(all, func(_ string, key crypto.PublicKey) bool {
		k, ok := key.(interface{ Scheme() string })
		return (ok && k.Scheme() == sm2.Scheme) != (scheme == sm2.Scheme)
	})
	return all
}

// client returns a client of the second merchant.
func (b *both) client(edit ...func(*wechatpay.Config)) *wechatpay.Client {
	return b.Client(append([]func(*wechatpay.Config){func(c *wechatpay.Config) {
		c.MchID, c.SerialNo, c.PrivateKey, c.Signer, c.ClientCert = smMchID, "", nil, b.sm.Signer, nil
		c.APIv3Key, c.APIv2Key, c.PlatformKeys = b.sm.APIv3Key, b.sm.APIv2Key, b.keys(sm2.Scheme)
	}}, edit...)...)
}

// Merchants of both suites work in one sandbox, each with the platform's keys of its
// own suite.
func TestBothSuites(t *testing.T) {
	b := newBoth(t)
	for scheme, client := range map[string]*wechatpay.Client{signer.SchemeRSA: b.Client(), sm2.Scheme: b.client()} {
		resp, err := client.Chain("v3/certificates").Get(t.Context(), wechatpay.Query(wechatpay.M{"algorithm_type": "ALL"}))
		if err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if got := resp.Header.Get("Wechatpay-Signature-Type"); got != scheme {
			t.Errorf("%s: Wechatpay-Signature-Type is %q", scheme, got)
		}
		var algorithms []string
		for _, entry := range resp.Get("data").Array() {
			algorithms = append(algorithms, entry.Get("encrypt_certificate.algorithm").String())
		}
		slices.Sort(algorithms)
		if want := []string{"AEAD_AES_256_GCM", "AEAD_AES_256_GCM", "AEAD_SM4_GCM", "AEAD_SM4_GCM"}; !slices.Equal(algorithms, want) {
			t.Errorf("%s: certificates are encrypted with %v", scheme, algorithms)
		}
		for query, want := range map[string]string{"": "AEAD_AES_256_GCM", "RSA": "AEAD_AES_256_GCM", "SM2": "AEAD_SM4_GCM"} {
			q := wechatpay.M{}
			if query != "" {
				q["algorithm_type"] = query
			}
			resp, err := client.Chain("v3/certificates").Get(t.Context(), wechatpay.Query(q))
			if err != nil || len(resp.Get("data").Array()) != 2 || resp.Get("data.0.encrypt_certificate.algorithm").String() != want {
				t.Errorf("%s: algorithm_type=%s: %s, %v", scheme, query, resp, err)
			}
		}
	}
}

// Fields are encrypted with SM2 in both directions. A field for a key of the other
// suite is refused.
func TestFields(t *testing.T) {
	b := newBoth(t)
	const path = "v3/profitsharing/receivers/add"
	var receiver map[string]any
	if err := json.Unmarshal(openapi.Example(openapi.Lookup("POST", path), 0), &receiver); err != nil {
		t.Fatal(err)
	}
	receiver["name"] = wechatpay.Secret("张三")
	if _, err := b.client().Chain(path).Post(t.Context(), wechatpay.JSON(receiver)); err != nil {
		t.Fatal(err)
	}
	everything := b.client(func(c *wechatpay.Config) { c.PlatformKeys = b.platform.Keys() })
	_, err := everything.Chain(path).Post(t.Context(), wechatpay.JSON(receiver), wechatpay.Header("Wechatpay-Serial", b.platform.PublicKeyID))
	if e := (*wechatpay.Error)(nil); !errors.As(err, &e) || e.Code != "PARAM_ERROR" || e.Detail.Get("field").String() != "Wechatpay-Serial" {
		t.Errorf("a field for the RSA public key: %v", err)
	}
	receiver["name"] = "5byg5LiJ"
	if _, err := b.client().Chain(path).Post(t.Context(), wechatpay.JSON(receiver)); !wechatpay.IsCode(err, "PARAM_ERROR") {
		t.Errorf("a field that is not encrypted: %v", err)
	}
	if _, err := b.client().Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(order(smMchID, "complaint_1", "http://127.0.0.1:1/"))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Pay(smMchID, "complaint_1"); err != nil {
		t.Fatal(err)
	}
	id, err := b.Complain(smMchID, "complaint_1", "late")
	if err != nil {
		t.Fatal(err)
	}
	resp, err := b.client().Chain("v3/merchant-service/complaints-v2/{complaint_id}").Get(t.Context(), wechatpay.Bind("complaint_id", id))
	if err != nil {
		t.Fatal(err)
	}
	if phone, err := resp.Decrypt("payer_phone"); err != nil || phone != "13800000000" {
		t.Errorf("payer_phone is %q, %v", phone, err)
	}
}

// A client that signs in the suite of another merchant gets the platform's error.
func TestWrongSuite(t *testing.T) {
	b := newBoth(t)
	key, err := gmsm.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ofSM, err := sm2.NewSigner(b.Merchant().SerialNo, key)
	if err != nil {
		t.Fatal(err)
	}
	ofRSA, err := signer.NewRSA(b.sm.SerialNo, b.Merchant().PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	plain := sandbox.Start(t)
	for _, tt := range []struct {
		name   string
		client *wechatpay.Client
		want   string
	}{
		{"RSA merchant, SM signer", b.client(func(c *wechatpay.Config) { c.MchID, c.Signer = sandbox.DefaultMchID, ofSM }), "signs with WECHATPAY2-SHA256-RSA2048, not with WECHATPAY2-SM2-WITH-SM3"},
		{"SM merchant, RSA signer", b.Client(func(c *wechatpay.Config) { c.MchID, c.Signer, c.SerialNo, c.PrivateKey = smMchID, ofRSA, "", nil }),
			"signs with WECHATPAY2-SM2-WITH-SM3, not with WECHATPAY2-SHA256-RSA2048"},
		{"another SM2 key", b.client(func(c *wechatpay.Config) {
			if c.Signer, err = sm2.NewSigner(b.sm.SerialNo, key); err != nil {
				t.Fatal(err)
			}
		}), "the signature does not match"},
		{"a sandbox without the suite", plain.Client(func(c *wechatpay.Config) { c.Signer, c.SerialNo, c.PrivateKey = ofSM, "", nil }), `authorization scheme "WECHATPAY2-SM2-WITH-SM3" is not`},
	} {
		_, err := tt.client.Chain("v3/certificates").Get(t.Context())
		if e := (*wechatpay.Error)(nil); !errors.As(err, &e) || e.StatusCode != http.StatusUnauthorized || e.Code != "SIGN_ERROR" || !strings.Contains(e.Message, tt.want) {
			t.Errorf("%s: %v, want 401 SIGN_ERROR: %s", tt.name, err, tt.want)
		}
	}
}

// A client with platform keys of the other suite does not accept an answer, and says
// why.
func TestPlatformKeyOfTheOtherSuite(t *testing.T) {
	b := newBoth(t)
	for name, tt := range map[string]struct {
		client       *wechatpay.Client
		reason, want string
	}{
		"SM merchant, RSA keys": {b.client(func(c *wechatpay.Config) { c.PlatformKeys = b.keys(signer.SchemeRSA) }), signer.ReasonSerial, "unknown serial"},
		"RSA merchant, SM keys": {b.Client(func(c *wechatpay.Config) { c.PlatformKeys = b.keys(sm2.Scheme) }), signer.ReasonSerial, "unknown serial"},
		"RSA key under an SM serial": {b.client(func(c *wechatpay.Config) {
			swapped := make(keys.Static)
			for serial := range b.keys(sm2.Scheme) {
				swapped[serial] = b.Merchant().PrivateKey.Public()
			}
			c.PlatformKeys = swapped
		}), signer.ReasonHeader, `Wechatpay-Signature-Type is "WECHATPAY2-SM2-WITH-SM3", but the key`},
	} {
		_, err := tt.client.Chain("v3/certificates").Get(t.Context(), wechatpay.Query(wechatpay.M{"algorithm_type": "ALL"}))
		if v := (*wechatpay.VerifyError)(nil); !errors.As(err, &v) || v.Reason != tt.reason || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want a VerifyError (%s) that says %q", name, err, tt.reason, tt.want)
		}
	}
}

// New says what is wrong with merchants and certificates of a suite.
func TestNewRefuses(t *testing.T) {
	rsa, err := rsaParties()
	if err != nil {
		t.Fatal(err)
	}
	platform := *rsa.Platform
	m, certs := smParties(t)
	type onlySigns struct{ signer.Signer }
	renamed := m
	renamed.SerialNo = "5E01"
	for want, config := range map[string]sandbox.Config{
		"no certificate of that scheme": {Merchants: []sandbox.Merchant{m}, Platform: &platform},
		"that of Signer is":             {Merchants: []sandbox.Merchant{renamed}, Platform: with(platform, certs[0])},
		"is not a signer.Suite":         {Merchants: []sandbox.Merchant{m}, Platform: with(platform, sandbox.PlatformCertificate{Certificate: certs[0].Certificate, Signer: onlySigns{certs[0].Signer}})},
		"has the serial number":         {Merchants: []sandbox.Merchant{m}, Platform: with(platform, sandbox.PlatformCertificate{Certificate: certs[0].Certificate, Signer: certs[1].Signer})},
		"lacks a certificate":           {Merchants: []sandbox.Merchant{m}, Platform: &sandbox.Platform{Certificates: certs, PublicKeyID: platform.PublicKeyID, PrivateKey: platform.PrivateKey}},
	} {
		server, err := sandbox.New(config)
		if err == nil {
			server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
