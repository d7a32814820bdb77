package wechatpaytest_test

import (
	"slices"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestTemplates(t *testing.T) {
	tests := []struct {
		template string
		fits     []string
		misses   []string
	}{
		{
			"v3/marketing/favor/users/{openid}/coupons",
			[]string{"v3/marketing/favor/users/o/coupons", "v3/marketing/favor/users/a%2Fb%20%E5%80%BC%3F/coupons", "v3/marketing/favor/users/o/coupons?appid=wx"},
			[]string{"v3/marketing/favor/users/o/coupons/1", "v3/marketing/favor/users/a/b/coupons", "v3/marketing/favor/users/coupons", "v3/marketing/favor/users/o/coupons/"},
		},
		{
			"v3/pay/transactions/id/_transaction_id_",
			[]string{"v3/pay/transactions/id/1"},
			[]string{"v3/pay/transactions/id", "v3/pay/transactions/ids/1", "v3/pay/transactions/id/1/2"},
		},
		{
			"v3/files/{+path}",
			[]string{"v3/files/a", "v3/files/a/b/c.csv", "v3/files/a/b?x=y"},
			[]string{"v3/files", "v3/files/", "v3/file/a"},
		},
		{
			"v3/files{/parts*}",
			[]string{"v3/files/a", "v3/files/a/b", "v3/files/a%2Fb/c"},
			[]string{"v3/files", "v3/filesets"},
		},
		{
			"v3/bill/tradebill{?bill_date,bill_type}",
			[]string{"v3/bill/tradebill", "v3/bill/tradebill?bill_date=2026-01-01", "v3/bill/tradebill?x=/v3/y"},
			[]string{"v3/bill/tradebills", "v3/bill/tradebill/x"},
		},
		{
			"v3/bill/tradebill?bill_type=ALL{&bill_date}",
			[]string{"v3/bill/tradebill", "v3/bill/tradebill?bill_type=SUCCESS"},
			[]string{"v3/bill/fundflowbill?bill_type=ALL"},
		},
		{
			"v3/{a,b}/{c:3}.{d}",
			[]string{"v3/1,2/abc.d"},
			[]string{"v3/1/abc.d", "v3/1,2/abcd"},
		},
		{
			"v3/x.y/(z)",
			[]string{"v3/x.y/(z)"},
			[]string{"v3/xay/(z)", "v3/x.y/z"},
		},
		{
			"v3/订单/a b/{no}",
			[]string{"v3/订单/a b/1", "v3/%E8%AE%A2%E5%8D%95/a%20b/1"},
			[]string{"v3/订/a b/1"},
		},
		{
			"v3/x/",
			[]string{"v3/x/"},
			[]string{"v3/x", "v3/x/y", "v3/v3/x/"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.template, func(t *testing.T) {
			for _, path := range append(tt.fits, tt.misses...) {
				calls := 0
				record(t, func(tb testing.TB) {
					mock := wechatpaytest.New(tb)
					mock.On("GET", tt.template, mock.JSON(204, nil))
					for _, base := range []string{wechatpay.DefaultBaseURL, "http://127.0.0.1:8080/"} {
						if _, err := mock.Client().Chain(path).Get(t.Context(), wechatpay.BaseURL(base)); err == nil {
							calls++
						}
					}
				})
				want := 0
				if slices.Contains(tt.fits, path) {
					want = 2
				}
				if calls != want {
					t.Errorf("%s: %d of 2 calls fit, want %d", path, calls, want)
				}
			}
		})
	}
}

func TestTemplatesThatSpellNothing(t *testing.T) {
	for _, template := range []string{"", "/", "https://api.mch.weixin.qq.com/v3/x", "v3/{id", "v3/}", "v3/{}", "v3/{a b}", "v3/a/../b", "v3//x"} {
		t.Run(template, func(t *testing.T) {
			one(t, record(t, func(tb testing.TB) {
				mock := wechatpaytest.New(tb)
				mock.On("GET", template, mock.JSON(204, nil))
				t.Errorf("On(%q) went on", template)
			}), `On("GET", "`+template+`")`)
		})
	}
}
