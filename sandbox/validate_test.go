package sandbox_test

import (
	"testing"

	"github.com/wxchain/wechatpay"
)

func TestParamError(t *testing.T) {
	w := newWorld(t)
	without := func(name string) any {
		order := w.order("param-error", 1)
		delete(order, name)
		return order
	}
	with := func(name string, value any) any {
		order := w.order("param-error", 1)
		order[name] = value
		return order
	}
	const get = "v3/pay/transactions/out-trade-no/param-error"
	tests := []struct {
		name, method, path string
		body               any
		query              wechatpay.M
		field, location    string
		value              any // nil for none
	}{
		{"missing", "POST", native, without("appid"), nil, "/appid", "body", nil},
		{"empty", "POST", native, with("appid", ""), nil, "/appid", "body", ""},
		{"of another type", "POST", native, with("description", 1.0), nil, "/description", "body", 1.0},
		{"nested", "POST", native, with("amount", wechatpay.M{"total": "1"}), nil, "/amount/total", "body", "1"},
		{"in a list", "POST", native, with("detail", wechatpay.M{"goods_detail": []any{wechatpay.M{
			"merchant_goods_id": "1", "quantity": 1.5, "unit_price": 1}}}), nil, "/detail/goods_detail/0/quantity", "body", 1.5},
		{"in the query", "GET", get, nil, nil, "mchid", "query", nil},
		{"another merchant in the query", "GET", get, nil, wechatpay.M{"mchid": "1900000110"}, "mchid", "query", "1900000110"},
		{"another merchant", "POST", native, with("mchid", "1900000110"), nil, "/mchid", "body", "1900000110"},
		{"out_trade_no too short", "POST", native, with("out_trade_no", "12345"), nil, "/out_trade_no", "body", "12345"},
		{"out_trade_no with a space", "POST", native, with("out_trade_no", "123 456"), nil, "/out_trade_no", "body", "123 456"},
		{"nothing to pay", "POST", native, with("amount", wechatpay.M{"total": 0}), nil, "/amount/total", "body", 0.0},
		{"currency", "POST", native, with("amount", wechatpay.M{"total": 1, "currency": "USD"}), nil, "/amount/currency", "body", "USD"},
		{"notify_url with a query", "POST", native, with("notify_url", "https://example.com/?a=b"), nil, "/notify_url", "body", "https://example.com/?a=b"},
		{"no time", "POST", native, with("time_expire", "soon"), nil, "/time_expire", "body", "soon"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var opts []wechatpay.Option
			if tt.query != nil {
				opts = append(opts, wechatpay.Query(tt.query))
			}
			_, err := w.call(tt.method, tt.path, tt.body, opts...)
			e := refused(t, err, 400, "PARAM_ERROR")
			if e.Detail.Get("field").String() != tt.field || e.Detail.Get("location").String() != tt.location || e.Detail.Get("issue").String() == "" {
				t.Errorf("detail %s, want %s in %s", e.Detail, tt.field, tt.location)
			}
			if got := e.Detail.Get("value").Value(); got != tt.value {
				t.Errorf("value %#v, want %#v", got, tt.value)
			}
			verified(t, w, e.Response)
		})
	}
	_, err := w.call("GET", get, nil, wechatpay.Query(wechatpay.M{"mchid": w.Merchant().MchID}))
	refused(t, err, 404, "ORDER_NOT_EXIST") // none of these made an order
}

// A field that the catalogue does not know is accepted, because the platform may
// know it.
func TestUnknownFieldsPass(t *testing.T) {
	w := newWorld(t)
	order := w.order("unknown-field", 1)
	order["new_field"] = "x"
	w.mustCall(t, "POST", native, order)
}
