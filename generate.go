package wechatpay

// The order matters: the catalogue must be patched and packed before it is read.
//
//go:generate go run ./internal/patch openapi
//go:generate go run ./internal/pack openapi/operations.jsonl
//go:generate go run ./internal/repeatgen openapi internal/operation/table_gen.go
//go:generate go run ./internal/unsignedgen openapi/unsigned.jsonl middleware/unsigned_gen.go
//go:generate go run ./internal/encryptedgen openapi/encrypted.jsonl encrypted_gen.go
//go:generate go run ./internal/treegen
//go:generate go run ./internal/docgen docs
//go:generate go run ./internal/errorgen .
//go:generate go run ./internal/termsvg -prompt "wxpay demo" docs/demo.svg go run ./cmd/wxpay --lang en demo
//go:generate go run ./internal/termsvg -prompt "wxpay --lang zh demo" docs/zh-CN/demo.svg go run ./cmd/wxpay --lang zh demo
//go:generate go run ./internal/speedgen docs/speed.json docs/speed.svg docs/guide.md docs/zh-CN/guide.md
//go:generate go run ./internal/figures write docs
//go:generate go run ./cmd/wxpay api types POST v3/marketing/favor/users/{openid}/coupons --package main --name SendCoupon -o examples/coupons/coupon_types_gen.go
//go:generate go run ./cmd/wxpay api types POST v3/pay/transactions/native --package main --name Order -o examples/native/order_types_gen.go
//go:generate go run ./cmd/wxpay api types GET v3/pay/transactions/out-trade-no/{out_trade_no} --package main --name FindOrder -o examples/native/find_types_gen.go
