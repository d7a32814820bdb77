package interop

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/auth/verifiers"
	"github.com/wechatpay-apiv3/wechatpay-go/core/consts"
	"github.com/wechatpay-apiv3/wechatpay-go/core/downloader"
	officialnotify "github.com/wechatpay-apiv3/wechatpay-go/core/notify"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/services/fileuploader"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/jsapi"
	"github.com/wechatpay-apiv3/wechatpay-go/services/payments/native"
	"github.com/wechatpay-apiv3/wechatpay-go/services/profitsharing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// fromOfficial returns both clients of a program that moves from wechatpay-go. They
// have the same keys.
func fromOfficial(t *testing.T, edit ...func(*wechatpay.Config)) (*sandbox.Sandbox, *core.Client, *wechatpay.Client) {
	t.Helper()
	sb := sandbox.Start(t)
	mchID, serialNo, privateKey, apiV3Key := sb.Merchant().MchID, sb.Merchant().SerialNo, sb.Merchant().PrivateKey, sb.Merchant().APIv3Key
	publicKeyID, publicKey := platformKey(t, sb)

	opts := []core.ClientOption{
		option.WithWechatPayPublicKeyAuthCipher(mchID, serialNo, privateKey, publicKeyID, publicKey),
	}
	official, err := core.NewClient(t.Context(), append(opts, network(t, sb))...)
	if err != nil {
		t.Fatal(err)
	}

	config := wechatpay.Config{
		MchID:        mchID,
		SerialNo:     serialNo,
		PrivateKey:   privateKey, // the same *rsa.PrivateKey
		PlatformKeys: keys.Static{publicKeyID: publicKey},
		APIv3Key:     apiV3Key,
	}
	config.BaseURL = sb.URL()
	for _, f := range edit {
		f(&config)
	}
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return sb, official, client
}

// An order placed with one client is queried with the other.
func TestFromOfficialOrder(t *testing.T) {
	log := t // package log, in a program
	sb, official, client := fromOfficial(t)
	ctx, mchID := t.Context(), sb.Merchant().MchID

	orders := jsapi.JsapiApiService{Client: official}
	prepay, _, err := orders.PrepayWithRequestPayment(ctx, jsapi.PrepayRequest{
		Appid:       core.String("wxd678efh567hg6787"),
		Mchid:       core.String(mchID),
		Description: core.String("Image形象店-深圳腾大-QQ公仔"),
		OutTradeNo:  core.String("1217752501201407033233368018"),
		NotifyUrl:   core.String("https://www.example.com/notify"),
		Amount:      &jsapi.Amount{Total: core.Int64(100)},
		Payer:       &jsapi.Payer{Openid: core.String("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")},
	})
	if err != nil || *prepay.PrepayId == "" {
		t.Fatalf("wechatpay-go: %v, %v", prepay, err)
	}

	resp, err := client.V3().Pay().Transactions().Jsapi().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid":        "wxd678efh567hg6787",
		"mchid":        mchID,
		"description":  "Image形象店-深圳腾大-QQ公仔",
		"out_trade_no": "1217752501201407033233368019",
		"notify_url":   "https://www.example.com/notify",
		"amount":       wechatpay.M{"total": 100},
		"payer":        wechatpay.M{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
	}))
	if err != nil {
		log.Fatal(err)
	}
	params, err := client.JSAPIParams("wxd678efh567hg6787", resp.Get("prepay_id").String())
	if err != nil || params["package"] == *prepay.Package || params["signType"] != *prepay.SignType {
		t.Errorf("the parameters: %+v, %v", params, err)
	}

	transactionID, err := sb.Pay(mchID, "1217752501201407033233368019")
	if err != nil {
		log.Fatal(err)
	}
	order, _, err := orders.QueryOrderById(ctx, jsapi.QueryOrderByIdRequest{
		TransactionId: core.String(transactionID),
		Mchid:         core.String(mchID),
	})
	if err != nil || *order.OutTradeNo != "1217752501201407033233368019" {
		t.Errorf("wechatpay-go finds %v, %v", order, err)
	}
	resp, err = client.V3().Pay().Transactions().ID().TransactionID(transactionID).Get(ctx,
		wechatpay.Query(wechatpay.M{"mchid": mchID}))
	if err != nil || resp.Get("trade_state").String() != *order.TradeState {
		t.Errorf("this library finds %v, %v", resp, err)
	}
}

// The types of wechatpay-go are bodies of this library's calls, and take its answers.
func TestFromOfficialTypes(t *testing.T) {
	log := t // package log, in a program
	sb, _, client := fromOfficial(t)
	ctx, mchID := t.Context(), sb.Merchant().MchID

	_, err := client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(native.PrepayRequest{
		Appid:       core.String("wxd678efh567hg6787"),
		Mchid:       core.String(mchID),
		Description: core.String("Image形象店-深圳腾大-QQ公仔"),
		OutTradeNo:  core.String("1217752501201407033233368020"),
		NotifyUrl:   core.String("https://www.example.com/notify"),
		Amount:      &native.Amount{Total: core.Int64(100)},
	}))
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Chain("v3/pay/transactions/out-trade-no/{out_trade_no}").Get(ctx,
		wechatpay.Bind("out_trade_no", "1217752501201407033233368020"),
		wechatpay.Query(wechatpay.M{"mchid": mchID}))
	if err != nil {
		log.Fatal(err)
	}
	var order payments.Transaction
	if err := resp.Decode(&order); err != nil {
		log.Fatal(err)
	}
	if *order.TradeState != "NOTPAY" {
		t.Errorf("the order: %v", order)
	}
	_, err = client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(native.PrepayRequest{}))
	if wechatpay.OutcomeOf(err) != wechatpay.OutcomeNotSent || !strings.Contains(err.Error(), "Appid") {
		t.Errorf("a request without fields: %v", err)
	}
}

// An error that is wrapped keeps its code here.
func TestFromOfficialErrors(t *testing.T) {
	_, official, client := fromOfficial(t)
	ctx := t.Context()

	_, err := official.Get(ctx, "https://api.mch.weixin.qq.com/v3/certificates")
	before := func(err error) error {
		if core.IsAPIError(err, "RESOURCE_NOT_EXISTS") {
			return nil // the merchant has a public key and no certificates
		}
		return err
	}
	if err == nil || before(err) != nil || before(fmt.Errorf("wrapped: %w", err)) == nil {
		t.Errorf("wechatpay-go: %v; docs/wechatpay-go.md says that it does not find the code of a wrapped error", err)
	}
	var refused *core.APIError
	if !errors.As(err, &refused) || refused.StatusCode != http.StatusNotFound {
		t.Errorf("wechatpay-go: %v", err)
	}

	_, err = client.Chain("v3/certificates").Get(ctx)
	after := func(err error) error {
		if wechatpay.IsCode(err, "RESOURCE_NOT_EXISTS") {
			return nil // also if err wraps the error of the call
		}
		return err
	}
	if err == nil || after(err) != nil || after(fmt.Errorf("wrapped: %w", err)) != nil {
		t.Errorf("this library: %v", err)
	}
}

func TestFromOfficialUpload(t *testing.T) {
	_, official, client := fromOfficial(t)
	ctx, image := t.Context(), func() *bytes.Reader { return bytes.NewReader([]byte(png)) }

	file := image()
	uploader := fileuploader.ImageUploader{Client: official}
	uploaded, _, err := uploader.Upload(ctx, file, "demo.png", consts.ImagePNG)
	if err != nil || *uploaded.MediaId == "" {
		t.Errorf("wechatpay-go: %v, %v", uploaded, err)
	}

	file = image()
	resp, err := client.V3().Merchant().Media().Upload().Post(ctx, wechatpay.Upload("demo.png", file))
	if err != nil || resp.Get("media_id").String() == "" {
		t.Errorf("this library: %v, %v", resp, err)
	}
}

// wechatpay-go encrypts the fields with the tag EM_APIV3. Here a Secret is encrypted,
// or the field that the catalogue knows, also in the types of wechatpay-go.
func TestFromOfficialEncryption(t *testing.T) {
	sb, official, client := fromOfficial(t, func(config *wechatpay.Config) {
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(config.PlatformKeys))
		}
	})
	ctx := t.Context()

	receivers := profitsharing.ReceiversApiService{Client: official}
	_, _, err := receivers.AddReceiver(ctx, profitsharing.AddReceiverRequest{
		Appid:        core.String("wxd678efh567hg6787"),
		SubMchid:     core.String("1900000109"),
		Type:         profitsharing.RECEIVERTYPE_MERCHANT_ID.Ptr(),
		Account:      core.String("1900000110"),
		Name:         core.String("示例商户全称"),
		RelationType: profitsharing.RECEIVERRELATIONTYPE_PARTNER.Ptr(),
	})
	if err != nil {
		t.Errorf("wechatpay-go: %v", err)
	}

	receiver := wechatpay.M{
		"appid":         "wxd678efh567hg6787",
		"sub_mchid":     "1900000109",
		"type":          "MERCHANT_ID",
		"account":       "1900000110",
		"name":          wechatpay.Secret("示例商户全称"),
		"relation_type": "PARTNER",
	}
	_, err = client.V3().Profitsharing().Receivers().Add().Post(ctx, wechatpay.JSON(receiver))
	if err != nil {
		t.Errorf("this library, a Secret: %v", err)
	}
	typed := profitsharing.AddReceiverRequest{
		Appid:        core.String(appID),
		SubMchid:     core.String(sb.Merchant().MchID),
		Type:         profitsharing.RECEIVERTYPE_MERCHANT_ID.Ptr(),
		Account:      core.String("1900000110"),
		Name:         core.String("示例商户全称"),
		RelationType: profitsharing.RECEIVERRELATIONTYPE_PARTNER.Ptr(),
	}
	_, err = client.V3().Profitsharing().Receivers().Add().Post(ctx, wechatpay.JSON(typed))
	if err != nil {
		t.Errorf("this library, a type of wechatpay-go: %v", err)
	}
	_, err = sb.Client().V3().Profitsharing().Receivers().Add().Post(ctx, wechatpay.JSON(typed))
	if !wechatpay.IsCode(err, "PARAM_ERROR") {
		t.Errorf("a name in plain text: %v", err)
	}
}

// mocked returns a client that opens the notifications of wechatpaytest, and the
// platform public key that verifies them.
func mocked(t *testing.T) (client *wechatpay.Client, publicKeyID string, publicKey *rsa.PublicKey) {
	t.Helper()
	client = wechatpaytest.New(t).Client(func(config *wechatpay.Config) {
		id, key, err := config.PlatformKeys.Current(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		publicKeyID, publicKey = id, key.(*rsa.PublicKey)
	})
	return client, publicKeyID, publicKey
}

func TestFromOfficialNotifications(t *testing.T) {
	client, publicKeyID, publicKey := mocked(t)
	ctx, apiV3Key := t.Context(), wechatpaytest.APIv3Key
	paid := wechatpay.M{"out_trade_no": "1217752501201407033233368018", "trade_state": "SUCCESS"}
	var orders []string

	verifier := verifiers.NewSHA256WithRSAPubkeyVerifier(publicKeyID, *publicKey)
	parser := officialnotify.NewNotifyHandler(apiV3Key, verifier)
	before := func(w http.ResponseWriter, req *http.Request) {
		transaction := new(payments.Transaction)
		if _, err := parser.ParseNotifyRequest(ctx, req, transaction); err != nil {
			http.Error(w, "not verified", http.StatusUnauthorized)
			return
		}
		orders = append(orders, *transaction.OutTradeNo)
	}

	receiver := client.Notify(notify.OnError(func(_ context.Context, err error) { t.Error(err) }))
	after := receiver.Handler(func(ctx context.Context, n *notify.Notification) error {
		var transaction payments.Transaction // or n.Get("out_trade_no")
		if err := n.Decode(&transaction); err != nil {
			return err
		}
		orders = append(orders, *transaction.OutTradeNo)
		return nil
	})

	for name, handler := range map[string]http.Handler{"wechatpay-go": http.HandlerFunc(before), "this library": after} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, wechatpaytest.Notification(t, "TRANSACTION.SUCCESS", paid))
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", name, w.Code)
		}
	}
	if fmt.Sprint(orders) != "[1217752501201407033233368018 1217752501201407033233368018]" {
		t.Errorf("the handlers got %q", orders)
	}
}

// visitor lets a client verify with the certificates that wechatpay-go downloads.
type visitor struct{ certificates core.CertificateVisitor }

func (v visitor) PublicKey(ctx context.Context, serial string) (crypto.PublicKey, error) {
	certificate, ok := v.certificates.Get(ctx, serial)
	if !ok {
		return nil, signer.ErrUnknownSerial
	}
	return certificate.PublicKey, nil
}

func (v visitor) Current(ctx context.Context) (string, crypto.PublicKey, error) {
	serial := v.certificates.GetNewestSerial(ctx)
	key, err := v.PublicKey(ctx, serial)
	return serial, key, err
}

// With certificates, one downloader serves both clients.
func TestFromOfficialCertificates(t *testing.T) {
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.PlatformKey = sandbox.KeyCertificate })
	ctx, m := t.Context(), sb.Merchant()
	plain, err := core.NewClient(ctx, option.WithMerchantCredential(m.MchID, m.SerialNo, m.PrivateKey), network(t, sb), option.WithoutValidator())
	if err != nil {
		t.Fatal(err)
	}
	mgr := downloader.NewCertificateDownloaderMgr(ctx)
	defer mgr.Stop()
	if err := mgr.RegisterDownloaderWithClient(ctx, plain, m.MchID, m.APIv3Key); err != nil {
		t.Fatal(err)
	}
	mchID, config := m.MchID, wechatpay.Config{MchID: m.MchID, SerialNo: m.SerialNo, PrivateKey: m.PrivateKey, BaseURL: sb.URL()}

	config.PlatformKeys = visitor{mgr.GetCertificateVisitor(mchID)}
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Chain("v3/certificates").Get(ctx)
	if err != nil || resp.Get("data.#").Int() != 2 {
		t.Errorf("this library with the certificates of wechatpay-go: %v, %v", resp, err)
	}
	if _, err := config.PlatformKeys.PublicKey(ctx, "0000"); !errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("an unknown certificate: %v", err)
	}
}

// remoteKey signs with a service of the merchant, for both libraries.
type remoteKey struct {
	serialNo string
	sign     func(ctx context.Context, message []byte) ([]byte, error)
}

func (k remoteKey) Scheme() string   { return signer.SchemeRSA }
func (k remoteKey) SerialNo() string { return k.serialNo }

func (k remoteKey) Sign(ctx context.Context, message []byte) ([]byte, error) {
	return k.sign(ctx, message) // raw bytes, not base64
}

// A signer of one's own signs, and the service that it asks has a deadline.
func TestFromOfficialSigner(t *testing.T) {
	deadline := false
	_, _, client := fromOfficial(t, func(config *wechatpay.Config) {
		local, err := signer.NewRSA(config.SerialNo, config.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		signingService := remoteKey{config.SerialNo, func(ctx context.Context, message []byte) ([]byte, error) {
			_, deadline = ctx.Deadline()
			return local.Sign(ctx, message)
		}}
		config.SerialNo, config.PrivateKey = "", nil
		config.Signer = signingService
	})
	_, err := client.Chain("v3/certificates").Get(t.Context(), wechatpay.Timeout(time.Minute))
	if !wechatpay.IsCode(err, "RESOURCE_NOT_EXISTS") || !deadline {
		t.Errorf("a call signed elsewhere: %v, with a deadline: %t", err, deadline)
	}
}
