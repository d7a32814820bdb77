package lang

// apiTexts are what wxpay api prints besides errors.
func apiTexts() map[string]string {
	return map[string]string{
		"… %d more; --limit 0 prints all\n": "…还有 %d 个；--limit 0 打印全部\n",
		"wrote %d pages; open %s\n":         "已生成 %d 个网页；请打开 %s\n",

		// Of an operation.
		"%s: %s\n":                   "%s：%s\n",
		"products":                   "产品",
		"for":                        "适用",
		"host":                       "域名",
		"pages":                      "文档",
		"repetition: %s\n":           "重复请求：%s\n",
		"limit: %s\n":                "频率限制：%s\n",
		"\n%s:\n":                    "\n%s：\n",
		"Path":                       "路径",
		"Query":                      "查询参数",
		"Headers":                    "请求头",
		"Form":                       "表单",
		"Body":                       "请求体",
		"Answer %d":                  "应答 %d",
		"Errors":                     "错误码",
		"%s* one of %s\n":            "%s* 至少填一个：%s\n",
		"\nThe call:\n%s":            "\n调用：\n%s",
		"\nExample of the body:\n%s": "\n请求体示例：\n%s",
		"It needs the merchant's TLS client certificate.\n":                             "需要商户 API 证书（双向 TLS）。\n",
		"Fields marked base64 travel encrypted; wxpay call takes them as plain text.\n": "标有 base64 的字段加密传输；wxpay call 接受明文。\n",
	}
}

// apiHelp is the help of wxpay api.
func apiHelp() map[string]string {
	return map[string]string{
		"Find a call among all that the platform documents": "在平台文档的所有接口中查找",
		`api lists every call that WeChat Pay documents, in APIv3 and APIv2. It needs no
network. list prints all calls, search finds calls by words, and show prints the
fields of a call and how to make it. types writes Go types for calls, and site a
website of all calls.`: `api 列出微信支付文档中的所有接口，包括 APIv3 和 APIv2，不需要网络。list 列出所
有接口，search 按关键词查找接口，show 显示接口的字段和调用方法，types 为接口生
成 Go 类型，site 为所有接口生成一个网站。`,

		"List all calls, or those whose template starts with PREFIX": "列出所有接口，或模板以 PREFIX 开头的接口",
		`list prints a line for each call that the platform documents: its method, its
template and its official name. With PREFIX, it prints
only the calls whose template starts with PREFIX.`: `list 为平台文档中的每个接口打印一行：方法、模板和官方名称。给出 PREFIX 时，只
打印模板以 PREFIX 开头的接口。`,

		"Find calls by words, in Chinese or English": "按关键词查找接口，中英文都可以",
		`search prints the calls that match the words, best match first. It looks for the
words in names, products, templates and fields, and knows other names of the
common products: 扫码支付 is native. It forgives spelling mistakes. A call must
match all words; if no call does, search prints those that match the most words.`: `search 打印与关键词匹配的接口，最匹配的排在最前。它在名称、产品、模板和字段中
查找，也认识常用产品的其他名称，例如扫码支付就是 native；拼写有小错也能找到。
接口必须匹配所有关键词；如果没有这样的接口，就打印匹配关键词最多的接口。`,
		`If there are more hits than --limit, a line on the standard error says how many.
The exit code is 1 if no call matches.`: `结果多于 --limit 时，标准错误输出会有一行说明总数。没有匹配的接口时，退出码为
1。`,
		"print at most this many calls; 0 prints all": "最多打印这么多个接口；0 表示全部",

		"Show the fields of a call and how to make it": "显示接口的字段和调用方法",
		`show prints one call: its path, query and body, each field with its type, a * if
it is required, its official name and its limits; the fields of which the call
needs one; what a second request does; its known errors; an example of the body
and of the answer; and the wxpay command that makes the call.
With --go, --php or --curl it prints only the call in that language. The calls are
those of the merchant that WECHATPAY_MCHID or wxpay.toml names, otherwise of the
sandbox's merchant.`: `show 显示一个接口：路径、查询参数和请求体，每个字段的类型、官方名称和限制，必
填字段带 *；哪些字段至少要填一个；重复请求的效果；已知的错误码；请求体和应答的
示例；以及发起调用的 wxpay 命令。加上 --go、--php 或 --curl 时，只打印这种语言
的调用代码。代码使用 WECHATPAY_MCHID 或 wxpay.toml 中的商户号，都没有时使用沙
箱的商户号。`,
		"TEMPLATE may be a filled-in path.": "TEMPLATE 也可以是填好变量的路径。",
		"print the call with curl":          "打印 curl 调用",
		"print the call in Go":              "打印 Go 调用",
		"print the call in PHP":             "打印 PHP 调用",

		"Write a website with a page for each call": "生成一个网站，每个接口一页",
		`site writes a static website into DIR: a page for each call that the platform
documents, with its fields, its errors, and the call in Go, PHP, curl and wxpay; and
a page that finds calls as you type. The pages need no server and no network: open
index.html. Any static host can serve them. DIR must be empty or not exist, or hold a
site of an earlier run.`: `site 在 DIR 中生成一个静态网站：文档中的每个接口一页，有字段、错误码，以及 Go、
PHP、curl 和 wxpay 的调用代码；还有一页可以边输入边查找接口。网页不需要服务器
和网络，打开 index.html 即可；任何静态托管都可以使用。DIR 必须为空或不存在，或
者是之前生成的网站。`,
		"`URL` under which the site will be served, for its sitemap": "网站将要使用的 `URL`，用于站点地图",

		"Write Go types for the requests and answers of calls": "为接口的请求和应答生成 Go 类型",
		`types writes a Go file with a struct for the query, the body and the answer of each
call. The fields have their official names, limits and known values. An optional
number, boolean or object is a pointer. A field that is sent encrypted is a
wechatpay.Secret. All values of APIv2 are text.`: `types 生成一个 Go 文件，为每个接口的查询参数、请求体和应答各写一个结构体。字段
带有官方名称、限制和已知的取值。选填的数字、布尔值和对象是指针。加密发送的字段
是 wechatpay.Secret。APIv2 的值都是文本。`,
		`The types of a call start with its method and its template, or with --name if
there is one call: SendCouponRequest, SendCouponResponse. The package is
--package, otherwise that of the file with the go:generate line, otherwise wxpay.`: `类型名以接口的方法和模板开头；只有一个接口时也可以用 --name 指定，例如
SendCouponRequest、SendCouponResponse。包名取自 --package，否则取自 go:generate
所在的文件，再否则是 wxpay。`,
		"The same calls give the same file:":            "同样的接口总是生成同样的文件：",
		"start of the names of the types, for one call": "类型名的开头部分，只用于一个接口",
		"`file` to write (default the standard output)": "要写入的文件 `file`（默认标准输出）",
		"name of the Go package":                        "Go 包名",
	}
}
