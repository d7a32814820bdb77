package quote_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/quote"
)

func TestSettingShows(t *testing.T) {
	for _, s := range []string{
		"", "1900000109", "wx8888888888888888", "a b\n", "商户号", "\xff",
		"3775B6A45ACD588826D15E583A95F5DD90414243", "0x3775", "37:75:B6:A4:5A:CD:58:88:26:D1:5E:58:3A:95:F5:DD:90:41:42:43",
		"PUB_KEY_ID_0114232134912410000000000000", "PUB_KEY_ID_01142321349124100000000000000000",
		"https://api.mch.weixin.qq.com/v3/", "https://api.mch.weixin.qq.com/v3", "v3/pay/transactions/out-trade-no/{out_trade_no}/close", "https://api.mch.weixin.qq.com/a?b=c",
	} {
		if got := quote.Setting(s); !strings.HasPrefix(got, `"`) || !strings.HasSuffix(got, `"`) {
			t.Errorf("Setting(%q) is %s", s, got)
		}
	}
	if got, want := quote.Setting(strings.Repeat("号 ", 50)), `"`+strings.Repeat("号 ", 32)+`"…`; got != want {
		t.Errorf("a long text is %s, want %s", got, want)
	}
}

func TestSettingHides(t *testing.T) {
	const base64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDROkMl2tXbCk2B"
	for name, s := range map[string]string{
		"PEM":                "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n",
		"PEM with \\n":       `-----BEGIN PRIVATE KEY-----\n` + base64,
		"the end of PEM":     "AoIB\n-----END PRIVATE KEY-----",
		"base64":             base64,
		"base64 in lines":    base64[:20] + "\n" + base64[20:40],
		"base64url":          "-_" + base64[:30],
		"part of base64":     base64[:24],
		"a key after an id":  "PUB_KEY_ID_" + base64,
		"hexadecimal":        strings.Repeat("0f", 64),
		"an APIv3 key":       "c7acc1c7811ed95a3ab9a1d4d6f2a3e1",
		"a key in a text":    "key: c7acc1c7811ed95a3ab9a1d4d6f2a3e1",
		"a key after blanks": "  c7acc1c7811ed95a3ab9a1d4d6f2a3e1\n",
		"DER":                "0\x82\x04\xbd\x02\x01\x00" + strings.Repeat("\xfe\x01", 20),
		"a password":         "https://me:sekret@api.mch.weixin.qq.com/",
		"a password, port":   "https://me:sekret@x:port/",
	} {
		if got := quote.Setting(s); strings.Contains(got, `"`) || strings.Contains(got, s[4:8]) {
			t.Errorf("%s: Setting(%q) is %s", name, s, got)
		}
	}
}
