package cipher_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
)

func sealedOf(v vectors.Ciphertext) cipher.Sealed {
	return cipher.Sealed{Algorithm: "AEAD_AES_256_GCM", Ciphertext: v.Ciphertext, AssociatedData: v.AssociatedData, Nonce: v.Nonce}
}

func TestGCM(t *testing.T) {
	v := vectors.Load(t)
	g := newGCM(t, v.APIv3Key)
	for _, tt := range v.GCM {
		t.Run(tt.Nonce+" "+tt.AssociatedData, func(t *testing.T) {
			text, err := g.Open(sealedOf(tt))
			if err != nil {
				t.Fatal(err)
			}
			if string(text) != tt.Plaintext {
				t.Errorf("Open = %q, want %q", text, tt.Plaintext)
			}
			sealed, err := g.Seal([]byte(tt.Plaintext), tt.Nonce, tt.AssociatedData)
			if err != nil {
				t.Fatal(err)
			}
			if sealed != sealedOf(tt) {
				t.Errorf("Seal = %+v, want %+v", sealed, sealedOf(tt))
			}
		})
	}
}

// A notification's resource, whose fields come in any order and with others
// between them, reads straight into a Sealed.
func TestSealedIsThePlatformsJSON(t *testing.T) {
	v := vectors.Load(t)
	const resource = `{"original_type":"transaction","nonce":"0123456789ab","ciphertext":"AYfcW0I0OFCEenEHrFMrtoMjPlsiVdI=",` +
		`"algorithm":"AEAD_AES_256_GCM","associated_data":"transaction"}`
	var s cipher.Sealed
	if err := json.Unmarshal([]byte(resource), &s); err != nil {
		t.Fatal(err)
	}
	if text, err := newGCM(t, v.APIv3Key).Open(s); string(text) != `{"a":1}` || err != nil {
		t.Errorf("Open = %q, %v", text, err)
	}
	var want, got map[string]any
	out, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for text, into := range map[string]*map[string]any{resource: &want, string(out): &got} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	delete(want, "original_type")
	if !reflect.DeepEqual(got, want) {
		t.Errorf("as JSON it is %v, want %v", got, want)
	}
}

func TestGCMRefuses(t *testing.T) {
	v := vectors.Load(t)
	good := sealedOf(v.GCM[1])
	raw, err := base64.StdEncoding.DecodeString(good.Ciphertext)
	if err != nil {
		t.Fatal(err)
	}
	flipped := func(i int) string {
		b := bytes.Clone(raw)
		b[i] ^= 1
		return base64.StdEncoding.EncodeToString(b)
	}
	otherKey := strings.Repeat("k", 32)
	tests := []struct {
		name    string
		key     string
		edit    func(*cipher.Sealed)
		decrypt bool
		want    string
	}{
		{"another key", otherKey, func(*cipher.Sealed) {}, true, "APIv3 key is most likely not the merchant's"},
		{"the key in capitals", strings.ToUpper(v.APIv3Key), func(*cipher.Sealed) {}, true, "account center"},
		{"first bit of the text", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = flipped(0) }, true, "does not decrypt"},
		{"last bit of the tag", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = flipped(len(raw) - 1) }, true, "does not decrypt"},
		{"cut short", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = base64.StdEncoding.EncodeToString(raw[:20]) }, true, "does not decrypt"},
		{"shorter than a tag", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = "AAAA" }, true, "does not decrypt"},
		{"no ciphertext", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = "" }, true, "does not decrypt"},
		{"other associated data", v.APIv3Key, func(s *cipher.Sealed) { s.AssociatedData = "refund" }, true, "does not decrypt"},
		{"no associated data", v.APIv3Key, func(s *cipher.Sealed) { s.AssociatedData = "" }, true, "does not decrypt"},
		{"other nonce", v.APIv3Key, func(s *cipher.Sealed) { s.Nonce = "0123456789aB" }, true, "does not decrypt"},
		{"a byte moved from associated data to nonce", v.APIv3Key,
			func(s *cipher.Sealed) { s.Nonce, s.AssociatedData = s.Nonce[1:]+"t", "ransaction" }, true, "does not decrypt"},

		{"not base64", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = "%" + s.Ciphertext[1:] }, false, "ciphertext is not base64"},
		{"base64 without padding", v.APIv3Key, func(s *cipher.Sealed) { s.Ciphertext = strings.TrimRight(s.Ciphertext, "=") }, false, "ciphertext is not base64"},
		{"no nonce", v.APIv3Key, func(s *cipher.Sealed) { s.Nonce = "" }, false, "nonce has 0 bytes, want 12"},
		{"a nonce too short", v.APIv3Key, func(s *cipher.Sealed) { s.Nonce = s.Nonce[1:] }, false, "nonce has 11 bytes, want 12"},
		{"a nonce too long", v.APIv3Key, func(s *cipher.Sealed) { s.Nonce += "x" }, false, "nonce has 13 bytes, want 12"},
		{"no algorithm", v.APIv3Key, func(s *cipher.Sealed) { s.Algorithm = "" }, false, `algorithm is "", want "AEAD_AES_256_GCM"`},
		{"another algorithm", v.APIv3Key, func(s *cipher.Sealed) { s.Algorithm = "AEAD_SM4_GCM" }, false, `algorithm is "AEAD_SM4_GCM"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := good
			tt.edit(&s)
			text, err := newGCM(t, tt.key).Open(s)
			if text != nil {
				t.Errorf("it gives %d bytes", len(text))
			}
			checkRefusal(t, err, tt.decrypt, tt.want, tt.key, v.GCM[1].Plaintext, s.Ciphertext)
		})
	}
}

func TestErrorsAreShort(t *testing.T) {
	v := vectors.Load(t)
	s := sealedOf(v.GCM[1])
	s.Algorithm = strings.Repeat("A", 1<<16)
	if _, err := newGCM(t, v.APIv3Key).Open(s); err == nil || len(err.Error()) > 200 {
		t.Errorf("the error has %d bytes", len(fmt.Sprint(err)))
	}
}

func TestSealRefusesANonce(t *testing.T) {
	g := newGCM(t, vectors.Load(t).APIv3Key)
	for nonce, want := range map[string]string{"": "0 bytes", "0123456789a": "11 bytes", "随机随机": ""} {
		sealed, err := g.Seal([]byte("secret text"), nonce, "")
		if want == "" { // 12 bytes of UTF-8
			if err != nil {
				t.Errorf("nonce %q: %v", nonce, err)
			}
			continue
		}
		checkRefusal(t, err, false, "nonce has "+want, "secret text")
		if sealed != (cipher.Sealed{}) {
			t.Errorf("nonce %q: sealed all the same", nonce)
		}
	}
}

func TestNewGCMRefuses(t *testing.T) {
	for _, n := range []int{0, 16, 24, 31, 33, 64} {
		key := strings.Repeat("s", n)
		g, err := cipher.NewGCM(key)
		if g != nil {
			t.Errorf("a key of %d bytes is taken", n)
		}
		checkRefusal(t, err, false, fmt.Sprintf("APIv3 key has %d bytes, want 32", n), key)
	}
}

// A GCM with other keys opens what any of them sealed, and seals with the first.
func TestGCMOfOtherKeys(t *testing.T) {
	v := vectors.Load(t)
	other := strings.Repeat("k", 32)
	for _, pair := range [][]string{{v.APIv3Key, other}, {other, v.APIv3Key}, {other, "", v.APIv3Key}} {
		g, err := cipher.NewGCMOf(nil, pair[0], pair[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range v.GCM {
			if text, err := g.Open(sealedOf(tt)); string(text) != tt.Plaintext || err != nil || cap(text) != len(text) {
				t.Errorf("Open = %q, %v", text, err)
			}
		}
		sealed, err := g.Seal([]byte("text"), "0123456789ab", "")
		if err != nil {
			t.Fatal(err)
		}
		if text, err := newGCM(t, pair[0]).Open(sealed); string(text) != "text" || err != nil {
			t.Errorf("sealed with another key: %q, %v", text, err)
		}
		sealed.AssociatedData = "x"
		if _, err := g.Open(sealed); !errors.Is(err, cipher.ErrDecrypt) {
			t.Errorf("changed: %v", err)
		}
	}
	_, err := cipher.NewGCMOf(nil, other, other[:31])
	checkRefusal(t, err, false, "the other APIv3 key has 31 bytes, want 32", other[:31])
}

func TestGCMWithoutAKey(t *testing.T) {
	for name, g := range map[string]*cipher.GCM{"nil": nil, "zero": {}} {
		_, err := g.Open(sealedOf(vectors.Load(t).GCM[0]))
		checkRefusal(t, err, false, "NewGCM")
		if _, err := g.Seal(nil, "0123456789ab", ""); err == nil {
			t.Errorf("%s: it seals", name)
		}
	}
}

// What Open returns is the caller's: appending to it reaches nothing else.
func TestOpenReturnsNoSpareBytes(t *testing.T) {
	v := vectors.Load(t)
	text, err := newGCM(t, v.APIv3Key).Open(sealedOf(v.GCM[1]))
	if err != nil {
		t.Fatal(err)
	}
	if cap(text) != len(text) {
		t.Errorf("%d bytes in a slice of %d", len(text), cap(text))
	}
}

func TestGCMInManyGoroutines(t *testing.T) {
	v := vectors.Load(t)
	g := newGCM(t, v.APIv3Key)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, tt := range v.GCM {
				if text, err := g.Open(sealedOf(tt)); string(text) != tt.Plaintext || err != nil {
					t.Errorf("Open = %q, %v", text, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestPrintingAGCM(t *testing.T) {
	g := newGCM(t, vectors.Load(t).APIv3Key)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if got := fmt.Sprintf(verb, g); got != "cipher.GCM" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	if got, err := json.Marshal([]any{g}); string(got) != "[{}]" || err != nil {
		t.Errorf("as JSON it is %s, %v", got, err)
	}
}
