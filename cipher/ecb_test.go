package cipher_test

import (
	"bytes"
	"crypto/aes"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
)

func TestECB(t *testing.T) {
	v := vectors.Load(t)
	for _, tt := range v.ECB {
		if text, err := cipher.DecryptECB(v.APIv2Key, tt.Ciphertext); string(text) != tt.Plaintext || err != nil {
			t.Errorf("DecryptECB = %q, %v; want %q", text, err, tt.Plaintext)
		}
		if ciphertext, err := cipher.EncryptECB(v.APIv2Key, []byte(tt.Plaintext)); ciphertext != tt.Ciphertext || err != nil {
			t.Errorf("EncryptECB(%q) = %q, %v; want %q", tt.Plaintext, ciphertext, err, tt.Ciphertext)
		}
	}
}

// Encrypting touches neither the text nor what lies behind it.
func TestEncryptECBLeavesTheText(t *testing.T) {
	text := []byte("<root/>and what follows it")
	if _, err := cipher.EncryptECB(vectors.Load(t).APIv2Key, text[:7]); err != nil {
		t.Fatal(err)
	}
	if string(text) != "<root/>and what follows it" {
		t.Errorf("the text is now %q", text)
	}
}

// padded encrypts text that has its padding already, whatever that is.
func padded(t *testing.T, apiv2Key, text string) string {
	t.Helper()
	sum := md5.Sum([]byte(apiv2Key))
	block, err := aes.NewCipher([]byte(hex.EncodeToString(sum[:])))
	if err != nil {
		t.Fatal(err)
	}
	b := []byte(text)
	for i := 0; i < len(b); i += aes.BlockSize {
		block.Encrypt(b[i:], b[i:])
	}
	return base64.StdEncoding.EncodeToString(b)
}

func TestDecryptECBRefuses(t *testing.T) {
	v := vectors.Load(t)
	key, good := v.APIv2Key, v.ECB[0].Ciphertext
	raw, err := base64.StdEncoding.DecodeString(good)
	if err != nil {
		t.Fatal(err)
	}
	const block = "secret text 0123" // 16 bytes
	tests := []struct {
		name, key, reqInfo string
		decrypt            bool
		want               string
	}{
		{"another key", strings.Repeat("k", 32), good, true, "APIv2 key is most likely not the merchant's"},
		{"the APIv3 key", v.APIv3Key, good, true, "account center"},
		{"nothing", key, "", true, ""},
		{"part of a block", key, base64.StdEncoding.EncodeToString(raw[:31]), true, ""},
		{"a block less", key, base64.StdEncoding.EncodeToString(raw[:16]), true, ""},
		{"padding of 0", key, padded(t, key, block[:15]+"\x00"), true, ""},
		{"padding of 17", key, padded(t, key, block+strings.Repeat("\x11", 32)), true, ""},
		{"padding of 255", key, padded(t, key, block[:15]+"\xff"), true, ""},
		{"padding of two kinds", key, padded(t, key, block[:13]+"\x02\x03\x03"), true, ""},
		{"padding of zeros", key, padded(t, key, block[:13]+"\x00\x00\x03"), true, ""},
		{"no base64", key, "%" + good[1:], false, "req_info is not base64"},
		{"no key", "", good, false, "APIv2 key has 0 bytes, want 32"},
		{"a key too short", key[1:], good, false, "APIv2 key has 31 bytes, want 32"},
		{"a key too long", key + "x", good, false, "APIv2 key has 33 bytes, want 32"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := cipher.DecryptECB(tt.key, tt.reqInfo)
			if text != nil {
				t.Errorf("it gives %d bytes", len(text))
			}
			checkRefusal(t, err, tt.decrypt, tt.want, tt.key, tt.reqInfo, "secret text", "root")
			// One text for all that does not decrypt: what is wrong with the
			// padding is nobody's business.
			if tt.decrypt && err.Error() != "req_info does not decrypt: the APIv2 key is most likely not the merchant's; "+
				"use the one set in the merchant platform's account center, under API security" {
				t.Errorf("error %q", err)
			}
		})
	}
}

func TestEncryptECBRefuses(t *testing.T) {
	for _, n := range []int{0, 16, 31, 33} {
		key := strings.Repeat("s", n)
		ciphertext, err := cipher.EncryptECB(key, []byte("secret text"))
		if ciphertext != "" {
			t.Errorf("a key of %d bytes is taken", n)
		}
		checkRefusal(t, err, false, fmt.Sprintf("APIv2 key has %d bytes, want 32", n), key, "secret text")
	}
}

// ECB has no tag: now and then another key opens a text, to garbage.
func TestDecryptECBWithAnotherKeyByChance(t *testing.T) {
	v := vectors.Load(t)
	right, err := cipher.DecryptECB(v.APIv2Key, v.ECB[0].Ciphertext)
	if err != nil {
		t.Fatal(err)
	}
	const tries = 4096
	opened := 0
	for i := range tries {
		text, err := cipher.DecryptECB(fmt.Sprintf("%032d", i), v.ECB[0].Ciphertext)
		switch {
		case errors.Is(err, cipher.ErrDecrypt):
		case err != nil || bytes.Equal(text, right):
			t.Fatalf("key %d: %q, %v", i, text, err)
		default:
			opened++
		}
	}
	if opened == 0 || opened > tries/128 {
		t.Errorf("%d of %d keys open it, want about one in 256", opened, tries)
	}
}
