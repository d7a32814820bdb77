package meaning_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/meaning"
)

// The messages of this library are explained in Chinese, and only there.
func TestOf(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]string{
		`wechatpay: config: MchID "wx1" is an appid; the merchant's number is made of digits, such as 1900000109`:                     "`MchID` 不是商户号。",
		"--private-key 或 WECHATPAY_PRIVATE_KEY：private key: this is a public key, not a private key; the key is in apiclient_key.pem": "文件不是私钥。",
		"n.toml:2: mchid is set on line 1 already": "同一项配置给了两次。",
		"signature not verified (timestamp): Wechatpay-Timestamp 1 is 9 s behind this machine's clock, more than the 300 s allowed: set the clock by NTP, or suspect a replay": "本机时钟不准，或有人重放旧报文。",
		`mchid：MchID "1900000109 " has a blank, which it cannot have；即商户号`:                                                                                                     "`MchID` 或 `SerialNo` 里有空格、换行、全角字符等不允许的字符，常见原因是复制时带上了多余的内容。",
		`base_url：BaseURL "https://api.mch.weixin.qq.com/v3/" ends in v3/, with which paths start; leave that out；除非要调用其他域名`:                                                   "`BaseURL`（或选项 `base_uri`）不能作为请求的基地址。",
		"apiv2_key：APIv2Key has 5 bytes, an APIv2 key has 32；请填写":                                                                                                              "密钥长度不对，或只设置了第二个密钥。",
		"private_key：private key: it is DER, not PEM, with no PEM block in it; convert it to PEM with openssl and -inform DER；请给出":                                             "文件不是 PEM 格式的文本。",
		"sandbox: sb/sandbox.db is in use by another process; end it, or take another folder":                                                                                  "另一个沙箱正在使用这个目录。",
		"缺少 --mchid": "",
		"127.0.0.1:9 上没有程序在监听；请检查地址，或先启动那里的程序": "",
	} {
		got := meaning.Of(lang.Chinese(), said)
		switch {
		case want == "" && len(got) != 0, want != "" && (len(got) != 1 || got[0].Meaning != want || got[0].Remedy == ""):
			t.Errorf("%s: %+v, want %s", said, got, want)
		}
		if got := meaning.Of(lang.Language{}, said); len(got) != 0 {
			t.Errorf("in English: %+v", got)
		}
	}
}

// What a code of the platform means for an operation is said in Chinese, and only there.
func TestRefused(t *testing.T) {
	t.Parallel()
	refused := func(status int, code, path string) error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.mch.weixin.qq.com/"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Errorf("wrapped: %w", &wechatpay.Error{StatusCode: status, Code: code, Response: &wechatpay.Response{StatusCode: status, Request: req}})
	}
	const refund = "v3/refund/domestic/refunds"
	if got := meaning.Refused(lang.Chinese(), refused(404, "RESOURCE_NOT_EXISTS", refund)); got != "订单不存在" {
		t.Errorf("an order that does not exist: %q", got)
	}
	for name, got := range map[string]string{
		"in English":         meaning.Refused(lang.Language{}, refused(404, "RESOURCE_NOT_EXISTS", refund)),
		"another status":     meaning.Refused(lang.Chinese(), refused(499, "RESOURCE_NOT_EXISTS", refund)),
		"an unknown code":    meaning.Refused(lang.Chinese(), refused(400, "NO_SUCH_CODE", refund)),
		"an unknown path":    meaning.Refused(lang.Chinese(), refused(404, "RESOURCE_NOT_EXISTS", "v3/nothing")),
		"another error":      meaning.Refused(lang.Chinese(), errors.New("x")),
		"without a response": meaning.Refused(lang.Chinese(), &wechatpay.Error{Code: "RESOURCE_NOT_EXISTS"}),
	} {
		if got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// An error with many messages has few explanations, and none has a link.
func TestOfMany(t *testing.T) {
	t.Parallel()
	got := meaning.Of(lang.Chinese(), `wechatpay: config: MchID is missing; APIv3Key has 3 bytes, an APIv3 key has 32; the Signer is a nil pointer; PlatformKeys is missing: keys.Static with the platform public key, from the merchant platform's account center, under API security; ClientCert needs both a certificate and its private key; tls.LoadX509KeyPair loads them`)
	if len(got) != 3 {
		t.Errorf("%d explanations", len(got))
	}
	for _, text := range got {
		if strings.Contains(text.Meaning+text.Remedy, "](") {
			t.Errorf("a link in %+v", text)
		}
	}
}
