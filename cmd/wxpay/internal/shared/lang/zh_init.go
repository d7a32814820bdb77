package lang

// initTexts are the comments that wxpay init writes into a new file.
func initTexts() map[string]string {
	return map[string]string{
		"The certificate contains its serial number; set one of the two.":                  "证书中已有序列号，两者设置一个即可。",
		"From the merchant platform's account center, under API security; starts with %s.": "见商户平台“账户中心 → API安全”，以 %s 开头。",
		"Set it only to call a host other than the platform's main one.":                   "只有不调用平台的主域名时才设置。",
		"Secret: 32 bytes. Also as %s, or in a file: %s.":                                  "密钥：32 字节。也可以用 %s 设置，或存放在文件中：%s。",
	}
}

// initHelp is the help of wxpay init.
func initHelp() map[string]string {
	return map[string]string{
		"Write wxpay.toml, the settings of the merchant, and check them": "写出商户的配置文件 wxpay.toml，并检查配置",
		`init writes the settings of a merchant to wxpay.toml. In a terminal it asks for those
that are missing. Elsewhere the flags have them, and the file gets a line to fill in
for each other setting.`: `init 把商户的配置写入 wxpay.toml。在终端中，它会询问缺少的配置；否则由参数给
出，其他配置在文件中各留一行待填。`,
		`init checks everything before it writes: that the merchant's number is not an appid,
that files exist and have the right kind of key, that the key, the certificate and the
serial number belong together, that the platform public key fits its id, and the
lengths of the APIv3 and APIv2 keys. After that it runs wxpay doctor, which makes a
call to the platform if all settings are there.`: `init 在写入之前检查所有配置：商户号不是 appid；文件存在，且是正确类型的密钥；
私钥、证书和序列号相互匹配；微信支付公钥与其 ID 匹配；APIv3 密钥和 APIv2 密钥
的长度正确。写入后运行 wxpay doctor，配置齐全时它会向平台发起一次调用。`,
		`init amends an existing file: comments, the order of the lines, and lines that it does
not know stay. It shows what it changes, and it replaces a value only if you agree or
set --replace. --add adds another merchant.`: `init 修改已有的文件时，保留注释、行的顺序和它不认识的行。它会显示改动；只有你
同意，或加上 --replace，才会替换已有的值。--add 添加另一个商户。`,
		`Only you can read the file. Secrets are never flags and never shown: type them when
init asks, name files that have them, or set WECHATPAY_APIV3_KEY and
WECHATPAY_APIV2_KEY, which stay out of the file. Keep the file out of version control.`: `文件只有你能读取。密钥从不作为参数，也从不显示：在 init 询问时输入，或指定存放
密钥的文件，或设置 WECHATPAY_APIV3_KEY 和 WECHATPAY_APIV2_KEY（不会写入文
件）。不要把文件提交到版本库。`,
		`Exit codes: 0 the file is written; what doctor finds missing, or wrong with the
network, does not change that. 1 the platform refused the call, 2 a setting is wrong;
if it was given to init, nothing was written. 4 the platform's answer could not be
verified.`: `退出码：0 文件已写入；doctor 发现配置缺失或网络有问题时也是 0。1 平台拒绝了调
用，2 配置有误；如果是交给 init 的配置有误，则没有写入。4 平台的应答验签失败。`,
		"add a merchant to a file that has others": "在已有其他商户的文件中添加一个商户",
		"path of a file with the APIv2 key":        "存放 APIv2 密钥的文件的路径",
		"path of a file with the APIv3 key":        "存放 APIv3 密钥的文件的路径",
		"do not run doctor afterwards":             "写完后不运行 doctor",
		"let doctor leave the network out":         "让 doctor 跳过网络检查",
		"replace values that the file has":         "替换文件中已有的值",
	}
}
