package page

// texts are the Chinese texts of the layout, by their English.
var texts = map[string]string{
	"Skip to the content": "跳到正文",
	"Sandbox":             "沙箱",
	"WeChat Pay sandbox":  "微信支付沙箱",
	"Pages":               "页面",
	"Language":            "语言",
	"Theme":               "外观",
	"Light":               "浅色",
	"Dark":                "深色",
	"Automatic":           "自动",
	"This did not work":   "操作未成功",
	"There is no page %s": "页面不存在：%s",
	"To the start":        "回到首页",
	"No money moves here": "这里不会产生真实交易",
}
