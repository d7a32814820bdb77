package quote_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/quote"
)

func TestText(t *testing.T) {
	long := strings.Repeat("支", 64)
	for _, tt := range []struct{ in, want string }{
		{"", `""`},
		{"PUB_KEY_ID_01", `"PUB_KEY_ID_01"`},
		{`a "b" \c`, `"a \"b\" \\c"`},
		{"a\x1b[31mb\r\n\x00\u202ec", `"a[31mbc"`},
		{"a\xffb\ufffdc", `"abc"`},
		{long, `"` + long + `"`},
		{long + "\n\x7f", `"` + long + `"`},
		{long + "付", `"` + long + `…"`},
		{strings.Repeat("\x00", 1000) + "a", `"a"`},
		{strings.Repeat("A", 1<<20), `"` + strings.Repeat("A", 64) + `…"`},
	} {
		if got := quote.Text(tt.in); got != tt.want {
			t.Errorf("Text(%.80q) = %s, want %s", tt.in, got, tt.want)
		}
		if got := quote.Plain(tt.in); len([]rune(got)) > quote.Max+1 {
			t.Errorf("Plain(%.80q) has %d characters", tt.in, len([]rune(got)))
		}
	}
}
