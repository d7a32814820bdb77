package wechatpay_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// phpClient stands for the client that wechatpay.New makes: the platform it
// calls is in this process, and knows the calls of docs/php.md.
func phpClient(edit ...func(*wechatpay.Config)) *wechatpay.Client {
	_, config := newSigning(panicking{}, func(req *http.Request, _ []byte) *http.Response {
		for path, body := range map[string]string{
			"/certificates":                    `{"data":[{"serial_no":"5157F09EFDC096DE15EBE81A47057A7232F1B8E1"}]}`,
			"/transactions/native":             `{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz"}`,
			"/domestic/refunds":                `{"refund_id":"50000000382019052709732678859","status":"PROCESSING"}`,
			"/id/1217752501201407033233368018": `{"trade_state":"SUCCESS"}`,
			"/applyment/":                      `{"applyment_id":2000002124775691}`,
			"/media/video_upload":              `{"media_id":"H1ihR9JUtVj-J7CJqBUY5ZOrG_Je75H-rKhTG7FUmg9sxNTbRN54dFiUHnhg"}`,
			"/favor/media/image-upload":        `{"media_url":"https://qpic.cn/xxx"}`,
		} {
			if strings.HasSuffix(req.URL.Path, path) {
				return answer(200, body)
			}
		}
		return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{"Request-Id": {"REQ-1"}}, Body: http.NoBody}
	})
	for _, f := range edit {
		f(&config)
	}
	return newClient(panicking{}, config)
}

func Example_phpFactory() {
	merchantKey, err := keys.Private("file:///path/to/merchant/apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := keys.Public("file:///path/to/wechatpay/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID:        "1900000109",
		SerialNo:     "3775B6A45ACD588826D15E583A95F5DD********",
		PrivateKey:   merchantKey,
		PlatformKeys: keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
	})
	if err != nil {
		log.Fatal(err)
	}

	resp, err := client.Chain("v3/certificates").Get(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.JSON())
}

func Example_phpSync() {
	client := phpClient()

	resp, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.Options{"json": wechatpay.M{
		"mchid":        "1900006XXX",
		"out_trade_no": "native12177525012014070332333",
		"appid":        "wxdace645e0bc2cXXX",
		"description":  "Image形象店-深圳腾大-QQ公仔",
		"notify_url":   "https://weixin.qq.com/",
		"amount": wechatpay.M{
			"total":    1,
			"currency": "CNY",
		},
	}})
	var refused *wechatpay.Error
	switch {
	case errors.As(err, &refused): // 4xx, 5xx
		fmt.Println(refused.StatusCode, refused.Code, refused.Message)
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(resp.StatusCode)
		fmt.Println(resp.Get("code_url"))
	}
	// Output:
	// 200
	// weixin://wxpay/bizpayurl?pr=p4lpSuKzz
}

func Example_phpAsync() {
	client := phpClient()

	promise := client.Chain("v3/refund/domestic/refunds").PostAsync(ctx, wechatpay.Options{
		"json": wechatpay.M{
			"transaction_id": "1217752501201407033233368018",
			"out_refund_no":  "1217752501201407033233368018",
			"amount": wechatpay.M{
				"refund":   888,
				"total":    888,
				"currency": "CNY",
			},
		},
	}).Then(func(resp *wechatpay.Response) error {
		fmt.Println(resp.Get("status"))
		return nil
	}).Otherwise(func(err error) (*wechatpay.Response, error) {
		fmt.Println(err)
		return nil, err
	})
	_, err := promise.Wait()
	fmt.Println(err)
	// Output:
	// PROCESSING
	// <nil>
}

func Example_phpQuery() {
	client := phpClient()

	resp, err := client.V3().Pay().Transactions().Id().TransactionId().GetAsync(ctx, wechatpay.Options{
		"query":          wechatpay.M{"mchid": "1230000109"},
		"transaction_id": "1217752501201407033233368018",
	}).Wait()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("trade_state"))
	// Output: SUCCESS
}

func Example_phpClose() {
	client := phpClient()

	resp, err := client.Segment("v3", "pay", "transactions", "outTradeNo", "_out_trade_no_", "close").Post(ctx, wechatpay.Options{
		"json":         wechatpay.M{"mchid": "1230000109"},
		"out_trade_no": "1217752501201407033233368018",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.StatusCode)
	// Output: 204
}

func Example_phpMedia() {
	client := phpClient()
	file, err := os.Open("testdata/crypto.json") // for want of a video
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	var video io.Reader = file

	resp, err := client.Chain("v3/merchant/media/video_upload").Post(ctx, wechatpay.Upload("video.mp4", video))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(resp.Get("media_id").String()))

	resp, err = client.V3().Marketing().Favor().Media().ImageUpload().Post(ctx, wechatpay.Options{
		"file": "testdata/crypto.json", // "/your/file/path/image.jpg"
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("media_url"))
	// Output:
	// 60
	// https://qpic.cn/xxx
}

func Example_phpSensitive() {
	client := phpClient()

	resp, err := client.Chain("v3/applyment4sub/applyment/").Post(ctx, wechatpay.JSON(wechatpay.M{
		"business_code": "APL_98761234",
		"contact_info": wechatpay.M{
			"contact_name":      wechatpay.Secret("张三"),
			"contact_id_number": wechatpay.Secret("110102YYMMDD888X"),
			"mobile_phone":      wechatpay.Secret("13000000000"),
			"contact_email":     wechatpay.Secret("abc123@example.com"),
		},
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("applyment_id"))
	// Output: 2000002124775691
}

func Example_phpSign() {
	client := phpClient()

	params, err := client.JSAPIParams("wx8888888888888888", "wx201410272009395522657a690389285100")
	if err != nil {
		log.Fatal(err)
	}
	text, err := json.Marshal(params) // appId, timeStamp, nonceStr, package, signType, paySign
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(text) > 0, params["package"])
	// Output: true prepay_id=wx201410272009395522657a690389285100
}

func Example_phpNotify() {
	client := phpClient(func(config *wechatpay.Config) { config.APIv3Key = "c7acc1c7811ed60617bfe6aeae1f22e2" })

	receive := func(w http.ResponseWriter, req *http.Request) {
		notification, err := client.Notify().Parse(req) // verified, ±300 s, decrypted
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		fmt.Println(notification.EventType, notification.Get("out_trade_no"))
	}
	w := httptest.NewRecorder()
	receive(w, httptest.NewRequest("POST", "/notify", strings.NewReader(`{"event_type":"TRANSACTION.SUCCESS"}`)))
	fmt.Println(w.Code) // nobody signed it
	// Output: 401
}

// remoteSigner signs by a service that keeps the merchant's key.
type remoteSigner struct{ service *http.Client }

func (remoteSigner) Scheme() string   { return signer.SchemeRSA }
func (remoteSigner) SerialNo() string { return "3775B6A45ACD588826D15E583A95F5DD40000000" }

func (s remoteSigner) Sign(ctx context.Context, message []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", "http://192.168.169.170:8080/sign", strings.NewReader(string(message)))
	if err != nil {
		return nil, err
	}
	resp, err := s.service.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the signing service answered %s", resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, 1024))
}

func Example_phpRemoteSigner() {
	platformKey, err := keys.Public("/path/to/wechatpay/pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID:        "1900000109",
		Signer:       remoteSigner{http.DefaultClient},
		PlatformKeys: keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
}

func Example_phpStack() {
	count := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			fmt.Println(req.Method, req.URL.Path)
			return next.RoundTrip(req)
		})
	}
	client := phpClient(func(config *wechatpay.Config) {
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Before("verifier", "count", count)
		}
	})
	_, err := client.V3().Certificates().Get(ctx)
	fmt.Println(err)
	// Output:
	// GET /v3/certificates
	// <nil>
}

func Example_phpAesGcm() {
	apiv3Key := "c7acc1c7811ed60617bfe6aeae1f22e2"
	ciphertext, nonce, aad := "AYfcW0I0OFCEenEHrFMrtoMjPlsiVdI=", "0123456789ab", "transaction"

	gcm, err := cipher.NewGCM(apiv3Key)
	if err != nil {
		log.Fatal(err)
	}
	text, err := gcm.Open(cipher.Sealed{
		Algorithm: cipher.AlgorithmGCM, Ciphertext: ciphertext, Nonce: nonce, AssociatedData: aad,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
	// Output: {"a":1}
}

func Example_phpV2Transfers() {
	client := exampleV2()

	resp, err := client.V2().Mmpaymkttransfers().Promotion().Transfers().PostAsync(ctx, wechatpay.Options{
		"xml": wechatpay.M{
			"mch_appid":        "wx8888888888888888",
			"mchid":            "1900000109", // mchid here, not mch_id
			"partner_trade_no": "10000098201411111234567890",
			"openid":           "oxTWIuGaIt6gTKsQRLau2M0yL16E",
			"check_name":       "FORCE_CHECK",
			"re_user_name":     "王小王",
			"amount":           10099,
			"desc":             "理赔",
			"spbill_create_ip": "192.168.0.1",
		},
		"security": true, // known to be so; it may be left out
	}).Wait()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("result_code"))
	// Output: SUCCESS
}

func Example_phpV2PublicKey() {
	client := exampleV2()

	resp, err := client.V2().Risk().Getpublickey().Post(ctx, wechatpay.XML(wechatpay.M{
		"mch_id":    "1900000109",
		"sign_type": "MD5",
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("return_code"))
	// Output: SUCCESS
}

func Example_phpV2PayBank() {
	client := exampleV2()
	der := x509.MarshalPKCS1PublicKey(newConfig(panicking{}, nil).PrivateKey.Public().(*rsa.PublicKey))
	pubKey := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: der})) // pub_key of risk/getpublickey

	bankKey, err := keys.Public(pubKey)
	if err != nil {
		log.Fatal(err)
	}
	cardNo, err := cipher.EncryptOAEP(bankKey, "6225............")
	if err != nil {
		log.Fatal(err)
	}
	name, err := cipher.EncryptOAEP(bankKey, "张三")
	if err != nil {
		log.Fatal(err)
	}
	resp, err := client.Chain("v2/mmpaysptrans/pay_bank").Post(ctx, wechatpay.XML(wechatpay.M{
		"mch_id":           "1900000109",
		"partner_trade_no": "1212121221227",
		"enc_bank_no":      cardNo,
		"enc_true_name":    name,
		"bank_code":        "1001",
		"amount":           100000,
		"desc":             "理财",
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("result_code"))
	// Output: SUCCESS
}

func Example_phpBusifavor() {
	apiv2Key := "exposed_your_key_here_have_risks"

	sign, err := signer.V2Sign("HMAC-SHA256", apiv2Key, map[string]string{
		"stock_id":             "12111100000001",
		"out_request_no":       "20191204550002",
		"send_coupon_merchant": "10016226",
		"open_id":              "oVvBvwEurkeUJpBzX90-6MfCHbec",
		"coupon_code":          "75345199",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(sign))
	// Output: 64
}
