package lang

// mcpTexts are the explanations of wxpay mcp.
func mcpTexts() map[string]string {
	return map[string]string{
		// What to do about codes.
		"The signature does not match. explain_sign_error says which line differs. Check that mchid, serial_no and private key belong together, that the bytes that are sent are those that were signed, and the clock.": "签名不匹配。用 explain_sign_error 查看哪一行不同。检查 mchid、serial_no 和私钥是否属于同一商户，发送的字节是否就是签名的字节，以及时钟。",
		"The sign of APIv2 does not match: check the APIv2 key, the order and the encoding of the fields, and that sign_type is that of the signature.":                                                                  "APIv2 的 sign 不匹配：检查 APIv2 密钥、字段的顺序和编码，以及 sign_type 是否与签名一致。",
		"A field is wrong. detail.field of the answer names it; validate_call lists every mistake.":                                                                                                                      "某个字段有误，应答的 detail.field 指出是哪一个；validate_call 会列出所有错误。",
		"The request does not fit the state of what it is about, or breaks a rule between fields. Read the message, and query the current state first.":                                                                  "请求与对象当前的状态不符，或违反字段之间的规则。请看 message，并先查询当前状态。",
		"The merchant may not call this, or not for this sub-merchant, appid or product. Check the permission in the merchant platform.":                                                                                 "商户没有权限调用，或没有这个子商户、appid 或产品的权限。请在商户平台检查权限。",
		"The merchant may not call this. Check the permission in the merchant platform.":                                                                                                                                 "商户没有权限调用。请在商户平台检查权限。",
		"What happened is unknown. Query the result, or repeat the request with the same number, such as out_trade_no; never with a new one.":                                                                            "结果未知。请查询结果，或用同一个单号（如 out_trade_no）重试；不要换新单号。",
		"What happened is unknown. Query the result before you do anything else.":                                                                                                                                        "结果未知。请先查询结果，再做其他操作。",
		"The user is entering the password. Query the order every 5 seconds; reverse it if it is not paid within a minute.":                                                                                              "用户正在输入密码。每 5 秒查询一次订单；一分钟内未支付则撤销。",
		"The request was not accepted. Send the same request later, with the same number and growing pauses.":                                                                                                            "请求没有被受理。请稍后用同一个单号发送同样的请求，并逐渐加长间隔。",
		"The balance of the account, or the budget, is too low. Top it up, then repeat the request with the same number, such as out_trade_no.":                                                                          "账户余额或预算不足。充值后用同一个单号（如 out_trade_no）重试。",
		"The balance of the account or of the user is too low.":                                                                                                                                                          "账户或用户的余额不足。",
		"There is no such order. Check the number and the merchant. Just after placing it, query again.":                                                                                                                 "没有这个订单。检查单号和商户；刚下单时请再查询一次。",
		"There is no such order. Check the number and the merchant.":                                                                                                                                                     "没有这个订单。检查单号和商户。",
		"Another order has this out_trade_no. Query it; use a new number only for another order.":                                                                                                                        "另一个订单已使用这个 out_trade_no。请查询它；只有另一笔订单才用新单号。",
		"The order is paid. Query it; do not ask the user to pay again.":                                                                                                                                                 "订单已支付。请查询订单，不要让用户再次支付。",
		"The order is closed. Place a new one with a new out_trade_no.":                                                                                                                                                  "订单已关闭。请用新的 out_trade_no 重新下单。",
		"What the request names does not exist. For v3/certificates it is the usual answer to merchants that work with the platform public key alone.":                                                                   "请求指定的对象不存在。对于只使用微信支付公钥的商户，这是 v3/certificates 的正常应答。",
		"The appid is not bound to the merchant. Bind it in the merchant platform.":                                                                                                                                      "appid 没有与商户绑定。请在商户平台绑定。",
		"The openid is that of another appid.":                                                                          "这个 openid 属于另一个 appid。",
		"The account cannot be used. Read the message.":                                                                 "账户不可用。请看 message。",
		"The payment was refused. Query the order.":                                                                     "支付被拒绝。请查询订单。",
		"A rule of the platform forbids this, such as a limit of the user. Read the message.":                           "平台的规则不允许，例如用户的限额。请看 message。",
		"There is no such transaction_id. Check it, and the merchant.":                                                  "没有这个 transaction_id。请检查它和商户。",
		"Another request had this number with other fields. Query what it made.":                                        "另一个请求用这个单号提交过不同的字段。请查询它的结果。",
		"The receiver of the profit sharing was not added. Add it first.":                                               "没有添加过这个分账接收方。请先添加。",
		"There is no such merchant. Check mchid and sub_mchid.":                                                         "没有这个商户。请检查 mchid 和 sub_mchid。",
		"What happened is unknown. Query the result, or repeat the request with the same number, such as out_trade_no.": "结果未知。请查询结果，或用同一个单号（如 out_trade_no）重试。",
		"The platform blocks the merchant or the request. Read the message, and ask its support.":                       "平台拦截了商户或请求。请看 message，并联系平台客服。",
		"The client certificate of the call is missing or expired. Check ClientCert.":                                   "调用没有带客户端证书，或证书已过期。请检查 ClientCert。",
		"The bill is still being made. Ask again later; bills are ready after 10 o'clock.":                              "账单正在生成。请稍后再试；账单在 10 点之后生成。",
		"The day has no records, so it has no bill.":                                                                    "当天没有记录，因此没有账单。",
		"The user's account cannot receive the money. Refund or transfer in another way.":                               "用户的账户不能收款。请用其他方式退款或转账。",
		"A refund of this number has another amount. Repeat it with the same amount.":                                   "同一单号的退款金额不同。请用原来的金额重试。",
		"There is no such contract. Check its number.":                                                                  "没有这个签约。请检查签约单号。",
		"There is no such refund. Check the number and the merchant.":                                                   "没有这笔退款。检查单号和商户。",
		"What the request names does not exist, or the path is wrong.":                                                  "请求指定的对象不存在，或路径有误。",
		"What happened is unknown. Repeat the request with the same number, such as out_trade_no.":                      "结果未知。请用同一个单号（如 out_trade_no）重试。",
		"There is no such user. Check the openid.":                                                                      "没有这个用户。请检查 openid。",
		"The user's account is abnormal. The user has to choose another way to pay.":                                    "用户的账户异常。请用户换一种支付方式。",
		"The body is not the XML of APIv2.":                                                                             "请求体不是 APIv2 的 XML。",
		"The body is empty.":                                                                                            "请求体为空。",
		"The body is not UTF-8.":                                                                                        "请求体不是 UTF-8。",
		"A field is missing. validate_call lists every mistake.":                                                        "缺少字段；validate_call 会列出所有错误。",
		"The call needs POST.":                                                                                    "这个接口必须用 POST 调用。",
		"The user's payment code is wrong. Scan it again.":                                                        "用户的付款码有误。请重新扫码。",
		"The user's payment code has expired. Scan a new one.":                                                    "用户的付款码已过期。请扫新的付款码。",
		"The signature does not match. explain_sign_error says which line differs.":                               "签名不匹配。用 explain_sign_error 查看哪一行不同。",
		"A field cannot be decrypted. Encrypt it with the platform's key that the header Wechatpay-Serial names.": "有字段无法解密。请用 Wechatpay-Serial 头指定的平台密钥加密。",
		"The header Wechatpay-Serial names a key that the platform does not know. Use the current one.":           "平台没有 Wechatpay-Serial 头指定的密钥。请使用当前的密钥。",

		// Notes.
		"This library has no error of this text. The cause may be of another package, such as net/http: it is the last part of the error.": "本库没有这样的错误。原因可能来自其他包，例如 net/http：它是错误的最后一部分。",
		"no table has this code; pass the text of a Go error as error":                                                                     "没有任何错误码表收录它；Go 错误的文本请用 error 传入",
		"%s is not known to answer with this code; leave operation out to see which are. The tables of most operations are not known.":     "%s 没有已知的这个错误码；去掉 operation 可以查看哪些接口有。多数接口的错误码表尚未收录。",
		"no table has this code; did you mean %s?":                                                                                         "没有任何错误码表收录它；是不是 %s？",
		"no table that is known has this code. The platform may answer with others: read the message of the answer.":                       "已收录的错误码表都没有它。平台可能应答其他错误码：请看应答中的 message。",
	}
}

// mcpHelp is the help of wxpay mcp.
func mcpHelp() map[string]string {
	return map[string]string{
		"Serve the catalogue and a sandbox to agents and editors": "为智能体和编辑器提供接口目录和沙箱",
		`mcp serves the Model Context Protocol on the standard input and output, for agents
and editors. Its tools find operations, show their fields, check calls, write types
and code, explain errors and signatures, and make calls to a sandbox inside this
process. It needs no configuration and no network.`: `mcp 在标准输入和输出上提供 Model Context Protocol 服务，供智能体和编辑器使用。
它的工具可以查找接口、显示字段、检查调用、生成类型和代码、解释错误和签名，
以及调用本进程内的沙箱。它不需要配置和网络。`,
		`With --lang zh, or in a Chinese environment, it explains errors, limits and repetitions
in Chinese.`: "使用 --lang zh 或在中文环境中，它用中文解释错误、频率限制和重复请求。",
		`It never calls the platform unless you pass --live. Then the tool call_platform makes
the operations that --allow names, and no others. An operation that is not a GET of
APIv3 may move money or change something: it needs --allow-money too.`: `除非加上 --live，否则它从不调用平台。加上之后，工具 call_platform 只能调用
--allow 给出的接口。不是 APIv3 的 GET 的接口可能动用资金或修改数据，还需要
--allow-money。`,
		"The settings of the merchant are read with --live only.":                                      "只有加上 --live 才读取商户的配置。",
		"add a tool that calls the platform as the configured merchant":                                "增加以所配置的商户调用平台的工具",
		"`OPERATION` that the tool of --live may make, such as 'GET v3/certificates'; may be repeated": "--live 的工具可以调用的接口 `OPERATION`，例如 'GET v3/certificates'；可以重复",
		"let --allow name operations that may move money or change something":                          "允许 --allow 给出可能动用资金或修改数据的接口",
	}
}
