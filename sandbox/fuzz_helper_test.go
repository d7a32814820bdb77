package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// A sent is a request as sent to a sandbox.
type sent struct{ method, target, contentType, body string }

// newFuzzWorld returns a world with orders in each state, a stock, a coupon, a
// receiver and a transfer, and without notifications. The requests that made and
// queried them succeed, also when repeated.
func newFuzzWorld(f *testing.F) (*world, []sent) {
	var all []sent
	w := newWorld(f, func(c *sandbox.Config) {
		c.Client = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("nobody is notified") })}
	})
	w.client = w.Client(func(c *wechatpay.Config) {
		c.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			text, err := io.ReadAll(body)
			if err != nil {
				return nil, err
			}
			all = append(all, sent{req.Method, req.URL.RequestURI(), req.Header.Get("Content-Type"), string(text)})
			return inprocess.Transport(w.Server).RoundTrip(req)
		})
	})
	must := func(_ *wechatpay.Response, err error) {
		if err != nil {
			f.Fatal(err)
		}
	}
	w.mustCall(f, "POST", native, w.order("closable", 100))
	w.mustCall(f, "POST", "v3/pay/transactions/out-trade-no/closable/close", wechatpay.M{"mchid": sandbox.DefaultMchID})
	id := w.paid(f, number, 100)
	w.query(f, "v3/pay/transactions/id/"+id)
	w.query(f, "v3/pay/transactions/out-trade-no/"+number)
	must(w.call("POST", refundPath, refundOf("refund-1", 60)))
	w.mustCall(f, "GET", refundPath+"/refund-1", nil)
	stockID := w.running(f, nil)
	coupon := w.send(f, stockID, "user")
	w.coupon(f, "user", coupon)
	w.mustCall(f, "GET", stockPath+stockID+"/use-flow", nil)
	must(w.receiver("add", "MERCHANT_ID", partner, nil))
	must(w.share(w.paidToShare(f, "to-share"), "share-1", false, merchantPart(partner, 100)))
	must(w.transfer(nil))
	w.bill(f)
	must(w.upload("v3/merchant/media/upload", "a.png", png))
	w.mustV2(f, unified, orderV2("by-apiv2", 100, nil))
	if _, err := w.Pay(sandbox.DefaultMchID, "by-apiv2"); err != nil {
		f.Fatal(err)
	}
	must(w.v2(queryPath, queryV2("by-apiv2")))
	must(w.v2(refundV2Path, refundV2("by-apiv2-1", 40, wechatpay.M{"out_trade_no": "by-apiv2"})))
	must(w.v2(refundQueryV2, queryV2("by-apiv2")))
	must(w.v2(micropay, microV2("by-code-v2", 100, userCode)))
	must(w.v2(reverseV2, queryV2("by-code-v2")))
	must(w.v2(sendRed, redPacket("red", nil)))
	w.red(f, "red")
	return w, all
}
