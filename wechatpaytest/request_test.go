package wechatpaytest_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

func TestRequests(t *testing.T) {
	mock := wechatpaytest.New(t)
	if got := mock.Requests(); len(got) > 0 {
		t.Errorf("a new mock received %v", got)
	}
	mock.On("POST", "v3/marketing/favor/users/{openid}/coupons", mock.JSON(200, wechatpay.M{"coupon_id": "9867041"}))
	mock.On("GET", "v3/marketing/favor/users/{openid}/coupons/{coupon_id}", mock.JSON(200, wechatpay.M{}))
	client, ctx := mock.Client(), t.Context()
	coupons := client.Chain("v3/marketing/favor/users/{openid}/coupons")
	if _, err := coupons.Bind("openid", "中 /文").Post(ctx, wechatpay.JSON(wechatpay.M{"amount": wechatpay.M{"total": 7}})); err != nil {
		t.Fatal(err)
	}
	if _, err := coupons.Chain("{coupon_id}").Get(ctx, wechatpay.Bind("openid", "o1"), wechatpay.Bind("coupon_id", "9"),
		wechatpay.Query(wechatpay.M{"appid": "wx1"})); err != nil {
		t.Fatal(err)
	}

	got := mock.Requests()
	if len(got) != 2 {
		t.Fatalf("%d requests, want 2", len(got))
	}
	checkRequest(t, got[0], "POST v3/marketing/favor/users/{openid}/coupons", `{"amount":{"total":7}}`, map[string]string{"openid": "中 /文"})
	if got[0].Get("amount.total").Int() != 7 || got[0].Header.Get("Authorization") == "" {
		t.Errorf("the POST is %+v", got[0])
	}
	checkRequest(t, got[1], "GET v3/marketing/favor/users/{openid}/coupons/{coupon_id}", "", map[string]string{"openid": "o1", "coupon_id": "9"})
	if got[1].URL.Query().Get("appid") != "wx1" {
		t.Errorf("the GET is %+v", got[1])
	}
}

// checkRequest checks what a request was.
func checkRequest(t *testing.T, r wechatpaytest.Request, operation, body string, vars map[string]string) {
	t.Helper()
	if r.Method+" "+r.Template != operation || string(r.Body) != body || !maps.Equal(r.Vars, vars) {
		t.Errorf("the request is %+v, want %s with %s and %v", r, operation, body, vars)
	}
}

func TestRequestWithoutVariables(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("GET", "v3/certificates", mock.JSON(200, wechatpay.M{}))
	if _, err := mock.Client().V3().Certificates().Get(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := mock.Requests(); len(got) != 1 || got[0].Vars != nil {
		t.Errorf("the requests are %+v", got)
	}
}

func TestDecrypt(t *testing.T) {
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/fund-app/mch-transfer/transfer-bills", mock.JSON(200, wechatpay.M{}))
	_, err := mock.Client().Chain("v3/fund-app/mch-transfer/transfer-bills").Post(t.Context(),
		wechatpay.JSON(wechatpay.M{"user_name": wechatpay.Secret("张三")}))
	if err != nil {
		t.Fatal(err)
	}
	sent := mock.Requests()[0].Get("user_name").String()
	if sent == "张三" {
		t.Error("the name was sent in plain text")
	}
	if got := mock.Decrypt(sent); got != "张三" {
		t.Errorf("the name is %q", got)
	}
	one(t, record(t, func(tb testing.TB) {
		wechatpaytest.New(tb).Decrypt("AAAA")
		t.Error("the test went on")
	}), "Decrypt: ")
}

// Reports name the line of the test.
func TestReportsNameTheLine(t *testing.T) {
	const here = "wechatpaytest: request_test.go:"
	one(t, record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		_, _ = mock.Client().Chain("v3/certificates").Get(t.Context())
	}), here, "nobody expected")
	one(t, record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("GET", "v3/certificates", mock.JSON(200, wechatpay.M{}))
	}), here, "expected 1 requests, got 0")
	one(t, record(t, func(tb testing.TB) {
		mock := wechatpaytest.New(tb)
		mock.On("GET", "v3/certificates", mock.JSON(200, wechatpay.M{}))
		_, _ = mock.Client(func(c *wechatpay.Config) { c.MchID = "1900009999" }).Chain("v3/certificates").Get(t.Context())
	}), here, "not signed as it must be")
}

func TestOnWarns(t *testing.T) {
	for _, tt := range []struct{ method, template, want string }{
		{"POST", "v3/marketing/favor/users/{openid}/coupons", ""},
		{"POST", "/v3/marketing/favor/users/_openid_/coupons", ""},
		{"POST", "v3/marketing/favor/users/{user}/coupons", ""},
		{"GET", "v3/refund/domestic/refunds/{out_refund_no}?sub_mchid=1", ""},
		{"GET", "v3/bill/tradebill{?bill_date}", ""},
		{"GET", "v3/{+rest}", ""},
		{"POST", "v3/marketing/favour/users/{openid}/coupons", "did you mean POST v3/marketing/favor/users/{openid}/coupons?"},
		{"PUT", "v3/pay/transactions/native", "did you mean POST v3/pay/transactions/native?"},
		{"GET", "v3/x", "the catalogue does not know this operation"},
	} {
		logged := logs(t, func(tb testing.TB) {
			mock := wechatpaytest.New(tb)
			mock.On(tt.method, tt.template, mock.JSON(200, nil))
		})
		if tt.want == "" && len(logged) > 0 || tt.want != "" && (len(logged) != 1 || !strings.Contains(logged[0], tt.want)) {
			t.Errorf("On(%q, %q) logs %q, want %q", tt.method, tt.template, logged, tt.want)
		}
	}
}
