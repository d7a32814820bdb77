package platform

import (
	"net/netip"
	"net/url"
	"strings"
)

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

// IsHarmless reports whether a base URL leads to the platform or to this machine. One
// that is empty leads to the platform.
func IsHarmless(base string) bool {
	if base == "" {
		return true
	}
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	ip, err := netip.ParseAddr(host)
	return u.Scheme == "https" && strings.HasSuffix(host, ".mch.weixin.qq.com") || host == "localhost" || err == nil && ip.IsLoopback()
}
