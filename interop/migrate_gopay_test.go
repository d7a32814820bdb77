package interop

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/pkg/xhttp"
	gopayv2 "github.com/go-pay/gopay/wechat"
	gopayv3 "github.com/go-pay/gopay/wechat/v3"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// fromGopay returns both clients of a program that moves from gopay. They have the
// same keys.
func fromGopay(t *testing.T) (*sandbox.Sandbox, *gopayv3.ClientV3, *wechatpay.Client) {
	log := t // package log, in a program
	t.Helper()
	sb := sandbox.Start(t)
	mchID, serialNo, apiV3Key := sb.Merchant().MchID, sb.Merchant().SerialNo, sb.Merchant().APIv3Key
	privateKeyPEM, publicKeyID, publicKeyPEM := keysAsPEM(t, sb)

	old, err := gopayv3.NewClientV3(mchID, serialNo, apiV3Key, privateKeyPEM)
	if err != nil {
		log.Fatal(err)
	}
	if err := old.AutoVerifySignByPublicKey([]byte(publicKeyPEM), publicKeyID); err != nil {
		log.Fatal(err)
	}
	old.SetProxyHost(sb.URL())

	privateKey, err := keys.Private(privateKeyPEM)
	if err != nil {
		log.Fatal(err)
	}
	platformKeys := keys.Static{}
	for serial, key := range old.WxPublicKeyMap() { // or keys.Public(publicKeyPEM)
		platformKeys[serial] = key
	}
	config := wechatpay.Config{
		MchID:        mchID,
		SerialNo:     serialNo,
		PrivateKey:   privateKey,
		PlatformKeys: platformKeys,
		APIv3Key:     apiV3Key,
	}
	config.BaseURL = sb.URL()
	client, err := wechatpay.New(config)
	if err != nil {
		log.Fatal(err)
	}
	return sb, old, client
}

// A BodyMap is a body of this library's calls too.
func TestFromGopayOrder(t *testing.T) {
	log := t // package log, in a program
	sb, old, client := fromGopay(t)
	ctx, mchID := t.Context(), sb.Merchant().MchID

	bm := make(gopay.BodyMap)
	bm.Set("appid", "wxd678efh567hg6787").
		Set("mchid", mchID).
		Set("description", "杯子").
		Set("out_trade_no", "1217752501201407033233368018").
		Set("notify_url", "https://www.example.com/notify").
		SetBodyMap("amount", func(bm gopay.BodyMap) {
			bm.Set("total", 1).Set("currency", "CNY")
		}).
		SetBodyMap("payer", func(bm gopay.BodyMap) {
			bm.Set("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
		})
	wxRsp, err := old.V3TransactionJsapi(ctx, bm)
	if err != nil {
		log.Fatal(err)
	}
	if wxRsp.Code != gopayv3.Success {
		log.Fatal(wxRsp.Error)
	}

	bm.Set("out_trade_no", "1217752501201407033233368019")
	resp, err := client.V3().Pay().Transactions().Jsapi().Post(ctx, wechatpay.JSON(bm))
	if err != nil {
		log.Fatal(err) // also if the platform refused the order
	}
	params, err := client.JSAPIParams("wxd678efh567hg6787", resp.Get("prepay_id").String())
	if err != nil || params["signType"] != gopayv3.SignTypeRSA {
		t.Errorf("the parameters: %+v, %v", params, err)
	}
	if signed, err := old.PaySignOfJSAPI("wxd678efh567hg6787", wxRsp.Response.PrepayId); err != nil || signed.SignType != params["signType"] {
		t.Errorf("gopay makes the parameters %v, %v", signed, err)
	}

	_, err = client.V3().Pay().Transactions().Jsapi().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid":        "wxd678efh567hg6787",
		"mchid":        mchID,
		"description":  "杯子",
		"out_trade_no": "1217752501201407033233368020",
		"notify_url":   "https://www.example.com/notify",
		"amount":       wechatpay.M{"total": 1, "currency": "CNY"},
		"payer":        wechatpay.M{"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
	}))
	if err != nil {
		log.Fatal(err)
	}
	for _, no := range []string{"1217752501201407033233368018", "1217752501201407033233368019", "1217752501201407033233368020"} {
		found, err := old.V3TransactionQueryOrder(ctx, gopayv3.OutTradeNo, no)
		if err != nil || found.Code != gopayv3.Success || found.Response.OutTradeNo != no {
			t.Errorf("gopay finds %v, %v", found, err)
		}
	}
}

// gopay reports a refusal in the answer; here it is an error.
func TestFromGopayErrors(t *testing.T) {
	sb, old, client := fromGopay(t)
	ctx, mchID := t.Context(), sb.Merchant().MchID

	before := func(outTradeNo string) (exists bool, err error) {
		wxRsp, err := old.V3TransactionQueryOrder(ctx, gopayv3.OutTradeNo, outTradeNo)
		if err != nil {
			return false, err
		}
		if wxRsp.ErrResponse.Code == "ORDER_NOT_EXIST" {
			return false, nil
		}
		if wxRsp.Code != gopayv3.Success {
			return false, fmt.Errorf("%d: %s", wxRsp.Code, wxRsp.Error)
		}
		return true, nil
	}
	after := func(outTradeNo string) (exists bool, err error) {
		_, err = client.V3().Pay().Transactions().OutTradeNo().OutTradeNo(outTradeNo).Get(ctx,
			wechatpay.Query(wechatpay.M{"mchid": mchID}))
		if wechatpay.IsCode(err, "ORDER_NOT_EXIST") {
			return false, nil
		}
		return err == nil, err
	}
	order := wechatpay.M{"appid": appID, "mchid": mchID, "description": "杯子", "out_trade_no": "known0001", "notify_url": notifyURL, "amount": wechatpay.M{"total": 1}}
	if _, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.JSON(order)); err != nil {
		t.Fatal(err)
	}
	for name, find := range map[string]func(string) (bool, error){"gopay": before, "this library": after} {
		known, err := find("known0001")
		unknown, problem := find("unknown0001")
		if !known || err != nil || unknown || problem != nil {
			t.Errorf("%s: an order exists: %t, %v; another exists: %t, %v", name, known, err, unknown, problem)
		}
	}
}

// Without a call of AutoVerifySign, gopay verifies no answer.
func TestFromGopayUnverified(t *testing.T) {
	sb := sandbox.Start(t)
	to, err := url.Parse(sb.URL())
	if err != nil {
		t.Fatal(err)
	}
	m, changed := sb.Merchant(), unsigned{redirected{to}}
	private, _, _ := keysAsPEM(t, sb)
	old, err := gopayv3.NewClientV3(m.MchID, m.SerialNo, m.APIv3Key, private)
	if err != nil {
		t.Fatal(err)
	}
	old.SetHttpClient(xhttp.NewClient().SetTransport(changed))
	bm := gopay.BodyMap{"appid": appID, "mchid": m.MchID, "description": "杯子", "out_trade_no": "unsigned0001", "notify_url": notifyURL, "amount": wechatpay.M{"total": 1}}
	if wxRsp, err := old.V3TransactionNative(t.Context(), bm); err != nil || wxRsp.Code != gopayv3.Success {
		t.Errorf("gopay refuses an answer without a signature: docs/gopay.md says that it does not: %v, %v", wxRsp, err)
	}

	bm.Set("out_trade_no", "unsigned0002")
	client := sb.Client(func(c *wechatpay.Config) { c.Transport = changed })
	if _, err := client.Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(bm)); !strings.Contains(err.Error(), "Wechatpay-") {
		t.Errorf("this library takes an answer without a signature: %v", err)
	}
}

// unsigned removes the signature of answers.
type unsigned struct{ next http.RoundTripper }

func (u unsigned) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := u.next.RoundTrip(req)
	if err == nil {
		resp.Header.Del("Wechatpay-Signature")
	}
	return resp, err
}

func TestFromGopayUpload(t *testing.T) {
	_, old, client := fromGopay(t)
	ctx, photo := t.Context(), []byte(png)

	sum := sha256.Sum256(photo)
	wxRsp, err := old.V3MediaUploadImage(ctx, "photo.png", hex.EncodeToString(sum[:]), &gopay.File{Name: "photo.png", Content: photo})
	if err != nil || wxRsp.Code != gopayv3.Success {
		t.Errorf("gopay: %v, %v", wxRsp, err)
	}

	resp, err := client.V3().Merchant().Media().Upload().Post(ctx, wechatpay.Upload("photo.png", strings.NewReader(string(photo))))
	if err != nil || resp.Get("media_id").String() == "" {
		t.Errorf("this library: %v, %v", resp, err)
	}
}

func TestFromGopayEncryption(t *testing.T) {
	sb, old, client := fromGopay(t)
	ctx, mchID := t.Context(), sb.Merchant().MchID

	name, err := old.V3EncryptText("示例商户全称")
	if err != nil {
		t.Fatal(err)
	}
	bm := make(gopay.BodyMap)
	bm.Set("appid", "wxd678efh567hg6787").
		Set("sub_mchid", mchID).
		Set("type", "MERCHANT_ID").
		Set("account", "1900000110").
		Set("name", name).
		Set("relation_type", "PARTNER")
	wxRsp, err := old.V3ProfitShareAddReceiver(ctx, bm)
	if err != nil || wxRsp.Code != gopayv3.Success {
		t.Errorf("gopay: %v, %v", wxRsp, err)
	}

	bm.Set("name", wechatpay.Secret("示例商户全称"))
	_, err = client.V3().Profitsharing().Receivers().Add().Post(ctx, wechatpay.JSON(bm))
	if err != nil {
		t.Errorf("this library: %v", err)
	}
}

// gopay does not look at the time of a notification, nor whether it came before.
func TestFromGopayNotifications(t *testing.T) {
	client, publicKeyID, publicKey := mocked(t)
	private, _, _ := keysAsPEM(t, sandbox.Start(t))
	old, err := gopayv3.NewClientV3(wechatpaytest.MchID, "3775B6A45ACD588826D15E583A95F5DD40000000", wechatpaytest.APIv3Key, private)
	if err != nil {
		t.Fatal(err)
	}
	old.SnCertMap.Store(publicKeyID, publicKey)
	apiV3Key := wechatpaytest.APIv3Key

	before := func(w http.ResponseWriter, req *http.Request) (outTradeNo string, err error) {
		notifyReq, err := gopayv3.V3ParseNotify(req)
		if err != nil {
			return "", err
		}
		if err := notifyReq.VerifySignByPKMap(old.WxPublicKeyMap()); err != nil {
			return "", err
		}
		paid, err := notifyReq.DecryptPayCipherText(apiV3Key)
		if err != nil {
			return "", err
		}
		return paid.OutTradeNo, nil
	}
	after := func(w http.ResponseWriter, req *http.Request) (outTradeNo string, err error) {
		n, err := client.Notify().Parse(req)
		if err != nil {
			return "", err
		}
		return n.Get("out_trade_no").String(), nil
	}

	paid := wechatpay.M{"out_trade_no": "1217752501201407033233368018", "trade_state": "SUCCESS"}
	hourAgo := func(e *wechatpaytest.Event) { e.Time = time.Now().Add(-time.Hour) }
	for name, receive := range map[string]func(http.ResponseWriter, *http.Request) (string, error){"gopay": before, "this library": after} {
		no, err := receive(httptest.NewRecorder(), wechatpaytest.Notification(t, "TRANSACTION.SUCCESS", paid))
		if err != nil || no != "1217752501201407033233368018" {
			t.Errorf("%s reads %q, %v", name, no, err)
		}
		_, err = receive(httptest.NewRecorder(), wechatpaytest.Notification(t, "TRANSACTION.SUCCESS", paid, hourAgo))
		if refused := err != nil; refused != (name == "this library") {
			t.Errorf("%s, a notification of an hour ago: %v; docs/gopay.md says another thing", name, err)
		}
	}
}

// A BodyMap of gopay's client for APIv2 is a body of this library's calls of APIv2.
func TestFromGopayV2(t *testing.T) {
	log := t // package log, in a program
	sb := sandbox.Start(t)
	ctx, m := t.Context(), sb.Merchant()
	mchID, apiKey := m.MchID, m.APIv2Key

	old := gopayv2.NewClient("wxd678efh567hg6787", mchID, apiKey, true)
	old.SetProxyUrl(strings.TrimSuffix(sb.URL(), "/"))
	bm := make(gopay.BodyMap)
	bm.Set("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS").
		Set("body", "杯子").
		Set("out_trade_no", "20150806125346").
		Set("total_fee", 1).
		Set("spbill_create_ip", "127.0.0.1").
		Set("notify_url", "https://www.example.com/notify").
		Set("trade_type", gopayv2.TradeType_Native).
		Set("sign_type", gopayv2.SignType_MD5)
	wxRsp, err := old.UnifiedOrder(ctx, bm)
	if err != nil || wxRsp.ResultCode != gopay.SUCCESS {
		log.Fatalf("%+v, %v", wxRsp, err)
	}

	client, err := wechatpay.New(wechatpay.Config{MchID: mchID, APIv2Key: apiKey, BaseURL: sb.URL()})
	if err != nil {
		log.Fatal(err)
	}
	bm = gopay.BodyMap{
		"appid":            "wxd678efh567hg6787",
		"body":             "杯子",
		"out_trade_no":     "20150806125347",
		"total_fee":        1,
		"spbill_create_ip": "127.0.0.1",
		"notify_url":       "https://www.example.com/notify",
		"trade_type":       "NATIVE",
	}
	resp, err := client.V2().Pay().Unifiedorder().Post(ctx, wechatpay.XML(bm))
	if err != nil || resp.Get("code_url").String() == "" {
		t.Errorf("this library: %v, %v", resp, err)
	}
}

// With a client certificate, gopay's client for APIv2 does not verify whose server it
// talks to.
func TestFromGopayV2TLS(t *testing.T) {
	sb := sandbox.Start(t)
	private, _, _ := keysAsPEM(t, sb)
	key := sb.Merchant().PrivateKey
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	old := gopayv2.NewClient(appID, "1900000109", "exposed_your_key_here_have_risks", true)
	if err := old.AddCertPemFileContent([]byte(pemOf("CERTIFICATE", der)), []byte(private)); err != nil {
		t.Fatal(err)
	}
	transport := old.GetTLSHttpClient().HttpClient.Transport.(*http.Transport)
	if !transport.TLSClientConfig.InsecureSkipVerify {
		t.Error("gopay verifies the server: docs/gopay.md says that it does not")
	}
}

// gopay cuts a bill off at the limit of its answers, and does not say so.
func TestFromGopayBill(t *testing.T) {
	old := newGopay(t, &world{Sandbox: sandbox.Start(t)}, answering{strings.Repeat("`0.01,", 2<<20)})
	bill, err := old.V3BillDownLoadBill(t.Context(), "https://api.mch.weixin.qq.com/v3/billdownload/file?token=x")
	if err != nil || len(bill) != 10<<20 {
		t.Errorf("gopay returns %d of %d bytes, and %v: docs/gopay.md says another thing", len(bill), 12<<20, err)
	}
}

// answering answers each request with the same body.
type answering struct{ body string }

func (a answering) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(a.body))}, nil
}
