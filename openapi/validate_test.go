package openapi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/openapi"
)

const couponPath = "/v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons"

const coupon = `{"stock_id":"9856000","out_request_no":"89560002019101000121","appid":"wx233544546545989",` +
	`"stock_creator_mchid":"8956000","coupon_value":100,"coupon_minimum":100}`

const unifiedOrder = `<xml><appid>wxd678efh567hg6787</appid><body>Tea</body><out_trade_no>1</out_trade_no>` +
	`<total_fee>1</total_fee><spbill_create_ip>1.2.3.4</spbill_create_ip><notify_url>https://example.com</notify_url>` +
	`<trade_type>NATIVE</trade_type></xml>`

// with replaces part of a body, which must be there.
func with(body, old, new string) string {
	if !strings.Contains(body, old) {
		panic(old + " is not in " + body)
	}
	return strings.Replace(body, old, new, 1)
}

// A validation is a request and what is wrong with it.
type validation struct {
	name, method, target, body string
	problems                   string // without Strict, joined with "; "
	strict                     string // with Strict, when that differs
}

const (
	jsapi     = "/v3/pay/transactions/jsapi"
	jsapiBody = `{"appid":"wx1","mchid":"1","description":"tea","out_trade_no":"1","notify_url":"https://example.com","amount":{"total":100},"payer":{"openid":"o"}}`
)

func TestValidate(t *testing.T) {
	testValidations(t, []validation{
		{"fits", "POST", couponPath, coupon, "", ""},
		{"unknown operation", "POST", "/v3/new/thing", `{"a":1}`, "", ""},
		{"unknown method", "PATCH", couponPath, `not JSON`, "", ""},
		{"escaped path", "POST", "/v3/marketing/favor/users/a%2Fb%20c/coupons", coupon, "", ""},

		{"missing", "POST", couponPath, with(coupon, `"stock_id":"9856000",`, ""), "body stock_id: required, missing (批次号)", ""},
		{"null", "POST", couponPath, with(coupon, `"9856000"`, "null"), "body stock_id: required, null (批次号)", ""},
		{"empty", "POST", couponPath, with(coupon, `"9856000"`, `""`), "body stock_id: required, empty (批次号)", ""},
		{"optional null", "POST", couponPath, with(coupon, `"coupon_value":100`, `"coupon_value":null`), "", ""},
		{"optional empty", "POST", jsapi, with(jsapiBody, `"appid"`, `"time_expire":"","appid"`), "", ""},
		{"empty is no integer", "POST", couponPath, with(coupon, `"coupon_value":100`, `"coupon_value":""`),
			"body coupon_value: a string, want an integer (指定面额发券)", ""},
		{"nested", "POST", jsapi, with(jsapiBody, `{"total":100}`, "{}"), "body amount.total: required, missing (总金额)", ""},
		{"nested in a list", "POST", jsapi, with(jsapiBody, `"appid"`, `"detail":{"goods_detail":[{"merchant_goods_id":"1","quantity":1,"unit_price":1},{"quantity":"1"}]},"appid"`),
			"body detail.goods_detail.1.quantity: a string, want an integer (商品数量); body detail.goods_detail.1.merchant_goods_id: required, missing (商户侧商品编码); " +
				"body detail.goods_detail.1.unit_price: required, missing (商品单价)", ""},

		{"string for an integer", "POST", couponPath, with(coupon, `"coupon_value":100`, `"coupon_value":"100"`),
			"body coupon_value: a string, want an integer (指定面额发券)", ""},
		{"number for a string", "POST", couponPath, with(coupon, `"9856000"`, `9856000`), "body stock_id: a number, want a string (批次号)", ""},
		{"boolean for a string", "POST", couponPath, with(coupon, `"9856000"`, `true`), "body stock_id: a boolean, want a string (批次号)", ""},
		{"fraction", "POST", couponPath, with(coupon, `"coupon_value":100`, `"coupon_value":1.0`), "body coupon_value: not an integer (指定面额发券)", ""},
		{"exponent", "POST", couponPath, with(coupon, `"coupon_value":100`, `"coupon_value":1e2`), "body coupon_value: not an integer (指定面额发券)", ""},
		{"large integer", "POST", couponPath, with(coupon, `"coupon_value":100`, `"coupon_value":9007199254740993`), "", ""},
		{"list for an object", "POST", jsapi, with(jsapiBody, `{"total":100}`, "[]"), "body amount: an array, want an object (订单金额)", ""},
		{"list as body", "POST", couponPath, "[]", "body: an array, want an object", ""},
		{"null as body", "POST", couponPath, "null", "body: null, want an object", ""},
		{"null in a list", "POST", jsapi, with(jsapiBody, `"appid"`, `"limit_pay":[null],"appid"`), "body limit_pay.0: null, want a string (支付方式)", ""},
	})
}

func TestValidateValues(t *testing.T) {
	const activities = "/v3/brand/marketing/shake-activities/activities"
	testValidations(t, []validation{
		{"too long", "POST", "/v3/catering/orders/sync-status", `{"login_token":"` + strings.Repeat("长", 26) + `"}`, "*body login_token: 26 characters, want at most 25 (微信用户登录接口返回的登录票据)", ""},
		{"just long enough", "POST", "/v3/catering/orders/sync-status", `{"login_token":"` + strings.Repeat("长", 25) + `"}`, "*!login_token", ""},
		{"too short", "GET", "/v3/apply4subject/applyment/merchants/1/state", "", "",
			"path sub_mchid: 1 characters, want at least 8 (特约商户号)"},
		{"just not too short", "GET", "/v3/apply4subject/applyment/merchants/12345678/state", "", "", ""},
		{"just in bounds", "GET", activities + "?brand_id=1&limit=100&offset=0", "", "", ""},
		{"at the lower bound", "GET", activities + "?brand_id=1&limit=1&offset=0", "", "", ""},
		{"out of bounds", "GET", activities + "?limit=101&offset=-1", "", "*query limit: more than 100", ""},
		{"under bounds", "GET", activities + "?limit=0&offset=0", "", "*query limit: less than 1", ""},

		{"unknown name", "POST", couponPath, with(coupon, `{`, `{"stock_idd":"1","zzz":1,`), "", "body stock_idd: unknown; body zzz: unknown"},
		{"misspelt name", "POST", couponPath, with(coupon, `"stock_id"`, `"stock_idd"`),
			`body stock_id: required, missing (批次号); body stock_idd: unknown, did you mean "stock_id"?`, ""},
		{"unknown name with a semicolon", "POST", couponPath, with(coupon, `{`, `{"a; b":1,`), "", `body "a; b": unknown`},
		{"unknown value", "POST", jsapi, with(jsapiBody, `"appid"`, `"limit_pay":["no_tea"],"appid"`), "",
			"body limit_pay.0: not one of no_balance, no_credit, no_debit, balance_only (支付方式)"},
		{"unknown value and another problem", "POST", jsapi, with(with(jsapiBody, `"appid"`, `"limit_pay":["no_tea"],"appid"`), "100", "1.5"),
			"body limit_pay.0: not one of no_balance, no_credit, no_debit, balance_only (支付方式); body amount.total: not an integer (总金额)", ""},
		{"malformed time", "POST", jsapi, with(jsapiBody, `"appid"`, `"time_expire":"2018-06-08 10:34:56","appid"`), "",
			"body time_expire: not a time like 2018-06-08T10:34:56+08:00 (交易结束时间)"},
	})
}

func TestValidateBody(t *testing.T) {
	testValidations(t, []validation{
		{"given twice", "POST", couponPath, with(coupon, `{`, `{"stock_id":"1",`), "body stock_id: given more than once (批次号)", ""},
		{"given twice, once escaped", "POST", couponPath, with(coupon, `{`, `{"stock_i\u0064":"1",`), "body stock_id: given more than once (批次号)", ""},
		{"not JSON", "POST", couponPath, coupon[1:], "body: not valid JSON", ""},
		{"two values", "POST", couponPath, coupon + coupon, "body: not valid JSON", ""},
		{"deep", "POST", couponPath, strings.Repeat("[", 1<<20), "body: not valid JSON", ""},
		{"no body", "POST", couponPath, "", "*body stock_id: required, missing (批次号)", ""},
		{"blank body", "POST", couponPath, " \n", "*body appid: required, missing", ""},
		{"body of a call that has none", "GET", "/v3/certificates", `{}`, "", "body: none is documented"},

		{"upload", "POST", "/v3/merchant/media/upload", "{", "", ""},
	})
}

func TestValidateURL(t *testing.T) {
	const build = "/v3/marketing/partnerships/build"
	testValidations(t, []validation{
		{"query", "GET", couponPath + "?appid=wx1&offset=0&limit=20", "", "", ""},
		{"query missing", "GET", couponPath, "", "query appid: required, missing (公众账号ID)", ""},
		{"query empty", "GET", couponPath + "?appid=", "", "query appid: required, empty (公众账号ID)", ""},
		{"query twice", "GET", couponPath + "?appid=1&appid=2", "", "query appid: given more than once (公众账号ID)", ""},
		{"query type", "GET", couponPath + "?appid=1&limit=many", "", "*query limit: not an integer", ""},
		{"query misspelt", "GET", couponPath + "?apid=1", "", `query appid: required, missing (公众账号ID); query apid: unknown, did you mean "appid"?`, ""},
		{"query unknown", "GET", couponPath + "?appid=1&b=1&a=1", "", "", "query a: unknown; query b: unknown"},
		{"query malformed", "GET", couponPath + "?appid=1&a=%zz", "", "query: malformed", ""},

		{"path", "GET", "/v3/merchant-store/stores/20001", "", "", ""},
		{"path type", "GET", "/v3/merchant-store/stores/mine", "", "path store_id: not an integer (微信支付商户门店ID)", ""},
		{"path length", "POST", "/v3/apply4sub/sub_merchants/1/modify-settlement", "", "*body account_type: required, missing",
			"*path sub_mchid: 1 characters, want at least 8"},
		{"escaped path variable", "GET", "/v3/merchant-store/stores/%32%30", "", "", ""},
		{"header missing", "POST", build, "", "*header Idempotency-Key: required, missing", ""},
	})
}

func TestValidateXML(t *testing.T) {
	const freeText = "/applyment/micro/signcontract"
	testValidations(t, []validation{
		{"XML", "POST", "/pay/unifiedorder", unifiedOrder, "", ""},
		{"XML with what the signer adds", "POST", "/pay/unifiedorder", with(unifiedOrder, "<appid>", "<sign>1</sign><sign_type>MD5</sign_type><nonce_str/><mch_id>1</mch_id><appid>"), "", ""},
		{"XML missing", "POST", "/pay/unifiedorder", with(unifiedOrder, "<body>Tea</body>", ""), "*body body: required, missing", ""},
		{"XML empty", "POST", "/pay/unifiedorder", with(unifiedOrder, "Tea", ""), "*body body: required, empty", ""},
		{"XML empty integer", "POST", "/pay/unifiedorder", with(unifiedOrder, "<total_fee>1", "<total_fee>"), "*body total_fee: required, empty", ""},
		{"XML with what is added though it is not documented", "POST", "/mmpaymkttransfers/gethbinfo",
			"<xml><appid>1</appid><bill_type>MCHT</bill_type><mch_billno>1</mch_billno><sign_type>MD5</sign_type><mchid>1</mchid></xml>", "", ""},
		{"XML type", "POST", "/pay/unifiedorder", with(unifiedOrder, "<total_fee>1", "<total_fee>0.01"), "*body total_fee: not an integer", ""},
		{"XML range", "POST", "/pay/unifiedorder", with(unifiedOrder, "<total_fee>1", "<total_fee>2147483648"), "*body total_fee: not in the range of int32", ""},
		{"XML length", "POST", "/pay/unifiedorder", with(unifiedOrder, "<out_trade_no>1", "<out_trade_no>"+strings.Repeat("1", 33)), "*body out_trade_no: 33 characters, want at most 32", ""},
		{"XML twice", "POST", "/pay/unifiedorder", with(unifiedOrder, "<body>", "<body>Milk</body><body>"), "*body body: given more than once", ""},
		{"XML nested", "POST", "/pay/unifiedorder", with(unifiedOrder, "Tea", "<a>Tea</a>"), "*body body: an object, want a text", ""},
		{"XML misspelt", "POST", "/pay/unifiedorder", with(with(unifiedOrder, "<body>", "<bodyy>"), "</body>", "</bodyy>"), `*body bodyy: unknown, did you mean "body"?`, ""},
		{"not XML", "POST", "/pay/unifiedorder", coupon, "body: not valid XML", ""},
		{"XML with fields that are not documented", "POST", freeText, "<xml><a>1</a></xml>", "", ""},
		{"APIv2 query", "GET", "/papay/h5entrustweb?appid=1&plan_id=1&contract_code=1&request_serial=1&contract_display_account=1&notify_url=1&version=1&timestamp=1&clientip=1&mch_id=1", "", "", ""},
		{"APIv2 query with what is added though it is not documented", "GET",
			"/appauth/authindex?appid=1&redirect_uri=1&response_type=code&scope=pay_identity&state=1&sign=1&sign_type=MD5", "", "", ""},
		{"APIv2 query missing", "GET", "/papay/h5entrustweb?appid=1&contract_code=1&request_serial=1&contract_display_account=1&notify_url=1&version=1&timestamp=1&clientip=1", "", "*query plan_id: required, missing", ""},
	})
}

// testValidations validates each request, strictly and not. A wanted text that
// starts with * may have others beside it, and one that starts with *! must not
// be there.
func testValidations(t *testing.T, cases []validation) {
	t.Helper()
	for _, tt := range cases {
		if tt.strict == "" {
			tt.strict = tt.problems
		}
		for _, mode := range []struct {
			name, want string
			opts       []openapi.ValidateOption
		}{{tt.name, tt.problems, nil}, {tt.name + ", strict", tt.strict, []openapi.ValidateOption{openapi.Strict}}} {
			t.Run(mode.name, func(t *testing.T) {
				err := validate(request(t, tt.method, tt.target, tt.body), mode.opts...)
				got := ""
				if e := (*openapi.ValidationError)(nil); errors.As(err, &e) {
					got = problems(e)
				} else if err != nil {
					t.Fatal(err)
				}
				switch want, some := strings.CutPrefix(mode.want, "*"); {
				case some && strings.HasPrefix(want, "!"):
					if strings.Contains(got, want[1:]) {
						t.Errorf("problems %s, want none of %s", got, want[1:])
					}
				case some && !strings.Contains(got, want), !some && got != want:
					t.Errorf("problems\n%s\nwant\n%s", got, want)
				}
			})
		}
	}
}

func request(t testing.TB, method, target, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, "https://api.mch.weixin.qq.com"+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func problems(e *openapi.ValidationError) string {
	var all []string
	for _, p := range e.Problems {
		all = append(all, p.String())
	}
	return strings.Join(all, "; ")
}

func TestValidationErrorIsOneLineWithoutValues(t *testing.T) {
	body := with(coupon, `"9856000"`, `{"secret":"secret"}`)
	body = with(body, `"coupon_value":100`, `"coupon_value":"secret","a\nb; c`+strings.Repeat("长", 1000)+`":"secret"`)
	err := validate(request(t, "POST", couponPath, body))
	want := `openapi: POST v3/marketing/favor/users/{openid}/coupons: 3 problems: ` +
		`body stock_id: an object, want a string (批次号); body coupon_value: a string, want an integer (指定面额发券); ` +
		`body "a\nb; c` + strings.Repeat("长", 31) + `…": unknown`
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	var e *openapi.ValidationError
	if !errors.As(err, &e) || e.Operation != openapi.Match("POST", couponPath) {
		t.Errorf("the error is %#v", err)
	} else if w := e.Problems[2]; !w.Warning || w.Kind != openapi.KindUnknown || e.Problems[0].Warning {
		t.Errorf("problems %+v", e.Problems)
	}
	err = validate(request(t, "POST", couponPath, "{"))
	if want := "openapi: POST v3/marketing/favor/users/{openid}/coupons: 1 problem: body: not valid JSON"; err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
}

func TestValidateListsAHundredOfVeryManyProblems(t *testing.T) {
	var names strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&names, `"unknown%d":1,`, i)
	}
	detail := `"detail":{"goods_detail":[` + strings.Repeat(`{"a":1},`, 1000) + `{}]},`
	err := validate(request(t, "POST", "/v3/pay/transactions/jsapi", `{`+detail+names.String()+`"a":1}`))
	var e *openapi.ValidationError
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	warnings := 0
	for _, p := range e.Problems {
		if p.Warning {
			warnings++
		}
	}
	if len(e.Problems) != 200 || warnings != 100 {
		t.Errorf("%d problems, %d of them warnings; want 200 and 100", len(e.Problems), warnings)
	}
}

// body tells what became of it.
type body struct {
	io.Reader
	read, closed bool
}

func (b *body) Read(p []byte) (int, error) {
	b.read = true
	return b.Reader.Read(p)
}

func (b *body) Close() error {
	b.closed = true
	return nil
}

func TestValidateLeavesTheBodyToTheNext(t *testing.T) {
	for _, tt := range []struct {
		name, contentType string
		getBody           func() (io.ReadCloser, error)
		refused           bool
	}{
		{"no GetBody", "application/json", nil, false},
		{"a form", "Multipart/form-data; boundary=x", getBody("{"), false},
		{"GetBody fails", "application/json", func() (io.ReadCloser, error) { return nil, errors.New("no") }, false},
		{"GetBody has nothing", "application/json", func() (io.ReadCloser, error) { return nil, nil }, false},
		{"reading fails", "application/json", func() (io.ReadCloser, error) {
			return io.NopCloser(iotest.ErrReader(errors.New("no"))), nil
		}, false},
		{"too long", "application/json", getBody(strings.Repeat(" ", 10<<20) + "{"), false},
		{"just not too long", "application/json", getBody(strings.Repeat(" ", 10<<20-1) + "{"), true},
		{"fits", "application/json", getBody(coupon), false},
		{"does not fit", "application/json", getBody("{"), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := &body{Reader: strings.NewReader(coupon)}
			req := request(t, "POST", couponPath, "")
			req.Body, req.GetBody, req.ContentLength = b, tt.getBody, -1
			req.Header.Set("Content-Type", tt.contentType)
			before := *req
			sent := false
			_, err := openapi.Validate()(transport(func(next *http.Request) (*http.Response, error) {
				sent = true
				if next != req {
					t.Error("the request is another one")
				}
				if b.read || b.closed {
					t.Error("the body was touched")
				}
				return fine(next)
			})).RoundTrip(req)
			if (err != nil) != tt.refused || sent == tt.refused {
				t.Errorf("error %v, sent %v", err, sent)
			}
			if b.closed != tt.refused {
				t.Errorf("the body is closed: %v, want %v", b.closed, tt.refused)
			}
			if req.Body != before.Body || req.ContentLength != before.ContentLength || len(req.Header) != 1 {
				t.Error("the request was changed")
			}
		})
	}
}

func getBody(s string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func TestValidateLooksAtNoLongBodyAtAll(t *testing.T) {
	req := request(t, "POST", couponPath, "{")
	req.ContentLength = 10<<20 + 1
	req.GetBody = func() (io.ReadCloser, error) {
		t.Error("the body is read")
		return http.NoBody, nil
	}
	if err := validate(req); err != nil {
		t.Error(err)
	}
}

func TestValidateOfARequestWithLittleInIt(t *testing.T) {
	req := request(t, "GET", couponPath, "")
	req.Method = "" // which is GET
	if err := validate(req); err == nil || !strings.Contains(err.Error(), "query appid: required, missing") {
		t.Errorf("with no method: error %v", err)
	}
	req.Method = "POST"
	for _, body := range []io.ReadCloser{nil, http.NoBody} {
		req.Body, req.GetBody = body, nil
		if err := validate(req); err == nil || !strings.Contains(err.Error(), "body stock_id: required, missing") {
			t.Errorf("with the body %v: error %v", body, err)
		}
	}
}

func TestValidatePassesTheAnswerAndTheErrorOn(t *testing.T) {
	broken := errors.New("broken")
	req := request(t, "POST", couponPath, coupon)
	_, err := openapi.Validate()(transport(func(*http.Request) (*http.Response, error) { return nil, broken })).RoundTrip(req)
	if err != broken {
		t.Errorf("error %v, want that of the transport", err)
	}
	if _, err := openapi.Validate()(fine).RoundTrip(&http.Request{}); err != nil {
		t.Errorf("a request with no URL: %v", err)
	}
}
