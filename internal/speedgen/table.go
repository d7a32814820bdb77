package main

import (
	"fmt"
	"strings"

	"github.com/wxchain/wechatpay/internal/speed"
)

// A language has the words of a table.
type language struct {
	*speed.Language
	head     string // the header
	versions string // the format of the end of the caption
}

var english = language{
	Language: &speed.English,
	head:     "| CPU time of one POST of the coupon | median | fastest | fastest beside its RSA work |",
	versions: ", with %s and %s.",
}

var chinese = language{
	Language: &speed.Chinese,
	head:     "| 一次发放代金券 POST 的 CPU 时间 | 中位数 | 最快 | 最快一次与其中 RSA 运算之比 |",
	versions: "，版本为 %s 和 %s。",
}

// caption says how a run was measured.
func (l language) caption(run *speed.Run) string {
	return l.Measured(run) + fmt.Sprintf(l.versions, goVersion(run), openSSL(run))
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
		side := strings.TrimSpace(l.Sides[name] + " " + run.SDKs[name]) // the SDKs have versions
		fmt.Fprintf(&b, "| %s | %.0f µs | %.0f µs | %.2f × |\n", side, run.Medians[name], run.Fastest[name], run.Ratio(name, speed.Bare(name)))
	}
	fmt.Fprintf(&b, "\n%s\n", l.caption(run))
	return b.String()
}
