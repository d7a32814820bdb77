package mcp

import "github.com/modelcontextprotocol/go-sdk/mcp"

// addTools adds the tools that cannot reach the platform.
func addTools(s *mcp.Server, w *world) {
	add(s, reads, search, &mcp.Tool{Name: "search_operations", Title: "Search operations",
		Description: "Find operations of WeChat Pay by words in Chinese or English, by fields, or by a part of a path: 查单, 扫码支付, refund query, out_trade_no, v3/bill. The best match comes first."})
	add(s, reads, w.show, &mcp.Tool{Name: "show_operation", Title: "Show an operation",
		Description: "Show what is documented of an operation. The part facts has its parameters, what a second request does, limits, known errors, encrypted fields and links; " +
			"the part body has the JSON Schema of the request's body, and the part answer that of its answers. Each page of a schema is a schema with some of the properties; all pages together have all."})
	add(s, reads, validate, &mcp.Tool{Name: "validate_call", Title: "Check a call",
		Description: "Check the path, query, headers and body of a call against the documentation, and list every mistake with its field: up to 100 errors and 100 warnings. Nothing is sent. " +
			"Warnings are what the catalogue does not know: the platform may have added it."})
	add(s, reads, makeTypes, &mcp.Tool{Name: "make_types", Title: "Write Go types",
		Description: "Write Go types for the query, the body and the answer of operations, with official names, limits and known values. The texts of all pages, one after the other, are one Go file."})
	add(s, reads, writeCode, &mcp.Tool{Name: "write_code", Title: "Write a call",
		Description: "Write the call of an operation in Go with this library, in PHP with wechatpay-php, with curl or with wxpay, with examples of all fields. " +
			"Go and PHP have several spellings of a call, which do the same: the first is written, or with all_spellings each."})
	add(s, reads, newExplainer(w.lang).explain, &mcp.Tool{Name: "explain_error", Title: "Explain an error",
		Description: "Explain an error: its meaning, and what to do. Pass either error, the text of a Go error of this library, as it was printed; " +
			"or code, a code that the platform answers with, such as NOT_ENOUGH, ORDERNOTEXIST or SIGN_ERROR, for what each operation means by it, with its status and the page that says so. " +
			"An error that has a code of the platform is explained with that too."})
	add(s, reads, w.explainSign, &mcp.Tool{Name: "explain_sign_error", Title: "Explain a SIGN_ERROR",
		Description: "Explain why the platform refuses the signature of an APIv3 request: from its method, URL, header Authorization and body, say what had to be signed, line by line, and what was signed instead. " +
			"With certificate, the merchant's apiclient_cert.pem, which is public, the signature itself is opened. With answer, the platform's 401, its text is compared. " +
			"With signed, the text that the program signed is compared. Never pass a private key or an API key: no tool needs one."})
	add(s, plays, w.call, &mcp.Tool{Name: "call_sandbox", Title: "Call the sandbox",
		Description: "Make a signed call to a simulated WeChat Pay inside this process, as the merchant 1900000109, and return the verified answer. No money moves and nothing leaves the process. " +
			"Fields that are sent encrypted are written in plain text. A stock of coupons, 9856000, exists. To read on in a long answer, pass only cursor."})
	add(s, controls, w.control, &mcp.Tool{Name: "control_sandbox", Title: "Play the user, the bank and the network",
		Description: "Act in the sandbox inside this process. pay_order, fail_payment and expire_order take number, an out_trade_no. settle_refund takes an out_refund_no and a state, SUCCESS, ABNORMAL or CLOSED. " +
			"settle_transfer takes an out_bill_no and a state, SUCCESS or FAIL. advance_clock takes a duration such as 24h. add_fault takes fault; clear_faults ends all. " +
			"resend_notification takes number, the id of a notification. reset starts anew with nothing in it."})
	add(s, reads, w.listRequests, &mcp.Tool{Name: "list_sandbox_requests", Title: "List what the sandbox received",
		Description: "List the requests that the sandbox in this process received, newest first, with their outcomes. show_sandbox_request has the headers, bodies and checks of one."})
	add(s, reads, w.showRequest, &mcp.Tool{Name: "show_sandbox_request", Title: "Show a request that the sandbox received",
		Description: "Show a request that the sandbox in this process received, with its answer, each check of its signature, and what the catalogue finds wrong with it."})
	add(s, reads, w.listRecords, &mcp.Tool{Name: "list_sandbox_records", Title: "List what the sandbox keeps",
		Description: "List orders, refunds, coupons, transfers, sharings or red packets of the sandbox in this process, newest first, with their states. Amounts are in fen."})
	add(s, reads, w.listNotifications, &mcp.Tool{Name: "list_sandbox_notifications", Title: "List notifications of the sandbox",
		Description: "List the notifications of the sandbox in this process, newest first. It has no network, so that none arrives; wxpay sandbox and wxpay notify send them."})
}
