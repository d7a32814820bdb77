package lang

// commonTexts are the words of cobra and pflag, and punctuation.
func commonTexts() map[string]string {
	return map[string]string{
		"Usage:":                  "用法：",
		"Aliases:":                "别名：",
		"Examples:":               "示例：",
		"Additional Commands:":    "其他命令：",
		"Available Commands:":     "可用命令：",
		"Global Flags:":           "全局参数：",
		"Flags:":                  "参数：",
		"Additional help topics:": "其他帮助主题：",
		"Use \"{{.CommandPath}} [command] --help\" for more information about a command.": "用 \"{{.CommandPath}} [command] --help\" 查看某个命令的帮助。",
		"[command]":                 "[命令]",
		"[flags]":                   "[参数]",
		" (default %s)":             "（默认 %s）",
		", ":                        "、",
		"; ":                        "；",
		"remedy: %s":                "处理办法：%s",
		"meaning: %s":               "含义：%s",
		"%s: %s":                    "%s：%s",
		"%s: %s; %s":                "%s：%s；%s",
		"%s: %w":                    "%s：%w",
		"what the code means: %s\n": "错误码的含义：%s\n",
		"help for %s":               "查看 %s 的帮助",
		"version for %s":            "查看 %s 的版本",
		"%s%s: %w":                  "%s%s：%w",
		"--%s: %w":                  "--%s：%w",
		"%w: %w":                    "%w：%w",
		"--in: %w":                  "--in：%w",
		"%s:%d: %w":                 "%s:%d：%w",
		"--out: %w":                 "--out：%w",
		"--out %s:%d: %w":           "--out %s:%d：%w",
		"--output: %w":              "--output：%w",
		"--qr: %w":                  "--qr：%w",
		"%d %s: %s":                 "%d %s：%s",
		"--allow: %w":               "--allow：%w",
		"--merchant: %w":            "--merchant：%w",
		"--sub-merchant %.80q: %w":  "--sub-merchant %.80q：%w",
		"--platform-key: %w":        "--platform-key：%w",
		"--suite: %w":               "--suite：%w",
		"--addr: %w":                "--addr：%w",
	}
}

// commonHelp is the help of wxpay itself, and what the help of several commands shares.
func commonHelp() map[string]string {
	return map[string]string{
		"WeChat Pay from the command line": "微信支付的命令行工具",
		`wxpay is the command line of github.com/wxchain/wechatpay, a Go client of
WeChat Pay. Run demo to see what the library does: it needs no merchant account,
no configuration and no network. To make your own call, find it with api, write
the configuration with init, and make the call with call. If the call fails,
doctor finds out why.`: `wxpay 是微信支付 Go 客户端库 github.com/wxchain/wechatpay 的命令行工具。先运行
demo 看看这个库能做什么：不需要商户号、配置和网络。要自己调用接口时，用 api 查
找接口，用 init 写配置，用 call 发起调用。调用失败时，用 doctor 查明原因。`,
		`Exit codes: 0 done, 1 the platform refused (or the command failed), 2 usage or
configuration, 3 network, 4 the answer could not be verified.`: `退出码：0 成功，1 平台拒绝（或命令失败），2 用法或配置有误，3 网络故障，4 应答
验签失败。`,
		"language of help and messages (default that of LC_ALL, LC_MESSAGES or LANG)": "帮助和提示的语言（默认取自 LC_ALL、LC_MESSAGES 或 LANG）",
		"with call and batch: start a sandbox inside this process and call it":        "用于 call 和 batch：在本进程内启动一个沙箱，并调用它",

		`Flags or environment variables name the merchant: WECHATPAY_MCHID,
WECHATPAY_SERIAL_NO (or WECHATPAY_CERTIFICATE, the path of apiclient_cert.pem),
WECHATPAY_PRIVATE_KEY (the path of apiclient_key.pem) and WECHATPAY_BASE_URL. A
flag overrides its variable. Settings without either come from the file
wxpay.toml, which wxpay init writes, under keys such as serial_no. The platform's
signatures are verified with WECHATPAY_PLATFORM_PUBLIC_KEY_ID and
WECHATPAY_PLATFORM_PUBLIC_KEY (a path), or with certificates that are downloaded
with the APIv3 key. Secrets come from WECHATPAY_APIV3_KEY, WECHATPAY_APIV2_KEY or
wxpay.toml, never from a flag.`: `商户由参数或环境变量指定：WECHATPAY_MCHID、WECHATPAY_SERIAL_NO（或
WECHATPAY_CERTIFICATE，即 apiclient_cert.pem 的路径）、WECHATPAY_PRIVATE_KEY
（apiclient_key.pem 的路径）和 WECHATPAY_BASE_URL。参数优先于环境变量。两者都
没有的配置取自 wxpay init 写出的文件 wxpay.toml，其中的键如 serial_no。平台的
签名用 WECHATPAY_PLATFORM_PUBLIC_KEY_ID 和 WECHATPAY_PLATFORM_PUBLIC_KEY（路
径）验证，或用 APIv3 密钥下载的平台证书验证。密钥只能来自 WECHATPAY_APIV3_KEY、
WECHATPAY_APIV2_KEY 或 wxpay.toml，不能作为参数。`,
		"URL of the host to call (default the platform's main host)":           "要调用的地址 URL（默认平台的主域名）",
		"path of apiclient_cert.pem, in place of --serial-no":                  "apiclient_cert.pem 的路径，可代替 --serial-no",
		"configuration file (default wxpay.toml in this folder, if it exists)": "配置文件（默认当前目录中的 wxpay.toml，如果存在）",
		"merchant's number":                             "商户号",
		"path of the platform public key, pub_key.pem":  "微信支付公钥 pub_key.pem 的路径",
		"id of the platform public key, PUB_KEY_ID_…":   "微信支付公钥 ID，PUB_KEY_ID_…",
		"path of apiclient_key.pem":                     "apiclient_key.pem 的路径",
		"serial number of the merchant API certificate": "商户 API 证书的序列号",

		"print only the value at this gjson path; a text has no quotes": "只打印 gjson 路径上的值；文本不带引号",

		"print JSON": "打印 JSON",

		"accept any timestamp, even an old one":                   "接受任何时间戳，无论多旧",
		"a header of the message, 'Name: value'; may be repeated": "报文的一个头，'Name: value'；可以重复",
		"file with the headers of the message, one per line":      "存放报文头的文件，每行一个",

		"Show what a command does": "显示命令的用法",
	}
}
