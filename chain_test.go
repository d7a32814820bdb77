package wechatpay_test

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

func TestSegmentSpelling(t *testing.T) {
	client := newClient(t, newConfig(t, nil))
	for _, tc := range []struct {
		names []string
		want  string
	}{
		{[]string{"v3", "merchantService"}, "v3/merchant-service"},
		{[]string{"V3", "ComplaintsV2"}, "v3/complaints-v2"},
		{[]string{"v3", "transactionID"}, "v3/transaction-i-d"},
		{[]string{"v3", "_openid_", "x"}, "v3/{openid}/x"},
		{[]string{"v3", "_outTradeNo_"}, "v3/{outTradeNo}"},
		{[]string{"v3", "{OutTradeNo}"}, "v3/{OutTradeNo}"},
		{[]string{"v3", "<openid>"}, "v3/{openid}"},
		{[]string{"v3", "get_wxpayface_authinfo"}, "v3/get_wxpayface_authinfo"},
		{[]string{"v3/merchantService/_id_", "x"}, "v3/merchant-service/{id}/x"},
		{[]string{"v3", "{/partsList*}"}, "v3{/partsList*}"},
		{[]string{"v3", "_", "__", "a_"}, "v3/_/__/a_"},
		{[]string{"v3", "applyment/"}, "v3/applyment/"},
		{[]string{"/v3", "pay?Mchid=A"}, "v3/pay?Mchid=A"},
		{nil, ""},
	} {
		if got := client.Segment(tc.names...).String(); got != tc.want {
			t.Errorf("Segment(%q) = %q, want %q", tc.names, got, tc.want)
		}
	}
}

func TestChainSpelling(t *testing.T) {
	client := newClient(t, newConfig(t, nil))
	for _, tc := range []struct {
		paths []string
		want  string
	}{
		{[]string{"v3/pay/OUT_Trade/AbC"}, "v3/pay/OUT_Trade/AbC"},
		{[]string{"/v3/x"}, "v3/x"},
		{[]string{"v3/x/"}, "v3/x/"},
		{[]string{"v3/x/", "y"}, "v3/x/y"},
		{[]string{"v3/x", "/y/"}, "v3/x/y/"},
		{[]string{"v3/_openid_/<id>/{a}"}, "v3/{openid}/{id}/{a}"},
		{[]string{"v3/a_b_/_c"}, "v3/a_b_/_c"},
		{[]string{"v3", "?a=1"}, "v3?a=1"},
		{[]string{"v3?a=_b_"}, "v3?a=_b_"},
		{[]string{"v3", ""}, "v3"},
		{[]string{"v3/x", "/"}, "v3/x/"},
		{[]string{"v3/x/", "/"}, "v3/x/"},
		{[]string{"v3/x", "id:1"}, "v3/x/id:1"},
		{[]string{"v3/x?notify_url=https://a.cn/b"}, "v3/x?notify_url=https://a.cn/b"},
	} {
		chain := client.Chain(tc.paths[0])
		for _, path := range tc.paths[1:] {
			chain = chain.Chain(path)
		}
		if got := chain.String(); got != tc.want {
			t.Errorf("Chain(%q) = %q, want %q", tc.paths, got, tc.want)
		}
	}
}

func TestURL(t *testing.T) {
	client := newClient(t, newConfig(t, nil))
	type M = wechatpay.M
	type Q struct {
		AppID  string `json:"appid"`
		Offset int    `url:"offset"`
		Limit  *int   `url:"limit"`
		Status string `json:"status,omitempty"`
		Plain  bool
		Skip   string `url:"-"`
	}
	for _, tc := range []struct {
		name, path string
		opts       []wechatpay.Option
		want       string // below the base
	}{
		{"capitals in values stay", "v3/x/{no}", []wechatpay.Option{wechatpay.Options{"no": "SXBwj-AbC_9"}}, "v3/x/SXBwj-AbC_9"},
		{"integers", "v3/{a}/{b}/{c}", []wechatpay.Option{wechatpay.Options{"a": uint64(math.MaxUint64), "b": int64(math.MinInt64), "c": 1234567890123.0}}, "v3/18446744073709551615/-9223372036854775808/1234567890123"},
		{"named string", "v3/{a}", []wechatpay.Option{wechatpay.Bind("a", wechatpay.APIv3)}, "v3/APIv3"},
		{"escaped", "v3/{a}", []wechatpay.Option{wechatpay.Bind("a", "a/b?c#d%41 中*")}, "v3/a%2Fb%3Fc%23d%2541%20%E4%B8%AD%2A"},
		{"literal escaped", "v3/中 <x", nil, "v3/%E4%B8%AD%20%3Cx"},
		{"percent stays", "v3/a%2Fb%zz", nil, "v3/a%2Fb%25zz"},
		{"reserved", "{+p}", []wechatpay.Option{wechatpay.Bind("p", "/v3/a/B?c=d")}, "v3/a/B?c=d"},
		{"reserved, escaped as it must be", "v3/{+p}", []wechatpay.Option{wechatpay.Bind("p", `a"<b`)}, "v3/a%22%3Cb"},
		{"list", "v3{/parts*}/x", []wechatpay.Option{wechatpay.Bind("parts", []string{"a b", "c/d"})}, "v3/a%20b/c%2Fd/x"},
		{"list of any", "v3/{parts}", []wechatpay.Option{wechatpay.Bind("parts", []any{1, "b"})}, "v3/1,b"},
		{"query expression", "v3/x{?a,b}", []wechatpay.Option{wechatpay.Options{"a": "1 2", "b": ""}}, "v3/x?a=1%202&b="},
		{"query expression, one left out", "v3/x{?a,b}", []wechatpay.Option{wechatpay.Bind("b", 2)}, "v3/x?b=2"},
		{"continued query", "v3/x?q=1{&a*}", []wechatpay.Option{wechatpay.Bind("a", []int{1, 2})}, "v3/x?q=1&a=1&a=2"},
		{"prefix counts characters", "v3/{a:2}/{a}", []wechatpay.Option{wechatpay.Bind("a", "中文字")}, "v3/%E4%B8%AD%E6%96%87/%E4%B8%AD%E6%96%87%E5%AD%97"},
		{"query stays, option wins", "v3/x?a=1&b=%20&A=3", []wechatpay.Option{wechatpay.Query(M{"a": 2, "c": "x y+&"})}, "v3/x?b=%20&A=3&a=2&c=x%20y%2B%26"},
		{"lists repeat, nil is left out", "v3/x", []wechatpay.Option{wechatpay.Query(M{"a": []string{"1", "2"}, "b": nil, "c": []any{true, nil, 3}, "d": (*int)(nil)})}, "v3/x?a=1&a=2&c=true&c=3"},
		{"url.Values", "v3/x", []wechatpay.Option{wechatpay.Query(url.Values{"a": {"1", "2"}})}, "v3/x?a=1&a=2"},
		{"map of strings", "v3/x", []wechatpay.Option{wechatpay.Query(map[string]string{"a": "中"})}, "v3/x?a=%E4%B8%AD"},
		{"struct", "v3/x", []wechatpay.Option{wechatpay.Query(&Q{AppID: "wx1", Skip: "no"})}, "v3/x?Plain=false&appid=wx1&offset=0"},
		{"queries add up, later wins", "v3/x", []wechatpay.Option{wechatpay.Query(M{"a": 1, "b": 1}), wechatpay.Options{"query": M{"b": 2}}}, "v3/x?a=1&b=2"},
		{"time", "v3/x", []wechatpay.Option{wechatpay.Query(M{"t": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})}, "v3/x?t=2026-01-02T03%3A04%3A05Z"},
		{"nil query", "v3/x", []wechatpay.Option{wechatpay.Query(nil)}, "v3/x"},
		{"v2 is not sent", "V2/pay/orderquery", nil, "pay/orderquery"},
		{"a value chooses no protocol", "{a}/pay", []wechatpay.Option{wechatpay.Bind("a", "v2")}, "v2/pay"},
		{"a spelled value does", "{+a}", []wechatpay.Option{wechatpay.Bind("a", "v2/pay")}, "pay"},
		{"trailing slash", "v3/x/", nil, "v3/x/"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u, err := client.Chain(tc.path).URL(tc.opts...)
			if err != nil {
				t.Fatal(err)
			}
			if want := wechatpay.DefaultBaseURL + tc.want; u.String() != want {
				t.Errorf("got  %s\nwant %s", u, want)
			}
		})
	}
}

func TestBind(t *testing.T) {
	client := newClient(t, newConfig(t, nil))
	open := client.Chain("v3/{a}")
	for name, tc := range map[string]struct {
		chain wechatpay.Chain
		opts  []wechatpay.Option
		want  string
	}{
		"on the chain":             {open.Bind("a", "1"), nil, "/v3/1"},
		"the last wins":            {open.Bind("a", "1").Bind("a", "2"), nil, "/v3/2"},
		"an option wins":           {open.Bind("a", "1"), []wechatpay.Option{wechatpay.Options{"a": "3"}}, "/v3/3"},
		"a later option wins":      {open, []wechatpay.Option{wechatpay.Options{"a": "3"}, wechatpay.Bind("a", "4")}, "/v3/4"},
		"before its segment":       {client.Chain("v3").Bind("a", "5").Chain("{a}"), nil, "/v3/5"},
		"a name that is an option": {client.Chain("v3/{timeout}"), []wechatpay.Option{wechatpay.Bind("timeout", "x")}, "/v3/x"},
	} {
		if u, err := tc.chain.URL(tc.opts...); err != nil || u.Path != tc.want {
			t.Errorf("%s: %v, %v, want %s", name, u, err, tc.want)
		}
	}
}

// A chain is a value: extending it in one place does not change it in another.
func TestChainIsImmutable(t *testing.T) {
	client := newClient(t, newConfig(t, nil))
	users := client.Chain("v3/users/{openid}").Bind("openid", "base")
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			openid := strings.Repeat("x", i+1)
			u, err := users.Bind("openid", openid).Chain("coupons").URL()
			if err != nil || u.Path != "/v3/users/"+openid+"/coupons" {
				t.Errorf("%v, %v", u, err)
			}
		})
	}
	wg.Wait()
	if u, err := users.URL(); err != nil || u.Path != "/v3/users/base" {
		t.Errorf("%v, %v", u, err)
	}
}

func TestBadTemplate(t *testing.T) {
	out := new(recorder)
	client := newClient(t, newConfig(t, out))
	for _, tc := range []struct {
		name  string
		chain wechatpay.Chain
		opts  wechatpay.Options
		want  string // in the error
	}{
		{"no value", client.Chain("v3/{openid}/x"), nil, "{openid} has no value"},
		{"nil value", client.Chain("v3/{openid}/x"), wechatpay.Options{"openid": nil}, "{openid} has no value"},
		{"empty value", client.Chain("v3/{openid}/x"), wechatpay.Options{"openid": ""}, "{openid} is empty"},
		{"one dot", client.Chain("v3/{openid}/x"), wechatpay.Options{"openid": "."}, `{openid} is "."`},
		{"two dots", client.Chain("v3/{openid}/x"), wechatpay.Options{"openid": ".."}, `{openid} is ".."`},
		{"two dots by prefix", client.Chain("v3/{openid:2}/x"), wechatpay.Options{"openid": "..x"}, `{openid} is ".."`},
		{"empty list", client.Chain("v3{/parts*}"), wechatpay.Options{"parts": []string{}}, "{parts} is empty"},
		{"empty element", client.Chain("v3{/parts*}"), wechatpay.Options{"parts": []string{"a", ""}}, "{parts} is empty"},
		{"dots element", client.Chain("v3{/parts*}"), wechatpay.Options{"parts": []any{"a", ".."}}, `{parts} is ".."`},
		{"dots inside", client.Chain("v3/{+path}"), wechatpay.Options{"path": "a/../../b"}, `segment ".."`},
		{"escaped dots", client.Chain("v3/{+path}"), wechatpay.Options{"path": "a/%2E%2e/b"}, "leads to another path"},
		{"dots written", client.Chain("v3/../x"), nil, `segment ".."`},
		{"not UTF-8", client.Chain("v3/{a}"), wechatpay.Options{"a": "a\xff"}, "{a}: not valid UTF-8"},
		{"template not UTF-8", client.Chain("v3/\xff"), nil, "not valid UTF-8"},
		{"bytes", client.Chain("v3/{a}"), wechatpay.Options{"a": []byte("x")}, "make it a string"},
		{"inexact float", client.Chain("v3/{a}"), wechatpay.Options{"a": 1e17}, "cannot be written exactly"},
		{"a func", client.Chain("v3/{a}"), wechatpay.Options{"a": func() {}}, "{a}: func() cannot"},
		{"bound but not there", client.Chain("v3/{openid}").Bind("opendi", "x").Bind("openid", "y"), nil, `no variable {opendi}; did you mean "openid"`},
		{"absolute", client.Chain("https://api.mch.weixin.qq.com/v3/x"), nil, "leads to another host"},
		{"scheme", client.Chain("mailto:a"), nil, "leads to another host"},
		{"host", client.Chain("//evil.example/v3/x"), nil, "leads to another host"},
		{"backslash host", client.Chain(`\\evil.example/v3/x`), nil, "leads to another host"},
		{"absolute segment", client.Segment("https://evil.example/v3"), nil, "leads to another host"},
		{"absolute later", client.Chain("v3").Chain("https://evil.example"), nil, "leads to another host"},
		{"absolute by value", client.Chain("{+path}"), wechatpay.Options{"path": "https://evil.example/v3"}, "leads to another host"},
		{"host by value", client.Chain("{+path}"), wechatpay.Options{"path": "//evil.example/v3"}, "empty segment"},
		{"empty segment", client.Chain("v3//x"), nil, "empty segment"},
		{"two slashes at the end", client.Chain("v3/x//"), nil, "empty segment"},
		{"empty name", client.Segment("v3", "", "x"), nil, "segment 2"},
		{"empty", client.Chain(""), nil, "path is empty"},
		{"v2 alone", client.Chain("v2"), nil, "ends at v2"},
		{"fragment", client.Chain("v3/x#y"), nil, "fragment"},
		{"fragment expression", client.Chain("v3/x{#y}"), wechatpay.Options{"y": "1"}, "fragment"},
		{"fragment by value", client.Chain("v3/{+y}"), wechatpay.Options{"y": "a#b"}, "fragment"},
		{"line break", client.Chain("v3/x\ny"), nil, "control character"},
		{"line break by value", client.Chain("v3/{+y}"), wechatpay.Options{"y": "a\nb"}, "control character"},
		{"open brace", client.Chain("v3/{x"), nil, "brace"},
		{"closing brace", client.Chain("v3/x}"), nil, "brace"},
		{"no name", client.Chain("v3/{}"), nil, "not a variable name"},
		{"bad name", client.Chain("v3/{out-trade-no}"), nil, "not a variable name"},
		{"bad prefix", client.Chain("v3/{a:x}"), nil, "prefix"},
		{"path after a query", client.Chain("v3/x?a=1").Chain("y"), nil, "nothing can follow the query"},
		{"no client", wechatpay.Chain{}, nil, "no client"},
		{"no client, spelled", wechatpay.Chain{}.Chain("v3/x"), nil, "no client"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := tc.chain.Post(background(), tc.opts)
			if !errors.Is(err, wechatpay.ErrTemplate) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("Post: error %v, want ErrTemplate with %q", err, tc.want)
			}
			_, err = tc.chain.PostAsync(background(), tc.opts).Wait()
			if !errors.Is(err, wechatpay.ErrTemplate) {
				t.Errorf("PostAsync: error %v, want ErrTemplate", err)
			}
			if u, err := tc.chain.URL(tc.opts); !errors.Is(err, wechatpay.ErrTemplate) {
				t.Errorf("URL: %v, %v, want ErrTemplate", u, err)
			}
		})
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A variable with only one of its two marks would be sent as text, which nobody
// wants.
func TestVariableWithOneMark(t *testing.T) {
	out := new(recorder)
	client := newClient(t, newConfig(t, out))
	for _, tc := range []struct {
		path, name, want string
	}{
		{"v3/x/_out_trade_no", "out_trade_no", `"_out_trade_no" is not a variable; write {out_trade_no} or _out_trade_no_`},
		{"v3/x/_out_trade_no/close", "out_trade_no", "write {out_trade_no}"},
		{"v3/x/out_trade_no_", "out_trade_no", "write {out_trade_no}"},
		{"v3/x/<openid", "openid", "write {openid}"},
		{"v3/x/openid>/y", "openid", "write {openid}"},
		{"v3/x/{openid", "openid", "brace without its other half; write {openid}"},
		{"v3/x/openid}/y", "openid", "brace without its other half; write {openid}"},
		{"v3/x/:openid", "openid", "write {openid}"},
	} {
		for _, chain := range []wechatpay.Chain{client.Chain(tc.path), client.Segment(tc.path), client.Chain("v3").Chain(strings.TrimPrefix(tc.path, "v3/"))} {
			for _, opts := range []wechatpay.Options{nil, {tc.name: "1"}} {
				if _, err := chain.Post(background(), opts); !errors.Is(err, wechatpay.ErrTemplate) || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("%s with %v: error %v, want ErrTemplate with %q", tc.path, opts, err, tc.want)
				}
			}
		}
	}
	// A segment with a digit or a capital may be a merchant's number.
	for _, segment := range []string{"_A1", "order_1_", "_1217752501201407033233368018", "_", "__", "a_b", "id:1", "out_trade_no"} {
		if _, err := client.Chain("v3/x/" + segment).URL(); err != nil {
			t.Errorf("%s: %v", segment, err)
		}
	}
	for segment, name := range map[string]string{"_sub2": "sub2", "subMchid_": "subMchid", "out_trade_no": "out_trade_no"} {
		_, err := client.Chain("v3/x/{id}/"+segment).Post(background(), wechatpay.Options{"id": 1, name: "1"})
		if want := fmt.Sprintf("the segment %q is text, and {%s} would be the variable", segment, name); !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want ErrOption with %q", segment, err, want)
		}
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// For a URL of the client's own host, the error says what to write.
func TestURLForAPath(t *testing.T) {
	for _, tc := range []struct{ base, url, want string }{
		{"", "https://api.mch.weixin.qq.com/v3/x/{id}?a=1", `write its path alone, "v3/x/{id}?a=1"`},
		{"", "HTTPS://API.mch.weixin.qq.com:443/v3/x", `write its path alone, "v3/x"`},
		{"http://127.0.0.1:80/wx", "http://127.0.0.1/wx/v3/x", `write its path alone, "v3/x"`},
		{"http://127.0.0.1:80/wx", "http://127.0.0.1/v3/x", "write the path alone, and name the host with BaseURL"},
		{"", "http://api.mch.weixin.qq.com/v3/x", "name the host with BaseURL"},
		{"", "https://api2.mch.weixin.qq.com/v3/x", "name the host with BaseURL"},
		{"", "https://api.mch.weixin.qq.com", "name the host with BaseURL"},
		{"", "https://me:sekret@api.mch.weixin.qq.com/v3/x", "name the host with BaseURL"},
	} {
		config := newConfig(t, new(recorder))
		config.BaseURL = tc.base
		_, err := newClient(t, config).Chain(tc.url).Get(background())
		if !errors.Is(err, wechatpay.ErrTemplate) || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "sekret") {
			t.Errorf("Chain(%q): error %v, want ErrTemplate with %s", tc.url, err, tc.want)
		}
	}
}
