package sandbox_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox"
)

// Each request of the control API must name a Host that leads to this machine,
// or one that was allowed.
func TestControlChecksHost(t *testing.T) {
	config, err := sandbox.KeyedConfig(start)
	if err != nil {
		t.Fatal(err)
	}
	config.AllowHosts = []string{"Sandbox", "pay.test.example.com."}
	s, err := sandbox.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	for host, want := range map[string]int{
		"localhost": 200, "LOCALHOST:8686": 200, "localhost.": 200, "shop.localhost:1": 200,
		"127.0.0.1": 200, "127.0.0.1:8686": 200, "10.1.2.3:80": 200, "203.0.113.9": 200, "[::1]:8686": 200, "[::1]": 200, "[fe80::1%25eth0]:8686": 200,
		"sandbox": 200, "SANDBOX:8686": 200, "pay.test.example.com": 200, "pay.test.example.com.:443": 200,

		"api.mch.weixin.qq.com": 403, "API.mch.weixin.qq.com:443": 403, "api2.mch.weixin.qq.com.": 403, "pay.wechatpay.cn": 403,
		"example.com": 403, "www.example.com:8686": 403, "sandbox.example.com": 403, "x.pay.test.example.com": 403, "other": 403,
		"notlocalhost": 403, "localhost.example.com": 403, "127.0.0.1.example.com": 403, "127.1": 403, "2130706433": 403, "0x7f000001": 403, "": 403,
	} {
		for _, call := range []string{"GET clock", "GET requests", "GET notifications", "GET faults", "DELETE faults", "GET images/none", "GET none"} {
			method, path, _ := strings.Cut(call, " ")
			req := httptest.NewRequest(method, "/_sandbox/"+path, nil)
			req.Host = host
			rec := httptest.NewRecorder()
			s.ServeHTTP(rec, req)
			code := gjson.GetBytes(rec.Body.Bytes(), "code").String()
			if refused := rec.Code == 403 && code == "NO_AUTH"; refused != (want == 403) {
				t.Errorf("%s of the Host %q: answered %d %s", call, host, rec.Code, rec.Body)
			}
		}
	}
}

func TestAllowHostsMustBeNames(t *testing.T) {
	for _, host := range []string{"", "api.mch.weixin.qq.com", "PAYAPP.weixin.qq.com.", "https://sandbox", "sandbox:8686", "a/b", "*", "*.example.com", "a b", "[::1]"} {
		config, err := sandbox.KeyedConfig(start)
		if err != nil {
			t.Fatal(err)
		}
		config.AllowHosts = []string{"sandbox", host}
		if _, err := sandbox.New(config); err == nil || !strings.Contains(err.Error(), "the allowed host \""+host) {
			t.Errorf("%q: error is %v", host, err)
		}
	}
}
