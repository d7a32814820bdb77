package wechatpay_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// refused makes one call that receives this signed answer, and returns its error.
func refused(t *testing.T, status int, body string, opts ...wechatpay.Option) *wechatpay.Error {
	t.Helper()
	client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(status, body) })
	resp, err := client.Chain("v3/refund/{no}").Post(background(), append(opts, wechatpay.Bind("no", "NO-1"), wechatpay.Query(wechatpay.M{"openid": "oHidden"}))...)
	var e *wechatpay.Error
	if !errors.As(err, &e) || resp != nil {
		t.Fatalf("%v, %v, want an *Error", resp, err)
	}
	return e
}

func TestError(t *testing.T) {
	e := refused(t, 400, `{"code":"PARAM_ERROR","message":"参数错误","detail":{"field":"/amount/currency","value":"XYZ","issue":"not in the enum","location":"body"}}`)
	if e.StatusCode != 400 || e.Code != "PARAM_ERROR" || e.Message != "参数错误" || e.RequestID != "REQ-1" || !e.Verified {
		t.Errorf("%#v", e)
	}
	if e.Detail.Get("value").String() != "XYZ" || e.Response.Get("code").String() != "PARAM_ERROR" {
		t.Errorf("detail %s, response %s", e.Detail, e.Response.Bytes())
	}
	want := "wechatpay: POST /v3/refund/NO-1: 400 PARAM_ERROR: 参数错误 (field /amount/currency: not in the enum) (Request-ID REQ-1)"
	if e.Error() != want {
		t.Errorf("got  %s\nwant %s", e, want)
	}
	if e := refused(t, 400, `{"code":"PARAM_ERROR","message":"x","detail":[1]}`); !strings.Contains(e.Error(), "PARAM_ERROR: x (Request-ID") {
		t.Errorf("%s", e)
	}
}

func TestErrorThatIsNotJSON(t *testing.T) {
	for body, want := range map[string]string{
		"<html>\r\n502 \x1b[31mBad Gateway": "502: not JSON: <html>  502  [31mBad Gateway (Request-ID",
		"":                                  "502: Bad Gateway (Request-ID",
		"{}":                                "502: not JSON: {}",
		`"text"`:                            "502: not JSON: ",
		strings.Repeat("长", 1000):           "长… (Request-ID",
		"{\"code\":":                        "502: not JSON: {",
	} {
		if e := refused(t, 502, body); !strings.Contains(e.Error(), want) || strings.Count(e.Error(), "长") > 200 {
			t.Errorf("%.20q: %s, want %s", body, e, want)
		}
	}
}

func TestErrorVerified(t *testing.T) {
	for name, edit := range map[string]func(http.Header){
		"no signature":    func(h http.Header) { h.Del("Wechatpay-Signature") },
		"wrong signature": func(h http.Header) { h.Set("Wechatpay-Signature", "QUFB") },
		"unknown serial":  func(h http.Header) { h.Set("Wechatpay-Serial", "OTHER") },
	} {
		_, config := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(403, `{"code":"NOT_ENOUGH","message":"x"}`) })
		base := config.Transport
		config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := base.RoundTrip(req)
			edit(resp.Header)
			return resp, err
		})
		_, err := newClient(t, config).Chain("v3/x").Get(background())
		var e *wechatpay.Error
		if !errors.As(err, &e) || e.Verified || e.Code != "NOT_ENOUGH" || !strings.Contains(e.Error(), "not verified") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSignErrorShowsBothSides(t *testing.T) {
	const theirs = "POST\n/v3/refund/NO-1?openid=oOther\n1756951532\nNONCE\n{\"name\n"
	body := fmt.Sprintf(`{"code":"SIGN_ERROR","message":"签名错误","detail":{"field":"signature","location":"authorization","detail":{"issue":"sign not match"},"sign_information":{"method":"POST","url":"/v3/refund/NO-1","sign_message_length":349,"truncated_sign_message":%q}}}`, theirs)
	e := refused(t, 401, body, wechatpay.JSON(wechatpay.M{"name": "张三丰", "id_card": "110101199001011234"}))
	text := e.Error()
	for _, want := range []string{
		`signed here: `, `"POST\n/v3/refund/NO-1?openid=oHidden\n1790000001\n`, `{\"id_car…"`, " bytes, ",
		`computed by the platform: 349 bytes, "POST\n/v3/refund/NO-1?openid=oOther\n1756951532\nNONCE\n{\"name…"`,
		"serial_no",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the error has no %s:\n%s", want, text)
		}
	}
	for _, hidden := range []string{"张三丰", "1101011990", "signature=\"", "id_card"} {
		if strings.Contains(text, hidden) {
			t.Errorf("the error gives away %s:\n%s", hidden, text)
		}
	}
	// Without the platform's side, and without a body.
	text = refused(t, 401, `{"code":"SIGN_ERROR","message":"x"}`).Error()
	if !strings.Contains(text, "signed here") || strings.Contains(text, "computed by") {
		t.Errorf("%s", text)
	}
}

func TestIsCode(t *testing.T) {
	var e error = refused(t, 403, `{"code":"NOT_ENOUGH","message":"x"}`)
	wrapped := fmt.Errorf("sending a coupon: %w", e)
	for _, tc := range []struct {
		err  error
		code []string
		want bool
	}{
		{e, []string{"NOT_ENOUGH"}, true},
		{wrapped, []string{"RULE_LIMIT", "NOT_ENOUGH"}, true},
		{wrapped, []string{"RULE_LIMIT"}, false},
		{wrapped, nil, false},
		{errors.New("NOT_ENOUGH"), []string{"NOT_ENOUGH"}, false},
		{nil, []string{"NOT_ENOUGH"}, false},
	} {
		if got := wechatpay.IsCode(tc.err, tc.code...); got != tc.want {
			t.Errorf("IsCode(%v, %q) = %v", tc.err, tc.code, got)
		}
	}
}

func TestHTTPErrors(t *testing.T) {
	client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(404, `{"code":"ORDER_NOT_EXIST"}`) })
	for name, opt := range map[string]wechatpay.Option{"function": wechatpay.HTTPErrors(false), "bag": wechatpay.Options{"http_errors": false}} {
		resp, err := client.Chain("v3/x").Get(background(), opt)
		if err != nil || resp.StatusCode != 404 || resp.Get("code").String() != "ORDER_NOT_EXIST" {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
	if _, err := client.Chain("v3/x").Get(background(), wechatpay.HTTPErrors(false), wechatpay.HTTPErrors(true)); !wechatpay.IsCode(err, "ORDER_NOT_EXIST") {
		t.Errorf("%v", err)
	}
}

// The text of each reason says what to do.
func TestVerifyErrorSaysWhatToDo(t *testing.T) {
	v := vectors.Load(t)
	advice := map[string]string{"header": "is missing", "timestamp": "set the clock", "serial": "add the platform public key", "signature": ""}
	for _, tc := range v.Responses {
		if tc.Accept {
			continue
		}
		_, err := newClient(t, newConfig(t, canAnswer(tc.Status, tc.Headers, tc.Body))).Chain(tc.RequestPath).Get(background())
		text := fmt.Sprint(err)
		if !strings.Contains(text, advice[tc.RejectKind]) || !strings.Contains(text, tc.RejectKind) || !strings.Contains(text, "Request-ID REQ-1") {
			t.Errorf("%s: %s", tc.Name, text)
		}
		if strings.Contains(text, tc.Body) {
			t.Errorf("%s: the unverified body is in the error: %s", tc.Name, text)
		}
	}
}

// The platform shortens the body that it shows. A server that plays the platform
// may not.
func TestSignErrorShowsLittleOfTheBody(t *testing.T) {
	theirs := "POST\n/v3/x\n1\nN\n" + strings.Repeat("110101199001011234\n", 300)
	e := refused(t, 401, fmt.Sprintf(`{"code":"SIGN_ERROR","message":"x","detail":{"sign_information":{"truncated_sign_message":%q}}}`, theirs))
	if text := e.Error(); strings.Contains(text, "110101199") || len(text) > 1000 {
		t.Errorf("%s", text)
	}
}

// Users' tests make these errors by hand.
func TestErrorsMadeByHand(t *testing.T) {
	var err error = &wechatpay.VerifyError{Reason: "serial"}
	if !errors.Is(err, wechatpay.ErrVerify) || !strings.Contains(err.Error(), "serial") {
		t.Errorf("%v", err)
	}
	err = &wechatpay.Error{StatusCode: 403, Code: "NOT_ENOUGH", Message: "spent"}
	if !wechatpay.IsCode(err, "NOT_ENOUGH") || !strings.Contains(err.Error(), "403 NOT_ENOUGH: spent") {
		t.Errorf("%v", err)
	}
	if err := (&wechatpay.Error{Code: "SIGN_ERROR"}).Error(); !strings.Contains(err, "SIGN_ERROR") {
		t.Error(err)
	}
}

// RequestOf gives the request of a call that came to its stack, whatever its error.
func TestRequestOf(t *testing.T) {
	var fail error
	_, config := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(500, `{"code":"SYSTEM_ERROR"}`) })
	config.Transport = failingTransport{config.Transport, &fail}
	client := newClient(t, config)
	for name, err := range map[string]error{
		"network": io.ErrUnexpectedEOF, "answer": nil,
	} {
		fail = err
		_, got := client.Chain("v3/x/{id}").Post(background(), wechatpay.Bind("id", "1"), wechatpay.JSON(wechatpay.M{"a": 1}))
		req := wechatpay.RequestOf(fmt.Errorf("wrapped: %w", got))
		if req == nil || req.URL.Path != "/v3/x/1" || req.GetBody == nil {
			t.Errorf("%s: %v of %v", name, req, got)
			continue
		}
		b, _ := req.GetBody()
		if text, _ := io.ReadAll(b); string(text) != `{"a":1}` {
			t.Errorf("%s: the body is %s", name, text)
		}
	}
	_, early := client.Chain("v3/{id}").Get(background())
	for _, err := range []error{nil, io.EOF, early} {
		if req := wechatpay.RequestOf(err); req != nil {
			t.Errorf("%v has the request %v", err, req.URL)
		}
	}
}

type failingTransport struct {
	http.RoundTripper
	err *error
}

func (f failingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if *f.err != nil {
		return nil, *f.err
	}
	return f.RoundTripper.RoundTrip(req)
}
