package frontend

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay/internal/quote"
)

// transfer checks the parameters of requestMerchantTransfer. Nothing is signed.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012716430
func (c *check) transfer() error {
	for _, name := range []string{"mchId", "appId", "package"} {
		c.take(field{name: name, signed: name})
	}
	b, err := c.bill(c.fields["package"])
	if err != nil || b == nil {
		return err
	}
	c.verdict.Bill = b
	c.number("mchId", c.fields["mchId"], b.MchID)
	c.number("appId", c.fields["appId"], b.AppID)
	const sub = "subMchId"
	if _, given := c.given[sub]; given || b.SubMchID != "" {
		c.take(field{name: sub, signed: sub})
		c.number(sub, c.fields[sub], b.SubMchID)
	}
	if b.State != "WAIT_USER_CONFIRM" {
		c.mistake("state", "package", shownBill, "the transfer %s is %s, and does not wait for the user", "转账 %s 的状态为 %s，不在等待用户确认", quote.Text(b.Number()), b.State)
	}
	if who := c.call.OpenID; who != "" && who != b.OpenID {
		c.mistake("openid", "", shownTransfer, "the user is %s, but the transfer is for %s", "当前用户为 %s，但收款用户是 %s", quote.Text(who), quote.Text(b.OpenID))
	}
	return nil
}

// number reports a parameter that is not the transfer's.
func (c *check) number(name, got, want string) {
	if got != want && got != "" { // which was reported before
		c.mistake("mismatch", name, shownBill, "%s is %s, but that of the transfer is %s", "%s 为 %s，但该转账的是 %s", name, quote.Text(got), quote.Text(want))
	}
}

// bill returns the transfer of a package_info, and reports one that was changed on
// its way.
func (c *check) bill(info string) (*Bill, error) {
	if info == "" {
		return nil, nil
	}
	b, err := c.platform.Bill(info)
	if err != nil || b != nil {
		return b, err
	}
	bare := strings.TrimSpace(info)
	if b, err = c.platform.Bill(bare); err != nil {
		return nil, err
	}
	if b != nil {
		c.mistake("package_space", "package", shownBill, "package has a space or a line feed around it; pass package_info as it was answered", "package 前后有空格或换行；请原样传 package_info")
		return b, nil
	}
	plus := strings.ReplaceAll(info, " ", "+")
	if b, err = c.platform.Bill(plus); err != nil {
		return nil, err
	}
	if b != nil {
		c.mistake("package_decoded", "package", shownBill, "package was decoded as a URL: its + became spaces; pass package_info as it was answered", "package 被做了 URL 解码，+ 变成了空格；请原样传 package_info")
		return b, nil
	}
	decoded, err := url.QueryUnescape(strings.ReplaceAll(info, "+", "%2B"))
	if b, err2 := c.platform.Bill(cmp.Or(decoded, info)); err == nil && err2 == nil && b != nil {
		c.mistake("package_encoded", "package", shownBill, "package is encoded for a URL; pass package_info as it was answered", "package 被做了 URL 编码；请原样传 package_info")
		return b, nil
	}
	c.mistake("package_unknown", "package", shownBill, "the sandbox has no transfer with this package: pass package_info of the transfer, whole", "沙箱中没有此 package 的转账：请完整传转账返回的 package_info")
	return nil, nil
}
