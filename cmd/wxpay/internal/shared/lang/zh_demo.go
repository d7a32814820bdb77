package lang

// demoTexts are what wxpay demo says.
func demoTexts() map[string]string {
	return map[string]string{
		"Create a stock of coupons and start it, by the tree of all documented operations":         "用接口树创建并激活一个代金券批次",
		"Send a user a coupon, by the tree":                                                        "用接口树向用户发放一张代金券",
		"The same call by path, as the documentation writes it, with the options of PHP":           "同一个调用，改用文档里的路径和 PHP 的选项",
		"And by segments, as in PHP, with a promise":                                               "再改用 PHP 式的分段，并使用 promise",
		"List the coupons of the user, with the query of the documentation":                        "查询用户的代金券，查询参数与文档相同",
		"A fourth coupon is one too many, and the platform says so":                                "第四张券超过每个用户的上限，平台拒绝",
		"A mistyped option never leaves":                                                           "选项名写错的调用不会发送",
		"Order a cup of tea, to be paid by scanning a code":                                        "下单买一杯茶，扫码支付",
		"The user pays, and the platform notifies the shop: verified, decrypted, handed over once": "用户支付，平台通知商店：验签、解密，只交给你的函数一次",
		"Refund a third of it": "退款三分之一",
		", verified":           "，已验签",
		"A WeChat Pay runs inside this process, with the merchant %s.\n": "本进程内运行着模拟微信支付的沙箱，商户号为 %s。\n",
		"\nThe console: open %s in a browser; ctrl-C ends it.\n":         "\n控制台：在浏览器里打开 %s，按 ctrl-C 结束。\n",
		"\nEvery answer was verified, and so was the notification. Your turn: wxpay sandbox\nruns one for a program of yours, and wxpay api search finds a call.\n": "\n所有应答和通知都已通过验签。接下来，用 wxpay sandbox 为你的程序运行一个沙箱，用\nwxpay api search 查找接口。\n",
	}
}

// demoHelp is the help of wxpay demo.
func demoHelp() map[string]string {
	return map[string]string{
		"Show what the library does, against a sandbox inside this process": "用本进程内的沙箱演示这个库的功能",
		`demo starts a sandbox, which simulates WeChat Pay inside this process, and calls
it as your program would. It shows the Go code of each call: it sends cash coupons
by the tree, by path, by segments and with a promise, and lists those of the user;
then an order is paid, its notification is verified, and a part of it is refunded.
The platform refuses one call. Another call is not sent, because it has a mistyped
option.`: `demo 在本进程内启动模拟微信支付的沙箱，并像你的程序一样调用它。它显示每个调用
的 Go 代码：分别用接口树、路径、分段和 promise 发放代金券，并查询用户的代金
券；然后支付一笔订单，对通知验签，再部分退款。平台会拒绝其中一个调用；还有一个
调用因为选项名写错而没有发送。`,
		`With --web, the sandbox goes on until ctrl-C, and its console shows the calls in a
browser.`: `加上 --web 时，沙箱会一直运行到按 ctrl-C 为止，可以在浏览器中打开它的控制台查
看这些调用。`,
		`demo needs no configuration and no network, and leaves nothing behind. It exits
with 0 if every answer was verified and correct.`: "demo 不需要配置和网络，不留下任何文件。所有应答都验签通过且正确时，退出码为 0。",
		"show the calls in a browser too: print the URL of the sandbox's console and serve it until ctrl-C": "同时在浏览器中查看调用：打印沙箱控制台的 URL，并提供服务直到按 ctrl-C",
	}
}
