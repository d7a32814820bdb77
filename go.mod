module github.com/wxchain/wechatpay

go 1.25.0

require (
	github.com/agnivade/levenshtein v1.2.2
	github.com/jarcoal/httpmock v1.4.2
	github.com/std-uritemplate/std-uritemplate/go/v2 v2.0.3
	github.com/tidwall/gjson v1.20.1
	github.com/tidwall/sjson v1.2.7
)

require (
	github.com/tidwall/match v1.1.1 // indirect
	github.com/tidwall/pretty v1.2.0 // indirect
)
