package wechatpay_test

import (
	"bytes"
	"context"
	"encoding/json"
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
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// phpClient stands for a client that wechatpay.New makes. Its platform is in this
// process and knows the calls of docs/php.md.
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

	resp, err := client.V3().Pay().Transactions().ID().TransactionID().GetAsync(ctx, wechatpay.Options{
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

func Example_phpWholePath() {
	client := phpClient()

	path := "v3/marketing/favor/users/AbcdEF12345/coupons"
	one := client.Chain(path)
	other := client.Chain("{+myurl}").Bind("myurl", path)
	fmt.Println(one.URL())
	fmt.Println(other.URL())
	// Output:
	// https://api.mch.weixin.qq.com/v3/marketing/favor/users/AbcdEF12345/coupons <nil>
	// https://api.mch.weixin.qq.com/v3/marketing/favor/users/AbcdEF12345/coupons <nil>
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

	image := "testdata/crypto.json" // for want of an image
	resp, err = client.V3().Marketing().Favor().Media().ImageUpload().Post(ctx, wechatpay.Options{"file": image})
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
		var refused *notify.Error
		if errors.As(err, &refused) {
			log.Print(err) // why
			http.Error(w, http.StatusText(refused.StatusCode), refused.StatusCode)
			return
		}
		fmt.Println(notification.EventType, notification.Get("out_trade_no"))
	}
	w := httptest.NewRecorder()
	receive(w, httptest.NewRequest("POST", "/notify", strings.NewReader(`{"event_type":"TRANSACTION.SUCCESS"}`)))
	fmt.Println(w.Code) // nobody signed it
	// Output: 401
}

// remoteSigner signs with a service that keeps the merchant's key.
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
	defer vectors.Enter(".")() // a folder with the files of a merchant
	platformKey, err := keys.Public("pub_key.pem")
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
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: 3775B6A45ACD588826D15E583A95F5DD40000000, BaseURL: https://api.mch.weixin.qq.com/}
}

// askVerifier asks a service that has the platform's keys about an answer.
func askVerifier(ctx context.Context, header http.Header, body []byte) error {
	if header.Get("Wechatpay-Signature") == "" {
		return &signer.VerifyError{Reason: signer.ReasonHeader, Err: errors.New("the answer is not signed")}
	}
	return ctx.Err()
}

func Example_phpRemoteVerifier() {
	remoteVerifier := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err != nil || resp.StatusCode/100 != 2 { // the platform need not sign a refusal
				return resp, err
			}
			body, err := middleware.ReadBody(resp, middleware.DefaultMaxBodyBytes)
			if err != nil {
				return nil, err
			}
			if err := askVerifier(req.Context(), resp.Header, body); err != nil {
				return nil, err // a *signer.VerifyError
			}
			resp.Body = io.NopCloser(bytes.NewReader(body))
			return resp, nil
		})
	}
	client := phpClient(func(config *wechatpay.Config) {
		config.Middleware = func(p wechatpay.Protocol, s *middleware.Stack) error {
			if p == wechatpay.APIv2 {
				return nil // verified with the APIv2 key, as ever
			}
			return s.Replace("verifier", remoteVerifier)
		}
	})
	resp, err := client.V3().Certificates().Get(ctx)
	fmt.Println(resp.Get("data.#"), err)
	// Output: 1 <nil>
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
