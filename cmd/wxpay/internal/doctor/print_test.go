package doctor

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/show"
)

// Findings never print outside control characters to a terminal.
func TestFindingsAreVisible(t *testing.T) {
	const hostile = "a\x1b[31mb\x07\u009bc"
	var b strings.Builder
	p := show.New(&b, &b, show.View{})
	if err := printFindings(p, lang.Language{}, []finding{{Check: "config", Message: lang.Sprintf("%s\n%s", hostile, hostile), Mend: lang.Sprintf("%s", hostile)}}, false); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b\x07\u009b") || strings.Count(b.String(), "a[31mbc") != 3 {
		t.Errorf("it prints %q", b.String())
	}
}
