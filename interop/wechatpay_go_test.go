package interop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/cipher/decryptors"
	"github.com/wechatpay-apiv3/wechatpay-go/core/cipher/encryptors"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/app"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/h5"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/refunddomestic"

	"github.com/wxchain/wechatpay/sandbox"
)

const (
	appID     = "wxd678efh567hg6787"
	notifyURL = "https://www.example.com/notify"
	openID    = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// redirected sends what is meant for the platform to the sandbox: the official
// SDK has its hosts built in.
type redirected struct{ to *url.URL }

func (r redirected) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.URL.Scheme, req.URL.Host = r.to.Scheme, r.to.Host
	return http.DefaultTransport.RoundTrip(req)
}

// network is what the official SDK calls the sandbox through.
func network(t *testing.T, sb *sandbox.Sandbox) core.ClientOption {
	t.Helper()
	to, err := url.Parse(sb.URL())
	if err != nil {
		t.Fatal(err)
	}
	return option.WithHTTPClient(&http.Client{Transport: redirected{to}})
}

// official is a client of the official SDK, which works with the platform public
// key, as new merchants do.
func official(t *testing.T, sb *sandbox.Sandbox) *core.Client {
	t.Helper()
	m := sb.Merchant()
	id, key := platformKey(t, sb)
	client, err := core.NewClient(t.Context(),
		option.WithWechatPayPublicKeyAuthCipher(m.MchID, m.SerialNo, m.PrivateKey, id, key), network(t, sb))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// A merchant without the public key downloads certificates, by the SDK's own
// downloader, which verify answers and encrypt names.
func TestOfficialCertificates(t *testing.T) {
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	ctx, m := t.Context(), sb.Merchant()
	plain, err := core.NewClient(ctx, option.WithMerchantCredential(m.MchID, m.SerialNo, m.PrivateKey), network(t, sb), option.WithoutValidator())
	if err != nil {
		t.Fatal(err)
	}
	certs, err := downloader.NewCertificateDownloaderWithClient(ctx, plain, m.APIv3Key)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(certs.GetAll(ctx)); n != 2 {
		t.Errorf("%d certificates were downloaded, the platform has 2", n)
	}
	client, err := core.NewClient(ctx,
		option.WithMerchantCredential(m.MchID, m.SerialNo, m.PrivateKey), network(t, sb),
		option.WithVerifier(verifiers.NewSHA256WithRSAVerifier(certs)),
		option.WithWechatPayCipher(encryptors.NewWechatPayEncryptor(certs), decryptors.NewWechatPayDecryptor(m.PrivateKey)))
	if err != nil {
		t.Fatal(err)
	}
	checkReceiver(t, client)
}

func TestOfficialPayments(t *testing.T) {
	sb := sandbox.Start(t)
	client := official(t, sb)
	ctx := t.Context()
	mchID := core.String(sb.Merchant().MchID)
	query := jsapi.JsapiApiService{Client: client}

	for _, tt := range []struct {
		outTradeNo string
		prepay     func(no *string) (*string, error)
	}{
		{"JSAPI-0001", func(no *string) (*string, error) {
			resp, _, err := query.Prepay(ctx, jsapi.PrepayRequest{
				Appid: core.String(appID), Mchid: mchID, Description: core.String("杯子"), OutTradeNo: no, NotifyUrl: core.String(notifyURL),
				Amount: &jsapi.Amount{Total: core.Int64(100)}, Payer: &jsapi.Payer{Openid: core.String("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")},
			})
			if err != nil {
				return nil, err
			}
			return resp.PrepayId, nil
		}},
		{"app-0001", func(no *string) (*string, error) {
			resp, _, err := (&app.AppApiService{Client: client}).Prepay(ctx, app.PrepayRequest{
				Appid: core.String(appID), Mchid: mchID, Description: core.String("杯子"), OutTradeNo: no, NotifyUrl: core.String(notifyURL),
				Amount: &app.Amount{Total: core.Int64(100)},
			})
			if err != nil {
				return nil, err
			}
			return resp.PrepayId, nil
		}},
		{"h5-0001", func(no *string) (*string, error) {
			resp, _, err := (&h5.H5ApiService{Client: client}).Prepay(ctx, h5.PrepayRequest{
				Appid: core.String(appID), Mchid: mchID, Description: core.String("杯子"), OutTradeNo: no, NotifyUrl: core.String(notifyURL),
				Amount:    &h5.Amount{Total: core.Int64(100)},
				SceneInfo: &h5.SceneInfo{PayerClientIp: core.String("14.23.150.211"), H5Info: &h5.H5Info{Type: core.String("Wap")}},
			})
			if err != nil {
				return nil, err
			}
			return resp.H5Url, nil
		}},
		{"native-0001", func(no *string) (*string, error) {
			resp, _, err := (&native.NativeApiService{Client: client}).Prepay(ctx, native.PrepayRequest{
				Appid: core.String(appID), Mchid: mchID, Description: core.String("杯子"), OutTradeNo: no, NotifyUrl: core.String(notifyURL),
				Amount: &native.Amount{Total: core.Int64(100)},
			})
			if err != nil {
				return nil, err
			}
			return resp.CodeUrl, nil
		}},
	} {
		t.Run(tt.outTradeNo, func(t *testing.T) {
			no := core.String(tt.outTradeNo)
			if made, err := tt.prepay(no); err != nil || made == nil || *made == "" {
				t.Fatalf("prepay: %v", err)
			}
			checkPaying(t, sb, query, tt.outTradeNo)
		})
	}
}

// checkPaying queries an order, pays it, and queries it again; then it is too
// late to close it.
func checkPaying(t *testing.T, sb *sandbox.Sandbox, query jsapi.JsapiApiService, outTradeNo string) {
	t.Helper()
	ctx, mchID := t.Context(), core.String(sb.Merchant().MchID)
	byNumber := jsapi.QueryOrderByOutTradeNoRequest{OutTradeNo: &outTradeNo, Mchid: mchID}
	order, _, err := query.QueryOrderByOutTradeNo(ctx, byNumber)
	if err != nil || *order.TradeState != "NOTPAY" || *order.OutTradeNo != outTradeNo {
		t.Fatalf("an order not paid: %v, %v", order, err)
	}
	id, err := sb.Pay(*mchID, outTradeNo)
	if err != nil {
		t.Fatal(err)
	}
	if order, _, err = query.QueryOrderByOutTradeNo(ctx, byNumber); err != nil || !paid(order, id) {
		t.Errorf("a paid order: %v, %v", order, err)
	}
	order, _, err = query.QueryOrderById(ctx, jsapi.QueryOrderByIdRequest{TransactionId: core.String(id), Mchid: mchID})
	if err != nil || !paid(order, id) {
		t.Errorf("a paid order, by transaction_id: %v, %v", order, err)
	}
	if _, err = query.CloseOrder(ctx, jsapi.CloseOrderRequest{OutTradeNo: &outTradeNo, Mchid: mchID}); err == nil {
		t.Error("a paid order was closed")
	}
}

func paid(order *payments.Transaction, id string) bool {
	return *order.TradeState == "SUCCESS" && *order.TransactionId == id && *order.Amount.Total == 100
}

func TestOfficialClose(t *testing.T) {
	sb := sandbox.Start(t)
	orders := native.NativeApiService{Client: official(t, sb)}
	ctx, mchID, no := t.Context(), core.String(sb.Merchant().MchID), core.String("native-0002")
	if _, _, err := orders.Prepay(ctx, native.PrepayRequest{
		Appid: core.String(appID), Mchid: mchID, Description: core.String("杯子"), OutTradeNo: no, NotifyUrl: core.String(notifyURL),
		Amount: &native.Amount{Total: core.Int64(100)},
	}); err != nil {
		t.Fatal(err)
	}
	if result, err := orders.CloseOrder(ctx, native.CloseOrderRequest{OutTradeNo: no, Mchid: mchID}); err != nil || result.Response.StatusCode != http.StatusNoContent {
		t.Fatalf("close: %v", err)
	}
	order, _, err := orders.QueryOrderByOutTradeNo(ctx, native.QueryOrderByOutTradeNoRequest{OutTradeNo: no, Mchid: mchID})
	if err != nil || *order.TradeState != "CLOSED" {
		t.Errorf("a closed order: %v, %v", order, err)
	}
	_, _, err = orders.QueryOrderByOutTradeNo(ctx, native.QueryOrderByOutTradeNoRequest{OutTradeNo: core.String("native-0003"), Mchid: mchID})
	var refused *core.APIError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusNotFound || refused.Code != "ORDER_NOT_EXIST" {
		t.Errorf("an order that nobody made: %v", err)
	}
}

func TestOfficialRefund(t *testing.T) {
	sb := sandbox.Start(t)
	client := official(t, sb)
	ctx, mchID := t.Context(), core.String(sb.Merchant().MchID)
	if _, _, err := (&native.NativeApiService{Client: client}).Prepay(ctx, native.PrepayRequest{
		Appid: core.String(appID), Mchid: mchID, Description: core.String("杯子"), OutTradeNo: core.String("native-0004"), NotifyUrl: core.String(notifyURL),
		Amount: &native.Amount{Total: core.Int64(100)},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := sb.Pay(*mchID, "native-0004"); err != nil {
		t.Fatal(err)
	}
	refunds := refunddomestic.RefundsApiService{Client: client}
	refund := func(ctx context.Context, no string, fen int64) error {
		_, _, err := refunds.Create(ctx, refunddomestic.CreateRequest{
			OutTradeNo: core.String("native-0004"), OutRefundNo: core.String(no),
			Amount: &refunddomestic.AmountReq{Refund: core.Int64(fen), Total: core.Int64(100), Currency: core.String("CNY")},
		})
		return err
	}
	if err := refund(ctx, "refund-1", 60); err != nil {
		t.Fatal(err)
	}
	if err := refund(ctx, "refund-2", 41); err == nil {
		t.Error("more was refunded than paid")
	}
	got, _, err := refunds.QueryByOutRefundNo(ctx, refunddomestic.QueryByOutRefundNoRequest{OutRefundNo: core.String("refund-1")})
	if err != nil || *got.Amount.Refund != 60 || *got.OutTradeNo != "native-0004" {
		t.Errorf("the refund: %v, %v", got, err)
	}
}
