package interop

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/services/cashcoupons"
	"github.com/wechatpay-apiv3/wechatpay-go/services/fileuploader"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"github.com/wxchain/wechatpay/sandbox"
)

func TestOfficialCoupons(t *testing.T) {
	sb := sandbox.Start(t)
	client := official(t, sb)
	ctx, mchID := t.Context(), core.String(sb.Merchant().MchID)
	stocks, coupons := cashcoupons.StockApiService{Client: client}, cashcoupons.CouponApiService{Client: client}
	at := func(d time.Duration) *string { return core.String(time.Now().Add(d).Format(time.RFC3339)) }
	stock, _, err := stocks.CreateCouponStock(ctx, cashcoupons.CreateCouponStockRequest{
		StockName: core.String("八月代金券"), BelongMerchant: mchID, OutRequestNo: core.String("stock-0001"), StockType: core.String("NORMAL"),
		AvailableBeginTime: at(0), AvailableEndTime: at(30 * 24 * time.Hour),
		StockUseRule: &cashcoupons.StockRule{
			MaxCoupons: core.Int64(100), MaxAmount: core.Int64(10000), MaxCouponsPerUser: core.Int64(1),
			NaturalPersonLimit: core.Bool(false), PreventApiAbuse: core.Bool(false),
		},
		PatternInfo: &cashcoupons.PatternInfo{Description: core.String("满 1 元可用")},
		CouponUseRule: &cashcoupons.CouponRule{
			FixedNormalCoupon:  &cashcoupons.FixedValueStockMsg{CouponAmount: core.Int64(100), TransactionMinimum: core.Int64(100)},
			AvailableMerchants: []string{*mchID},
		},
		NoCash: core.Bool(false),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := stocks.StartStock(ctx, cashcoupons.StartStockRequest{StockId: stock.StockId, StockCreatorMchid: mchID}); err != nil {
		t.Fatal(err)
	}
	openID := core.String("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
	send := func(no string) (*string, error) {
		sent, _, err := coupons.SendCoupon(ctx, cashcoupons.SendCouponRequest{
			Openid: openID, StockId: stock.StockId, OutRequestNo: core.String(no), Appid: core.String(appID), StockCreatorMchid: mchID,
		})
		if err != nil {
			return nil, err
		}
		return sent.CouponId, nil
	}
	id, err := send("send-0001")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := send("send-0001"); err != nil || *again != *id {
		t.Errorf("sent again: %v, %v", again, err)
	}
	if _, err := send("send-0002"); !core.IsAPIError(err, "RULE_LIMIT") {
		t.Errorf("one more than the user may have: %v", err)
	}
	coupon, _, err := coupons.QueryCoupon(ctx, cashcoupons.QueryCouponRequest{CouponId: id, Appid: core.String(appID), Openid: openID})
	if err != nil || *coupon.Status != "SENDED" {
		t.Errorf("the coupon: %v, %v", coupon, err)
	}
}

func TestOfficialReceiver(t *testing.T) { checkReceiver(t, official(t, sandbox.Start(t))) }

// checkReceiver adds a receiver, whose name the SDK encrypts.
func checkReceiver(t *testing.T, client *core.Client) {
	t.Helper()
	receivers := profitsharing.ReceiversApiService{Client: client}
	added, _, err := receivers.AddReceiver(t.Context(), profitsharing.AddReceiverRequest{
		Appid: core.String(appID), Type: profitsharing.RECEIVERTYPE_MERCHANT_ID.Ptr(), Account: core.String("1900000110"),
		Name: core.String("示例商户全称"), RelationType: profitsharing.RECEIVERRELATIONTYPE_SERVICE_PROVIDER.Ptr(),
	})
	if err != nil || *added.Account != "1900000110" {
		t.Errorf("the receiver: %v, %v", added, err)
	}
}

func TestOfficialUpload(t *testing.T) {
	sb := sandbox.Start(t)
	images := fileuploader.ImageUploader{Client: official(t, sb)}
	image, _, err := images.Upload(t.Context(), bytes.NewReader([]byte("\x89PNG\r\n\x1a\n")), "image.png", "image/png")
	if err != nil || image.MediaId == nil || *image.MediaId == "" {
		t.Errorf("the image: %v, %v", image, err)
	}
}

// The SDK takes what the sandbox sends when an order is paid.
func TestOfficialNotification(t *testing.T) {
	received := make(chan *payments.Transaction, 1)
	var handler *notify.Handler
	merchant := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paid := new(payments.Transaction)
		if _, err := handler.ParseNotifyRequest(r.Context(), r, paid); err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		received <- paid
	}))
	defer merchant.Close()
	sb := sandbox.Start(t, func(config *sandbox.Config) { config.Client = merchant.Client() })
	client := official(t, sb)
	ctx, m := t.Context(), sb.Merchant()
	id, key := platformKey(t, sb)
	handler = notify.NewNotifyHandler(m.APIv3Key, verifiers.NewSHA256WithRSAPubkeyVerifier(id, *key))
	if _, _, err := (&native.NativeApiService{Client: client}).Prepay(ctx, native.PrepayRequest{
		Appid: core.String(appID), Mchid: core.String(m.MchID), Description: core.String("杯子"), OutTradeNo: core.String("native-0005"),
		NotifyUrl: core.String(merchant.URL + "/notify"), Amount: &native.Amount{Total: core.Int64(100)},
	}); err != nil {
		t.Fatal(err)
	}
	paid, err := sb.Pay(m.MchID, "native-0005")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-received:
		if *got.TransactionId != paid || *got.OutTradeNo != "native-0005" || *got.TradeState != "SUCCESS" || *got.Amount.Total != 100 {
			t.Errorf("the notification: %v", got)
		}
	case <-ctx.Done():
		t.Error("no notification came")
	case <-time.After(time.Minute):
		t.Error("no notification came")
	}
}
