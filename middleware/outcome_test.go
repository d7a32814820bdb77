package middleware_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

const (
	unknown = middleware.OutcomeUnknown
	done    = middleware.OutcomeDone
	notSent = middleware.OutcomeNotSent
	refused = middleware.OutcomeRefused
	later   = middleware.OutcomeLater
)

const (
	native    = "/v3/pay/transactions/native"
	codePay   = "/v3/pay/transactions/codepay"                                 // a repetition is refused
	transfer  = "/v3/fund-app/mch-transfer/transfer-bills"                     // only 200 tells
	refund    = "/v3/refund/domestic/refunds"                                  // 429 may have been done
	fapiao    = "/v3/new-tax-control-fapiao/fapiao-applications/issue-general" // 202 is done
	reverse   = "/v3/new-tax-control-fapiao/fapiao-applications/{fapiao_apply_id}/reverse"
	modify    = "/v3/apply4sub/sub_merchants/{sub_mchid}/modify-settlement" // a repetition may be done again
	applyment = "/v3/applyment4sub/applyment/"
)

func TestOutcomeString(t *testing.T) {
	for o, want := range map[middleware.Outcome]string{unknown: "unknown", done: "done", notSent: "not sent", refused: "refused", later: "later", 99: "unknown"} {
		if o.String() != want {
			t.Errorf("%d is %q, want %q", int(o), o, want)
		}
	}
}

// What an answer means depends on its status, its code and the operation.
func TestOutcomeOfAnswers(t *testing.T) {
	for _, tt := range []struct {
		method, path string
		status       int
		code         string
		want         middleware.Outcome
	}{
		{"POST", native, 199, "", unknown},
		{"POST", native, 200, "", done},
		{"POST", native, 201, "", done},
		{"POST", native, 202, "", unknown},
		{"POST", native, 202, "SYSTEM_ERROR", unknown},
		{"POST", native, 204, "", done},
		{"POST", native, 299, "", done},
		{"POST", native, 300, "PARAM_ERROR", unknown},
		{"POST", native, 399, "PARAM_ERROR", unknown},
		{"POST", native, 400, "PARAM_ERROR", refused},
		{"POST", native, 400, "", unknown},
		{"POST", native, 401, "SIGN_ERROR", refused},
		{"POST", native, 403, "OUT_TRADE_NO_USED", refused},
		{"POST", native, 408, "PARAM_ERROR", unknown},
		{"POST", native, 499, "PARAM_ERROR", refused},
		{"POST", native, 500, "PARAM_ERROR", unknown},
		{"POST", native, 429, "", later},
		{"POST", native, 429, "NEW_CODE", later},
		{"POST", native, 403, "FREQUENCY_LIMITED", later},
		{"POST", native, 403, "RATELIMIT_EXCEEDED", later},
		{"POST", native, 503, "FREQUENCY_LIMITED", unknown},
		{"POST", native, 400, "SYSTEM_ERROR", unknown},
		{"POST", native, 400, "USERPAYING", unknown},
		{"GET", native, 404, "ORDER_NOT_EXIST", refused},

		{"POST", codePay, 400, "ORDERPAID", unknown},
		{"POST", codePay, 400, "OUT_TRADE_NO_USED", unknown},
		{"POST", codePay, 400, "RESOURCE_ALREADY_EXISTS", unknown},
		{"POST", codePay, 400, "DUPLICATE_REQUEST", unknown},
		{"POST", codePay, 404, "ORDER_NOT_EXIST", refused},
		{"POST", codePay, 404, "ORDER_NOT_PAID", refused},
		{"POST", codePay, 403, "NOT_ENOUGH", refused},
		{"GET", codePay, 400, "ORDERPAID", refused},
		{"POST", codePay + "/x", 400, "ORDERPAID", refused},
		{"POST", codePay + "/", 400, "ORDERPAID", unknown},
		{"POST", applyment, 400, "ALREADY_EXISTS", unknown},
		{"POST", strings.TrimSuffix(applyment, "/"), 400, "ALREADY_EXISTS", unknown},
		{"POST", modify, 400, "ALREADY_EXISTS", unknown},
		{"POST", strings.Replace(modify, "{sub_mchid}", "1900000109", 1), 400, "ALREADY_EXISTS", unknown},
		{"POST", strings.Replace(modify, "{sub_mchid}", "19/01", 1), 400, "ALREADY_EXISTS", refused},

		{"POST", transfer, 200, "", done},
		{"POST", transfer, 201, "", unknown},
		{"POST", transfer, 204, "", unknown},
		{"POST", transfer, 400, "PARAM_ERROR", unknown},
		{"POST", transfer, 429, "FREQUENCY_LIMITED", unknown},
		{"GET", transfer, 400, "PARAM_ERROR", refused},

		{"POST", refund, 429, "", unknown},
		{"POST", refund, 403, "FREQUENCY_LIMITED", unknown},
		{"POST", refund, 403, "NOT_ENOUGH", refused},
		{"GET", refund + "/1217", 429, "", later},

		{"POST", fapiao, 202, "", done},
		{"POST", fapiao, 202, "SYSTEM_ERROR", unknown},
		{"POST", fapiao, 200, "", done},
		{"POST", reverse, 202, "", done},
		{"POST", strings.Replace(reverse, "{fapiao_apply_id}", "1", 1), 202, "", done},
	} {
		body := `{"message":"x"}`
		if tt.code != "" {
			body = fmt.Sprintf(`{"code":%q}`, tt.code)
		}
		for name, x := range map[string]*middleware.Exchange{"": nil, " behind a base": {Base: "/wx/"}} {
			path := tt.path
			if x != nil {
				path = "/wx" + path
			}
			req := newRequest(t, tt.method, path, x)
			resp, err := answering(tt.status, nil, body)(req)
			if err != nil {
				t.Fatal(err)
			}
			got := middleware.OutcomeOf(req, resp, nil)
			if of := middleware.OutcomeOfAnswer(req, tt.status, tt.code); got != tt.want || of != tt.want {
				t.Errorf("%s %s%s, %d %s: %v and %v, want %v", tt.method, tt.path, name, tt.status, tt.code, got, of, tt.want)
			}
			if left, err := io.ReadAll(resp.Body); err != nil || string(left) != body {
				t.Errorf("%s, %d: the body is now %q, %v", tt.path, tt.status, left, err)
			}
		}
	}
	if got := middleware.OutcomeOfAnswer(nil, 202, ""); got != unknown {
		t.Errorf("202 to no request: %v", got)
	}
	if got := middleware.OutcomeOfAnswer(nil, 200, ""); got != done {
		t.Errorf("200 to no request: %v", got)
	}
}

// A field called code of a 2xx answer is the operation's own, but for 202.
func TestOutcomeOfAFieldCode(t *testing.T) {
	for status, want := range map[int]middleware.Outcome{200: done, 201: done, 202: unknown, 299: done} {
		req := newRequest(t, "POST", fapiao, nil)
		resp, err := answering(status, nil, `{"code":"SYSTEM_ERROR"}`)(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := middleware.OutcomeOf(req, resp, nil); got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
}

// An answer whose body cannot be read tells nothing, and its body fails again.
func TestOutcomeOfABrokenBody(t *testing.T) {
	broken := errors.New("connection reset")
	req := newRequest(t, "POST", native, nil)
	resp := &http.Response{StatusCode: 403, Body: io.NopCloser(iotest.ErrReader(broken)), ContentLength: -1}
	if got := middleware.OutcomeOf(req, resp, nil); got != unknown {
		t.Errorf("outcome %v, want unknown", got)
	}
	if _, err := io.ReadAll(resp.Body); !errors.Is(err, broken) {
		t.Errorf("the body ends in %v", err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
}

// Of APIv2 a 2xx answer may refuse, and a bill is not looked at.
func TestOutcomeOfAPIv2(t *testing.T) {
	const (
		success = "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>"
		paid    = "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>ORDERPAID</err_code></xml>"
		silent  = "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code></xml>"
	)
	for _, tt := range []struct {
		name                   string
		template, path         string
		contentType, authorize string
		status                 int
		body                   string
		want                   middleware.Outcome
	}{
		{"done", "v2/pay/micropay", "/pay/micropay", "", "", 200, success, done},
		{"done before, perhaps", "v2/pay/micropay", "/pay/micropay", "", "", 200, paid, unknown},
		{"done before", "V2/pay/unifiedorder", "/pay/unifiedorder", "", "", 200, paid, refused},
		{"refused without a reason", "v2/pay/unifiedorder", "/pay/unifiedorder", "", "", 200, silent, unknown},
		{"a bill", "v2/pay/downloadbill", "/pay/downloadbill", "", "", 200, "`1,`2", done},
		{"a refusal in text", "v2/pay/downloadbill", "/pay/downloadbill", "", "", 400, "`1,`2", unknown},
		{"a refusal in JSON", "v2/pay/downloadbill", "/pay/downloadbill", "", "", 400, `{"code":"PARAM_ERROR"}`, refused},
		{"a refusal with 4xx", "v2/pay/unifiedorder", "/pay/unifiedorder", "", "", 400, paid, refused},
		{"by its headers", "", "/pay/unifiedorder", "text/xml; charset=utf-8", "", 200, paid, refused},
		{"a template that starts with a variable", "{version}/pay/unifiedorder", "/pay/unifiedorder", "text/xml", "", 200, paid, refused},
		{"XML of APIv3", "", "/v3/x", "text/xml", "WECHATPAY2-SHA256-RSA2048 x", 200, paid, done},
		{"JSON", "", "/v3/x", "application/json", "", 200, paid, done},
		{"a template of APIv3", "v3/x", "/v3/x", "text/xml", "", 200, paid, done},
	} {
		req := newRequest(t, "POST", tt.path, &middleware.Exchange{Template: tt.template})
		req.Header.Set("Content-Type", tt.contentType)
		req.Header.Set("Authorization", tt.authorize)
		resp, err := answering(tt.status, nil, tt.body)(req)
		if err != nil {
			t.Fatal(err)
		}
		if got := middleware.OutcomeOf(req, resp, nil); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if left, err := io.ReadAll(resp.Body); err != nil || string(left) != tt.body {
			t.Errorf("%s: the body is now %q, %v", tt.name, left, err)
		}
	}
	for body, want := range map[string]string{success: "", paid: "ORDERPAID", silent: "?", "<html>": "", "": "", `{"code":"A"}`: "A"} {
		if got := middleware.AnswerCode(true, []byte(body)); got != want {
			t.Errorf("AnswerCode of %s is %q, want %q", body, got, want)
		}
	}
	for body, want := range map[string]string{paid: "", `{"code":"A"}`: "A", `{"code":1}`: "", `[]`: ""} {
		if got := middleware.AnswerCode(false, []byte(body)); got != want {
			t.Errorf("AnswerCode of %s is %q, want %q", body, got, want)
		}
	}
}

// Without an answer, what failed tells whether the request was sent.
func TestOutcomeOfErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want middleware.Outcome
	}{
		{io.EOF, unknown},
		{nil, unknown},
		{&net.OpError{Op: "dial", Err: io.EOF}, notSent},
		{&net.OpError{Op: "proxyconnect", Err: io.EOF}, notSent},
		{&net.OpError{Op: "read", Err: io.EOF}, unknown},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, notSent},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: internal error")}, unknown},
		{&net.OpError{Op: "remote error"}, unknown},
		{&net.DNSError{Err: "no such host"}, notSent},
		{&tls.CertificateVerificationError{Err: errors.New("of another kind")}, notSent},
		{x509.UnknownAuthorityError{}, notSent}, // without package tls around them: of a check of one's own
		{x509.HostnameError{Certificate: new(x509.Certificate), Host: "x"}, notSent},
		{x509.CertificateInvalidError{}, notSent},
		{fmt.Errorf("x: %w", signer.ErrSign), notSent},
		{fmt.Errorf("x: %w", middleware.ErrNotSent), notSent},
		{fmt.Errorf("x: %w", signer.ErrVerify), unknown},
		{errors.Join(signer.ErrVerify, signer.ErrSign), unknown},
	} {
		for name, req := range map[string]*http.Request{"no request": nil, "no Exchange": newRequest(t, "POST", native, nil)} {
			if got := middleware.OutcomeOf(req, nil, tt.err); got != tt.want {
				t.Errorf("%v, %s: %v, want %v", tt.err, name, got, tt.want)
			}
		}
		// A call that has sent nothing was not sent, whatever the error.
		if got := middleware.OutcomeOf(newRequest(t, "POST", native, new(middleware.Exchange)), nil, tt.err); got != notSent {
			t.Errorf("%v, nothing sent: %v", tt.err, got)
		}
	}
	// An answer that did not come through Guard was made by something.
	x := new(middleware.Exchange)
	req := newRequest(t, "POST", native, x)
	if _, err := middleware.Verifier(platformKeys(t), clock)(answering(200, nil, "{}")).RoundTrip(req); !errors.Is(err, signer.ErrVerify) {
		t.Fatal(err)
	} else if got := middleware.OutcomeOf(req, nil, err); got != unknown {
		t.Errorf("an answer that does not verify: %v", got)
	}
}

// All sendings of a call count.
func TestOutcomeOfSendings(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	for _, tt := range []struct {
		name, path string
		sendings   []any // errors and statuses
		want       middleware.Outcome
	}{
		{"no connection", native, []any{dial, dial}, notSent},
		{"lost, then no connection", native, []any{io.EOF, dial}, unknown},
		{"no connection, then lost", native, []any{dial, io.EOF}, unknown},
		{"put off, then no connection", native, []any{429, dial}, later},
		{"put off", native, []any{429}, later},
		{"put off twice", native, []any{429, 429}, later},
		{"lost, then put off", native, []any{io.EOF, 429}, unknown},
		{"a refund that was put off", refund, []any{429, dial}, unknown},
		{"done", native, []any{io.EOF, 200}, done},
		{"refused", codePay, []any{403}, refused},
		{"lost, then refused", native, []any{io.EOF, 403}, refused},
		{"lost, then not signed well", native, []any{io.EOF, 401}, unknown},
		{"lost, then refused, as a repetition may be", codePay, []any{io.EOF, 403}, unknown},
		{"lost, then refused, where a repetition is done again", modify, []any{io.EOF, 403}, unknown},
		{"no connection, then refused", codePay, []any{dial, 403}, refused},
		{"put off, then refused", codePay, []any{429, 403}, refused},
	} {
		x := new(middleware.Exchange)
		req := newRequest(t, "POST", tt.path, x)
		var resp *http.Response
		var err error
		for _, sending := range tt.sendings {
			resp, err = middleware.Guard(transport(func(req *http.Request) (*http.Response, error) {
				if err, ok := sending.(error); ok {
					return nil, err
				}
				return answering(sending.(int), nil, `{"code":"AUTH_CODE_INVALID"}`)(req)
			})).RoundTrip(req)
		}
		if got := middleware.OutcomeOf(req, resp, err); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
