package lang

// notifyTexts are what wxpay notify prints besides errors.
func notifyTexts() map[string]string {
	return map[string]string{
		"%s in %d ms\n%s":               "%s，用时 %d 毫秒\n%s",
		"refused, as a probe must be\n": "已拒绝：探测本来就应当被拒绝\n",
		"acknowledged\n":                "应答成功\n",
		"verified: %s\n":                "验签通过：%s\n",
		"%s %s, made %s":                "%s %s，创建于 %s",
	}
}

// notifyHelp is the help of wxpay notify.
func notifyHelp() map[string]string {
	return map[string]string{
		"Send a notification to your handler, or read a saved one": "向你的处理器发送通知，或读取保存下来的通知",
		`notify helps you test a notification handler. send sends a notification to a
handler as the platform would, and says whether the handler acknowledged it.
verify checks and decrypts a saved notification.`: `notify 帮助你测试通知的处理器。send 像平台一样向处理器发送通知，并说明处理器
是否应答成功。verify 对保存下来的通知验签并解密。`,

		"Send a notification to a handler, as the platform would": "像平台一样向处理器发送通知",
		`send creates a notification, signs it with the platform's keys in the folder of a
sandbox, sends it to URL once, and prints the answer of the handler. Any program that
uses the settings in that folder, wxpay.toml and pub_key.pem, can verify and decrypt
it. The folder is that of --dir, which wxpay sandbox --dir makes. Without the flag it
is the current folder, or the next one above it that belongs to a sandbox.`: `send 创建一条通知，用沙箱目录中的平台密钥签名，向 URL 发送一次，并打印处理器
的应答。使用该目录中的配置 wxpay.toml 和 pub_key.pem 的程序都可以对它验签和解
密。目录由 --dir 指定，用 wxpay sandbox --dir 创建；不写这个参数时，使用当前目
录，或上级目录中最近的沙箱目录。`,
		`--event names what happened: payments, refunds, coupons, complaints, PayScore, profit
sharing, transfers, contracts, parking and more. --list lists all events with their
titles, or those that have the words that follow. Each has its documented fields.
Where several products use one event_type, the product follows it after a slash, as in
TRANSACTION.SUCCESS/combine. Items change the fields, as in wxpay call:
out_trade_no=12345678, amount.total:=100. --dry-run prints the fields and sends
nothing. --resource names a file with other fields, for an event that is not listed
too.`: `--event 说明发生了什么：支付、退款、代金券、投诉、支付分、分账、转账、签约、停
车等。--list 列出所有事件及其名称；后面有关键词时，只列出含有这些词的事件。每
个事件都有文档中的字段。多个产品共用一个 event_type 时，在斜杠后面写产品，例如
TRANSACTION.SUCCESS/combine。ITEM 修改其中的字段，写法与 wxpay call 相同：
out_trade_no=12345678、amount.total:=100。--dry-run 只打印字段，不发送。
--resource 指定存放其他字段的文件，也可用于不在列表中的事件。`,
		`With --v2 it is the APIv2 notification of a paid order, in XML, signed with the
APIv2 key. With --probe the signature is wrong, as in the tests that the platform
sends now and then: a handler that verifies signatures refuses it.`: `--v2 发送 APIv2 支付成功通知，是 XML，用 APIv2 密钥签名。--probe 发送错误的签
名，平台不时会这样探测：会验签的处理器应当拒绝它。`,
		`The platform accepts 200 and 204 within 5 seconds as an acknowledgement. In APIv2
it requires the return_code SUCCESS.`: `处理器在 5 秒内应答 200 或 204，平台就认为通知成功。APIv2 要求 return_code 为
SUCCESS。`,
		`Exit codes: 0 acknowledged (a probe: refused), 1 not acknowledged, 2 usage, 3 not
reached.`: "退出码：0 应答成功（探测则是被拒绝），1 应答失败，2 用法有误，3 连接不上。",
		"sign with the platform's certificate, not with its public key":                            "用平台证书签名，而不是微信支付公钥",
		"folder of a sandbox, whose keys sign and encrypt (default: this folder, or one above it)": "沙箱的目录，用其中的密钥签名和加密（默认当前目录或它的上级目录）",
		"print the fields; send nothing, and need no sandbox":                                      "只打印字段；不发送，也不需要沙箱",
		"event_type of the notification; --list lists them":                                        "通知的 event_type；--list 列出全部",
		"list the events with their titles; send nothing":                                          "列出事件及其名称；不发送",
		"merchant of the sandbox that is notified (default: the first, or that of this folder)":    "接收通知的沙箱商户（默认第一个，或当前目录所属的商户）",
		"send a wrong signature (WECHATPAY/SIGNTEST/…), which must be refused":                     "发送错误的签名（WECHATPAY/SIGNTEST/…），必须被拒绝",
		"file with the fields of the notification, as JSON; - is the standard input":               "存放通知字段的 JSON 文件；- 表示标准输入",
		"send a notification of APIv2":                                                             "发送 APIv2 的通知",

		"Verify and decrypt a saved notification": "对保存下来的通知验签并解密",
		`verify checks that a notification comes from the platform, decrypts it and prints
its content as JSON. The event and its time go to the standard error. FILE, or the
standard input if FILE is - or missing, holds the request as it was received: its
headers, a blank line and its body, byte for byte. The request line and the marks
of curl -v are optional. If FILE holds only the body, give the headers with -H or
--headers, as for wxpay verify. An APIv2 notification, in XML, needs no headers.`: `verify 检查通知是否来自平台，解密并以 JSON 打印内容。事件和时间输出到标准错
误。FILE 是原样保存的请求：请求头、一个空行和请求体，不能有一个字节的改动；
FILE 为 - 或不写时读取标准输入。请求行和 curl -v 的标记可有可无。如果 FILE 只
有请求体，用 -H 或 --headers 给出请求头，与 wxpay verify 相同。APIv2 的通知是
XML，不需要请求头。`,
		`The timestamp must be within 300 seconds of now, as in a program; --any-time skips
that check for a saved notification.`: `时间戳与当前时间相差不能超过 300 秒，与程序中一样；对保存下来的通知，用
--any-time 跳过这项检查。`,
		`Exit codes: 0 verified, 2 usage or configuration (such as the APIv3 key of
another merchant), 4 not verified.`: `退出码：0 验签通过，2 用法或配置有误（例如另一个商户的 APIv3 密钥），4 验签失
败。`,
	}
}
