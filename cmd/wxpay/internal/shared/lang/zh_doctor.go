package lang

// doctorTexts are the findings of doctor, and how to mend them.
func doctorTexts() map[string]string {
	return map[string]string{
		"%s does not start with https:// or http:// and a host": "%s 没有以 https:// 或 http:// 加主机名开头",
		"write %s":                      "请写成 %s",
		"the settings above come first": "请先改正上面的配置",
		"it needs the network, which --offline leaves out": "需要网络，而 --offline 跳过网络检查",
		"%s is wrong":        "%s 有误",
		"%s was not checked": "%s 没有检查",
		"it is not set in what could be read of the configuration": "在能够读取的配置中没有设置",
		"set it; wxpay init asks for it":                           "请设置；wxpay init 会询问",
		"%d of %d checks failed: %s":                               "%[2]d 项检查中有 %[1]d 项失败：%[3]s",
		"init":                                                     "init",
		"give the path of apiclient_key.pem, an RSA key as PEM, as the platform's certificate tool writes it": "请给出 apiclient_key.pem 的路径，即平台证书工具生成的 PEM 格式 RSA 私钥",
		"give the path of apiclient_cert.pem, which the platform issued for this key":                         "请给出 apiclient_cert.pem 的路径，即平台为这个私钥签发的证书",
		"apply for a new certificate in the merchant platform's account center, under API security":           "请在商户平台“账户中心 → API安全”申请新的证书",
		"not set: with an APIv2 key alone, APIv2 alone can be called":                                         "没有设置：只有 APIv2 密钥时，只能调用 APIv2",
		"it is a text, not a file":                      "是私钥的内容，不是文件",
		"%s can be read by others on this machine (%s)": "这台机器上的其他人可以读取 %s（%s）",
		"chmod 600 %s":                                  "chmod 600 %s",
		"no passphrase is asked for here; write the key without one, with openssl pkcs8 -topk8 -nocrypt":       "这里不会询问密码；请用 openssl pkcs8 -topk8 -nocrypt 写出不加密的私钥",
		"not set, and not needed; with it, it could be seen whether serial_no and private_key belong together": "没有设置，也不是必需的；设置后可以检查 serial_no 和 private_key 是否匹配",
		"serial number %s":                                     "序列号 %s",
		"it is not in force before %s":                         "%s 之前尚未生效",
		"set this machine's clock, if it is behind; else wait": "如果本机时钟慢了，请校准；否则请等到生效",
		"it expired at %s":                                     "已于 %s 过期",
		"it expires in %d days, at %s":                         "还有 %d 天过期，过期时间 %s",
		"%s, before that":                                      "在此之前，%s",
		"from %s to %s":                                        "有效期 %s 至 %s",
		"the private key is not that of the certificate %s":    "私钥与证书 %s 不匹配",
		"take apiclient_key.pem and apiclient_cert.pem of one and the same application":    "请使用同一次申请得到的 apiclient_key.pem 和 apiclient_cert.pem",
		"the private key is that of the certificate":                                       "私钥与证书匹配",
		"look at the network, the firewall and HTTPS_PROXY":                                "请检查网络、防火墙和 HTTPS_PROXY",
		"look at this machine's DNS, and at base_url":                                      "请检查本机的 DNS 和 base_url",
		"%s answers %d, and not with JSON: it is not the platform":                         "%s 应答 %d，且不是 JSON：它不是微信支付",
		"look at base_url and HTTPS_PROXY":                                                 "请检查 base_url 和 HTTPS_PROXY",
		"%s answers":                                                                       "%s 有应答",
		"this machine's clock is %d s ahead of the platform's, and at most %d are allowed": "本机时钟比平台快 %d 秒，最多允许相差 %d 秒",
		"this machine's clock is %d s behind the platform's, and at most %d are allowed":   "本机时钟比平台慢 %d 秒，最多允许相差 %d 秒",
		"set it, best by NTP":                                                              "请校准时钟，最好使用 NTP",
		"the answer has no Date":                                                           "应答没有 Date 头",
		"within %d s of the platform's":                                                    "与平台相差不到 %d 秒",
		"the platform accepts it":                                                          "平台接受签名",
		"%s (Request-ID %s)":                                                               "%s（Request-ID %s）",
		"GET v3/certificates: 200":                                                         "GET v3/certificates：200",
		"GET v3/certificates: 404 RESOURCE_NOT_EXISTS, as merchants are answered that have the platform public key alone": "GET v3/certificates：404 RESOURCE_NOT_EXISTS，只有微信支付公钥的商户得到这个应答",
		"GET v3/certificates: %s":                         "GET v3/certificates：%s",
		"try again later":                                 "请稍后再试",
		"ask the platform's support, with the Request-ID": "请提供 Request-ID，咨询微信支付技术支持",
		"an answer of %d, which is not signed":            "应答状态码为 %d，没有签名",
		"the platform public key and its id are in the merchant platform's account center, under API security": "微信支付公钥及其 ID 在商户平台“账户中心 → API安全”",
		"it is the platform's: signed by %s":                     "应答来自平台，由 %s 签名",
		"pub_key.pem is not the key of this id; %s":              "pub_key.pem 不是这个 ID 的公钥；%s",
		"set platform_public_key_id and platform_public_key; %s": "请设置 platform_public_key_id 和 platform_public_key；%s",
		"the platform signs with a certificate for this merchant: set WECHATPAY_APIV3_KEY, to download it; or see whether %s is this merchant's": "平台对这个商户使用平台证书签名：请设置 WECHATPAY_APIV3_KEY，用来下载证书；或确认 %s 是不是这个商户的",
		"see what stands between this machine and the platform, such as a proxy":                                                                 "请检查本机与平台之间有什么，例如代理",
		"set what the merchant platform's account center has under API security, APIv3 key: 32 letters and digits":                               "请填写商户平台“账户中心 → API安全”中设置的 APIv3 密钥：32 个字母和数字",
		"set what the merchant platform's account center has under API security, API key: 32 letters and digits":                                 "请填写商户平台“账户中心 → API安全”中设置的 API 密钥：32 个字母和数字",
		"not set; it opens notifications and the platform's certificates":                                                                        "没有设置；解密通知和平台证书时需要",
		"32 bytes%s":                             "32 字节%s",
		"32 bytes, but it is the APIv2 key, too": "32 字节，但与 APIv2 密钥相同",
		"they are two keys, unless both were set to the same; %s": "这是两个不同的密钥，除非特意设置成一样；%s",
		"32 bytes":                      "32 字节",
		"not set; APIv2 alone needs it": "没有设置；只有 APIv2 需要",
		"; there is a line break in it": "；其中有换行",
		"; there is a space in it":      "；其中有空格",
		"not set; APIv3 alone needs it": "没有设置；只有 APIv3 需要",
		"not set: the platform's certificates are downloaded with the APIv3 key":      "没有设置：用 APIv3 密钥下载平台证书",
		"%s is the serial number of the merchant's certificate":                       "%s 是商户 API 证书的序列号",
		"%s, the serial number of the certificate that is set as platform_public_key": "%s，即 platform_public_key 所设证书的序列号",
		"%q does not start with %s":                                                   "%q 不以 %s 开头",
		"%s is not the whole id, or has something else in it":                         "%s 不是完整的 ID，或混入了其他内容",
		"set it to %s":                          "请设为 %s",
		"%s, but ids start with %s in capitals": "%s，但 ID 以大写的 %s 开头",
		"%s, but ids have %d digits after %s":   "%s，但 ID 在 %[3]s 之后有 %[2]d 位数字",
		"compare it with the one in the merchant platform's account center, under API security": "请与商户平台“账户中心 → API安全”中的核对",
		"not set":                      "没有设置",
		"it is the merchant's own key": "是商户自己的密钥",
		"it is a certificate, but the id is that of a public key": "是证书，但 ID 是公钥的",
		"give pub_key.pem; %s": "请给出 pub_key.pem；%s",
		"download the platform's certificates again, with wxpay certs": "请用 wxpay certs 重新下载平台证书",
		"it is a public key, but its id is not that of one":            "是公钥，但 ID 不是公钥 ID",
		"RSA, %d bits": "RSA，%d 位",
		"none: the merchant has the platform public key alone":                              "没有平台证书：这个商户只有微信支付公钥",
		"the APIv3 key is not the merchant's: it does not open what the platform encrypted": "APIv3 密钥不是这个商户的：无法解密平台加密的内容",
		"try again; wxpay certs does this alone":                                            "请重试；wxpay certs 可以单独做这一步",
		"%s to %s":                                                                          "%s 至 %s",
		"%s; the APIv3 key opens them":                                                      "%s；可以用 APIv3 密钥解密",
		"set it to %s, as the certificate has it":                                           "请设为证书中的 %s",
		"it is that of apiclient_cert.pem, as the merchant platform's account center shows it, under API security": "即 apiclient_cert.pem 的序列号，见商户平台“账户中心 → API安全”",
		"it is to be read from the certificate": "应当从证书读取",
		"%s, read from the certificate":         "%s，从证书读取",
		"%s is the id of a platform public key, not the serial number of the merchant's certificate": "%s 是微信支付公钥 ID，不是商户 API 证书的序列号",
		"%s, as the certificate has it": "%s，与证书一致",
		"%s is the serial number of a certificate of the platform, not of the merchant's": "%s 是平台证书的序列号，不是商户 API 证书的",
		"it is %s, but the certificate has %s":                                            "设置的是 %s，而证书中是 %s",
		"%s; there is no certificate to compare it with":                                  "%s；没有证书可以对比",
		"correct that; what else is set is checked below":                                 "请改正；其余配置在下面检查",
		"nothing is set, and there is no %s in this folder":                               "什么都没有设置，当前目录也没有 %s",
		"%s sets nothing": "%s 里什么都没有设置",
		"fill it in, or run wxpay init in a terminal":                                                                 "请补上配置，或在终端里运行 wxpay init",
		"write one with wxpay init, or name one with --config":                                                        "请用 wxpay init 写一个，或用 --config 指定",
		"it is the merchant's number, such as 1900000109, from the merchant platform's account center":                "即商户号，例如 1900000109，见商户平台的账户中心",
		"it has %d digits; a merchant's number has at most %d":                                                        "有 %d 位数字，而商户号最多 %d 位",
		"%s, but merchants' numbers usually have 8 to 10 digits":                                                      "%s，但商户号通常是 8 到 10 位数字",
		"compare it with the one in the merchant platform's account center":                                           "请与商户平台账户中心的核对",
		"leave it out, unless another host is meant":                                                                  "除非要调用其他域名，否则请去掉",
		"mchid, serial_no and private_key must be of one merchant, whose certificate is neither expired nor replaced": "mchid、serial_no 和 private_key 必须属于同一个商户，且证书没有过期或被更换",
		"the platform computed what was signed here, but the signature does not match it\n%s":                         "平台计算的内容与本机签名的相同，但签名与之不符\n%s",
		"the private key is not that of serial_no: take both from one application for a certificate":                  "私钥与 serial_no 不对应：请使用同一次申请证书得到的两者",
		"the platform computed something else than was signed here: %s\n%s":                                           "平台计算的内容与本机签名的不同：%s\n%s",
		"see what changes the request on its way, such as a proxy, a gateway or a base_url with a path":               "请检查请求途中被什么改动了，例如代理、网关或带路径的 base_url",
		"signed here":              "本机的签名串",
		"computed by the platform": "平台计算的内容",
		"%s has the character %c, and a serial number has the digits 0 to 9 and A to F alone": "%s 含有字符 %c，而序列号只有 0 到 9 和 A 到 F",
		"%v%s": "%v%s",
	}
}

// doctorHelp is the help of wxpay doctor.
func doctorHelp() map[string]string {
	return map[string]string{
		"Find out why calls fail, and how to fix it": "查明调用失败的原因和修复方法",
		`doctor checks the usual causes of a failing first call: where the settings come
from and which are missing, the private key, the merchant API certificate and its
serial number, the APIv3 and APIv2 keys, the platform public key, this machine's
clock, and the connection to the platform. Then it makes a signed call, GET
v3/certificates, which changes nothing. If the platform rejects the signature,
doctor shows the text that was signed here next to the one the platform computed.`: `doctor 检查首次调用失败的常见原因：配置来自哪里、缺少哪些，私钥，商户 API 证书
及其序列号，APIv3 密钥和 APIv2 密钥，微信支付公钥，本机时钟，以及与平台的连
接。然后发起一次签名调用 GET v3/certificates，它不会改变任何数据。如果平台认为
签名错误，doctor 会把本机的签名串和平台计算的签名串并排显示。`,
		"It prints a line for each check:": "每项检查打印一行：",
		`  ✔  correct
  !  correct, but something should be fixed
  ✘  wrong, and how to fix it
  –  not checked, and why: something that the check needs is wrong or missing`: `  ✔  正确
  !  正确，但有需要改进之处
  ✘  错误，以及修复方法
  –  没有检查，以及原因：这项检查需要的东西有误或缺失`,
		`It prints no secrets. --offline skips checks that need the network. With --json it
prints a list of {check, ok, message, mend}; ok is true, false, or null if the
check was skipped.`: `doctor 不打印任何密钥。--offline 跳过需要网络的检查。加上 --json 时，打印
{check, ok, message, mend} 的列表；ok 为 true、false，跳过的检查为 null。`,
		`Exit codes: 0 nothing is wrong; otherwise the code of the first check with ✘: 2 a
setting, a key or the clock, 3 the network, 1 the platform refused, 4 its answer could
not be verified.`: `退出码：没有错误时为 0；否则由第一个 ✘ 决定：配置、密钥或时钟为 2，网络为 3，
平台拒绝为 1，应答验签失败为 4。`,
		"skip checks that need the network": "跳过需要网络的检查",
	}
}
