package interop

import (
	"bytes"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	subID = sandbox.DefaultSubMchID
	png   = "\x89PNG\r\n\x1a\n"
)

// A world is a sandbox in which there is what plausible requests are about:
// before a request to pay back an order, a user has paid one.
type world struct {
	*sandbox.Sandbox
	client  *wechatpay.Client
	billDay string // a day with bills
	made    int
}

func newWorld(t *testing.T) *world {
	var ago atomic.Int64
	sb := sandbox.Start(t, func(c *sandbox.Config) {
		c.Demo = true
		c.Clock = func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }
	})
	w := &world{Sandbox: sb, client: sb.Client()}
	for kind, account := range map[string]string{"MERCHANT_ID": "1900000110", "PERSONAL_OPENID": openID} {
		w.call(t, "POST", "v3/profitsharing/receivers/add", fields{"sub_mchid": subID, "appid": appID,
			"type": kind, "account": account, "relation_type": "PARTNER", "name": wechatpay.Secret("示例商户全称")})
		w.call(t, "POST", "v3/ecommerce/profitsharing/receivers/add", fields{"appid": appID, "type": kind, "account": account, "relation_type": "SUPPLIER"})
	}
	ago.Store(int64(72 * time.Hour))
	w.paid(t)
	w.sharings()["GET v3/profitsharing/orders/{out_order_no}"](t)
	w.billDay = time.Now().Add(-72 * time.Hour).In(time.FixedZone("", 8*60*60)).Format(time.DateOnly)
	ago.Store(0)
	return w
}

// number returns a number that was never used.
func (w *world) number() string {
	w.made++
	return fmt.Sprintf("interop%06d", w.made)
}

// call makes a call that must succeed. Without a body, the fields are those of the
// path and the query.
func (w *world) call(t *testing.T, method, template string, body fields, opts ...wechatpay.Option) *wechatpay.Response {
	t.Helper()
	if body != nil {
		opts = append(opts, wechatpay.JSON(body))
	}
	resp, err := w.client.Chain(template).Do(t.Context(), method, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// plausible makes what a request to op is about, and returns the request.
func (w *world) plausible(t *testing.T, op *openapi.Operation) plausible {
	t.Helper()
	m := w.Merchant().MchID
	p := plausible{op: op, also: make(map[string]bool), given: make(fields), usual: fields{
		"mchid": m, "sp_mchid": m, "mch_id": m, "stock_creator_mchid": m, "belong_merchant": m, "combine_mchid": m, "sub_mchid": subID,
		"appid": appID, "sp_appid": appID, "combine_appid": appID,
		"notify_url": notifyURL, "out_trade_no": w.number(), "bill_date": w.billDay,
	}}
	if op.Repeat.Number != "" && op.Method != "GET" {
		p.usual[op.Repeat.Number] = w.number()
	}
	if make := w.makers()[op.String()]; make != nil {
		p.given = make(t)
	}
	return p
}

// A maker makes what a request is about, and returns fields of the request.
type maker func(t *testing.T) fields

// makers returns the makers by operation.
func (w *world) makers() map[string]maker {
	brand := func(*testing.T) fields { return fields{"brand_id": 2250} } // a number in the official SDK
	all := map[string]maker{"GET v3/lovefeast/brands/{brand_id}": brand, "GET v3/lovefeast/users/{openid}/orders/brand-id/{brand_id}": brand}
	for _, product := range []map[string]maker{w.orders(), w.combinations(), w.refunds(), w.stocks(), w.coupons(), w.complaints(), w.sharings(), w.platformSharings(), w.transfers(), w.batches(), w.balances()} {
		maps.Copy(all, product)
	}
	return all
}

// order places an order of 1000 fen, for the sub-merchant if it is to be shared.
func (w *world) order(t *testing.T) (outTradeNo string) {
	t.Helper()
	no := w.number()
	w.call(t, "POST", "v3/pay/transactions/native", fields{"appid": appID, "mchid": w.Merchant().MchID, "description": "杯子",
		"out_trade_no": no, "notify_url": notifyURL, "amount": fields{"total": 1000}})
	return no
}

// partnerOrder places an order of 1000 fen for the sub-merchant.
func (w *world) partnerOrder(t *testing.T) (outTradeNo string) {
	t.Helper()
	no := w.number()
	w.call(t, "POST", "v3/pay/partner/transactions/native", fields{"sp_appid": appID, "sp_mchid": w.Merchant().MchID, "sub_mchid": subID,
		"description": "杯子", "out_trade_no": no, "notify_url": notifyURL, "amount": fields{"total": 1000}, "settle_info": fields{"profit_sharing": true}})
	return no
}

// pay has the user pay an order, and lets some minutes go by.
func (w *world) pay(t *testing.T, outTradeNo string) (transactionID string) {
	t.Helper()
	id, err := w.Pay(w.Merchant().MchID, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	w.wait(t, 2*time.Minute)
	return id
}

func (w *world) wait(t *testing.T, d time.Duration) {
	t.Helper()
	if err := w.Advance(d); err != nil {
		t.Fatal(err)
	}
}

func (w *world) paid(t *testing.T) (outTradeNo, transactionID string) {
	t.Helper()
	no := w.order(t)
	return no, w.pay(t, no)
}

func (w *world) orders() map[string]maker {
	all := make(map[string]maker)
	for path, order := range map[string]func(*testing.T) string{"v3/pay/transactions/": w.order, "v3/pay/partner/transactions/": w.partnerOrder} {
		byNumber := func(t *testing.T) fields { return fields{"out_trade_no": order(t)} }
		all["GET "+path+"out-trade-no/{out_trade_no}"] = byNumber
		all["POST "+path+"out-trade-no/{out_trade_no}/close"] = byNumber
		all["GET "+path+"id/{transaction_id}"] = func(t *testing.T) fields { return fields{"transaction_id": w.pay(t, order(t))} }
	}
	code := fields{"description": "杯子", "amount": fields{"total": 1000}, "payer": fields{"auth_code": "130061098828009406"},
		"scene_info": fields{"store_info": fields{"id": "0001"}}}
	byCode := func(path string, of fields) maker {
		return func(t *testing.T) fields {
			body := maps.Clone(code)
			maps.Copy(body, of)
			body["out_trade_no"] = w.number()
			w.call(t, "POST", path+"codepay", body)
			return fields{"out_trade_no": body["out_trade_no"]}
		}
	}
	const reverse = "out-trade-no/{out_trade_no}/reverse"
	m := w.Merchant().MchID
	all["POST v3/pay/transactions/"+reverse] = byCode("v3/pay/transactions/", fields{"appid": appID, "mchid": m})
	all["POST v3/pay/partner/transactions/"+reverse] = byCode("v3/pay/partner/transactions/", fields{"sp_appid": appID, "sp_mchid": m, "sub_mchid": subID})
	return all
}

func (w *world) balances() map[string]maker {
	day := func(*testing.T) fields { return fields{"date": w.billDay} }
	return map[string]maker{
		"GET v3/merchant/fund/dayendbalance/{account_type}": day,
		"GET v3/ecommerce/fund/enddaybalance/{sub_mchid}":   day,
	}
}

func (w *world) combinations() map[string]maker {
	const path = "v3/combine-transactions/"
	parts := func() (parts []fields) {
		for range 2 {
			parts = append(parts, fields{"mchid": w.Merchant().MchID, "attach": "深圳分店", "amount": fields{"total_amount": 1000, "currency": "CNY"},
				"out_trade_no": w.number(), "description": "杯子"})
		}
		return parts
	}
	combined := func(t *testing.T) (no string, of []fields) {
		no, of = w.number(), parts()
		w.call(t, "POST", path+"native", fields{"combine_appid": appID, "combine_mchid": w.Merchant().MchID, "combine_out_trade_no": no,
			"notify_url": notifyURL, "sub_orders": of})
		return no, of
	}
	all := map[string]maker{
		"GET " + path + "out-trade-no/{combine_out_trade_no}": func(t *testing.T) fields {
			no, _ := combined(t)
			return fields{"combine_out_trade_no": no}
		},
		"POST " + path + "out-trade-no/{combine_out_trade_no}/close": func(t *testing.T) fields {
			no, of := combined(t)
			for i, part := range of {
				of[i] = fields{"mchid": part["mchid"], "out_trade_no": part["out_trade_no"]}
			}
			return fields{"combine_out_trade_no": no, "sub_orders": of}
		},
	}
	for _, kind := range []string{"jsapi", "miniprogram", "app", "h5", "native"} {
		all["POST "+path+kind] = func(*testing.T) fields {
			return fields{"sub_orders": parts(), "combine_payer_info": fields{"openid": openID}}
		}
	}
	return all
}

func (w *world) refunds() map[string]maker {
	amount := fields{"refund": 100, "total": 1000, "currency": "CNY"}
	refund := func(t *testing.T) (no, id string) {
		_, order := w.paid(t)
		no = w.number()
		resp := w.call(t, "POST", "v3/refund/domestic/refunds", fields{"transaction_id": order, "out_refund_no": no, "amount": amount})
		return no, resp.Get("refund_id").String()
	}
	advanced := func(t *testing.T) (no, id string) {
		no = w.number()
		resp := w.call(t, "POST", "v3/ecommerce/refunds/apply", fields{"sub_mchid": subID, "sp_appid": appID, "transaction_id": w.pay(t, w.partnerOrder(t)),
			"out_refund_no": no, "amount": amount, "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE"})
		w.wait(t, time.Minute)
		return no, resp.Get("refund_id").String()
	}
	const ecommerce = "v3/ecommerce/refunds/"
	byID := func(t *testing.T) fields {
		_, id := advanced(t)
		return fields{"sub_mchid": subID, "refund_id": id}
	}
	return map[string]maker{
		"POST v3/refund/domestic/refunds": func(t *testing.T) fields {
			_, order := w.paid(t)
			return fields{"transaction_id": order, "amount": amount}
		},
		"GET v3/refund/domestic/refunds/{out_refund_no}": func(t *testing.T) fields {
			no, _ := refund(t)
			return fields{"out_refund_no": no}
		},
		"POST v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund": func(t *testing.T) fields {
			no, id := refund(t)
			if err := w.SettleRefund(w.Merchant().MchID, no, sandbox.RefundAbnormal); err != nil {
				t.Fatal(err)
			}
			return fields{"refund_id": id, "out_refund_no": no, "type": "MERCHANT_BANK_CARD"}
		},
		"POST " + ecommerce + "apply": func(t *testing.T) fields {
			return fields{"sub_mchid": subID, "transaction_id": w.pay(t, w.partnerOrder(t)), "combine_transaction_id": nil, "amount": amount}
		},
		"GET " + ecommerce + "id/{refund_id}": byID,
		"GET " + ecommerce + "out-refund-no/{out_refund_no}": func(t *testing.T) fields {
			no, _ := advanced(t)
			return fields{"sub_mchid": subID, "out_refund_no": no}
		},
		"POST " + ecommerce + "{refund_id}/return-advance": byID,
		"GET " + ecommerce + "{refund_id}/return-advance": func(t *testing.T) fields {
			_, id := advanced(t)
			w.call(t, "POST", ecommerce+"{refund_id}/return-advance", fields{"sub_mchid": subID}, wechatpay.Bind("refund_id", id))
			return fields{"sub_mchid": subID, "refund_id": id}
		},
	}
}

// newStock returns the fields of a stock of coupons.
func (w *world) newStock() fields {
	now := time.Now().Add(24 * time.Hour) // the clock of a world goes ahead
	return fields{
		"available_begin_time": now.Format(time.RFC3339), "available_end_time": now.AddDate(0, 0, 30).Format(time.RFC3339),
		"stock_type": "NORMAL", "no_cash": false, "pattern_info": fields{"description": "满 1 元可用"},
		"stock_use_rule": fields{"max_coupons": 100, "max_amount": 10000, "max_coupons_per_user": 60,
			"natural_person_limit": false, "prevent_api_abuse": false},
		"coupon_use_rule": fields{"fixed_normal_coupon": fields{"coupon_amount": 100, "transaction_minimum": 100}, "available_merchants": []string{w.Merchant().MchID}},
	}
}

func (w *world) stocks() map[string]maker {
	m := w.Merchant().MchID
	const path = "v3/marketing/favor/stocks/{stock_id}"
	// after returns a maker of a stock with which some steps were taken.
	after := func(steps ...string) maker {
		return func(t *testing.T) fields {
			stock := w.newStock()
			stock["stock_name"], stock["belong_merchant"], stock["out_request_no"] = "八月代金券", m, w.number()
			id := w.call(t, "POST", "v3/marketing/favor/coupon-stocks", stock).Get("stock_id").String()
			for _, step := range steps {
				w.call(t, "POST", path+"/"+step, fields{"stock_creator_mchid": m}, wechatpay.Bind("stock_id", id))
			}
			return fields{"stock_id": id}
		}
	}
	all := map[string]maker{
		"POST v3/marketing/favor/coupon-stocks": func(*testing.T) fields { return w.newStock() },
		"GET " + path:                           after(),
		"POST " + path + "/start":               after(),
		"POST " + path + "/pause":               after("start"),
		"POST " + path + "/stop":                after("start"),
		"POST " + path + "/restart":             after("start", "pause"),
	}
	for _, list := range []string{"items", "merchants", "use-flow", "refund-flow"} {
		all["GET "+path+"/"+list] = after("start")
	}
	return all
}

func (w *world) coupons() map[string]maker {
	m := w.Merchant().MchID
	const path, callbacks = "v3/marketing/favor/users/{openid}/coupons", "v3/marketing/favor/callbacks"
	coupon := fields{"stock_id": "9856000", "stock_creator_mchid": m, "coupon_value": 100, "coupon_minimum": 100}
	return map[string]maker{
		"POST " + path: func(*testing.T) fields { return coupon },
		"GET " + path:  func(*testing.T) fields { return fields{"openid": openID, "creator_mchid": m} },
		"GET " + path + "/{coupon_id}": func(t *testing.T) fields {
			body := maps.Clone(coupon)
			body["appid"], body["out_request_no"] = appID, w.number()
			return fields{"openid": openID, "coupon_id": w.call(t, "POST", path, body, wechatpay.Bind("openid", openID)).Get("coupon_id").String()}
		},
		"GET " + callbacks: func(t *testing.T) fields {
			w.call(t, "POST", callbacks, fields{"mchid": m, "notify_url": notifyURL, "switch": true})
			return nil
		},
	}
}

func (w *world) complaints() map[string]maker {
	const path, callback, images = "v3/merchant-service/complaints-v2/{complaint_id}", "v3/merchant-service/complaint-notifications", "v3/merchant-service/images/"
	complaint := func(t *testing.T) fields {
		no, _ := w.paid(t)
		id, err := w.Complain(w.Merchant().MchID, no, "重复扣费")
		if err != nil {
			t.Fatal(err)
		}
		return fields{"complaint_id": id, "complainted_mchid": w.Merchant().MchID}
	}
	told := func(t *testing.T) fields {
		w.call(t, "POST", callback, fields{"url": notifyURL})
		return nil
	}
	return map[string]maker{
		"GET " + path:                           complaint,
		"GET " + path + "/negotiation-historys": complaint,
		"POST " + path + "/response":            complaint,
		"POST " + path + "/complete":            complaint,
		"GET " + callback:                       told,
		"PUT " + callback:                       told,
		"DELETE " + callback:                    told,
		"GET " + images + "{media_id}": func(t *testing.T) fields {
			return fields{"media_id": w.call(t, "POST", images+"upload", nil, wechatpay.Upload("image.png", bytes.NewReader([]byte(png)))).Get("media_id").String()}
		},
	}
}

// toShare returns a paid order of a sub-merchant, to share.
func (w *world) toShare(t *testing.T) fields {
	return fields{"sub_mchid": subID, "transaction_id": w.pay(t, w.partnerOrder(t))}
}

// shared returns an order that is shared by a request to path with more fields.
func (w *world) shared(t *testing.T, path string, more fields) fields {
	f := w.toShare(t)
	f["out_order_no"] = w.number()
	body := maps.Clone(f)
	maps.Copy(body, more)
	w.call(t, "POST", path, body)
	w.wait(t, 2*time.Minute)
	return f
}

// giving returns the return of a part of what was shared.
func (w *world) giving(shared fields) fields {
	return fields{"sub_mchid": subID, "out_order_no": shared["out_order_no"], "out_return_no": w.number(), "return_mchid": "1900000110",
		"amount": 10, "description": "用户退款"}
}

func (w *world) sharings() map[string]maker {
	const path = "v3/profitsharing/"
	receivers := []fields{{"type": "MERCHANT_ID", "account": "1900000110", "amount": 100, "description": "分给商户A"}}
	shared := func(t *testing.T) fields {
		return w.shared(t, path+"orders", fields{"appid": appID, "unfreeze_unsplit": false, "receivers": receivers})
	}
	giving := func(t *testing.T) fields { return w.giving(shared(t)) }
	return map[string]maker{
		"POST " + path + "orders": func(t *testing.T) fields {
			f := w.toShare(t)
			f["receivers"], f["unfreeze_unsplit"] = receivers, true
			return f
		},
		"GET " + path + "orders/{out_order_no}":                 shared,
		"POST " + path + "orders/unfreeze":                      w.toShare,
		"GET " + path + "transactions/{transaction_id}/amounts": w.toShare,
		"POST " + path + "return-orders":                        giving,
		"GET " + path + "return-orders/{out_return_no}": func(t *testing.T) fields {
			given := giving(t)
			w.call(t, "POST", path+"return-orders", given)
			return fields{"sub_mchid": subID, "out_order_no": given["out_order_no"], "out_return_no": given["out_return_no"]}
		},
	}
}

// platformSharings are those of an e-commerce platform.
func (w *world) platformSharings() map[string]maker {
	const path = "v3/ecommerce/profitsharing/"
	receivers := []fields{{"type": "MERCHANT_ID", "receiver_account": "1900000110", "receiver_mchid": "1900000110", "amount": 100, "description": "平台佣金"}}
	shared := func(t *testing.T) fields {
		return w.shared(t, path+"orders", fields{"finish": false, "receivers": receivers})
	}
	giving := func(t *testing.T) fields {
		f := w.giving(shared(t))
		f["order_id"], f["transaction_id"] = nil, nil
		return f
	}
	return map[string]maker{
		"POST " + path + "orders": func(t *testing.T) fields {
			f := w.toShare(t)
			f["receivers"], f["finish"] = receivers, true
			return f
		},
		"GET " + path + "orders":                          shared,
		"GET " + path + "orders/{transaction_id}/amounts": w.toShare,
		"POST " + path + "finish-order":                   w.toShare,
		"POST " + path + "returnorders":                   giving,
		"GET " + path + "returnorders": func(t *testing.T) fields {
			given := giving(t)
			body := maps.Clone(given)
			maps.DeleteFunc(body, func(_ string, v any) bool { return v == nil })
			w.call(t, "POST", path+"returnorders", body)
			return fields{"sub_mchid": subID, "out_order_no": given["out_order_no"], "order_id": nil, "out_return_no": given["out_return_no"]}
		},
	}
}

func (w *world) transfers() map[string]maker {
	const path, receipts = "v3/fund-app/mch-transfer/transfer-bills", "v3/fund-app/mch-transfer/elecsign/"
	transfer := fields{"openid": openID, "transfer_amount": 100, "transfer_remark": "新会员开通有礼", "transfer_scene_id": "1000",
		"transfer_scene_report_infos": []fields{{"info_type": "活动名称", "info_content": "新会员有礼"}, {"info_type": "奖励说明", "info_content": "注册会员抽奖一等奖"}}}
	made := func(t *testing.T) (no, id string) {
		body := maps.Clone(transfer)
		no = w.number()
		body["appid"], body["out_bill_no"] = appID, no
		return no, w.call(t, "POST", path, body).Get("transfer_bill_no").String()
	}
	byNumber := func(t *testing.T) fields {
		no, _ := made(t)
		return fields{"out_bill_no": no}
	}
	arrived := func(t *testing.T) fields {
		body := maps.Clone(transfer)
		no := w.number()
		body["appid"], body["out_bill_no"], body["user_name"] = appID, no, wechatpay.Secret("张三")
		id := w.call(t, "POST", path, body).Get("transfer_bill_no").String()
		if err := w.SettleTransfer(w.Merchant().MchID, no, sandbox.TransferSuccess); err != nil {
			t.Fatal(err)
		}
		return fields{"out_bill_no": no, "transfer_bill_no": id}
	}
	finished := func(t *testing.T) fields {
		numbers := arrived(t)
		w.call(t, "POST", receipts+"out-bill-no", fields{"out_bill_no": numbers["out_bill_no"]})
		w.wait(t, 5*time.Second)
		return numbers
	}
	const consents = "v3/fund-app/mch-transfer/user-confirm-authorization"
	consented := func(t *testing.T) fields {
		no := w.number()
		w.call(t, "POST", consents, fields{"out_authorization_no": no, "appid": appID, "openid": openID, "transfer_scene_id": "1000",
			"user_display_name": "wx_123456", "authorization_notify_url": notifyURL})
		if err := w.ConfirmAuthorization(w.Merchant().MchID, no); err != nil {
			t.Fatal(err)
		}
		return fields{"out_authorization_no": no}
	}
	return map[string]maker{
		"GET " + consents + "/out-authorization-no/{out_authorization_no}":        consented,
		"POST " + consents + "/out-authorization-no/{out_authorization_no}/close": consented,
		"POST " + path + "/pre-transfer-with-authorization":                       func(*testing.T) fields { return transfer },
		"POST " + path + "/transfer": func(t *testing.T) fields {
			body := maps.Clone(transfer)
			delete(body, "openid")
			body["out_authorization_no"] = consented(t)["out_authorization_no"]
			return body
		},
		"POST " + receipts + "out-bill-no":                        arrived,
		"POST " + receipts + "transfer-bill-no":                   arrived,
		"GET " + receipts + "out-bill-no/{out_bill_no}":           finished,
		"GET " + receipts + "transfer-bill-no/{transfer_bill_no}": finished,
		"POST " + path: func(*testing.T) fields { return transfer },
		"GET " + path + "/out-bill-no/{out_bill_no}":         byNumber,
		"POST " + path + "/out-bill-no/{out_bill_no}/cancel": byNumber,
		"GET " + path + "/transfer-bill-no/{transfer_bill_no}": func(t *testing.T) fields {
			_, id := made(t)
			return fields{"transfer_bill_no": id}
		},
	}
}
