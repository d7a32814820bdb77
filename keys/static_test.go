package keys_test

import (
	"crypto/rsa"
	"errors"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/signer"
)

func TestStaticPublicKey(t *testing.T) {
	a, b := new(rsa.PublicKey), new(rsa.PublicKey)
	s := keys.Static{"PUB_KEY_ID_0114": a, "25D2F47BD354DBDC": b}
	tests := []struct {
		serial string
		want   any // nil for unknown
	}{
		{"PUB_KEY_ID_0114", a},
		{"25D2F47BD354DBDC", b},
		{"25d2f47bd354dbdc", b},
		{"pub_key_id_0114", a},
		{"25D2F47BD354DBD", nil},
		{"025D2F47BD354DBDC", nil},
		{"", nil},
	}
	for _, tt := range tests {
		key, err := s.PublicKey(t.Context(), tt.serial)
		if tt.want != nil {
			if key != tt.want || err != nil {
				t.Errorf("PublicKey(%q) = %p, %v; want %p", tt.serial, key, err, tt.want)
			}
			continue
		}
		if key != nil || !errors.Is(err, signer.ErrUnknownSerial) {
			t.Errorf("PublicKey(%q) = %v, %v; want ErrUnknownSerial", tt.serial, key, err)
			continue
		}
		for _, name := range []string{`"` + tt.serial + `"`, "PUB_KEY_ID_0114", "25D2F47BD354DBDC"} {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("error %q does not name %s", err, name)
			}
		}
	}
	if _, err := keys.Static(nil).PublicKey(t.Context(), "A"); !errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("an empty store: %v", err)
	}
}

// A key that was pasted for an id is in no error.
func TestStaticShowsNoKey(t *testing.T) {
	text := pemText("PRIVATE KEY", loadMaterial(t).pkcs8)
	s := keys.Static{text: new(rsa.PublicKey), "25D2": new(rsa.PublicKey)}
	_, err := s.PublicKey(t.Context(), strings.Repeat("A", 1000))
	if err == nil || len(err.Error()) > 300 || !strings.Contains(err.Error(), `"25D2"`) {
		t.Errorf("error %.500v", err)
	}
	checkNoLeak(t, err)
}

// While a merchant migrates, both spellings of one serial may be there.
func TestStaticPrefersTheExactSerial(t *testing.T) {
	upper, lower := new(rsa.PublicKey), new(rsa.PublicKey)
	s := keys.Static{"AB": upper, "ab": lower}
	for range 20 { // a map has no order
		for serial, want := range s {
			if got, err := s.PublicKey(t.Context(), serial); got != want || err != nil {
				t.Fatalf("PublicKey(%q) is the key of the other, %v", serial, err)
			}
		}
	}
}

func TestStaticCurrent(t *testing.T) {
	tests := []struct {
		name    string
		serials []string
		want    string
	}{
		{"a certificate", []string{"25D2"}, "25D2"},
		{"a public key", []string{"PUB_KEY_ID_1"}, "PUB_KEY_ID_1"},
		{"both", []string{"25D2", "PUB_KEY_ID_1", "ZZZZ"}, "PUB_KEY_ID_1"},
		{"several public keys", []string{"PUB_KEY_ID_2", "PUB_KEY_ID_3", "PUB_KEY_ID_1", "FFFF"}, "PUB_KEY_ID_3"},
		{"several certificates", []string{"25D2", "7F00", "0001"}, "7F00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := make(keys.Static)
			for _, serial := range tt.serials {
				s[serial] = new(rsa.PublicKey)
			}
			for range 20 { // a map has no order
				serial, key, err := s.Current(t.Context())
				if serial != tt.want || key != s[tt.want] || err != nil {
					t.Fatalf("Current = %q, %v; want %q with its key", serial, err, tt.want)
				}
			}
		})
	}
	if serial, key, err := (keys.Static{}).Current(t.Context()); serial != "" || key != nil || err == nil {
		t.Errorf("an empty store: %q, %v, %v; want an error", serial, key, err)
	}
}
