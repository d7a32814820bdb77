package lang

// signTexts are what wxpay sign, verify and certs print besides errors.
func signTexts() map[string]string {
	return map[string]string{
		"--- the text that is signed, %d bytes ---\n%s--- its signature ---\n%s\n--- the header ---\nAuthorization: %s\n": "--- 签名串，%d 字节 ---\n%s--- 签名 ---\n%s\n--- 请求头 ---\nAuthorization: %s\n",
		"verified: %d bytes, signed by %s at %s\n": "验签通过：%d 字节，由 %s 签名，时间戳 %s\n",
		"%s\tfrom %s\tto %s\t(%d days left)\n":     "%s\t有效期 %s\t至 %s\t（还有 %d 天）\n",
	}
}

// signHelp is the help of wxpay sign, wxpay verify and wxpay certs.
func signHelp() map[string]string {
	return map[string]string{
		"Download the platform's certificates": "下载平台证书",
		`certs downloads the certificates that the platform signs with into a folder. It
writes each valid certificate to a file named by its serial number, with the
suffix .pem, and prints each certificate with the days it is still valid.`: `certs 把平台用来签名的证书下载到一个目录。每个有效的证书写入一个文件，文件名是
序列号加 .pem，并打印每个证书的剩余有效天数。`,
		`A merchant that has only the platform public key has no certificates and does not
need any.`: "只有微信支付公钥的商户没有平台证书，也不需要平台证书。",
		"folder for the certificates; created if it does not exist": "存放证书的目录；不存在时创建",

		"Sign one request, and show what is signed": "对一个请求签名，并显示签名串",
		`sign prints the text that the signature of an APIv3 request covers, the signature
in base64, and the header Authorization that carries it. It sends nothing. Compare
the output with what another program signs, to find the difference.`: `sign 打印 APIv3 请求的签名串、base64 签名，以及携带签名的 Authorization
头。它不发送任何请求。把输出与另一个程序的签名串对比，就能找出差别。`,
		`The body is FILE, byte for byte, or the standard input if FILE is - or missing. A
GET without FILE has no body. With --authorization, sign prints only the value of
that header, for curl.`: `请求体是 FILE 的内容，不能有一个字节的改动；FILE 为 - 或不写时读取标准输入。没
有 FILE 的 GET 没有请求体。加上 --authorization 时，只打印这个头的值，可供 curl
使用。`,
		"print only the value of the header Authorization":                   "只打印 Authorization 头的值",
		"HTTP method of the request":                                         "请求的 HTTP 方法",
		"letters and digits that make the signature unique (default random)": "使签名唯一的字母和数字（默认随机）",
		"path and query of the request, exactly as sent":                     "请求的路径和查询串，与实际发送的完全一致",
		"time of the signature, in seconds (default now)":                    "签名的时间，单位：秒（默认当前时间）",

		"Check that an answer or a notification comes from the platform": "检查应答或通知是否来自平台",
		`verify checks the signature of an APIv3 answer or notification. The body is FILE,
byte for byte, or the standard input if FILE is - or missing. Give the headers
Wechatpay-Timestamp, -Nonce, -Serial and -Signature with -H, or in a file that curl
--dump-header wrote.`: `verify 验证 APIv3 应答或通知的签名。报文体是 FILE 的内容，不能有一个字节的改
动；FILE 为 - 或不写时读取标准输入。Wechatpay-Timestamp、-Nonce、-Serial 和
-Signature 头用 -H 给出，或放在 curl --dump-header 写的文件中。`,
		`The timestamp must be within 300 seconds of now, as in a program; --any-time skips
that check for a saved message.`: `时间戳与当前时间相差不能超过 300 秒，与程序中一样；对保存下来的报文，用
--any-time 跳过这项检查。`,
		"Exit codes: 0 verified, 2 usage or configuration, 4 not verified.": "退出码：0 验签通过，2 用法或配置有误，4 验签失败。",
	}
}
