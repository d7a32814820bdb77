package openapi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// The operations that most people look for.
const (
	jsapiOrder    = "POST v3/pay/transactions/jsapi"
	nativeOrder   = "POST v3/pay/transactions/native"
	appOrder      = "POST v3/pay/transactions/app"
	h5Order       = "POST v3/pay/transactions/h5"
	codepay       = "POST v3/pay/transactions/codepay"
	orderByNumber = "GET v3/pay/transactions/out-trade-no/{out_trade_no}"
	orderByID     = "GET v3/pay/transactions/id/{transaction_id}"
	closeOrder    = "POST v3/pay/transactions/out-trade-no/{out_trade_no}/close"
	reverseOrder  = "POST v3/pay/transactions/out-trade-no/{out_trade_no}/reverse"
	refund        = "POST v3/refund/domestic/refunds"
	refundQuery   = "GET v3/refund/domestic/refunds/{out_refund_no}"
	tradeBill     = "GET v3/bill/tradebill"
	fundFlowBill  = "GET v3/bill/fundflowbill"
	billFile      = "GET v3/billdownload/file"
	transfer      = "POST v3/fund-app/mch-transfer/transfer-bills"
	transferQuery = "GET v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}"
	sendCoupon    = "POST v3/marketing/favor/users/{openid}/coupons"
	createStock   = "POST v3/marketing/favor/coupon-stocks"
	usersCoupons  = "GET v3/marketing/favor/users/{openid}/coupons"
	oneCoupon     = "GET v3/marketing/favor/users/{openid}/coupons/{coupon_id}"
	share         = "POST v3/profitsharing/orders"
	shareQuery    = "GET v3/profitsharing/orders/{out_order_no}"
	shareReturn   = "POST v3/profitsharing/return-orders"
	addReceiver   = "POST v3/profitsharing/receivers/add"
	redPacket     = "POST v2/mmpaymkttransfers/sendredpack"
	certificates  = "GET v3/certificates"
)

// testSearches checks the first hits of words. first is the very first hit, and near
// are among the first six.
func testSearches(t *testing.T, searches []search) {
	t.Helper()
	for _, tt := range searches {
		found := openapi.Search(tt.words)
		if len(found) == 0 {
			t.Errorf("Search(%q) finds nothing", tt.words)
			continue
		}
		if tt.first != "" && found[0].String() != tt.first {
			t.Errorf("Search(%q) finds %s first, want %s", tt.words, found[0], tt.first)
		}
		for _, near := range tt.near {
			if !slices.ContainsFunc(found[:min(6, len(found))], func(op *openapi.Operation) bool { return op.String() == near }) {
				t.Errorf("Search(%q) lacks %s among the first: %v", tt.words, near, found[:min(6, len(found))])
			}
		}
		if n := len(slices.Compact(slices.Clone(found))); n != len(found) {
			t.Errorf("Search(%q) finds one twice", tt.words)
		}
	}
}

type search struct {
	words, first string
	near         []string
}

// People find the common operations by the names that they know.
func TestSearchFindsWhatPeopleType(t *testing.T) {
	testSearches(t, []search{
		{"查询订单", orderByNumber, []string{orderByID, "POST v2/pay/orderquery"}},
		{"查单", orderByNumber, []string{orderByID}},
		{"订单查询", orderByNumber, []string{orderByID}},
		{"订单状态", orderByNumber, []string{orderByID}},
		{"query order", orderByNumber, []string{orderByID}},
		{"order status", orderByNumber, []string{orderByID}},
		{"扫码支付", nativeOrder, []string{"POST v3/pay/partner/transactions/native"}},
		{"二维码", nativeOrder, nil},
		{"native", nativeOrder, []string{"POST v3/combine-transactions/native", "POST v3/pay/partner/transactions/native"}},
		{"qr code", nativeOrder, nil},
		{"公众号支付", jsapiOrder, []string{"POST v3/pay/partner/transactions/jsapi"}},
		{"jsapi", jsapiOrder, []string{"POST v3/combine-transactions/jsapi"}},
		{"小程序支付", jsapiOrder, []string{"POST v3/pay/partner/transactions/miniprogram"}},
		{"mini program", jsapiOrder, nil},
		{"h5", h5Order, nil},
		{"手机网站支付", h5Order, nil},
		{"app支付", appOrder, []string{"POST v3/combine-transactions/app"}},
		{"付款码", codepay, []string{"POST v2/pay/micropay"}},
		{"下单", jsapiOrder, []string{nativeOrder, appOrder, h5Order}},
		{"统一下单", jsapiOrder, []string{nativeOrder}},
		{"place order", jsapiOrder, []string{nativeOrder}},
		{"关单", closeOrder, nil},
		{"取消订单", closeOrder, nil},
		{"close order", closeOrder, nil},
		{"撤销订单", reverseOrder, nil},
		{"退款", refund, []string{refundQuery}},
		{"退钱", refund, []string{refundQuery}},
		{"refund", refund, []string{refundQuery}},
		{"how to refund", refund, []string{refundQuery}},
		{"我要退款", refund, nil},
		{"查询退款", refundQuery, []string{"POST v2/pay/refundquery"}},
		{"refund status", refundQuery, nil},
		{"对账单", tradeBill, []string{fundFlowBill, billFile}},
		{"下载账单", "", []string{tradeBill, billFile}},
		{"bill", tradeBill, []string{fundFlowBill}},
		{"资金账单", fundFlowBill, nil},
		{"转账", transfer, []string{transferQuery}},
		{"企业付款到零钱", transfer, nil},
		{"transfer", transfer, []string{transferQuery}},
		{"payout", transfer, nil},
		{"优惠券", sendCoupon, []string{createStock, oneCoupon}},
		{"coupon", sendCoupon, []string{createStock, usersCoupons}},
		{"发券", sendCoupon, nil},
		{"send coupon", sendCoupon, []string{"POST v2/mmpaymkttransfers/send_coupon"}},
		{"代金券 发放", sendCoupon, nil},
		{"用户的券", usersCoupons, nil},
		{"分账", share, []string{shareQuery, shareReturn}},
		{"profit sharing", share, []string{shareQuery}},
		{"profit-sharing", share, []string{shareQuery}},
		{"分账接收方", addReceiver, nil},
		{"红包", redPacket, []string{"POST v2/mmpaymkttransfers/gethbinfo"}},
		{"red packet", redPacket, nil},
		{"平台证书", certificates, nil},
		{"cert", certificates, nil},
		{"余额", "GET v3/merchant/fund/balance/{account_type}", nil},
		{"投诉", "", []string{"GET v3/merchant-service/complaints-v2"}},
		{"委托代扣", "", []string{"GET v3/papay/sign/contracts/plan-id/{plan_id}/out-contract-code/{out_contract_code}"}},
	})
}

// Case, width, old characters, and the usual mistakes make no difference.
func TestSearchForgivesSpelling(t *testing.T) {
	for _, tt := range []struct{ right, wrong string }{
		{"转账", "转帐 轉賬 轉帳"}, {"账单", "帐单 賬單 帳單"}, {"分账", "分帐 分賬"}, {"对账单", "对帐单"}, {"代金券", "代金卷"},
		{"优惠券", "优惠卷 優惠券"}, {"订单", "定单 訂單"}, {"提现", "体现 提現"}, {"退款", "退宽"}, {"查询订单", "查詢訂單 查询定单"},
		{"扫码支付", "掃碼支付"}, {"红包", "紅包"},
		{"refund", "Refund REFUND ｒｅｆｕｎｄ ＲＥＦＵＮＤ refound refudn reufnd refunds"}, {"native", "natvie naitve Native nativ"},
		{"transfer", "tranfer transfre transfers"}, {"coupon", "copon coupn coupons"}, {"jsapi", "JSAPI ＪＳＡＰＩ jsapii"}, {"h5", "H5 Ｈ５"},
		{"out_trade_no", "out-trade-no outTradeNo OUT_TRADE_NO out_trad_no"}, {"certificate", "certificat certifcate"},
	} {
		want := openapi.Search(tt.right)
		for wrong := range strings.FieldsSeq(tt.wrong) {
			if found := openapi.Search(wrong); len(found) == 0 || found[0] != want[0] || !slices.Contains(found[:3], want[1]) {
				t.Errorf("Search(%q) finds %v, want %v as for %q", wrong, found[:min(3, len(found))], want[:3], tt.right)
			}
		}
	}
	testSearches(t, []search{{"退款　申请", refund, nil}, {"退款，查询！", refundQuery, nil}, {"JSAPI下单", jsapiOrder, nil}, {"（退款）", refund, nil}})
}

// An operation must match every word.
func TestSearchNeedsEveryWord(t *testing.T) {
	testSearches(t, []search{
		{"退款 服务商", refund, nil},
		{"下单 服务商", "", []string{"POST v3/pay/partner/transactions/jsapi"}},
		{"退款 电商", "POST v3/ecommerce/refunds/apply", nil},
		{"ecommerce refund", "POST v3/ecommerce/refunds/apply", nil},
		{"转账 回单", "", []string{"POST v3/transfer/bill-receipt"}},
		{"合单 关单", "POST v3/combine-transactions/out-trade-no/{combine_out_trade_no}/close", nil},
		{"out_trade_no close", closeOrder, nil},
		{"openid stock_creator_mchid", sendCoupon, nil},
		{"代金券发放", sendCoupon, nil},
		{"下载平台证书", certificates, nil},
		{"unifiedorder", "POST v2/pay/unifiedorder", nil},
	})
	for words, part := range map[string]string{"退款 电商": "refunds", "native 服务商": "native", "openid stock_id": "openid"} {
		for _, op := range openapi.Search(words)[:3] {
			if !strings.Contains(op.Template, part) && op.Method != "POST" {
				t.Errorf("Search(%q) finds %s among the first", words, op)
			}
		}
	}
	both, one := len(openapi.Search("退款 电商")), len(openapi.Search("退款"))
	if both == 0 || both >= one {
		t.Errorf("退款 电商 finds %d of %d: both words are needed", both, one)
	}
}

// A part of a path, a filled-in path or a URL finds its operation.
func TestSearchFindsPaths(t *testing.T) {
	testSearches(t, []search{
		{"v3/pay/transactions/native", nativeOrder, nil},
		{"/v3/pay/transactions/native", nativeOrder, nil},
		{"transactions/native", nativeOrder, nil},
		{"https://api.mch.weixin.qq.com/v3/refund/domestic/refunds", refund, nil},
		{"https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/A1?mchid=1", orderByNumber, nil},
		{"tradebill", tradeBill, nil},
		{"POST v3/pay/transactions/native", nativeOrder, nil},
		{"POST v3/refund/domestic/refunds", refund, nil},
		{"GET v3/refund/domestic/refunds/{out_refund_no}", refundQuery, nil},
		{"users/{openid}/coupons post", sendCoupon, nil},
		{"PUT v3/merchant-service/complaint-notifications", "PUT v3/merchant-service/complaint-notifications", nil},
	})
}

// The neighbours of a search belong to it: a search is not the whole catalogue.
func TestSearchKeepsToItsWords(t *testing.T) {
	for _, words := range []string{"out_trade_no", "refund", "openid stock_id"} {
		if found := openapi.Search(words); len(found) < 5 {
			t.Errorf("Search(%q) finds %d", words, len(found))
		}
	}
	for words, most := range map[string]int{"native": 20, "h5": 30, "app": 80, "红包": 20, "扫码支付": 20, "查单": 60, "查询退款": 20} {
		if n := len(openapi.Search(words)); n > most {
			t.Errorf("Search(%q) finds %d, want at most %d", words, n, most)
		}
	}
	for i, op := range openapi.Search("账单")[:4] {
		if !strings.Contains(op.Title, "账单") || strings.Contains(op.Title, "转账单") {
			t.Errorf("hit %d of 账单 is %s %s", i, op, op.Title)
		}
	}
	for _, words := range []string{"", " \t", "，。", "/", "xyzzy", "xy", "这里没有的东西呀", "\xff", strings.Repeat("q", 1<<16)} {
		if found := openapi.Search(words); len(found) > 0 {
			t.Errorf("Search(%.20q) finds %v, want nothing", words, found[0])
		}
	}
	for _, words := range []string{"微信支付", "wechat pay", "the 接口"} { // noise alone
		openapi.Search(words)
	}
}

func BenchmarkSearch(b *testing.B) {
	openapi.Search("warm")
	b.ReportAllocs()
	for b.Loop() {
		openapi.Search("代金券 发放")
	}
}

// A dash between words is not a word.
func TestSearchIgnoresDashes(t *testing.T) {
	for words, want := range map[string]string{"撤销申请单-使用申请单号": "撤销申请单 使用申请单号", "退款 - 查询": "退款 查询", "refund _ query": "refund query"} {
		if got, want := openapi.Search(words), openapi.Search(want); !slices.Equal(got, want) {
			t.Errorf("Search(%q) finds %v, want %v", words, got, want)
		}
	}
	if got := openapi.Search("-"); len(got) != 0 {
		t.Errorf("a dash finds %d operations", len(got))
	}
}
