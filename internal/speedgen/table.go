package main

import (
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/internal/speed"
)

// A language has the words of a table.
type language struct {
	head    string            // the header
	names   map[string]string // what each side is
	caption string            // how it was measured
}

func english(run *speed.Run) language {
	ifma := "without"
	if run.IFMA {
		ifma = "with"
	}
	return language{
		head: "| CPU time of one POST of the coupon | median | fastest | fastest beside its RSA work |",
		names: map[string]string{
			speed.BareGo:      "the RSA work alone, by `crypto/rsa`",
			speed.Ours:        "this library",
			speed.WechatpayGo: "wechatpay-go " + run.SDKs[speed.WechatpayGo],
			speed.Gopay:       "gopay " + run.SDKs[speed.Gopay],
			speed.BareOpenSSL: "the RSA work alone, by OpenSSL",
			speed.OursOpenSSL: "this library with `signer/openssl`",
		},
		caption: fmt.Sprintf("Measured in %d turns on an %s %s AVX-512 IFMA, with %s and %s.",
			run.Turns, run.CPU, ifma, goVersion(run), openSSL(run)),
	}
}

func chinese(run *speed.Run) language {
	ifma := "不支持"
	if run.IFMA {
		ifma = "支持"
	}
	return language{
		head: "| 一次发放代金券 POST 的 CPU 时间 | 中位数 | 最快 | 最快一次与其中 RSA 运算之比 |",
		names: map[string]string{
			speed.BareGo:      "只做 RSA 运算，用 `crypto/rsa`",
			speed.Ours:        "本库",
			speed.WechatpayGo: "wechatpay-go " + run.SDKs[speed.WechatpayGo],
			speed.Gopay:       "gopay " + run.SDKs[speed.Gopay],
			speed.BareOpenSSL: "只做 RSA 运算，用 OpenSSL",
			speed.OursOpenSSL: "本库，使用 `signer/openssl`",
		},
		caption: fmt.Sprintf("共测 %d 轮。机器为 %s（%s AVX-512 IFMA），版本为 %s 和 %s。",
			run.Turns, run.CPU, ifma, goVersion(run), openSSL(run)),
	}
}

// goVersion returns the version of Go, as in Go 1.26.8.
func goVersion(run *speed.Run) string { return "Go " + strings.TrimPrefix(run.Go, "go") }

// openSSL returns the version of OpenSSL without its date.
func openSSL(run *speed.Run) string {
	words := strings.Fields(run.OpenSSL)
	return strings.Join(words[:min(2, len(words))], " ")
}

// table returns a run as a table of Markdown.
func (l language) table(run *speed.Run) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n|---|---:|---:|---:|\n", l.head)
	for _, name := range speed.Names {
		fmt.Fprintf(&b, "| %s | %.0f µs | %.0f µs | %.2f × |\n", l.names[name], run.Medians[name], run.Fastest[name], run.Ratio(name, speed.Bare(name)))
	}
	fmt.Fprintf(&b, "\n%s\n", l.caption)
	return b.String()
}
