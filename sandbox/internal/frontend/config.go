package frontend

import (
	"crypto/sha1"
	"encoding/hex"
	"net/url"
	"strings"
)

const shownConfig = "invalid signature"

// config checks the parameters of wx.config, with the address of the page as href.
// Without a ticket of the sandbox the signature cannot be checked.
//
// https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html#62
func (c *check) config() {
	c.take(field{name: "appId", signed: "appId"})
	c.take(field{"timestamp", "timestamp", true})
	c.take(field{name: "nonceStr", signed: "nonceStr"})
	c.take(field{name: "signature", signed: "signature"})
	if len(c.verdict.Mistakes) > 0 {
		return
	}
	if v := c.given["jsApiList"]; v.kind != isMissing && v.kind != isOther {
		c.mistake("type", "jsApiList", shownConfig, "jsApiList is not an array", "jsApiList 不是数组")
	}
	ticket, href := c.platform.Ticket(c.fields["appId"]), c.given["href"].text
	page, _, hashed := strings.Cut(href, "#")
	got := strings.ToLower(c.fields["signature"])
	if got == digest(c.signedConfig(c.platform.Token(c.fields["appId"]), page)) {
		c.verdict.Signed = c.signedConfig("…", page)
		c.mistake("signature", "signature", shownConfig, "signature does not match: the access_token was used in place of the jsapi_ticket, which cgi-bin/ticket/getticket returns",
			"signature 不匹配：误用了 access_token，应使用 cgi-bin/ticket/getticket 返回的 jsapi_ticket")
		return
	}
	if ticket == "" || href == "" {
		return
	}
	c.verdict.Signed = c.signedConfig("…", page)
	if got == digest(c.signedConfig(ticket, page)) {
		return
	}
	for _, t := range configTrials(page, href, hashed) {
		if got == digest(c.signedConfig(ticket, t.message)) {
			c.mistake("signature", "signature", shownConfig, "signature does not match: "+t.en, "signature 不匹配："+t.zh)
			return
		}
	}
	c.mistake("signature", "signature", shownConfig, "signature does not match: compare the signed text, with the URL of the page up to its #, and the jsapi_ticket",
		"signature 不匹配：请核对签名串（页面 URL 不含 # 及其后部分）以及 jsapi_ticket")
}

func (c *check) signedConfig(ticket, page string) string {
	return "jsapi_ticket=" + ticket + "&noncestr=" + c.fields["nonceStr"] + "&timestamp=" + c.fields["timestamp"] + "&url=" + page
}

func digest(text string) string {
	sum := sha1.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func configTrials(page, href string, hashed bool) (all []trial) {
	if hashed {
		all = append(all, trial{href, "the URL was signed with its #", "签名的 URL 带上了 # 及其后部分"})
	}
	if plain, err := url.PathUnescape(page); err == nil {
		all = append(all, trial{plain, "the URL was decoded before it was signed", "URL 签名前被解码了"})
	}
	bare, _, _ := strings.Cut(page, "?")
	return append(all,
		trial{url.QueryEscape(page), "the URL was encoded before it was signed", "URL 签名前被编码了"},
		trial{bare, "the URL was signed without its query", "签名的 URL 缺少查询参数"},
		trial{strings.TrimSuffix(page, "/"), "the URL was signed without the / at its end", "签名的 URL 缺少末尾的 /"},
		trial{strings.Replace(page, "http:", "https:", 1), "https was signed, but the page has http", "签名时使用了 https，但页面是 http"},
		trial{strings.Replace(page, "https:", "http:", 1), "http was signed, but the page has https", "签名时使用了 http，但页面是 https"})
}
