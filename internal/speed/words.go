package speed

import "fmt"

// A Language has the words for a comparison.
type Language struct {
	Sides         map[string]string // what each side is, by its name
	measured      string            // the format of Measured
	with, without string            // AVX-512 IFMA
}

// English has the words in English.
var English = Language{
	Sides: map[string]string{
		BareGo:      "the RSA work alone, by `crypto/rsa`",
		Ours:        "this library",
		WechatpayGo: "wechatpay-go",
		Gopay:       "gopay",
		BareOpenSSL: "the RSA work alone, by OpenSSL",
		OursOpenSSL: "this library with `signer/openssl`",
	},
	measured: "Measured in %d turns on an %s %s AVX-512 IFMA", with: "with", without: "without",
}

// Chinese has the words in Chinese.
var Chinese = Language{
	Sides: map[string]string{
		BareGo:      "只做 RSA 运算，用 `crypto/rsa`",
		Ours:        "本库",
		WechatpayGo: "wechatpay-go",
		Gopay:       "gopay",
		BareOpenSSL: "只做 RSA 运算，用 OpenSSL",
		OursOpenSSL: "本库，使用 `signer/openssl`",
	},
	measured: "共测 %d 轮。机器为 %s（%s AVX-512 IFMA）", with: "支持", without: "不支持",
}

// Measured says how often and on which machine a run was measured. It is the start of
// a sentence, to which a comma and the versions belong.
func (l *Language) Measured(run *Run) string {
	ifma := l.without
	if run.IFMA {
		ifma = l.with
	}
	return fmt.Sprintf(l.measured, run.Turns, run.CPU, ifma)
}
