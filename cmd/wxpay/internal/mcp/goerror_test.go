package mcp

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/config"
	"github.com/wxchain/wechatpay/internal/errortable"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/resilience"
	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/signer"
	"github.com/wxchain/wechatpay/wechatpaytest"
)

// Errors that the library returns are explained, also within errors of a program.
func TestGoErrors(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for _, tt := range goErrors(t) {
		t.Run(tt.name, func(t *testing.T) {
			if tt.err == nil {
				t.Fatal("there is no error")
			}
			s := session{s.ClientSession, t}
			err := fmt.Errorf("paying the order 7: %w", tt.err)
			got := callTool[failureExplained](s, "explain_error", m{"error": err.Error()})
			var texts []string
			for _, g := range got.Messages {
				texts = append(texts, g.Package+": "+g.Message)
				if g.Meaning == "" || g.Remedy == "" || g.While == "" || !strings.Contains(err.Error(), g.Part) {
					t.Errorf("%+v", g)
				}
			}
			if !slices.Equal(texts, tt.want) || got.Code != tt.code || got.Nearest != nil || got.Note != "" {
				t.Errorf("%v\nis explained as %q, code %q, want\n%q, code %q", err, texts, got.Code, tt.want, tt.code)
			}
		})
	}
}

type goErrorTest struct {
	name string
	err  error
	want []string // package and message
	code string
}

// goErrors are errors that the library returns.
func goErrors(t *testing.T) []goErrorTest {
	t.Helper()
	mock := wechatpaytest.New(t)
	mock.On("POST", "v3/pay/transactions/native", mock.JSON(400, wechatpay.M{"code": "OUT_TRADE_NO_USED", "message": "-"}))
	client := mock.Client()
	get := func(path string, opts ...wechatpay.Option) error {
		_, err := client.Chain(path).Get(t.Context(), opts...)
		return err
	}
	_, misconfigured := wechatpay.New(wechatpay.Config{MchID: "wx233544546545989", SerialNo: "5A:5B"})
	_, noKey := keys.Private("-----BEGIN CERTIFICATE-----")
	_, noSettings := config.Load(t.Context(), config.Values(config.Merchant{}))
	_, refused := client.Chain("v3/pay/transactions/native").Post(t.Context(), wechatpay.JSON(wechatpay.M{}))
	_, noReceiver := notify.New(notify.Config{APIv3Key: "short"})
	_, noDay := bill.Download(t.Context(), client, bill.Trade, "yesterday", bill.To(io.Discard))
	panicked := &wechatpay.PanicError{Value: "index out of range", Stack: []byte("goroutine 7 [running]:\nmain.main()")}
	return []goErrorTest{
		{"a configuration", misconfigured, []string{
			"wechatpay: … is an appid; the merchant's number is made of digits, such as 1900000109",
			"wechatpay: … has colons; …",
			"signer: private key is missing",
			"wechatpay: PlatformKeys is missing: keys.Static with the platform public key, from the merchant platform's account center, under API security",
		}, ""},
		{"an option", get("v3/certificates", wechatpay.Options{"jsom": 7}), []string{`wechatpay: unknown option "…", and the template has no variables…`}, ""},
		{"a segment", get("v3//certificates"), []string{`wechatpay: path "…" has an empty segment`}, ""},
		{"a variable", get("v3/pay/transactions/id/{transaction_id}"), []string{`wechatpay: variable {…} has no value; give it with Bind("…", …) or as an option "…"`}, ""},
		{"a key", noKey, []string{"keys: the PEM is cut short, with no PEM block in it: -----END …----- is missing"}, ""},
		{"settings", noSettings, []string{"config: nothing is set: write wxpay.toml with wxpay init, name a file with File, or set WECHATPAY_MCHID and the other variables"}, ""},
		{"a refusal", refused, nil, "OUT_TRADE_NO_USED"},
		{"a receiver", noReceiver, []string{
			"notify: Keys is missing: a notification of APIv3 cannot be verified without the platform keys",
			"cipher: APIv3 key has … bytes, want …: set it in the merchant platform's account center, under API security",
		}, ""},
		{"a bill", noDay, []string{`bill: date is "…", want a day such as 2026-11-23`}, ""},
		{"a panic", panicked, []string{"wechatpay: wechatpay.PanicError: wechatpay: panic in a callback: …"}, ""},
		{"tries", &resilience.RetryError{Tries: 1, Since: time.Now(), Took: time.Second, Err: refused}, []string{"resilience: resilience.RetryError: tried … time… since …, in …"}, "OUT_TRADE_NO_USED"},
		{"a signature", &wechatpay.VerifyError{Reason: "signature", Response: &wechatpay.Response{StatusCode: 200, Header: http.Header{}}}, []string{"wechatpay: wechatpay.VerifyError: answer …: signature not verified (…)"}, ""},
		{"a notification", &signer.VerifyError{Reason: signer.ReasonSerial, Err: signer.ErrUnknownSerial}, []string{"signer: signer.VerifyError: signature not verified (…): …"}, ""},
		{"problems", &openapi.ValidationError{Operation: &openapi.Operation{Method: "GET", Template: "v3/x"}, Problems: []openapi.Problem{{In: "body", Field: "appid", Message: "required, missing"}}}, []string{"openapi: openapi.ValidationError: openapi: …: … problem…: …"}, ""},
		{"no operation", &openapi.UnknownError{Method: "GET", Path: "/v3/certificate"}, []string{"openapi: openapi.UnknownError: openapi: … … is in no documentation known here"}, ""},
		{"a call in the console", sandbox.TryError{{Field: "mchid", EN: "it is unknown"}}, []string{"sandbox: sandbox.TryError: sandbox: the call: …"}, ""},
	}
}

// An error that is not of this library is said to be unknown, with what is like it.
func TestGoErrorUnknown(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	got := callTool[failureExplained](s, "explain_error", m{"error": "pay: the private key does not belong to its certificate"})
	if got.Messages != nil || len(got.Nearest) == 0 || got.Nearest[0].Message != "its certificate does not belong to its private key" || !strings.Contains(got.Note, "no error of this text") {
		t.Errorf("an error that is like others is %+v", got)
	}
	got = callTool[failureExplained](s, "explain_error", m{"error": "dial tcp 127.0.0.1:443: connect: connection refused"})
	if got.Messages != nil || got.Nearest != nil || !strings.Contains(got.Note, "no error of this text") {
		t.Errorf("an error of package net is %+v", got)
	}
}

// The operation of a refusal limits what is said of its code, if it is known to answer so.
func TestGoErrorRefused(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	const text = "wechatpay: POST /v3/refund/domestic/refunds: 403 NOT_ENOUGH: - (Request-ID 1)"
	for _, tt := range []struct{ name, text, operation string }{
		{"a refusal", text, "POST v3/refund/domestic/refunds"},
		{"a log of two lines", "level=ERROR err=\"" + strings.ReplaceAll(text, " ", "\n") + "\"", "POST v3/refund/domestic/refunds"},
		{"no operation", strings.ReplaceAll(text, "POST /v3/refund/domestic/refunds: ", ""), ""},
		{"an operation that is not known", strings.ReplaceAll(text, "domestic", "nowhere"), ""},
	} {
		got := callTool[failureExplained](s, "explain_error", m{"error": tt.text})
		if got.Code != "NOT_ENOUGH" || got.Remedy == "" || len(got.Known) == 0 || tt.operation != "" && (got.Total != 1 || got.Known[0].Operation != tt.operation) || tt.operation == "" && got.Total < 2 {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	if got := callTool[failureExplained](s, "explain_error", m{"error": text, "operation": "POST v3/pay/transactions/native"}); got.Total != 0 || !strings.Contains(got.Note, "native") {
		t.Errorf("a refusal of another operation is %+v", got)
	}
}

// The code of an answer is found in the errors of other programs, which quote the answer.
func TestGoErrorQuotesAnswer(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	for _, text := range []string{
		`{"code":"NOT_ENOUGH","message":"余额不足"}`,
		"Client error: `POST https://api.mch.weixin.qq.com/v3/refund/domestic/refunds` resulted in a `403 Forbidden` response:\n{\"code\": \"NOT_ENOUGH\"}",
		"<xml><return_code><![CDATA[SUCCESS]]></return_code><err_code><![CDATA[NOT_ENOUGH]]></err_code></xml>",
		`{"result_code":"FAIL","err_code":"NOT_ENOUGH"}`,
	} {
		got := callTool[failureExplained](s, "explain_error", m{"error": text})
		if got.Code != "NOT_ENOUGH" || got.Remedy == "" || got.Total < 2 || got.Note != "" {
			t.Errorf("%s: %+v", text, got)
		}
	}
	if got := callTool[failureExplained](s, "explain_error", m{"error": `{"return_code":"FAIL","code":7}`}); got.Code != "" {
		t.Errorf("an answer without a code of the platform is %+v", got)
	}
}

// An error with many causes takes several pages, which have each once.
func TestGoErrorPages(t *testing.T) {
	s := connect(t, newTestWorld(t), nil)
	chapters, err := errortable.Load()
	if err != nil {
		t.Fatal(err)
	}
	text, n := "wechatpay: ", 0
	for _, c := range chapters[:3] {
		for _, e := range c.Entries {
			if message := e.Messages[0]; strings.Contains(message, " ") {
				text += strings.NewReplacer("%s", "x", "%d", "7", "%q", `"x"`, "%w", "x").Replace(message) + "; "
				n++
			}
		}
	}
	seen := make(map[string]bool)
	all := pages(s, "explain_error", m{"error": text}, func(f failureExplained) string { return f.NextCursor })
	for _, page := range all {
		for _, g := range page.Messages {
			if seen[g.Meaning] {
				t.Errorf("%q is there twice", g.Message)
			}
			seen[g.Meaning] = true
		}
	}
	if len(all) < 2 || len(seen) < n {
		t.Errorf("%d pages have %d messages, want %d", len(all), len(seen), n)
	}
}
