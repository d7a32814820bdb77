package wechatpay_test

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/signer"
)

const (
	unknown = wechatpay.OutcomeUnknown
	done    = wechatpay.OutcomeDone
	notSent = wechatpay.OutcomeNotSent
	refusal = wechatpay.OutcomeRefused
	later   = wechatpay.OutcomeLater
)

const (
	transferBills = "v3/fund-app/mch-transfer/transfer-bills"
	nativeOrder   = "v3/pay/transactions/native"
	codePay       = "v3/pay/transactions/codepay"
	closeOrder    = "v3/pay/transactions/out-trade-no/{out_trade_no}/close"
	issueFapiao   = "v3/new-tax-control-fapiao/fapiao-applications/issue-general"
)

// outcomes returns the outcome of a call that gets this answer, from its error and,
// with HTTPErrors off, from its response.
func outcomes(t *testing.T, client *wechatpay.Client, method, path string) (ofError, ofResponse wechatpay.Outcome) {
	t.Helper()
	chain := client.Chain(path)
	for _, name := range []string{"out_trade_no", "out_order_no", "fapiao_apply_id", "refund_id"} {
		if strings.Contains(path, "{"+name+"}") {
			chain = chain.Bind(name, "v3/1 2")
		}
	}
	resp, err := chain.Do(background(), method)
	ofError = wechatpay.OutcomeOf(err)
	if err == nil {
		ofError = resp.Outcome()
	}
	resp, err = chain.Do(background(), method, wechatpay.HTTPErrors(false))
	if err != nil {
		t.Errorf("%s %s with HTTPErrors(false): %v", method, path, err)
		return ofError, unknown
	}
	return ofError, resp.Outcome()
}

// statusOutcome returns the outcome of an ordinary operation's answer.
func statusOutcome(status int, hasCode bool) wechatpay.Outcome {
	switch {
	case status == 202, status == 408:
		return unknown
	case status >= 200 && status <= 299:
		return done
	case status == 429:
		return later
	case status >= 400 && status <= 499 && hasCode:
		return refusal
	}
	return unknown
}

const codeBody = `{"code":"PARAM_ERROR","message":"参数错误"}`

// bodies are answers with a code and without one, as from a proxy.
var bodies = []string{codeBody, `{"message":"no"}`, "", "<html>no</html>", `{"code":""}`, `{"code":403}`, `[{"code":"PARAM_ERROR"}]`, strings.Repeat("[", 1<<20)}

// The outcome of every status, as a middleware sees it.
func TestOutcomeByStatus(t *testing.T) {
	req := httptest.NewRequest("POST", "/"+nativeOrder, nil)
	for status := 100; status <= 999; status++ {
		for _, body := range bodies {
			resp := answer(status, body)
			want := statusOutcome(status, body == codeBody)
			if got := middleware.OutcomeOf(req, resp, nil); got != want {
				t.Errorf("%d %.40s: %v, want %v", status, body, got, want)
			}
			if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != body {
				t.Errorf("%d %.40s: the body is now %.40s, %v", status, body, rest, err)
			}
		}
	}
}

// The same from the error and the response of a verb.
func TestOutcomeOfCall(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 300, 302, 304, 400, 401, 403, 404, 405, 408, 409, 422, 429, 499, 500, 502, 503, 504, 599} {
		for _, body := range bodies[:3] {
			client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(status, body) })
			want := statusOutcome(status, body == codeBody)
			if e, r := outcomes(t, client, "POST", nativeOrder); e != want || r != want {
				t.Errorf("%d %s: %v from the error, %v from the response; want %v", status, body, e, r, want)
			}
		}
	}
}

// The outcome of codes of APIv3 and of special operations.
func TestOutcomeByCode(t *testing.T) {
	for _, test := range []struct {
		method, path string
		status       int
		code         string
		want         wechatpay.Outcome
	}{
		{"POST", nativeOrder, 400, "PARAM_ERROR", refusal},
		{"POST", nativeOrder, 401, "SIGN_ERROR", refusal},
		{"POST", nativeOrder, 403, "NOT_ENOUGH", refusal},
		{"POST", nativeOrder, 403, "OUT_TRADE_NO_USED", refusal}, // the repetition gives the same code_url
		{"GET", "v3/pay/transactions/out-trade-no/{out_trade_no}", 404, "ORDER_NOT_EXIST", refusal},
		{"POST", nativeOrder, 403, "FREQUENCY_LIMITED", later},
		{"POST", nativeOrder, 403, "RATELIMIT_EXCEEDED", later},
		{"POST", nativeOrder, 400, "FREQUENCY_LIMIT_EXCEED", later},
		{"POST", nativeOrder, 429, "NEW_CODE", later},
		{"POST", nativeOrder, 400, "SYSTEM_ERROR", unknown},
		{"POST", nativeOrder, 403, "BANK_ERROR", unknown},
		{"POST", nativeOrder, 500, "PARAM_ERROR", unknown},
		{"POST", nativeOrder, 503, "FREQUENCY_LIMITED", unknown},

		{"POST", codePay, 400, "ORDERPAID", unknown},
		{"POST", codePay, 403, "OUT_TRADE_NO_USED", unknown},
		{"POST", codePay, 400, "RESOURCE_ALREADY_EXISTS", unknown},
		{"POST", codePay, 404, "ORDER_NOT_EXIST", refusal},
		{"POST", codePay, 403, "NOT_ENOUGH", refusal},
		{"POST", codePay, 400, "USERPAYING", unknown},
		{"POST", "v3/mch_operate/risk/withdrawl-apply", 400, "RESOURCE_ALREADY_EXISTS", unknown},
		{"POST", "v3/applyment4sub/applyment/", 400, "ALREADY_EXISTS", unknown},
		{"POST", "v3/applyment4sub/applyment", 400, "ALREADY_EXISTS", unknown},
		{"POST", "v3/payscore/serviceorder/{out_order_no}/complete", 400, "ORDER_ALREADY_COMPLETED", unknown},
		{"POST", "v3/payscore/serviceorder/1217/complete", 400, "ORDER_ALREADY_COMPLETED", unknown},
		{"POST", "v3/smartguide/guides", 400, "RESOURCE_ALREADY_EXISTS", unknown},

		{"POST", "v3/refund/domestic/refunds", 429, "FREQUENCY_LIMITED", unknown},
		{"POST", "v3/refund/domestic/refunds", 429, "", unknown},
		{"POST", "v3/ecommerce/refunds/apply", 429, "FREQUENCY_LIMITED", unknown},
		{"POST", "v3/global/refunds", 429, "RATELIMIT_EXCEEDED", unknown},
		{"GET", "v3/refund/domestic/refunds/1217", 429, "FREQUENCY_LIMITED", later},
		{"POST", "v3/refund/domestic/refunds", 403, "NOT_ENOUGH", refusal},

		{"POST", transferBills, 200, "", done},
		{"POST", transferBills, 400, "PARAM_ERROR", unknown},
		{"POST", transferBills, 401, "SIGN_ERROR", unknown},
		{"POST", transferBills, 403, "NOT_ENOUGH", unknown},
		{"POST", transferBills, 429, "FREQUENCY_LIMITED", unknown},
		{"POST", transferBills, 204, "", unknown},
		{"GET", transferBills + "/out-bill-no/1217", 404, "NOT_FOUND", refusal},

		{"POST", issueFapiao, 202, "", done},
		{"POST", issueFapiao, 202, "SYSTEM_ERROR", unknown},
		{"POST", "v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}/reverse", 202, "", done},
		{"POST", closeOrder, 202, "", unknown},
		{"POST", closeOrder, 202, "USERPAYING", unknown},
		{"POST", closeOrder, 204, "", done},
		{"POST", nativeOrder, 202, "", unknown},
	} {
		body := ""
		if test.code != "" {
			body = fmt.Sprintf(`{"code":%q,"message":"x"}`, test.code)
		}
		client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(test.status, body) })
		e, r := outcomes(t, client, test.method, test.path)
		if e != test.want || r != test.want {
			t.Errorf("%s %s, %d %s: %v from the error, %v from the response; want %v", test.method, test.path, test.status, test.code, e, r, test.want)
		}
	}
}

// A refusal counts whether it is signed or not.
func TestOutcomeOfUnsignedRefusal(t *testing.T) {
	for body, want := range map[string]wechatpay.Outcome{`{"code":"NOT_ENOUGH","message":"x"}`: refusal, `Forbidden`: unknown, `{"error":"forbidden"}`: unknown} {
		client := newClient(t, newConfig(t, canAnswer(403, nil, body)))
		if e, r := outcomes(t, client, "POST", nativeOrder); e != want || r != want {
			t.Errorf("%s: %v, %v; want %v", body, e, r, want)
		}
	}
	// An unsigned 2xx is not the platform's.
	if _, err := newClient(t, newConfig(t, canAnswer(200, nil, `{}`))).Chain(nativeOrder).Post(background()); wechatpay.OutcomeOf(err) != unknown || !errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("%v is %v, want unknown", err, wechatpay.OutcomeOf(err))
	}
}

// The outcome of a code for "done before" depends on how an operation answers a
// repetition. The outcome of 202 depends on its documented answers.
func TestOutcomeOfAllOperations(t *testing.T) {
	for op := range openapi.Operations() {
		if op.Template == transferBills {
			continue
		}
		path := strings.TrimPrefix(op.Template, "v2/")
		for _, sent := range []string{path, regexp.MustCompile(`\{\w+\}`).ReplaceAllString(path, "a%2Fb")} {
			req := &http.Request{Method: op.Method, URL: &url.URL{RawPath: "/" + sent, Path: "/" + strings.ReplaceAll(sent, "%2F", "/")}}
			want := refusal
			switch op.Repeat.Class {
			case openapi.RepeatErrorSaysDone, openapi.RepeatSecondEffect, openapi.RepeatUnknown:
				want = unknown
			}
			for _, code := range []string{"RESOURCE_ALREADY_EXISTS", "OUT_TRADE_NO_USED", "ORDERPAID"} {
				if got := middleware.OutcomeOfAnswer(req, 400, code); got != want {
					t.Errorf("%s %s, whose repetition is %s: %s is %v, want %v", op.Method, sent, op.Repeat.Class, code, got, want)
				}
			}
			want = unknown
			if _, documented := op.Response(202); documented {
				want = done
			}
			if got := middleware.OutcomeOfAnswer(req, 202, ""); got != want {
				t.Errorf("%s %s: 202 is %v, want %v", op.Method, sent, got, want)
			}
		}
	}
}

func TestOutcomeOfAPIv2(t *testing.T) {
	fail := func(code string) wechatpay.M {
		return wechatpay.M{"return_code": "SUCCESS", "result_code": "FAIL", "err_code": code, "err_code_des": "x"}
	}
	for _, test := range []struct {
		name, path string
		status     int
		fields     wechatpay.M
		want       wechatpay.Outcome
	}{
		{"done", "v2/pay/unifiedorder", 200, wechatpay.M{"return_code": "SUCCESS", "result_code": "SUCCESS"}, done},
		{"refused", "v2/pay/unifiedorder", 200, fail("NOTENOUGH"), refusal},
		{"refused with 4xx", "v2/pay/unifiedorder", 400, fail("NOTENOUGH"), refusal},
		{"the order is paid, and ordering anew gives the same", "v2/pay/unifiedorder", 200, fail("ORDERPAID"), refusal},
		{"paid, perhaps by the first try", "v2/pay/micropay", 200, fail("ORDERPAID"), unknown},
		{"used, perhaps by the first try", "v2/pay/pappayapply", 200, fail("OUT_TRADE_NO_USED"), unknown},
		{"the user enters the password", "v2/pay/micropay", 200, fail("USERPAYING"), unknown},
		{"a wrong code", "v2/pay/micropay", 200, fail("AUTH_CODE_INVALID"), refusal},
		{"bank", "v2/pay/micropay", 200, fail("BANKERROR"), unknown},
		{"system", "v2/secapi/pay/refund", 200, fail("SYSTEMERROR"), unknown},
		{"too often", "v2/mmpaymkttransfers/promotion/transfers", 200, fail("FREQUENCY_LIMITED"), later},
		{"too often, as red packets say", "v2/mmpaymkttransfers/sendredpack", 200, fail("FREQ_LIMIT"), later},
		{"return_code", "v2/pay/unifiedorder", 200, wechatpay.M{"return_code": "FAIL", "return_msg": "签名失败"}, refusal},
		{"no reason", "v2/pay/micropay", 200, wechatpay.M{"return_code": "SUCCESS", "result_code": "FAIL"}, unknown},
		{"5xx", "v2/pay/unifiedorder", 500, fail("NOTENOUGH"), unknown},
		{"no bill", "v2/pay/downloadbill", 200, wechatpay.M{"return_code": "FAIL", "return_msg": "No Bill Exist", "error_code": "20002"}, refusal},
		{"bill, system", "v2/pay/downloadbill", 200, wechatpay.M{"return_code": "FAIL", "return_msg": "SYSTEMERROR", "error_code": "20001"}, unknown},
		{"202", "v2/pay/unifiedorder", 202, wechatpay.M{"return_code": "SUCCESS", "result_code": "SUCCESS"}, unknown},
	} {
		client := newV2(t, canAnswer(test.status, nil, v2Answer(t, "MD5", test.fields)))
		if e, r := outcomes(t, client, "POST", test.path); e != test.want || r != test.want {
			t.Errorf("%s: %v from the error, %v from the response; want %v", test.name, e, r, test.want)
		}
	}
	for status, want := range map[int]wechatpay.Outcome{400: unknown, 404: unknown, 429: later, 502: unknown} {
		client := newV2(t, canAnswer(status, nil, "<html>a proxy"))
		if e, r := outcomes(t, client, "POST", "v2/pay/micropay"); e != want || r != want {
			t.Errorf("a page with %d: %v, %v; want %v", status, e, r, want)
		}
	}
}

// The fields that hold the code and the text of an APIv2 answer.
func TestV2RefusalCodes(t *testing.T) {
	for _, test := range []struct {
		name          string
		fields        wechatpay.M
		code, message string
	}{
		{"err_code", wechatpay.M{"return_code": "SUCCESS", "return_msg": "OK", "result_code": "FAIL", "err_code": "NOAUTH", "err_code_des": "没有权限"}, "NOAUTH", "没有权限"},
		{"error_code", wechatpay.M{"return_code": "FAIL", "return_msg": "No Bill Exist", "error_code": "20002"}, "20002", "No Bill Exist"},
		{"error_code of a bill that is being made", wechatpay.M{"return_code": "FAIL", "return_msg": "Bill Creating", "error_code": "20003"}, "20003", "Bill Creating"},
		{"retcode", wechatpay.M{"return_code": "FAIL", "retcode": "-1", "retmsg": "code 无效"}, "-1", "code 无效"},
		{"retmsg beside return_msg", wechatpay.M{"return_code": "SUCCESS", "return_msg": "OK", "result_code": "FAIL", "retmsg": "批次不存在"}, "FAIL", "批次不存在"},
		{"ret_code", wechatpay.M{"return_code": "SUCCESS", "return_msg": "OK", "result_code": "SUCCESS", "ret_code": "FAILED", "ret_msg": "用户已达领用上限"}, "FAILED", "用户已达领用上限"},
		{"return_msg alone", wechatpay.M{"return_code": "FAIL", "return_msg": "签名失败"}, "FAIL", "签名失败"},
	} {
		_, err := newV2(t, canAnswer(200, nil, v2Answer(t, "MD5", test.fields))).Chain("v2/mmpaymkttransfers/send_coupon").Post(background())
		var refused *wechatpay.Error
		if !errors.As(err, &refused) || refused.Code != test.code || refused.Message != test.message || !wechatpay.IsCode(err, test.code) {
			t.Errorf("%s: %v, want the code %s and the message %s", test.name, err, test.code, test.message)
		}
	}
	for _, retcode := range []string{"0", "SUCCESS"} {
		client := newV2(t, canAnswer(200, nil, v2Answer(t, "MD5", wechatpay.M{"return_code": "SUCCESS", "retcode": retcode, "retmsg": "OK"})))
		if _, err := client.Chain("v2/pay/unifiedorder").Post(background()); err != nil {
			t.Errorf("retcode %s: %v", retcode, err)
		}
	}
}

type timeoutError struct{}

func (timeoutError) Error() string   { return "i/o timeout" }
func (timeoutError) Timeout() bool   { return true }
func (timeoutError) Temporary() bool { return true }

// The outcome without an answer, by what failed.
func TestOutcomeWithoutAnswer(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want wechatpay.Outcome
	}{
		{"EOF", io.EOF, unknown},
		{"reset", &net.OpError{Op: "read", Err: errors.New("connection reset by peer")}, unknown},
		{"write", &net.OpError{Op: "write", Err: errors.New("broken pipe")}, unknown},
		{"timeout", timeoutError{}, unknown},
		{"deadline", context.DeadlineExceeded, unknown},
		{"something", errors.New("something"), unknown},
		{"dial", &net.OpError{Op: "dial", Err: errors.New("connection refused")}, notSent},
		{"name", &net.DNSError{Err: "no such host", Name: "api.mch.weixin.qq.com"}, notSent},
		{"proxy", &net.OpError{Op: "proxyconnect", Err: errors.New("connection refused")}, notSent},
		{"alert in the handshake", &net.OpError{Op: "remote error", Err: errors.New("tls: certificate required")}, notSent},
		{"alert later", &net.OpError{Op: "remote error", Err: errors.New("tls: internal error")}, unknown},
	} {
		client := newClient(t, newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) { return nil, test.err })))
		_, err := client.Chain(nativeOrder).Post(background())
		if got := wechatpay.OutcomeOf(err); got != test.want {
			t.Errorf("%s: %v is %v, want %v", test.name, err, got, test.want)
		}
		if got := wechatpay.OutcomeOf(&url.Error{Op: "Post", URL: "x", Err: test.err}); got != test.want {
			t.Errorf("%s, not by a client: %v, want %v", test.name, got, test.want)
		}
	}
}

// Errors before anything is sent, and errors made by hand.
func TestOutcomeOfErrors(t *testing.T) {
	client, config := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(200, "{}") })
	call := func(chain wechatpay.Chain, opts ...wechatpay.Option) error {
		_, err := chain.Post(background(), opts...)
		if err == nil {
			t.Error("a call that must fail does not")
		}
		return err
	}
	_, badConfig := wechatpay.New(wechatpay.Config{})
	ended, cancel := context.WithCancel(background())
	cancel()
	_, hasEnded := client.Chain(nativeOrder).Post(ended)
	failing := config
	failing.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Unshift("breaker", func(http.RoundTripper) http.RoundTripper {
			return roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("the breaker is open") })
		})
	}
	validating := config
	validating.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Unshift("validate", openapi.Validate())
	}
	elsewhere := config
	elsewhere.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
		return s.Push("elsewhere", func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(req *http.Request) (*http.Response, error) {
				req = req.Clone(req.Context())
				req.URL.Host = "evil.example"
				return next.RoundTrip(req)
			})
		})
	}
	_, panicked := wechatpay.Map(client.Chain(nativeOrder).PostAsync(background()), func(*wechatpay.Response) (int, error) { panic(wechatpay.ErrOption) }).Wait()
	_, byCallback := wechatpay.Map(client.Chain(nativeOrder).PostAsync(background()), func(*wechatpay.Response) (int, error) { return 0, io.EOF }).Wait()
	for _, test := range []struct {
		name string
		err  error
		want wechatpay.Outcome
	}{
		{"nil", nil, done},
		{"configuration", badConfig, notSent},
		{"template", call(client.Chain("v3/{a}")), notSent},
		{"option", call(client.Chain(nativeOrder), wechatpay.Options{"jsno": 1}), notSent},
		{"context that has ended", hasEnded, notSent},
		{"no APIv2 key", call(client.Chain("v2/pay/micropay")), notSent},
		{"no platform key", call(newClient(t, withoutKeys(config)).Chain(nativeOrder)), notSent},
		{"middleware that sends nothing", call(newClient(t, failing).Chain(nativeOrder)), notSent},
		{"validation", call(newClient(t, validating).Chain(nativeOrder), wechatpay.JSON(wechatpay.M{})), notSent},
		{"another host", call(newClient(t, elsewhere).Chain(nativeOrder)), notSent},
		{"panic of a callback", panicked, unknown},
		{"error of a callback", byCallback, unknown},
		{"ErrConfig", fmt.Errorf("x: %w", wechatpay.ErrConfig), notSent},
		{"ErrTemplate", fmt.Errorf("x: %w", wechatpay.ErrTemplate), notSent},
		{"ErrOption", fmt.Errorf("x: %w", wechatpay.ErrOption), notSent},
		{"ErrSign", fmt.Errorf("x: %w", wechatpay.ErrSign), notSent},
		{"ErrVerify", fmt.Errorf("x: %w", wechatpay.ErrVerify), unknown},
		{"VerifyError", &wechatpay.VerifyError{Reason: "signature"}, unknown},
		{"ValidationError", &openapi.ValidationError{Operation: openapi.Lookup("POST", nativeOrder)}, notSent},
		{"Error with a code", &wechatpay.Error{StatusCode: 403, Code: "NO_AUTH"}, refusal},
		{"Error without one", &wechatpay.Error{StatusCode: 403}, unknown},
		{"Error of 429", fmt.Errorf("x: %w", &wechatpay.Error{StatusCode: 429}), later},
		{"Error of 500", &wechatpay.Error{StatusCode: 500, Code: "SYSTEM_ERROR"}, unknown},
		{"Error of APIv2", &wechatpay.Error{StatusCode: 200, Code: "SYSTEMERROR"}, unknown},
		{"Error of APIv2, refused", &wechatpay.Error{StatusCode: 200, Code: "NOTENOUGH"}, refusal},
	} {
		if got := wechatpay.OutcomeOf(test.err); got != test.want {
			t.Errorf("%s: %v is %v, want %v", test.name, test.err, got, test.want)
		}
	}
}

func TestOutcomeString(t *testing.T) {
	for o, want := range map[wechatpay.Outcome]string{unknown: "unknown", done: "done", notSent: "not sent", refusal: "refused", later: "later", 99: "unknown"} {
		if o.String() != want || fmt.Sprint(o) != want {
			t.Errorf("%d is %q, want %q", int(o), o, want)
		}
	}
}

// The errors of a real transport without a connection, or with one that was cut.
func TestOutcomeOfTransport(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer cut.Close()
	secure := httptest.NewTLSServer(nil)
	defer secure.Close()
	plain := httptest.NewServer(nil)
	defer plain.Close()
	refusingProxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }))
	defer refusingProxy.Close()
	proxy, err := url.Parse(refusingProxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	dialing := make(chan struct{})
	stuck := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		close(dialing)
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	for _, test := range []struct {
		name, base string
		transport  *http.Transport
		want       wechatpay.Outcome
	}{
		{"refused", closed.URL, new(http.Transport), notSent},
		{"cut", cut.URL, new(http.Transport), unknown},
		{"a certificate that is not trusted", secure.URL, new(http.Transport), notSent},
		{"no TLS", strings.Replace(plain.URL, "http:", "https:", 1), new(http.Transport), notSent},
		{"no such name", "http://name.invalid", &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
		}}, notSent},
		{"a proxy that refuses CONNECT", secure.URL, &http.Transport{Proxy: http.ProxyURL(proxy)}, notSent},
		{"cancelled while it connects", "http://name.invalid", stuck, notSent},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer test.transport.CloseIdleConnections()
			config := newConfig(t, test.transport)
			config.BaseURL = test.base
			ctx, cancel := context.WithTimeout(background(), time.Minute)
			defer cancel()
			if test.transport == stuck {
				go func() { <-dialing; cancel() }()
			}
			_, err := newClient(t, config).Chain(nativeOrder).Post(ctx)
			if got := wechatpay.OutcomeOf(err); err == nil || got != test.want {
				t.Errorf("%v is %v, want %v", err, got, test.want)
			}
		})
	}
}

// ErrSign says that an attempt was not sent. An earlier one may have been.
func TestOutcomeOfASecondSignature(t *testing.T) {
	for _, test := range []struct {
		name   string
		nonces []string
		sent   int
		want   wechatpay.Outcome
	}{
		{"the first attempt", []string{"not\nsigned"}, 0, notSent},
		{"the second attempt", []string{"first", "not\nsigned"}, 1, unknown},
	} {
		sent, signed := 0, 0
		config := newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) {
			sent++
			return answer(503, ""), nil
		}))
		config.Nonce = func() string {
			signed++
			return test.nonces[signed-1]
		}
		config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
			return s.Unshift("twice", func(next http.RoundTripper) http.RoundTripper {
				return roundTripper(func(req *http.Request) (*http.Response, error) {
					if resp, err := next.RoundTrip(req); err != nil {
						return resp, err
					}
					return next.RoundTrip(req)
				})
			})
		}
		_, err := newClient(t, config).Chain(nativeOrder).Post(background(), wechatpay.JSON(wechatpay.M{"a": 1}))
		if got := wechatpay.OutcomeOf(err); !errors.Is(err, wechatpay.ErrSign) || sent != test.sent || got != test.want {
			t.Errorf("%s: %v is %v after %d sendings, want %v after %d", test.name, err, got, sent, test.want, test.sent)
		}
	}
}

// If something in the stack repeats a call, all attempts count.
func TestOutcomeOfRepeatedCall(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	refuse := func(code string) func() (*http.Response, error) {
		return func() (*http.Response, error) { return answer(403, `{"code":"`+code+`","message":"x"}`), nil }
	}
	fail := func(err error) func() (*http.Response, error) {
		return func() (*http.Response, error) { return nil, err }
	}
	tooMany := func() (*http.Response, error) { return answer(429, `{"code":"FREQUENCY_LIMITED"}`), nil }
	for _, test := range []struct {
		name, path string
		sendings   []func() (*http.Response, error)
		want       wechatpay.Outcome
	}{
		{"cut, then no connection", nativeOrder, []func() (*http.Response, error){fail(io.EOF), fail(dial)}, unknown},
		{"no connection twice", nativeOrder, []func() (*http.Response, error){fail(dial), fail(dial)}, notSent},
		{"too many, then no connection", nativeOrder, []func() (*http.Response, error){tooMany, fail(dial)}, later},
		{"no connection, then too many", nativeOrder, []func() (*http.Response, error){fail(dial), tooMany}, later},
		{"cut, then too many", nativeOrder, []func() (*http.Response, error){fail(io.EOF), tooMany}, unknown},
		{"cut, then refused, where a repetition gives the same", nativeOrder, []func() (*http.Response, error){fail(io.EOF), refuse("NOT_ENOUGH")}, refusal},
		{"cut, then refused, where a repetition is refused", codePay, []func() (*http.Response, error){fail(io.EOF), refuse("AUTH_CODE_INVALID")}, unknown},
		{"no connection, then refused", codePay, []func() (*http.Response, error){fail(dial), refuse("AUTH_CODE_INVALID")}, refusal},
		{"too many, then refused", codePay, []func() (*http.Response, error){tooMany, refuse("AUTH_CODE_INVALID")}, refusal},
	} {
		t.Run(test.name, func(t *testing.T) {
			n := 0
			config := newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) { n++; return test.sendings[n-1]() }))
			var inStack wechatpay.Outcome
			config.Middleware = func(_ wechatpay.Protocol, s *middleware.Stack) error {
				return s.Unshift("twice", func(next http.RoundTripper) http.RoundTripper {
					return roundTripper(func(req *http.Request) (*http.Response, error) {
						if resp, err := next.RoundTrip(req); err == nil {
							resp.Body.Close()
						}
						resp, err := next.RoundTrip(req)
						inStack = middleware.OutcomeOf(req, resp, err)
						return resp, err
					})
				})
			}
			_, err := newClient(t, config).Chain(test.path).Post(background())
			if got := wechatpay.OutcomeOf(err); got != test.want || inStack != test.want || n != 2 {
				t.Errorf("%v is %v, and %v in the stack, after %d sendings; want %v after 2", err, got, inStack, n, test.want)
			}
		})
	}
}

// noKeys is a store without platform keys.
type noKeys struct{}

func (noKeys) PublicKey(context.Context, string) (crypto.PublicKey, error) {
	return nil, signer.ErrUnknownSerial
}

func (noKeys) Current(context.Context) (string, crypto.PublicKey, error) {
	return "", nil, signer.ErrVerify
}

// withoutKeys returns a configuration whose platform keys are unavailable.
func withoutKeys(config wechatpay.Config) wechatpay.Config {
	config.PlatformKeys = noKeys{}
	return config
}
