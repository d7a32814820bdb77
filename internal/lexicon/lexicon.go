// Package lexicon has the words by which people look for operations. The search of package
// openapi and that of the website of wxpay api site share it.
package lexicon

import (
	"slices"
	"strings"
)

// An Entry is names for one thing, separated by spaces, and the terms to look for.
type Entry struct{ Names, Seek string }

// Thesaurus has the names that people give to things, and the terms by which the
// catalogue has them, the best first. GET is the method.
var Thesaurus = [...]Entry{
	// Ways to pay.
	{"native 扫码支付 扫码付款 扫码付 扫码 二维码支付 二维码付款 二维码收款 二维码 收款码 主扫 模式二 scan scan-pay scan-to-pay qr qrcode qr-pay code-url", "native 扫码"},
	{"jsapi 公众号支付 公众号付款 公众号 服务号支付 服务号 网页支付 微信内支付 js js-pay", "jsapi"},
	{"小程序支付 小程序付款 小程序下单 小程序 miniprogram miniapp weapp", "jsapi 小程序 miniprogram"},
	{"h5 h5-pay 手机网页支付 手机网站支付 手机浏览器 浏览器支付 wap mweb", "h5"},
	{"app 手机应用支付 移动应用 ios android", "app"},
	{"付款码支付 付款码 条码支付 条形码 刷卡支付 被扫支付 被扫 扫码枪 收银 codepay barcode micropay", "付款码 codepay micropay"},
	{"合单 合单支付 合并支付 合并付款 合并下单 combine combined combine-transactions", "合单 combine"},
	// Orders.
	{"下单 统一下单 预下单 预支付 创建订单 提交订单 生成订单 发起支付 发起付款 付钱 收钱 prepay prepay-id place-order create-order new-order pay-order", "下单 unifiedorder transactions"},
	{"支付 付款 pay payment payments", "支付 付款 下单 pay transactions"},
	{"订单 交易单 order orders transaction transactions", "订单 查单 下单 关单 基础支付 transactions order"},
	{"查单 查订单 查询订单 订单查询 订单状态 支付结果 支付状态 查询支付 orderquery query-order order-status payment-status pay-result", "订单号查询 查单 查询订单 orderquery"},
	{"关单 关闭订单 订单关闭 取消订单 closeorder cancel-order", "关单 关闭订单 closeorder"},
	{"撤单 撤销订单 冲正 撤销 reverse void", "撤销 reverse"},
	// What is done with them.
	{"查询 查 查看 查找 获取 查一下 查下 query get find fetch list lookup search", "查询 查单 query GET"},
	{"状态 结果 status state result", "状态 结果 查询 query GET"},
	{"关闭 关 close", "关闭 关单 close"},
	{"取消 cancel", "取消 撤销 关单 关闭 cancel reverse close"},
	{"申请 apply request", "申请 apply"},
	{"创建 新建 create new", "创建 下单 create POST"},
	{"下载 导出 download export", "下载 download 获取"},
	{"上传 upload", "上传 upload"},
	{"发放 派发 发 发送 领取 领券 issue send give grant", "发放 发送 send"},
	{"删除 移除 delete remove", "删除 delete remove DELETE"},
	{"修改 更新 编辑 update modify edit change", "修改 更新 update modify PATCH"},
	// The other methods of HTTP.
	{"post", "POST"},
	{"put", "PUT"},
	{"patch", "PATCH"},
	// Refunds.
	{"退款 退钱 退单 退费 退货 返款 退回款 refund refunds refunding moneyback", "退款 refund"},
	{"异常退款 退款异常 abnormal-refund", "异常退款 abnormalrefund"},
	{"查退款 查询退款 退款查询 退款状态 退款结果 refund-status refund-query query-refund get-refund", "查询单笔退款 查询退款 退款单号查询 refundquery"},
	// Bills.
	{"账单 对账单 对账 流水 下载账单 下载对账单 账单下载 对账单下载 交易账单 bill bills statement statements reconcile reconciliation tradebill download-bill", "交易账单 账单 bill 对账单"},
	{"资金账单 资金流水 fundflow fundflowbill fund-bill", "资金账单 fundflow"},
	// Transfers and money.
	{"转账 转钱 打款 汇款 代付 企业付款 企业付款到零钱 付款到零钱 商家转账 商家转账到零钱 转账到零钱 零钱 transfer transfers payout payouts mch-transfer", "转账 transfer 个人付款 付款到"},
	{"查转账 查询转账 转账查询 转账结果 转账状态 transfer-status query-transfer", "查询转账 transferinfo"},
	{"红包 现金红包 发红包 redpack redpacket red-envelope hongbao lucky-money", "红包 redpack redpacket"},
	{"提现 取现 withdraw withdrawal withdrawals", "提现 withdraw"},
	{"余额 账户余额 balance balances", "余额 balance"},
	{"回单 电子回单 电子凭证 receipt receipts elecsign", "回单 receipt elecsign"},
	{"银行卡 bankcard", "银行卡 paybank bank"},
	// Coupons.
	{"代金券 现金券 立减 满减 cash-coupon cash-coupons favor", "代金券 favor coupon"},
	{"优惠券 卡券 券 消费券 coupon coupons voucher vouchers", "代金券 优惠券 商家券 券 coupon favor"},
	{"发券 送券 发代金券 发优惠券 send-coupon issue-coupon", "发放代金券 发券 sendcoupon"},
	{"商家券 busifavor", "商家券 busifavor"},
	{"批次 stock stocks batch", "批次 stock batches"},
	// Profit sharing.
	{"分账 分润 分佣 分成 抽成 分钱 佣金 profitsharing split sharing commission", "分账 profitsharing"},
	{"分账接收方 接收方 receiver receivers", "接收方 receiver"},
	{"解冻 完结 完结分账 unfreeze finish", "解冻 完结 unfreeze finish"},
	{"回退 return", "回退 return"},
	// The rest.
	{"证书 平台证书 公钥 certificate certificates cert certs", "平台证书 证书 certificates"},
	{"投诉 客诉 complaint complaints", "投诉 complaint"},
	{"进件 入驻 商户入驻 开户 特约商户进件 applyment applyments onboarding onboard", "进件 applyment 入驻"},
	{"发票 开票 invoice invoices fapiao", "发票 fapiao invoice"},
	{"支付分 先享后付 payscore", "支付分 payscore"},
	{"委托代扣 代扣 自动扣款 自动续费 周期扣款 扣费服务 papay subscription recurring auto-debit deduct", "代扣 扣款 papay"},
	{"签约 协议 contract contracts sign-contract", "签约 协议 contract"},
	{"图片 照片 image images picture photo", "图片 image"},
	{"视频 video videos", "视频 video"},
	{"回调 通知 回调地址 notify callback callbacks notification webhook webhooks", "通知 回调 callbacks notify webhook"},
	{"服务商 子商户 特约商户 partner partners", "服务商 子商户 partner"},
	{"电商 收付通 二级商户 ecommerce", "收付通 二级商户 电商 ecommerce"},
	{"报关 海关 customs custom", "报关 海关 customs"},
	{"跨境 境外 海外 overseas crossborder global", "跨境 境外 global oversea"},
	{"会员卡 会员 membership member members", "会员卡 会员 member card"},
	{"刷脸 人脸 face facepay", "刷脸 人脸 face"},
	{"停车 parking", "停车 parking"},
	{"保险 insurance", "保险 保单 insurance"},
	{"汇率 exchange-rate", "汇率 exchagerate"},
	{"沙箱 测试 sandbox", "沙箱 sandbox"},
}

// Noise are words that say nothing about an operation.
const Noise = `微信支付 微信 接口 单 怎么 怎样 如何 的 了 吗 请 我要 我想 给用户 给 用户 一个 一笔 文档 功能 调用 使用 商户 wechat wechatpay weixin wxpay api
	how to the a an of for my i do with and by`

// Folds are common misspellings and the traditional characters of titles, each before what
// takes its place.
const Folds = `
	帐 账 賬 账 帳 账 代金卷 代金券 優惠卷 优惠券 优惠卷 优惠券 商家卷 商家券 卡卷 卡券 消费卷 消费券 发卷 发券 體現 提现 体现 提现
	定单 订单 定單 订单 红苞 红包 分涨 分账 下蛋 下单 退宽 退款 扣宽 扣款 訂 订 單 单 轉 转 優 优 發 发 紅 红 詢 询 證 证 書 书 關 关 閉 闭
	銷 销 碼 码 掃 扫 號 号 務 务 戶 户 餘 余 額 额 憑 凭 獲 获 對 对 載 载 請 请 電 电 開 开 結 结 現 现 資 资 錢 钱 貨 货 臺 台 詳 详
	圖 图 視 视 頻 频 傳 传 訴 诉 車 车 費 费 續 续 約 约 簽 签 會 会 員 员 動 动 創 创 銀 银 業 业 種 种 個 个 項 项 處 处 狀 状 態 态
	給 给 體 体 權 权 環 环 驗 验 簡 简 稱 称 變 变 設 设 備 备 運 运 營 营 撥 拨 歸 归 實 实 帶 带 還 还 過 过 國 国 門 门 學 学 園 园
	預 预 統 统 條 条 細 细 貼 贴 聯 联 點 点 計 计 劃 划 違 违 規 规 報 报 匯 汇 為 为 無 无`

// Commonness rates how many people look for an operation: the core products of
// ordinary merchants first, then the rest of APIv3, then APIv2 and overseas.
func Commonness(template string, tags []string) float64 {
	for _, core := range [...]struct {
		prefix, tag string
		common      float64
	}{
		{"v3/pay/transactions/jsapi", "基础支付", 46}, {"v3/pay/transactions/native", "基础支付", 44}, {"v3/pay/transactions/app", "基础支付", 42},
		{"v3/pay/transactions/", "基础支付", 40},
		{"v3/refund/domestic/", "", 38},
		{"v3/bill/tradebill", "", 37}, {"v3/bill/fundflowbill", "", 36},
		{"v3/billdownload/", "", 34},
		{"v3/fund-app/mch-transfer/transfer-bills", "", 36},
		{"v3/marketing/favor/", "", 34},
		{"v3/profitsharing/", "", 34},
		{"v3/certificates", "", 30},
		{"v3/combine-transactions/", "基础支付∙合单", 22},
		{"v3/transfer/", "", 20},
		{"v3/pay/partner/transactions/", "基础支付∙服务商模式", 18},
		{"v2/mmpaymkttransfers/sendredpack", "", 18}, {"v2/mmpaymkttransfers/gethbinfo", "", 16},
		{"v2/pay/", "APIv2∙基础支付", 4},
		{"v3/global/", "", 0},
		{"v3/", "", 6},
	} {
		if strings.HasPrefix(template, core.prefix) && (core.tag == "" || slices.Contains(tags, core.tag)) {
			return core.common
		}
	}
	return 0
}
