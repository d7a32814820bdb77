package sandbox_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// sendExample sends the coupon of the documentation's example.
func (w *world) sendExample(opts ...wechatpay.Option) (*wechatpay.Response, error) {
	op := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons")
	opts = append([]wechatpay.Option{
		wechatpay.Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"), wechatpay.JSON(json.RawMessage(openapi.Example(op, 0))),
	}, opts...)
	return w.call(op.Method, op.Template, nil, opts...)
}

func TestDemoStock(t *testing.T) {
	w := newWorld(t, func(c *sandbox.Config) { c.Demo = true })
	mine := wechatpay.Set("stock_creator_mchid", w.Merchant().MchID)
	sent := make(map[string]bool)
	for number, opts := range map[string][]wechatpay.Option{"as it is": nil, "mine": {mine, wechatpay.Set("out_request_no", "mine")}} {
		resp, err := w.sendExample(opts...)
		if err != nil {
			t.Fatalf("%s: %v", number, err)
		}
		documented(t, "POST", "v3/marketing/favor/users/{openid}/coupons", resp)
		sent[resp.Get("coupon_id").String()] = true
	}
	list := w.mustCall(t, "GET", userPath+"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons", nil,
		wechatpay.Query(wechatpay.M{"appid": appID, "stock_id": "9856000", "sender_mchid": w.Merchant().MchID}))
	documented(t, "GET", "v3/marketing/favor/users/{openid}/coupons", list)
	if len(sent) != 2 || list.Get("total_count").Int() != 2 {
		t.Errorf("sent %v, listed %s", sent, list.Bytes())
	}
	stock := w.mustCall(t, "GET", stockPath+"9856000", nil, wechatpay.Query(wechatpay.M{"stock_creator_mchid": w.Merchant().MchID}))
	documented(t, "GET", "v3/marketing/favor/stocks/{stock_id}", stock)
	if got := stock.Get("status").String(); got != "running" || stock.Get("distributed_coupons").Int() != 1 {
		t.Errorf("the stock is %s", stock.Bytes())
	}

	// Who sends from a stock may query it.
	w.mustCall(t, "GET", stockPath+"9856000", nil, wechatpay.Query(wechatpay.M{"stock_creator_mchid": "8956000"}))

	// Its coupons are used like any other.
	for coupon := range sent {
		if err := w.UseCoupon(w.Merchant().MchID, coupon, w.paid(t, "paid-with-"+coupon, 100)); err != nil {
			t.Error(err)
		}
	}
	// The flow does not contain the coupons of the other stock with the same
	// number.
	flow := w.mustCall(t, "GET", stockPath+"9856000/use-flow", nil)
	text := w.download(t, flow.Get("url").String())
	if got := strings.Count(text, "9856000"); got != 1 {
		t.Errorf("%d coupons of the merchant's own were used, want 1:\n%s", got, text)
	}
}

func TestNoDemoStock(t *testing.T) {
	_, err := newWorld(t).sendExample()
	refused(t, err, 404, "RESOURCE_NOT_EXISTS")
}

// After a restart the stock is as it was, or a new one if it has ended.
func TestDemoStockStays(t *testing.T) {
	store, err := sandbox.OpenStore(filepath.Join(t.TempDir(), "sandbox.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	config, err := sandbox.KeyedConfig(start)
	if err != nil {
		t.Fatal(err)
	}
	at := func(now time.Time) *world {
		return newWorld(t, func(c *sandbox.Config) {
			c.Demo, c.Store, c.Clock = true, store, func() time.Time { return now }
			c.Merchants, c.Platform = config.Merchants, config.Platform
		})
	}
	mine := wechatpay.Set("stock_creator_mchid", config.Merchants[0].MchID)
	if _, err := at(start).sendExample(mine); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		days int
		want int64
	}{{89, 1}, {90, 0}} {
		w := at(start.AddDate(0, 0, tt.days))
		stock := w.mustCall(t, "GET", stockPath+"9856000", nil, wechatpay.Query(wechatpay.M{"stock_creator_mchid": config.Merchants[0].MchID}))
		if stock.Get("status").String() != "running" || stock.Get("distributed_coupons").Int() != tt.want {
			t.Errorf("after %d days the stock is %s", tt.days, stock.Bytes())
		}
	}
}
