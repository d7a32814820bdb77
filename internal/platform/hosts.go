package platform

import "strings"

// domains are the domains of WeChat Pay and of the companies that run it.
var domains = [...]string{"qq.com", "tenpay.com", "weixin.com", "wechat.com", "wechatpay.cn"}

// Hosts are the hosts of the platform that merchants call.
var Hosts = [...]string{"api.mch.weixin.qq.com", "api2.mch.weixin.qq.com", "apihk.mch.weixin.qq.com", "fraud.mch.weixin.qq.com", "payapp.mch.weixin.qq.com"}

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
