package doctor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/rivo/uniseg"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/shallow"
)

// signError says what is behind an answer of 401: it holds what was signed here
// beside what the platform computed, where it says that.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func (a *answer) signError() finding {
	const mend lang.Phrase = "mchid, serial_no and private_key must be of one merchant, whose certificate is neither expired nor replaced"
	var theirs platform.SignInformation
	info := shallow.ParseJSON(a.body).Get("detail.sign_information")
	if json.Unmarshal([]byte(info.Raw), &theirs) != nil || theirs.Truncated == "" {
		return bad(exit.Failed, a.refusal(), mend)
	}
	ours := platform.NewSignInformation(http.MethodGet, a.requested.RequestURI(), a.signed, nil)
	table, differ := compare(ours, theirs)
	if len(differ) == 0 {
		return bad(exit.Failed, lang.Sprintf("the platform computed what was signed here, but the signature does not match it\n%s", table),
			lang.Phrase("the private key is not that of serial_no: take both from one application for a certificate"))
	}
	return bad(exit.Failed, lang.Sprintf("the platform computed something else than was signed here: %s\n%s", lang.Words(differ), table),
		lang.Phrase("see what changes the request on its way, such as a proxy, a gateway or a base_url with a path"))
}

// compare lays what was signed here beside what the platform computed, and
// marks in which lines they differ. The platform shows the start of a body.
func compare(ours, theirs platform.SignInformation) (table comparison, differ []string) {
	const parts = 5
	here := strings.SplitN(ours.Truncated, "\n", parts)
	there := append(strings.SplitN(theirs.Truncated, "\n", parts), make([]string, parts)...)
	row := func(name, here, there string) {
		if here != there {
			differ = append(differ, name)
		}
		table = append(table, compared{name, here, there})
	}
	for i, name := range [parts]string{"method", "url", "timestamp", "nonce", "body"} {
		row(name, strings.TrimSuffix(here[i], "\n"), strings.TrimSuffix(there[i], "\n"))
	}
	row("bytes", fmt.Sprint(ours.Length), fmt.Sprint(theirs.Length))
	return table, differ
}

// A comparison is a table of what was signed here and what the platform computed.
type comparison []compared

type compared struct{ name, here, there string }

// In says the table.
func (c comparison) In(l lang.Language) string {
	lines := [][3]string{{"", lang.Phrase("signed here").In(l), lang.Phrase("computed by the platform").In(l)}}
	for _, row := range c {
		mark := "  "
		if row.here != row.there {
			mark = "✘ "
		}
		lines = append(lines, [3]string{mark + row.name, term.Printable(row.here), term.Printable(row.there)})
	}
	var widths [3]int // a Chinese character is two columns wide
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, cell := range line[:2] {
			b.WriteString(cell + strings.Repeat(" ", widths[i]+2-uniseg.StringWidth(cell)))
		}
		b.WriteString(line[2] + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (c comparison) String() string { return c.In(lang.Language{}) }
