package wechatpay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
)

var ctx = context.Background()

// exampleClient stands for a client that wechatpay.New makes. Its platform is in
// this process.
func exampleClient(edit ...func(*wechatpay.Config)) *wechatpay.Client {
	_, config := newSigning(panicking{}, func(req *http.Request, body []byte) *http.Response {
		switch {
		case strings.HasSuffix(req.URL.Path, "/tradebill"):
			return answer(200, `{"hash_type":"SHA1","download_url":"https://api.mch.weixin.qq.com/v3/billdownload/file?token=x"}`)
		case req.Method == "GET":
			return answer(200, `{"total_count":1,"offset":0,"limit":20,"data":[{"coupon_id":"9867041","status":"SENDED"}]}`)
		case bytes.Contains(body, []byte(`"coupon_value":1`)):
			return answer(200, `{"coupon_id":"9867041"}`)
		case bytes.Contains(body, []byte(`"description"`)):
			return answer(200, `{"code_url":"weixin://wxpay/bizpayurl?pr=x"}`)
		}
		return answer(403, `{"code":"NOT_ENOUGH","message":"the budget of the stock is spent"}`)
	})
	for _, f := range edit {
		f(&config)
	}
	return newClient(panicking{}, config)
}

func ExampleNew() {
	defer vectors.Enter(".")() // a folder with the files of a merchant
	os.Setenv("WECHATPAY_APIV3_KEY", "exposed_your_key_here_have_risks")
	defer os.Unsetenv("WECHATPAY_APIV3_KEY")

	privateKey, err := keys.Private("apiclient_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	serialNo, err := keys.SerialNo("apiclient_cert.pem")
	if err != nil {
		log.Fatal(err)
	}
	platformKey, err := keys.Public("pub_key.pem")
	if err != nil {
		log.Fatal(err)
	}
	client, err := wechatpay.New(wechatpay.Config{
		MchID:        "1900000109",
		SerialNo:     serialNo,
		PrivateKey:   privateKey,
		PlatformKeys: keys.Static{"PUB_KEY_ID_0114232134912410000000000000": platformKey},
		APIv3Key:     os.Getenv("WECHATPAY_APIV3_KEY"), // opens notifications
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client)
	// Output: wechatpay.Client{MchID: 1900000109, SerialNo: 430AF0FB96E60731CA84CF75C06B720A363AA944, BaseURL: https://api.mch.weixin.qq.com/}
}

func ExampleClient_Chain() {
	client := exampleClient()

	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Post(ctx, wechatpay.Options{
		"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"json": wechatpay.M{
			"stock_id":            "9856000",
			"out_request_no":      "89560002019101000121",
			"appid":               "wx233544546545989",
			"stock_creator_mchid": "8956000",
			"coupon_value":        100,
			"coupon_minimum":      100,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("coupon_id"))
	// Output: 9867041
}

func ExampleClient_Segment() {
	client := exampleClient()

	chain := client.Segment("v3", "marketing", "favor", "users", "_openid_", "coupons")
	fmt.Println(chain)
	fmt.Println(client.Segment("v3", "merchantService", "complaintsV2"))
	// Output:
	// v3/marketing/favor/users/{openid}/coupons
	// v3/merchant-service/complaints-v2
}

func ExampleChain() {
	client := exampleClient()

	users := client.Chain("v3/marketing/favor/users/{openid}")
	coupons := users.Chain("coupons").Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
	one := coupons.Segment("_coupon_id_")

	u, err := one.URL(wechatpay.Options{"coupon_id": "9867041", "query": wechatpay.M{"appid": "wx233544546545989"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u.RequestURI())
	// Output: /v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons/9867041?appid=wx233544546545989
}

// A mistyped name is an error, and nothing is sent.
func ExampleOptions() {
	client := exampleClient()

	_, err := client.Chain("v3/pay/transactions/native").Post(ctx, wechatpay.Options{
		"jsno": wechatpay.M{"mchid": "1900000109"},
	})
	fmt.Println(errors.Is(err, wechatpay.ErrOption))
	fmt.Println(err)
	// Output:
	// true
	// wechatpay: POST v3/pay/transactions/native: unknown option "jsno", and the template has no variables; did you mean "json"?
}

// A body is built from a map or a struct, and edited field by field.
func ExampleSet() {
	client := exampleClient()
	order := wechatpay.M{"mchid": "1900000109", "appid": "wx233544546545989", "description": "tea"}

	resp, err := client.Chain("v3/pay/transactions/native").Post(ctx,
		wechatpay.JSON(order),
		wechatpay.Set("out_trade_no", "1217752501201407033233368018"),
		wechatpay.Set("amount.total", 100), // fen
		wechatpay.Header("Idempotency-Key", "1217752501201407033233368018"),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("code_url"))
	// Output: weixin://wxpay/bizpayurl?pr=x
}

func ExampleQuery() {
	client := exampleClient()

	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Get(ctx,
		wechatpay.Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"),
		wechatpay.Query(wechatpay.M{"appid": "wx233544546545989", "offset": 0, "limit": 20}),
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Get("total_count"), resp.Get("data.#.coupon_id"))
	fmt.Println(resp.Get(`data.#(status=="SENDED").coupon_id`))
	// Output:
	// 1 ["9867041"]
	// 9867041
}

func ExampleResponse_Decode() {
	client := exampleClient()

	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").Get(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var list struct {
		TotalCount int `json:"total_count"`
		Data       []struct {
			CouponID string `json:"coupon_id"`
		} `json:"data"`
	}
	if err := resp.Decode(&list); err != nil {
		log.Fatal(err)
	}
	fmt.Println(list.TotalCount, list.Data[0].CouponID)
	// Output: 1 9867041
}

func ExampleSink() {
	client := exampleClient()

	var bill bytes.Buffer // or a file
	_, err := client.Chain("v3/bill/tradebill").Get(ctx,
		wechatpay.Query(wechatpay.M{"bill_date": "2026-11-23"}),
		wechatpay.Sink(&bill),
	)
	if err != nil {
		log.Fatal(err) // what the sink got is not to be used
	}
	fmt.Println(bill.Len() > 0)
	// Output: true
}

func ExampleOutcomeOf() {
	client := exampleClient()

	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").Post(ctx,
		wechatpay.JSON(wechatpay.M{"stock_id": "9856000"}),
	)
	outcome := wechatpay.OutcomeOf(err)
	if err == nil {
		outcome = resp.Outcome() // 202 is accepted, but not done
	}
	switch outcome {
	case wechatpay.OutcomeDone:
		fmt.Println("sent:", resp.Get("coupon_id"))
	case wechatpay.OutcomeRefused:
		fmt.Println("change the request:", err)
	case wechatpay.OutcomeLater:
		fmt.Println("not done; repeat it later with the same number:", err)
	case wechatpay.OutcomeNotSent:
		fmt.Println("nothing left this process:", err)
	case wechatpay.OutcomeUnknown:
		fmt.Println("it may be done; query it, or repeat it with the same number:", err)
	}
	// Output: change the request: wechatpay: POST /v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons: 403 NOT_ENOUGH: the budget of the stock is spent (Request-ID REQ-1)
}

func ExampleError() {
	client := exampleClient()

	_, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").Bind("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o").Post(ctx,
		wechatpay.JSON(wechatpay.M{"stock_id": "9856000"}),
	)
	var refused *wechatpay.Error
	switch {
	case wechatpay.IsCode(err, "NOT_ENOUGH", "RULE_LIMIT"):
		fmt.Println("no more coupons in this stock")
	case errors.As(err, &refused):
		fmt.Println(refused.StatusCode, refused.Code, refused.Message, refused.RequestID)
	}
	// Output: no more coupons in this stock
}

func ExampleChain_PostAsync() {
	client := exampleClient()

	resp, err := client.Chain("v3/marketing/favor/users/{openid}/coupons").PostAsync(ctx, wechatpay.Options{
		"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"json": wechatpay.M{
			"stock_id": "9856000", "stock_creator_mchid": "8956000", "appid": "wx233544546545989",
			"out_request_no": "89560002019101000121", "coupon_value": 100, "coupon_minimum": 100,
		},
	}).Then(func(resp *wechatpay.Response) error {
		fmt.Println("sent", resp.Get("coupon_id"))
		return nil
	}).Otherwise(func(err error) (*wechatpay.Response, error) {
		fmt.Println("not sent:", err)
		return nil, err
	}).Wait()
	fmt.Println(resp.StatusCode, err)
	// Output:
	// sent 9867041
	// 200 <nil>
}

// A middleware wraps an http.RoundTripper. A middleware outside the signer can
// send a request again, and the request is then signed again.
func ExampleConfig_middleware() {
	retry := func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err != nil || resp.StatusCode != http.StatusServiceUnavailable {
				return resp, err
			}
			resp.Body.Close()
			again := req.Clone(req.Context())
			if again.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
			return next.RoundTrip(again)
		})
	}
	client := exampleClient(func(config *wechatpay.Config) {
		config.Middleware = func(p wechatpay.Protocol, s *middleware.Stack) error {
			err := s.Before(middleware.NameVerifier, "retry", retry)
			fmt.Println(s)
			return err
		}
	})
	fmt.Println(client.Chain("v3/certificates"))
	// Output:
	// retry → verifier → signer
	// v3/certificates
}
