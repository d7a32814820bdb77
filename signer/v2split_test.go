package signer_test

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/signer"
)

// signedBy signs without looking at what the fields hold.
func signedBy(key string, fields map[string]string) string {
	sum := md5.Sum([]byte(signer.V2Message(fields) + "&key=" + key))
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// A value that can be read as several fields is signed and verified in free
// text alone, and not even there in the open.
func TestV2SplitText(t *testing.T) {
	const (
		always = iota
		notOpen
		never
	)
	tests := []struct {
		name, value string
		when        int
	}{
		{"contract_display_account", "张三&total_fee=1", never},
		{"openid", "o&return_code=SUCCESS&total_fee=1", never},
		{"package", "prepay_id=wx&return_code=SUCCESS", never},
		{"nonce_str", "n&out_trade_no=1", never},
		{"out_trade_no", "1&a=", never},
		{"out_trade_no", "&a=b", never},
		{"out_trade_no", "a&&b=c", never},
		{"out_trade_no", "a&b&c=d", never},
		{"device_info", "x&名=y", never},
		{"unknown", "x&y=z", never},
		{"url", "https://a.cn/?b=1&c=2", never},
		{"desc_x", "x&y=z", never},
		{"attach", "a&b=c", notOpen},
		{"body", "a&b=c", notOpen},
		{"detail", `{"goods_name":"a&b=c"}`, notOpen},
		{"scene_info", `{"wap_url":"https://a.cn/?b=1&c=2"}`, notOpen},
		{"notify_url", "https://x.com/n?a=1&b=2", notOpen},
		{"code_url", "weixin://wxpay/bizpayurl/up?pr=NwY5Mz9&groupid=00", notOpen},
		{"redirect_uri", "https://x.com/n?a=1&b=2", notOpen},
		{"miniprogram_path", "pages/index?a=1&b=2", notOpen},
		{"return_msg", "a&b=c", notOpen},
		{"err_code_des", "a&b=c", notOpen},
		{"refund_desc", "a&b=c", notOpen},
		{"out_trade_no", "a=b", always},
		{"out_trade_no", "a=b&c", always},
		{"out_trade_no", "a&b", always},
		{"out_trade_no", "a&=b", always},
		{"contract_display_account", "Tom & Jerry", always},
		{"package", "prepay_id=wx", always},
		{"sign", "x&y=z", always}, // has no part in the text
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			fields := map[string]string{"mch_id": "1900000109", tt.name: tt.value}
			sign := func(f func(signType, key string, fields map[string]string) (string, error), good bool) {
				t.Helper()
				got, err := f("MD5", v2Key, fields)
				if good {
					if want := signedBy(v2Key, fields); err != nil || got != want {
						t.Errorf("%s, %v; want %s", got, err, want)
					}
					return
				}
				checkNotSigned(t, got, err, `"`+tt.name+`" holds "&`)
			}
			sign(signer.V2Sign, tt.when != never)
			sign(signer.V2SignOpen, tt.when == always)

			fields["sign"] = signedBy(v2Key, fields)
			err := signer.V2Verify(v2Key, fields)
			if tt.when == never {
				checkRefusal(t, err, signer.ReasonSignature, `"`+tt.name+`" holds "&`)
			} else if err != nil {
				t.Errorf("V2Verify: %v", err)
			}
		})
	}
}

// A name may not make the text of two fields, either.
func TestV2SplitName(t *testing.T) {
	for _, name := range []string{"a&b", "a=b", "attach=x&b"} {
		fields := map[string]string{name: "1", "mch_id": "1900000109"}
		got, err := signer.V2Sign("", v2Key, fields)
		checkNotSigned(t, got, err, "the field name")
		fields["sign"] = signedBy(v2Key, fields)
		checkRefusal(t, signer.V2Verify(v2Key, fields), signer.ReasonSignature, "the field name")
	}
}

// The error names the field but shows little of what it holds.
func TestV2SplitTextIsNotShown(t *testing.T) {
	long := strings.Repeat("x", 100)
	_, err := signer.V2Sign("", v2Key, map[string]string{long: "secret&" + long + "=secret"})
	checkNotSigned(t, "", err, "holds")
	if text := err.Error(); strings.Contains(text, "secret") || strings.Contains(text, long) || !strings.Contains(text, long[:60]) {
		t.Errorf("error %q", text)
	}
}
