package interop

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/silenceper/wechat/v2/pay"
	"github.com/silenceper/wechat/v2/pay/config"
	"github.com/silenceper/wechat/v2/pay/notify"
	"github.com/silenceper/wechat/v2/pay/order"
	"github.com/silenceper/wechat/v2/pay/redpacket"
	"github.com/silenceper/wechat/v2/pay/refund"
	"github.com/silenceper/wechat/v2/pay/transfer"
	"github.com/silenceper/wechat/v2/util"

	"github.com/wxchain/wechatpay/sandbox"
)

// All calls of silenceper/wechat for payments, which are of APIv2, and the
// notifications that it reads.
func TestSilenceper(t *testing.T) {
	dir := t.TempDir()
	files, err := sandbox.LoadDir(dir, time.Now()) // it reads the merchant's certificate from a file
	if err != nil {
		t.Fatal(err)
	}
	sb := sandbox.Start(t, func(c *sandbox.Config) { *c = files })
	util.SetURIModifier(func(uri string) string {
		return strings.Replace(uri, "https://api.mch.weixin.qq.com/", sb.URL(), 1)
	})
	t.Cleanup(func() { util.SetURIModifier(nil) })
	received := make(chan []byte, 2)
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		received <- body
		_, _ = io.WriteString(w, `<xml><return_code>SUCCESS</return_code><return_msg>OK</return_msg></xml>`)
	}))
	t.Cleanup(shop.Close)
	m := sb.Merchant()
	s := silenceper{pay.NewPay(&config.Config{AppID: appID, MchID: m.MchID, Key: m.APIv2Key, NotifyURL: shop.URL}),
		sb, filepath.Join(dir, "apiclient_cert.p12"), received}

	for _, signType := range []string{"MD5", "HMAC-SHA256"} {
		t.Run("payment "+signType, func(t *testing.T) { s.payment(t, signType) })
	}
	t.Run("orders", s.orders)
	t.Run("transfer", s.transfer)
	t.Run("red packet", s.redPacket)
}

type silenceper struct {
	*pay.Pay
	sb          *sandbox.Sandbox
	certificate string
	received    <-chan []byte
}

func (s silenceper) newOrder(no string) *order.Params {
	return &order.Params{TotalFee: "100", CreateIP: "127.0.0.1", Body: "杯子", OutTradeNo: no, OpenID: openID, TradeType: "JSAPI",
		TimeExpire: time.Now().Add(time.Hour).In(time.FixedZone("", 8*60*60)).Format("20060102150405")}
}

func (s silenceper) notification(t *testing.T, into any) {
	t.Helper()
	select {
	case body := <-s.received:
		if err := xml.Unmarshal(body, into); err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute):
		t.Fatal("no notification came")
	}
}

// payment pays an order and refunds it.
func (s silenceper) payment(t *testing.T, signType string) {
	no := "silenceper" + signType
	params := s.newOrder(no)
	params.SignType = signType
	if id, err := s.GetOrder().PrePayID(params); err != nil || id == "" {
		t.Fatalf("the prepay_id %q, %v", id, err)
	}
	id, err := s.sb.Pay(s.sb.Merchant().MchID, no)
	if err != nil {
		t.Fatal(err)
	}
	var paid notify.PaidResult
	s.notification(t, &paid)
	// It verifies MD5 alone: for HMAC-SHA256 it wants a field that notifications lack.
	if signType == "MD5" && !s.GetNotify().PaidVerifySign(paid) {
		t.Error("the notification does not verify")
	}
	if *paid.TransactionID != id || *paid.OutTradeNo != no || *paid.TotalFee != 100 {
		t.Errorf("the notification is of %s", *paid.OutTradeNo)
	}
	queried, err := s.GetOrder().QueryOrder(&order.QueryParams{TransactionID: id, SignType: signType})
	if err != nil || *queried.TradeState != "SUCCESS" || *queried.OutTradeNo != no {
		t.Errorf("the order: %v, %v", queried.TradeState, err)
	}
	s.refund(t, id, no+"r")
}

// refund pays back an order.
func (s silenceper) refund(t *testing.T, id, no string) {
	t.Helper()
	refunded, err := s.GetRefund().Refund(&refund.Params{TransactionID: id, OutRefundNo: no, TotalFee: "100", RefundFee: "100",
		RefundDesc: "退货", RootCa: s.certificate, NotifyURL: s.Pay.GetNotify().NotifyURL})
	if err != nil || refunded.RefundFee != "100" || refunded.RefundID == "" {
		t.Fatalf("the refund: %+v, %v", refunded, err)
	}
	if err := s.sb.SettleRefund(s.sb.Merchant().MchID, no, sandbox.RefundSuccess); err != nil {
		t.Fatal(err)
	}
	var result notify.RefundedResult
	s.notification(t, &result)
	info, err := s.GetNotify().DecryptReqInfo(&result)
	if err != nil || *info.OutRefundNO != no || *info.RefundStatus != "SUCCESS" || *info.RefundFee != 100 {
		t.Errorf("the notification of the refund: %v, %v", info, err)
	}
}

// orders makes the parameters of pages and apps, and closes an order.
func (s silenceper) orders(t *testing.T) {
	orders := s.GetOrder()
	if page, err := orders.BridgeConfig(s.newOrder("silenceper-page")); err != nil || page.PrePayID == "" || page.PaySign == "" {
		t.Errorf("for a page: %+v, %v", page, err)
	}
	app := s.newOrder("silenceper-app")
	app.TradeType = "APP"
	if app, err := orders.BridgeAppConfig(app); err != nil || app.PrePayID == "" {
		t.Errorf("for an app: %+v, %v", app, err)
	}
	if closed, err := orders.CloseOrder(&order.CloseParams{OutTradeNo: "silenceper-page"}); err != nil || *closed.ResultCode != "SUCCESS" {
		t.Errorf("closed: %v, %v", closed, err)
	}
	if queried, err := orders.QueryOrder(&order.QueryParams{OutTradeNo: "silenceper-page"}); err != nil || *queried.TradeState != "CLOSED" {
		t.Errorf("a closed order: %v, %v", queried.TradeState, err)
	}
}

func (s silenceper) transfer(t *testing.T) {
	sent, err := s.GetTransfer().WalletTransfer(&transfer.Params{PartnerTradeNo: "silenceper1", OpenID: openID, Amount: 100, Desc: "理赔",
		SpbillCreateIP: "127.0.0.1", RootCa: s.certificate})
	if err != nil || sent.PaymentNo == "" {
		t.Errorf("sent: %+v, %v", sent, err)
	}
}

func (s silenceper) redPacket(t *testing.T) {
	sent, err := s.GetRedpacket().SendRedpacket(&redpacket.Params{MchBillno: "silenceper2", SendName: "茶馆", ReOpenID: openID, TotalAmount: 100, TotalNum: 1,
		Wishing: "新年快乐", ClientIP: "127.0.0.1", ActName: "猜灯谜", Remark: "快来抢", RootCa: s.certificate})
	if err != nil || sent.TotalAmount != 100 || sent.SendListid == "" {
		t.Errorf("sent: %+v, %v", sent, err)
	}
}
