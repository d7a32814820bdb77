package cashier

// texts are the Chinese texts of the pages, by their English.
var texts = map[string]string{
	"User":      "用户",
	"Cashier":   "收银台",
	"Merchant":  "商户",
	"Order":     "订单",
	"Transfer":  "转账",
	"Coupon":    "代金券",
	"No coupon": "不使用",

	"Orders that are paid together": "一起支付的订单",

	"bank_type, the balance if empty": "bank_type（付款银行），不填为零钱",

	"Pay":                   "支付",
	"Cancel":                "取消",
	"Let the payment fail":  "支付失败",
	"Paid":                  "支付成功",
	"Received":              "收款成功",
	"The payment failed":    "支付失败",
	"Cancelled":             "已取消",
	"Back to the shop":      "返回商家",
	"OK":                    "确定",
	"QR code":               "二维码",
	"WeChat shows":          "微信显示",
	"WeChat refuses":        "微信拒绝",
	"The text to sign":      "应签名的文本",
	"Confirm the transfer":  "确认收款",
	"Receive":               "收款",
	"Scan":                  "扫码",
	"Scan a code":           "扫描二维码",
	"Who uses this browser": "当前浏览器的用户",
	"Use this openid":       "切换到此 openid",
	"Transfers to confirm":  "待确认收款的转账",
	"Red packets to open":   "待拆的红包",
	"Coupons":               "代金券",
	"Open":                  "拆红包",
	"None":                  "无",
	"from %s on":            "满 %s 可用",

	"Receive transfers without confirmation": "免确认收款授权",
	"Transfers without confirmation":         "免确认收款授权",
	"Authorization":                          "授权",
	"Authorized":                             "授权成功",
	"Agree":                                  "同意授权",
	"End":                                    "关闭授权",

	"You can close this window.":     "可以关闭此窗口。",
	"The platform would refuse this": "正式环境会拒绝",
	"On a phone in the same network": "用同一网络中的手机打开",
	"To open this page on a phone, start the sandbox with --addr 0.0.0.0:8686 and open it by the address of this machine.": "如需在手机上打开本页，请以 --addr 0.0.0.0:8686 启动沙箱，并用本机的地址访问。",
}
