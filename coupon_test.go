package wechatpay_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// The calls for coupons as the documentation shows them: by path and by segments,
// synchronous and as a promise, against the test kit that users have.
func TestCoupons(t *testing.T) {
	const template = "v3/marketing/favor/users/{openid}/coupons"
	mock := wechatpaytest.New(t)
	mock.On("POST", template, mock.JSON(200, wechatpay.M{"coupon_id": "9867041"}))
	mock.On("GET", template, func(req *http.Request) (*http.Response, error) {
		query := req.URL.Query()
		return httpmock.NewJsonResponse(200, wechatpay.M{
			"total_count": 1, "offset": query.Get("offset"), "limit": query.Get("limit"),
			"data": []wechatpay.M{{"coupon_id": "9867041", "stock_id": query.Get("stock_id"), "status": query.Get("status")}},
		})
	})
	client := mock.Client()
	send := wechatpay.Options{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "json": coupon()}
	list := wechatpay.Options{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "query": wechatpay.M{
		"appid": "wx233544546545989", "stock_id": "9856000", "status": "SENDED", "creator_mchid": "8956000",
		"sender_mchid": "8956000", "available_mchid": "8956000", "offset": 0, "limit": 20, "business_type": "MULTIUSE",
	}}

	for name, coupons := range map[string]wechatpay.Chain{
		"path":     client.Chain(template),
		"segments": client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons"),
	} {
		sent := func(resp *wechatpay.Response) error {
			if got := resp.Get("coupon_id").String(); got != "9867041" {
				t.Errorf("%s: coupon_id %q", name, got)
			}
			return nil
		}
		listed := func(resp *wechatpay.Response) error {
			if resp.Get("total_count").Int() != 1 || resp.Get("offset").Int() != 0 || resp.Get("limit").Int() != 20 ||
				resp.Get(`data.#(status=="SENDED")#.stock_id`).String() != `["9856000"]` {
				t.Errorf("%s: %s", name, resp.Bytes())
			}
			return nil
		}
		for _, call := range []struct {
			now   func() (*wechatpay.Response, error)
			later func() *wechatpay.Promise[*wechatpay.Response]
			check func(*wechatpay.Response) error
		}{
			{
				func() (*wechatpay.Response, error) { return coupons.Post(t.Context(), send) },
				func() *wechatpay.Promise[*wechatpay.Response] { return coupons.PostAsync(t.Context(), send) },
				sent,
			},
			{
				func() (*wechatpay.Response, error) { return coupons.Get(t.Context(), list) },
				func() *wechatpay.Promise[*wechatpay.Response] { return coupons.GetAsync(t.Context(), list) },
				listed,
			},
		} {
			resp, err := call.now()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := call.check(resp); err != nil {
				t.Error(err)
			}
			if _, err := call.later().Then(call.check).Wait(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
