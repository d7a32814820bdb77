package platform

import "strings"

// domains are the domains of WeChat Pay and of the companies that run it.
var domains = [...]string{"qq.com", "tenpay.com", "weixin.com", "wechat.com", "wechatpay.cn"}

// IsHost reports whether a name, without a port, is one of the platform's own
// hosts.
func IsHost(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	for _, domain := range domains {
		if name == domain || strings.HasSuffix(name, "."+domain) {
			return true
		}
	}
	return false
}
