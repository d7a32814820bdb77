package lang

// billTexts are what wxpay bill prints besides errors.
func billTexts() map[string]string {
	return map[string]string{
		"trade bill":    "交易账单",
		"fundflow bill": "资金账单",
	}
}

// billHelp is the help of wxpay bill.
func billHelp() map[string]string {
	return map[string]string{
		"Download the bill of a day, or the receipt of a transfer": "下载某一天的账单，或转账的电子回单",
		`bill downloads the bill of a day and checks its hash. trade is the bill of the
payments and refunds of that day. fundflow is the bill of the money that moved on
an account of the merchant. receipt is the receipt of a transfer to a user.`: `bill 下载某一天的账单，并校验摘要。trade 是当天支付和退款的交易账单，fundflow
是商户账户的资金账单，receipt 是转账给用户的电子回单。`,

		"Download the fund flow of an account for a day": "下载账户某一天的资金账单",
		`fundflow downloads the money that an account of the merchant received and paid on
a day, with the balance after each entry.`: "fundflow 下载商户账户某一天的收入和支出，每笔都有当时的余额。",
		`DATE is a day in China, such as 2026-11-24, or yesterday. A bill is available from
10 o'clock in Beijing on the next day, for three months. If there is no bill for a
day, or not yet, the platform answers NO_STATEMENT_EXIST or STATEMENT_CREATING.`: `DATE 是中国时间的某一天，例如 2026-11-24，或 yesterday（昨天）。账单在次日北京
时间 10 点之后可以下载，保留三个月。当天没有账单，或账单尚未生成时，平台应答
NO_STATEMENT_EXIST 或 STATEMENT_CREATING。`,
		`The bill is printed as the platform writes it: a line with the names of the
columns, a line for each row, with a backtick before each value, and two lines
with totals. --csv converts it to plain CSV, with commas and quotes as
spreadsheets and programs read them: the names of the columns, then the rows,
without the backticks and the totals. A cell that a spreadsheet would run as a
formula, because it starts with =, +, -, @, a tab or a carriage return and is not
a number, gets an apostrophe in front. Amounts are in yuan, times in Beijing time.`: `账单按平台的格式打印：第一行是列名，之后每行一条记录，每个值前面有一个反引号，
最后两行是汇总。--csv 把它转换为电子表格和程序可以读取的普通 CSV，用逗号和引
号：列名和各条记录，没有反引号和汇总。电子表格会当作公式执行的单元格，即以 =、
+、-、@、制表符或回车开头且不是数字的单元格，前面会加一个撇号。金额单位是元，
时间是北京时间。`,
		`With -o the bill is written to a file that only its owner can read. The file
appears, or replaces the existing one, only after the bill is complete and its
hash is verified. Without -o the bill is printed while it arrives, and is valid
only if the command exits with 0.`: `使用 -o 时，账单写入只有所有者能读取的文件。账单完整且摘要校验通过之后，才生成
或取代该文件。不加 -o 时，边接收边打印；命令的退出码为 0 时账单才有效。`,
		"account of the bill: BASIC, OPERATION or FEES": "账单的账户：BASIC、OPERATION 或 FEES",
		"convert the bill to plain CSV":                 "把账单转换为普通 CSV",
		"file for the bill (default: print it)":         "账单文件（默认打印出来）",
		"only this sub-merchant, for a partner":         "只下载这个子商户的账单，用于服务商",

		"Download the receipt of a transfer": "下载转账的电子回单",
		`receipt downloads the receipt of a transfer to a user, a PDF, and checks its hash.
The transfer must have succeeded within the last six months, and have the user's
name.`: `receipt 下载转账给用户的电子回单（PDF），并校验摘要。转账必须在最近六个月内成
功，并且带有用户姓名。`,
		`The first call applies for the receipt. The platform takes some minutes to make
it; until then the command exits with 1 and says so. Repeat it after two minutes.
The file appears, or replaces the existing one, only after its hash is verified.`: `第一次运行提交申请。平台几分钟内生成回单，在此之前命令以退出码 1 结束，并说明
原因；请两分钟后再运行一次。校验通过后才生成或取代文件。`,
		"file for the receipt": "电子回单文件",

		"Download the payments and refunds of a day":                               "下载某一天的支付和退款",
		"trade downloads the payments and the refunds of a day.":                   "trade 下载某一天的支付和退款。",
		"which orders: ALL, SUCCESS for payments only, or REFUND for refunds only": "订单范围：ALL、SUCCESS（只有支付）或 REFUND（只有退款）",
	}
}
