package doctor

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/shallow"
)

// signError says what is behind an answer of 401: it holds what was signed here
// beside what the platform computed, where it says that.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012365342
func (a *answer) signError() finding {
	const mend = "mchid, serial_no and private_key must be of one merchant, whose certificate is neither expired nor replaced"
	var theirs platform.SignInformation
	info := shallow.ParseJSON(a.body).Get("detail.sign_information")
	if json.Unmarshal([]byte(info.Raw), &theirs) != nil || theirs.Truncated == "" {
		return bad(exit.Failed, a.refusal(), mend)
	}
	ours := platform.NewSignInformation(http.MethodGet, a.requested.RequestURI(), a.signed, nil)
	table, differ := compare(ours, theirs)
	if len(differ) == 0 {
		return bad(exit.Failed, "the platform computed what was signed here, but the signature does not match it\n"+table,
			"the private key is not that of serial_no: take both from one application for a certificate")
	}
	return bad(exit.Failed, "the platform computed something else than was signed here: "+strings.Join(differ, ", ")+"\n"+table,
		"see what changes the request on its way, such as a proxy, a gateway or a base_url with a path")
}

// compare lays what was signed here beside what the platform computed, and
// marks in which lines they differ. The platform shows the start of a body.
func compare(ours, theirs platform.SignInformation) (table string, differ []string) {
	const parts = 5
	here := strings.SplitN(ours.Truncated, "\n", parts)
	there := append(strings.SplitN(theirs.Truncated, "\n", parts), make([]string, parts)...)
	var b strings.Builder
	w := term.NewTable(&b)
	fmt.Fprintln(w, "\tsigned here\tcomputed by the platform")
	row := func(name, here, there string) {
		mark := " "
		if here != there {
			mark, differ = "✘", append(differ, name)
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s\n", mark, name, term.Printable(here), term.Printable(there))
	}
	for i, name := range [parts]string{"method", "url", "timestamp", "nonce", "body"} {
		row(name, strings.TrimSuffix(here[i], "\n"), strings.TrimSuffix(there[i], "\n"))
	}
	row("bytes", fmt.Sprint(ours.Length), fmt.Sprint(theirs.Length))
	w.Flush() // into memory
	return strings.TrimSuffix(b.String(), "\n"), differ
}
