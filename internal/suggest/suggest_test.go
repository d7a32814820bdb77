package suggest_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/suggest"
)

func TestNearest(t *testing.T) {
	long := strings.Repeat("长", 1<<20)
	for _, tt := range []struct {
		word  string
		names []string
		want  string
	}{
		{"jsno", []string{"query", "json", "xml"}, "json"},
		{"stock_idd", []string{"stock_creator_mchid", "stock_id"}, "stock_id"},
		{"OpenID", []string{"openid"}, "openid"},
		{"mchid", []string{"sp_mchid", "mch_id", "mchidd"}, "mch_id"}, // the first of two equals
		{"mchidd", []string{"mch_id", "mchid"}, "mchid"},              // the nearer of two
		{"总金", []string{"总金额"}, "总金额"},

		{"ab", []string{"cd"}, ""}, // nothing is left of the word
		{"a", []string{"b"}, ""},
		{"amount", []string{"currency", "total"}, ""},
		{"stock_iddddd", []string{"stock_id"}, ""},
		{"", []string{"a"}, ""}, {"a", nil, ""}, {"", nil, ""},
		{long, []string{"openid", "amount"}, ""},
	} {
		if got := suggest.Nearest(tt.word, tt.names); got != tt.want {
			t.Errorf("Nearest(%.20q, %.40q) is %q, want %q", tt.word, tt.names, got, tt.want)
		}
	}
}
