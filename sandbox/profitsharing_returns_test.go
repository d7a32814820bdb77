package sandbox_test

import (
	"maps"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
)

// returned asks for a return of what the partner received.
func (w *world) returned(edit wechatpay.M) (*wechatpay.Response, error) {
	body := wechatpay.M{"out_order_no": "s1", "out_return_no": "b1", "return_mchid": partner, "amount": 100, "description": "用户退款"}
	maps.Copy(body, edit)
	return w.call("POST", returnPath, body)
}

func TestProfitSharingReturn(t *testing.T) {
	w, id := newSharing(t)
	shared := w.mustShare(t, id, "s1", false, merchantPart(partner, 300))
	w.mustShare(t, id, "s2", false, merchantPart(partner, 50))
	_, err := w.returned(nil)
	refused(t, err, 400, "INVALID_REQUEST") // it is not shared yet
	w.clock.add(5 * time.Second)

	first, err := w.returned(nil)
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "POST", returnPath, first)
	if first.Get("result").String() != "SUCCESS" {
		t.Errorf("answer %s", first.Bytes())
	}
	again, err := w.returned(nil)
	if err != nil || string(again.Bytes()) != string(first.Bytes()) {
		t.Errorf("repeated: %v, %v, at first %s", again, err, first.Bytes())
	}
	for name, tt := range map[string]struct {
		edit   wechatpay.M
		status int
		code   string
	}{
		"other data":       {wechatpay.M{"amount": 101}, 400, "INVALID_REQUEST"},
		"number":           {wechatpay.M{"out_return_no": "a b"}, 400, "PARAM_ERROR"},
		"nothing":          {wechatpay.M{"out_return_no": "b2", "amount": 0}, 400, "PARAM_ERROR"},
		"too much":         {wechatpay.M{"out_return_no": "b2", "amount": 201}, 400, "INVALID_REQUEST"},
		"no receiver":      {wechatpay.M{"out_return_no": "b2", "return_mchid": "1900009999"}, 400, "INVALID_REQUEST"},
		"unknown order":    {wechatpay.M{"out_return_no": "b2", "out_order_no": "s3"}, 404, "RESOURCE_NOT_EXISTS"},
		"unknown order_id": {wechatpay.M{"out_return_no": "b2", "order_id": "3008"}, 404, "RESOURCE_NOT_EXISTS"},
		"no order":         {wechatpay.M{"out_return_no": "b2", "out_order_no": ""}, 400, "PARAM_ERROR"},
		"two orders":       {wechatpay.M{"out_return_no": "b2", "order_id": shared.Get("order_id").String(), "out_order_no": "s2"}, 400, "PARAM_ERROR"},
	} {
		_, err := w.returned(tt.edit)
		t.Log(name)
		refused(t, err, tt.status, tt.code)
	}
	if _, err := w.returned(wechatpay.M{"out_return_no": "b2", "out_order_no": "", "order_id": shared.Get("order_id").String(), "amount": 200}); err != nil {
		t.Error(err)
	}
	_, err = w.returned(wechatpay.M{"out_return_no": "b3", "amount": 1})
	refused(t, err, 400, "INVALID_REQUEST")
	w.left(t, id, 650) // a return is the merchant's, and not shared again

	w.clock.add(5 * time.Second)
	query := func(outReturnNo, outOrderNo string) (*wechatpay.Response, error) {
		return w.call("GET", returnOf, nil, wechatpay.Options{"out_return_no": outReturnNo}, wechatpay.Query(wechatpay.M{"out_order_no": outOrderNo}))
	}
	got, err := query("b1", "s1")
	if err != nil {
		t.Fatal(err)
	}
	documented(t, "GET", returnOf, got)
	if got.Get("result").String() != "SUCCESS" || got.Get("amount").Int() != 100 || got.Get("finish_time").String() != "2018-06-08T10:31:05+08:00" ||
		got.Get("return_id").String() != first.Get("return_id").String() || got.Get("order_id").String() != shared.Get("order_id").String() {
		t.Errorf("later: %s", got.Bytes())
	}
	for outReturnNo, outOrderNo := range map[string]string{"b1": "s2", "b3": "s1"} {
		_, err := query(outReturnNo, outOrderNo)
		refused(t, err, 404, "RESOURCE_NOT_EXISTS")
	}
}
