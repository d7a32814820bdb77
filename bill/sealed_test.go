package bill_test

import (
	"bytes"
	"crypto/aes"
	stdcipher "crypto/cipher"
	"crypto/rsa"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

const (
	billKey = "an-AES-256-key-for-one-bill-file"
	nonce   = "a8607ef79034c49c"
)

func sealed(t testing.TB, plain string) string {
	t.Helper()
	block, err := aes.NewCipher([]byte(billKey))
	if err != nil {
		t.Fatal(err)
	}
	aead, err := stdcipher.NewGCMWithNonceSize(block, len(nonce))
	if err != nil {
		t.Fatal(err)
	}
	return string(aead.Seal(nil, []byte(nonce), []byte(plain), nil))
}

// sealedPlatform answers a bill in encrypted files, which it names in another
// order than they have.
func sealedPlatform(t testing.TB, kind bill.Kind, key string, hashes, bodies []string) (*wechatpaytest.Mock, func(edit ...func(*wechatpay.Config)) *wechatpay.Client) {
	t.Helper()
	mock := wechatpaytest.New(t)
	client := func(edit ...func(*wechatpay.Config)) *wechatpay.Client {
		return mock.Client(append(edit, func(c *wechatpay.Config) {
			encryptKey, err := cipher.EncryptOAEP(c.PrivateKey.Public().(*rsa.PublicKey), key)
			if err != nil {
				t.Fatal(err)
			}
			var list []any
			for i := len(hashes) - 1; i >= 0; i-- {
				list = append(list, wechatpay.M{"bill_sequence": i + 1, "hash_type": "SHA1", "hash_value": hashes[i], "nonce": nonce,
					"encrypt_key": encryptKey, "download_url": downloadURL})
			}
			mock.On("GET", string(kind), mock.JSON(200, wechatpay.M{"download_bill_count": len(list), "download_bill_list": list}))
		})...)
	}
	for _, body := range bodies {
		mock.On("GET", file, text(200, body))
	}
	return mock, client
}

func TestEncryptedBill(t *testing.T) {
	first, second := tradeBill[:100], tradeBill[100:]
	for _, tt := range []struct {
		name  string
		kind  bill.Kind
		opts  []bill.Option
		parts []string
		seal  func(string) string
		query url.Values
	}{
		{"plain", bill.SubMerchantFundFlow, []bill.Option{bill.SubMchID("1900000110")}, []string{tradeBill},
			func(s string) string { return sealed(t, s) },
			url.Values{"sub_mchid": {"1900000110"}, "account_type": {"BASIC"}, "algorithm": {"AEAD_AES_256_GCM"}, "bill_date": {day}}},
		{"gzip", bill.SubMerchantFundFlow, []bill.Option{bill.SubMchID("1900000110"), bill.AccountType("DEPOSIT"), bill.Gzip()}, []string{tradeBill},
			func(s string) string { return sealed(t, zipped(t, s)) },
			url.Values{"sub_mchid": {"1900000110"}, "account_type": {"DEPOSIT"}, "algorithm": {"AEAD_AES_256_GCM"}, "bill_date": {day}, "tar_type": {"GZIP"}}},
		{"in two files", bill.EcommerceFundFlow, nil, []string{first, second},
			func(s string) string { return sealed(t, s) },
			url.Values{"account_type": {"ALL"}, "algorithm": {"AEAD_AES_256_GCM"}, "bill_date": {day}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var hashes, bodies []string
			for _, p := range tt.parts {
				hashes, bodies = append(hashes, sum(p)), append(bodies, tt.seal(p))
			}
			_, client := sealedPlatform(t, tt.kind, billKey, hashes, bodies)
			sent := new(sent)
			var b bytes.Buffer
			info, err := bill.Download(background(), client(func(c *wechatpay.Config) { c.Transport = sent.record(c.Transport) }), tt.kind, day, append(tt.opts, bill.To(&b))...)
			if err != nil {
				t.Fatal(err)
			}
			if b.String() != tradeBill {
				t.Errorf("got %q", b.String())
			}
			if want := (bill.Info{HashType: "SHA1", HashValue: sum(tradeBill), Bytes: int64(len(tradeBill)), Files: len(tt.parts)}); *info != want {
				t.Errorf("info %+v, want %+v", *info, want)
			}
			if got := sent.all[0].URL.Query().Encode(); got != tt.query.Encode() {
				t.Errorf("asked with %s, want %s", got, tt.query.Encode())
			}
		})
	}
}

func TestBadEncryptedBill(t *testing.T) {
	good := sealed(t, tradeBill)
	for name, tt := range map[string]struct {
		key, hash, body string
		damaged         bool
		want            string
	}{
		"cut short":           {billKey, sum(tradeBill), good[:len(good)-1], true, "decrypt"},
		"empty":               {billKey, sum(tradeBill), "", true, "decrypt"},
		"changed":             {billKey, sum(tradeBill), "x" + good[1:], true, "decrypt"},
		"of another key":      {strings.ToUpper(billKey), sum(tradeBill), good, true, "decrypt"},
		"another bill":        {billKey, sum("x"), good, true, "SHA1"},
		"a key of other size": {billKey[1:], sum(tradeBill), "", false, "31 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			var bodies []string
			if tt.damaged {
				bodies = []string{tt.body}
			}
			_, client := sealedPlatform(t, bill.EcommerceFundFlow, tt.key, []string{tt.hash}, bodies)
			_, err := bill.Download(background(), client(), bill.EcommerceFundFlow, day, bill.To(io.Discard))
			if errors.Is(err, bill.ErrDamaged) != tt.damaged || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), billKey) {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}

// Nonces have 12 or 16 bytes.
func TestNonceOfAnEncryptedBill(t *testing.T) {
	for n, good := range map[int]bool{0: false, 1: false, 11: false, 12: true, 13: false, 15: false, 16: true, 17: false} {
		nonce := strings.Repeat("n", n)
		block, err := aes.NewCipher([]byte(billKey))
		if err != nil {
			t.Fatal(err)
		}
		aead, err := stdcipher.NewGCMWithNonceSize(block, max(n, 1))
		if err != nil {
			t.Fatal(err)
		}
		mock := wechatpaytest.New(t)
		if good {
			mock.On("GET", file, text(200, string(aead.Seal(nil, []byte(nonce), []byte(tradeBill), nil))))
		}
		client := mock.Client(func(c *wechatpay.Config) {
			encryptKey, err := cipher.EncryptOAEP(c.PrivateKey.Public().(*rsa.PublicKey), billKey)
			if err != nil {
				t.Fatal(err)
			}
			answer := named(tradeBill)
			answer["nonce"], answer["encrypt_key"] = nonce, encryptKey
			mock.On("GET", string(bill.EcommerceFundFlow), mock.JSON(200, wechatpay.M{"download_bill_count": 1, "download_bill_list": []any{answer}}))
		})
		_, err = bill.Download(background(), client, bill.EcommerceFundFlow, day, bill.To(io.Discard))
		if good && err != nil || !good && (err == nil || !strings.Contains(err.Error(), "nonce has")) {
			t.Errorf("a nonce of %d bytes: %v, want good %v", n, err, good)
		}
	}
}

// A signing service that does not decrypt cannot have encrypted bills.
func TestEncryptedBillWithoutAKey(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", string(bill.EcommerceFundFlow), mock.JSON(200, wechatpay.M{"download_bill_count": 1, "download_bill_list": []any{
		wechatpay.M{"bill_sequence": 1, "hash_type": "SHA1", "hash_value": sum(""), "nonce": nonce, "encrypt_key": "AAAA", "download_url": downloadURL}}}))
	client := mock.Client(func(c *wechatpay.Config) {
		var err error
		if c.Signer, err = signer.NewRSA(c.SerialNo, c.PrivateKey); err != nil {
			t.Fatal(err)
		}
		c.PrivateKey = nil
	})
	if _, err := bill.Download(background(), client, bill.EcommerceFundFlow, day, bill.To(io.Discard)); !errors.Is(err, wechatpay.ErrConfig) {
		t.Errorf("error %v, want ErrConfig", err)
	}
}
