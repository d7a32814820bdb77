package lang

// sandboxTexts are what wxpay sandbox prints besides errors, and besides how to connect,
// which is in a file of its own.
func sandboxTexts() map[string]string {
	return map[string]string{
		"wxpay sandbox: WARNING: listening on %s: everybody on the network can reach it\n": "wxpay sandbox: 警告：监听在 %s，网络上的任何人都能访问\n",
		"%s is not a host and a port; write one such as 127.0.0.1:%s":                      "%s 不是主机加端口；请写成 127.0.0.1:%s 这样",
		"%s is taken: another program listens there":                                       "%s 已被占用：另一个程序正在监听",
	}
}

// sandboxHelp is the help of wxpay sandbox.
func sandboxHelp() map[string]string {
	return map[string]string{
		"Run a WeChat Pay on this machine": "在本机运行一个微信支付沙箱",
		`sandbox simulates WeChat Pay on this machine until ctrl-C. You can test programs
in any language against it. It creates a merchant and a platform, writes their
keys to files, and prints what to put into a client. With --dir the keys and the
orders stay in that folder and survive a crash. Without --dir everything is
deleted at the end.`: `sandbox 在本机模拟微信支付，直到按 ctrl-C。任何语言的程序都可以用它测试。它创
建一个商户和一个平台，把密钥写入文件，并打印客户端需要的配置。使用 --dir 时，
密钥和订单保存在该目录中，崩溃后也不会丢失；不用 --dir 时，结束后全部删除。`,
		`Anybody who reaches the sandbox can change its orders, so it listens only on this
machine unless --addr says otherwise. No money moves.`: `能访问沙箱的人都可以修改其中的订单，所以除非用 --addr 指定，它只监听本机。沙箱
不涉及真实资金。`,
		"Play the user, the bank and the network by POST requests without a signature:": "用不签名的 POST 请求扮演用户、银行和网络：",
		`  /_sandbox/orders/OUT_TRADE_NO/pay          or fail, or expire
  /_sandbox/refunds/OUT_REFUND_NO/settle     {"state": "ABNORMAL"}
  /_sandbox/transfers/OUT_BILL_NO/settle     {"state": "SUCCESS"}
  /_sandbox/transfers/OUT_BILL_NO/fail       {"fail_reason": "ACCOUNT_FROZEN"}
  /_sandbox/users/OPENID/name                {"name": "张三"}
  /_sandbox/users/OPENID/fail                {"fail_reason": "ACCOUNT_FROZEN"}
  /_sandbox/clock                            {"advance": "15m"}`: `  /_sandbox/orders/OUT_TRADE_NO/pay          或 fail、expire
  /_sandbox/refunds/OUT_REFUND_NO/settle     {"state": "ABNORMAL"}
  /_sandbox/transfers/OUT_BILL_NO/settle     {"state": "SUCCESS"}
  /_sandbox/transfers/OUT_BILL_NO/fail       {"fail_reason": "ACCOUNT_FROZEN"}
  /_sandbox/users/OPENID/name                {"name": "张三"}
  /_sandbox/users/OPENID/fail                {"fail_reason": "ACCOUNT_FROZEN"}
  /_sandbox/clock                            {"advance": "15m"}`,
		"docs/sandbox.md lists all of them.":                     "完整列表见 docs/sandbox.md。",
		"host and port to listen on; port 0 selects a free port": "监听的主机和端口；端口 0 表示任选一个空闲端口",
		"another name that the control API accepts, besides localhost, IP addresses and the name in --addr; may be repeated":            "控制接口接受的其他主机名，除了 localhost、IP 地址和 --addr 中的名称；可以重复",
		"answer as the platform's pages say where the platform answers otherwise":                                                       "实际应答与文档页面不同时，按文档页面应答",
		"folder for keys and state, created if it does not exist (default: nothing is kept)":                                            "存放密钥和状态的目录，不存在时创建（默认什么也不保留）",
		"number of another merchant, created if it does not exist; may be repeated":                                                     "另一个商户的商户号，不存在时创建；可以重复",
		"keys of the platform that merchants work with: public, certificate or both (default: as before in --dir, public if it is new)": "商户使用的平台密钥：public、certificate 或 both（默认沿用 --dir 中的，新目录为 public）",
		"also be an HTTPS proxy that leads the platform's hosts here, for SDKs with a fixed host":                                       "兼作 HTTPS 代理，把平台的域名引到这里，供域名写死的 SDK 使用",
		"seed of the numbers that the sandbox generates":                                                                                "沙箱生成各种编号所用的种子",
		"transfers to users are ACCEPTED and PROCESSING before they wait for the user":                                                  "转账给用户时，先经过 ACCEPTED 和 PROCESSING，再等待用户确认",
		"divides the intervals at which notifications are sent again":                                                                   "重新发送通知的间隔除以这个数",
		"numbers of a partner and its sub-merchant, such as 1900000109/1900000111; may be repeated":                                     "服务商和子商户的商户号，例如 1900000109/1900000111；可以重复",
		"suite of the merchants that are created: sm2, in a build that has it (default RSA)":                                            "新建商户的签名套件：sm2，仅限支持它的构建（默认 RSA）",
		"serve HTTPS with a certificate authority of its own: ca.pem":                                                                   "以 HTTPS 提供服务，使用自己的证书颁发机构 ca.pem",
	}
}
