package baseurl_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/baseurl"
)

func TestMeant(t *testing.T) {
	for u, want := range map[string]string{
		"localhost:8686":                "http://localhost:8686",
		"localhost":                     "http://localhost",
		"127.0.0.1:8686/x":              "http://127.0.0.1:8686/x",
		"127.0.0.1":                     "http://127.0.0.1",
		"[::1]:8686":                    "http://[::1]:8686",
		"sandbox:8686/":                 "http://sandbox:8686/",
		"host.docker.internal:8686":     "http://host.docker.internal:8686",
		"192.168.1.7:8686":              "http://192.168.1.7:8686",
		"8.8.8.8":                       "https://8.8.8.8",
		"api.mch.weixin.qq.com":         "https://api.mch.weixin.qq.com",
		"api.mch.weixin.qq.com/":        "https://api.mch.weixin.qq.com/",
		"api.mch.weixin.qq.com:443":     "https://api.mch.weixin.qq.com:443",
		"http://api.mch.weixin.qq.com/": "",
		"http:/api.mch.weixin.qq.com":   "https://api.mch.weixin.qq.com",
		"gateway.example/wx":            "https://gateway.example/wx",
		"//localhost:8686":              "http://localhost:8686",
		"//gateway.example":             "https://gateway.example",
		"htp://gateway.example":         "https://gateway.example",
		"htp://127.0.0.1:8686":          "http://127.0.0.1:8686",
		"ftp://gateway.example/":        "https://gateway.example/",
		" http://gateway.example":       "http://gateway.example",
		"http://localhost:8686\n":       "http://localhost:8686",
		`"http://localhost:8686"`:       "http://localhost:8686",
		"http:/gateway.example":         "http://gateway.example",
		"http:gateway.example":          "http://gateway.example",
		"HTTP:/gateway.example":         "http://gateway.example",
		"localhost:8686/v3":             "http://localhost:8686/",
		"api.mch.weixin.qq.com/V3/":     "https://api.mch.weixin.qq.com/",
		"https//api.mch.weixin.qq.com":  "https://api.mch.weixin.qq.com",
		"https:/localhost:8686":         "https://localhost:8686",
		":8686":                         "http://localhost:8686",
		":8686/x":                       "http://localhost:8686/x",
		"8686":                          "http://localhost:8686",
		"http://:8686":                  "http://localhost:8686",
		"http:8686":                     "http://localhost:8686",
		"https.example":                 "https://https.example",
		"http.example:80":               "https://http.example:80",

		// These are complete, and what is wrong with them is something else.
		"https://api.mch.weixin.qq.com/v3/": "",
		"http://localhost:8686":             "",
		"HTTP://gateway.example":            "",

		// Nothing can be told from these.
		"":                              "",
		" ":                             "",
		":":                             "",
		"/":                             "",
		"/wx/":                          "",
		"http://":                       "",
		"https:":                        "",
		"https:///v3":                   "",
		"http:///gateway.example":       "",
		"htp:/":                         "",
		"localhost:port":                "",
		"a b":                           "",
		"localhost:8686?x=1":            "",
		"me:sekret@localhost:8686":      "",
		"//me:sekret@localhost":         "",
		strings.Repeat("k", 32):         "",
		strings.Repeat("k.", 60) + "cn": "",
	} {
		if got := baseurl.Meant(u); got != want {
			t.Errorf("Meant(%q) = %q, want %q", u, got, want)
		}
	}
}
