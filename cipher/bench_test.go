package cipher_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// notificationSize is about the size of a payment notification's text.
const notificationSize = 800

func BenchmarkGCMOpen(b *testing.B) {
	g := newGCM(b, vectors.Load(b).APIv3Key)
	sealed, err := g.Seal([]byte(strings.Repeat("x", notificationSize)), "0123456789ab", "transaction")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(notificationSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.Open(sealed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecryptECB(b *testing.B) {
	key := vectors.Load(b).APIv2Key
	reqInfo, err := cipher.EncryptECB(key, []byte(strings.Repeat("x", notificationSize)))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(notificationSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cipher.DecryptECB(key, reqInfo); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncryptOAEP(b *testing.B) {
	key := &vectors.MerchantKey(b).PublicKey
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cipher.EncryptOAEP(key, "张三"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecryptOAEP(b *testing.B) {
	key, v := vectors.MerchantKey(b), vectors.Load(b).OAEP[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cipher.DecryptOAEP(key, v.Ciphertext); err != nil {
			b.Fatal(err)
		}
	}
}
