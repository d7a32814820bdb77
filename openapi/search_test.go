package openapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

func TestSearchFindsTheBestFirst(t *testing.T) {
	for _, tt := range []struct{ words, want string }{
		{"代金券 发放", "POST v3/marketing/favor/users/{openid}/coupons"},
		{"代金券发放", "POST v3/marketing/favor/users/{openid}/coupons"},
		{"发放代金券", "POST v3/marketing/favor/users/{openid}/coupons"},
		{"refund", "POST v3/refund/domestic/refunds"},
		{"Refund", "POST v3/refund/domestic/refunds"},
		{"退款 申请", "POST v3/refund/domestic/refunds"},
		{"JSAPI下单", "POST v3/pay/transactions/jsapi"},
		{"native", "POST v3/pay/transactions/native"},
		{"下载平台证书", "GET v3/certificates"},
		{"unifiedorder", "POST v2/pay/unifiedorder"},
		{"tradebill", "GET v3/bill/tradebill"},
		{"out_trade_no close", "POST v3/pay/transactions/out-trade-no/{out_trade_no}/close"},
		{"openid stock_creator_mchid", "POST v3/marketing/favor/users/{openid}/coupons"},
	} {
		found := openapi.Search(tt.words)
		i := slices.IndexFunc(found, func(op *openapi.Operation) bool { return op.String() == tt.want })
		if i < 0 || i >= 3 {
			t.Errorf("Search(%q) has %s at %d of %d, want it among the first 3: %v", tt.words, tt.want, i, len(found), found[:min(5, len(found))])
		}
	}
}

func TestSearchKeepsToItsWords(t *testing.T) {
	for _, words := range []string{"out_trade_no", "refund", "openid stock_id"} {
		found := openapi.Search(words)
		if len(found) < 5 {
			t.Errorf("Search(%q) finds %d", words, len(found))
		}
		if n := len(slices.Compact(slices.Clone(found))); n != len(found) {
			t.Errorf("Search(%q) finds one twice", words)
		}
	}
	first := openapi.Search("out_trade_no")[0]
	if !strings.Contains(first.Template, "{out_trade_no}") {
		t.Errorf("Search(out_trade_no) finds %s first, want one whose path has it", first)
	}
	for _, words := range []string{"", " \t", "xyzzy", "这里没有的东西呀"} {
		if found := openapi.Search(words); len(found) > 0 {
			t.Errorf("Search(%q) finds %v, want nothing", words, found[0])
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	openapi.Search("warm")
	b.ReportAllocs()
	for b.Loop() {
		openapi.Search("代金券 发放")
	}
}
