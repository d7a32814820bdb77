package lang

// callTexts are what wxpay call prints besides errors and answers.
func callTexts() map[string]string {
	return map[string]string{
		"the answer is an example: the sandbox has no rules for this operation\n":   "这是示例应答：沙箱没有实现这个接口的规则\n",
		"the call is done (%d), but its answer has nothing at %q\n":                 "调用成功（%d），但应答中没有 %q\n",
		"\n--- the text that is signed, %d bytes ---\n%s--- nothing was sent ---\n": "\n--- 签名串，%d 字节 ---\n%s--- 没有发送任何请求 ---\n",

		// The summary of --async.
		"calls\t%d\n":    "调用\t%d\n",
		"verified\t%d\n": "验签通过\t%d\n",
		"not verified":   "验签失败",
		"in all\t%v\n":   "总用时\t%v\n",
		"fastest":        "最快",
		"median":         "中位数",
		"slowest":        "最慢",
	}
}

// callHelp is the help of wxpay call.
func callHelp() map[string]string {
	return map[string]string{
		"Make a signed call and print the verified answer": "发起一次签名调用，并打印验签后的应答",
		`call makes one signed call, verifies the signature of the answer and prints the
answer.`: "call 发起一次签名调用，验证应答的签名，并打印应答。",
		`PATH is a template, as "wxpay api list" prints it, or a filled-in path. An APIv2
path starts with v2/. An ITEM is one of`: `PATH 是 wxpay api list 打印的模板，或填好变量的路径。APIv2 的路径以 v2/ 开头。
ITEM 是以下之一：`,
		`  name=text     a text: the variable of the path with that name, otherwise a
                field of the JSON body (in APIv2: of the XML body)
  name:=json    the same with a number, true, a list or an object
  name==text    a parameter of the query
  Name:text     a header, such as Idempotency-Key; its name starts with a
                capital letter
  @file         the body; other items set fields in it; - is the standard input;
                if the operation is an upload, @file is the file to upload`: `  name=text     文本：同名的路径变量，否则是 JSON 请求体的字段
                （APIv2 是 XML 请求体的字段）
  name:=json    同上，值是数字、true、列表或对象
  name==text    查询参数
  Name:text     请求头，例如 Idempotency-Key；名称以大写字母开头
  @file         请求体，其他 ITEM 设置其中的字段；- 表示标准输入；
                上传接口的 @file 是要上传的文件`,
		"A dot sets a field of an object: amount.total:=100.": "用点号设置对象中的字段：amount.total:=100。",
		`call does not send a call that does not fit the platform's documentation, unless
you pass --no-validate. Write encrypted fields as plain text; call encrypts them.
The encrypted fields of an answer are printed as they are; --decrypt prints them in
plain text. They are personal data.`: `不符合平台文档的调用不会发送，除非加上 --no-validate。需要加密的字段写明文，
call 会加密。应答中的加密字段原样打印；--decrypt 打印明文，这些是个人信息。`,
		"make the same call this many times at once, and print a summary of the times":                 "同时发起这么多次相同的调用，并汇总耗时",
		"print the encrypted fields of the answer, such as payer_phone, in plain text":                 "以明文打印应答中的加密字段，例如 payer_phone",
		"show the request and the text that its signature covers; send nothing":                        "只显示请求和签名串，不发送",
		"print the status and the headers of the answer too":                                           "同时打印应答的状态码和应答头",
		"send the call even if it does not fit the documentation":                                      "调用不符合文档时也发送",
		"draw the code_url of the answer, or the text at --filter, as a QR code on the standard error": "把应答的 code_url（或 --filter 指定的文本）画成二维码，输出到标准错误",
	}
}
