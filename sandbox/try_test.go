package sandbox_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

const nativeBody = `{"appid":"wx1","mchid":"1900000109","description":"tea","out_trade_no":"try_001","notify_url":"https://www.example.com/n","amount":{"total":1}}`

// The control API makes a call, and answers the request with its answer.
func TestControlCalls(t *testing.T) {
	sb := sandbox.Start(t)
	status, x := controls(t, sb, "POST", "calls", `{"method":"POST","template":"v3/pay/transactions/native","body":`+nativeBody+`}`)
	if status != 200 || x.Get("status").Int() != 200 || !strings.Contains(x.Get("answer").String(), "code_url") || x.Get("body").String() != nativeBody {
		t.Fatalf("%d %s", status, x)
	}
	if story, err := sb.OrderStory(sandbox.DefaultMchID, "try_001"); err != nil || story.Order.State != "NOTPAY" {
		t.Errorf("%+v, %v", story.Order, err)
	}
	status, x = controls(t, sb, "POST", "calls", `{"method":"GET","template":"v3/pay/transactions/out-trade-no/{out_trade_no}","path":{"out_trade_no":"try_001"},"query":{"mchid":"1900000109"}}`)
	if status != 200 || x.Get("target").String() != "/v3/pay/transactions/out-trade-no/try_001?mchid=1900000109" || !strings.Contains(x.Get("answer").String(), "NOTPAY") {
		t.Errorf("%d %s", status, x)
	}
}

// The control API says what keeps a call from being made, and pages of other sites make
// none.
func TestControlCallsRefused(t *testing.T) {
	sb := sandbox.Start(t)
	for body, want := range map[string]string{
		`{"method":"GET","template":"v3/none"}`:                                                           "no operation",
		`{"method":"GET","template":"v3/certificates","mchid":"1"}`:                                       "no merchant",
		`{"method":"GET","template":"v3/certificates","query":{"x":"1"}}`:                                 "query.x",
		`{"method":"GET","template":"v3/certificates","body":{}}`:                                         "a GET has no body",
		`{"method":"GET","template":"v3/pay/transactions/out-trade-no/{out_trade_no}"}`:                   "path.out_trade_no",
		`{"method":"POST","template":"v2/pay/unifiedorder","body":[]}`:                                    "must be an object",
		`{"method":"POST","template":"v3/pay/transactions/native","url":"https://api.mch.weixin.qq.com"}`: "unknown field",
	} {
		if status, answer := controls(t, sb, "POST", "calls", body); status != 400 || !strings.Contains(answer.Get("message").String(), want) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example.com"} {
		req := httptest.NewRequest(http.MethodPost, "http://localhost/_sandbox/calls", strings.NewReader(`{"method":"GET","template":"v3/certificates"}`))
		req.Header.Set(name, value)
		rec := httptest.NewRecorder()
		sb.ServeHTTP(rec, req)
		if rec.Code != http.StatusForbidden {
			t.Errorf("%s %s: %d", name, value, rec.Code)
		}
	}
	if len(sb.Requests()) != 0 {
		t.Errorf("requests were sent: %+v", sb.Requests())
	}
}

// The control API lists the operations, in the order of the search.
func TestControlOperations(t *testing.T) {
	sb := sandbox.Start(t)
	all := 0
	for range openapi.Operations() {
		all++
	}
	for words, want := range map[string]int{"": all, "%E9%80%80%E6%AC%BE": len(openapi.Search("退款")), "zzzz": 0} {
		resp, err := http.Get(sb.URL() + "_sandbox/operations?q=" + words)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct {
			Operations []struct{ Method, Template, Title string } `json:"operations"`
		}
		err = errors.Join(json.NewDecoder(resp.Body).Decode(&answer), resp.Body.Close())
		if err != nil || answer.Operations == nil || len(answer.Operations) != want {
			t.Errorf("%s: %d operations, %v, want %d", words, len(answer.Operations), err, want)
		}
	}
}

// A call encrypts sensitive fields, and reaches operations alone.
func TestTry(t *testing.T) {
	sb := sandbox.Start(t)
	x, err := sb.Try(t.Context(), sandbox.TryCall{Method: "POST", Template: "v3/profitsharing/receivers/add", BaseURL: "https://sandbox.test/",
		Body: json.RawMessage(`{"appid":"wx1","type":"MERCHANT_ID","account":"1900000109","name":"a shop","relation_type":"STORE"}`)})
	if err != nil || strings.Contains(x.Body, "a shop") || x.Header.Get("Wechatpay-Serial") == "" || x.Status == 401 {
		t.Errorf("%v: %d %s %s", err, x.Status, x.Body, x.Answer)
	}
	if !bytes.Contains([]byte(x.Header.Get("Authorization")), []byte(sandbox.DefaultMchID)) {
		t.Errorf("the header is %v", x.Header)
	}
	x, err = sb.Try(t.Context(), sandbox.TryCall{Method: "GET", Template: "v3/pay/transactions/out-trade-no/{out_trade_no}",
		Path: map[string]string{"out_trade_no": "../../../_sandbox/clock?"}, Query: map[string]string{"mchid": sandbox.DefaultMchID}})
	var wrong sandbox.TryError
	if !errors.As(err, &wrong) && x.Status != 404 && x.Status != 400 {
		t.Errorf("%v: %d %s", err, x.Status, x.Answer)
	}
	if _, err = sb.Try(t.Context(), sandbox.TryCall{Method: "GET", Template: "v3/none"}); !errors.As(err, &wrong) || wrong[0].Field != "template" || wrong[0].ZH == "" {
		t.Errorf("%v", err)
	}
	if got := sb.Callers(); len(got) != 1 || got[0] != sandbox.DefaultMchID {
		t.Errorf("the callers are %q", got)
	}
}

// photo returns an image of so many bytes.
func photo(size int) []byte {
	image := bytes.Repeat([]byte{0, 255}, size/2)
	copy(image, "\x89PNG\r\n\x1a\n")
	return image
}

const uploadImage = "v3/merchant-service/images/upload"

// A call sends the file that it is given, with the hash of that file in meta.
func TestTryFile(t *testing.T) {
	sb := sandbox.Start(t)
	image := photo(1 << 20)
	x, err := sb.Try(t.Context(), sandbox.TryCall{Method: "POST", Template: uploadImage, FileName: "店 1.png", File: image})
	if err != nil || x.Status != 200 || !strings.Contains(x.Body, `"filename":"店 1.png"`) || !strings.Contains(x.Body, fmt.Sprintf("%x", sha256.Sum256(image))) {
		t.Fatalf("%v: %d %s %.300s", err, x.Status, x.Answer, x.Body)
	}
	got, err := sb.Client().Chain("v3/merchant-service/images/{media_id}").Get(t.Context(), wechatpay.Bind("media_id", gjson.Get(x.Answer, "media_id").String()))
	if err != nil || !bytes.Equal(got.Bytes(), image) {
		t.Errorf("the stored image has %d bytes, %v", len(got.Bytes()), err)
	}
	// The sandbox refuses what the platform refuses.
	for name, file := range map[string][]byte{"image.gif": image, "image.png": []byte("GIF89a"), "large.png": photo(2<<20 + 2)} {
		if x, err := sb.Try(t.Context(), sandbox.TryCall{Method: "POST", Template: uploadImage, FileName: name, File: file}); err != nil || x.Status != 400 {
			t.Errorf("%s of %d bytes: %v, %d %s", name, len(file), err, x.Status, x.Answer)
		}
	}
}

// What is wrong with a file is said before anything is sent.
func TestTryFileMistakes(t *testing.T) {
	sb := sandbox.Start(t)
	image := photo(100)
	for want, call := range map[string]sandbox.TryCall{
		"at most 6291456":    {Template: uploadImage, FileName: "a.png", File: photo(sandbox.MaxTryFile + 2)},
		"the file is empty":  {Template: uploadImage, FileName: "a.png"},
		`"" is not the name`: {Template: uploadImage, File: image},
		`"../a.png" is not`:  {Template: uploadImage, FileName: "../a.png", File: image},
		`"a\\b.png" is not`:  {Template: uploadImage, FileName: `a\b.png`, File: image},
		"is not the name of": {Template: uploadImage, FileName: "a\r\n.png", File: image},
		"takes no file":      {Template: "v3/pay/transactions/native", Body: json.RawMessage(nativeBody), FileName: "a.png", File: image},
	} {
		call.Method = "POST"
		var wrong sandbox.TryError
		if _, err := sb.Try(t.Context(), call); !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Field != "file" || wrong[0].ZH == "" || !strings.Contains(wrong[0].EN, want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if n := len(sb.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// The control API takes a file in base64.
func TestControlCallsFile(t *testing.T) {
	sb := sandbox.Start(t)
	call := func(size int) (int, gjson.Result) {
		text, err := json.Marshal(wechatpay.M{"method": "POST", "template": uploadImage, "file_name": "photo.png", "file": photo(size)})
		if err != nil {
			t.Fatal(err)
		}
		return controls(t, sb, "POST", "calls", string(text))
	}
	if status, x := call(1 << 20); status != 200 || x.Get("status").Int() != 200 || !strings.Contains(x.Get("body").String(), `"photo.png"`) {
		t.Errorf("%d %.500s", status, x)
	}
	if status, x := call(3 << 20); status != 200 || x.Get("status").Int() != 400 {
		t.Errorf("a file larger than the platform takes: %d %.500s", status, x)
	}
	for size, want := range map[int]string{sandbox.MaxTryFile + 2: "file: the file has", 8 << 20: "too large"} {
		if status, x := call(size); status != 400 || !strings.Contains(x.Get("message").String(), want) {
			t.Errorf("%d bytes: %d %.500s", size, status, x)
		}
	}
	// Other actions take no body of that size.
	if status, x := controls(t, sb, "POST", "clock", `{"advance": "`+strings.Repeat(" ", 100_000)+`"}`); status != 400 || !strings.Contains(x.Get("message").String(), "too large") {
		t.Errorf("a large body elsewhere: %d %.500s", status, x)
	}
}

// Each mistake is told at its field, and what a call can carry is sent.
func TestTryMistakes(t *testing.T) {
	sb := sandbox.Start(t)
	const query, refund = "v3/pay/transactions/out-trade-no/{out_trade_no}", "v3/refund/domestic/refunds"
	of := func(number, mchID string) sandbox.TryCall {
		return sandbox.TryCall{Method: "GET", Template: query, Path: map[string]string{"out_trade_no": number}, Query: map[string]string{"mchid": mchID}}
	}
	with := func(body string) sandbox.TryCall {
		return sandbox.TryCall{Method: "POST", Template: refund, Body: json.RawMessage(body)}
	}
	for _, tt := range []struct {
		call        sandbox.TryCall
		field, says string
	}{
		{of("..", "1"), "path.out_trade_no", "leads to another path"},
		{of(".", "1"), "path.out_trade_no", "leads to another path"},
		{of("a\xff", "1"), "path.out_trade_no", "UTF-8"},
		{of("a", "\xff"), "query.mchid", "UTF-8"},
		{with(`"text"`), "body", "must be an object"},
		{with("1"), "body", "must be an object"},
		{with("{\"reason\":\"\xff\"}"), "body", "UTF-8"},
		{sandbox.TryCall{Method: "POST", Template: "v2/pay/orderquery", Body: json.RawMessage("[1]")}, "body", "must be an object"},
		{sandbox.TryCall{Method: "POST", Template: "v2/pay/orderquery", Body: json.RawMessage(" <xml><appid>wx1</appid></xml>")}, "body", "this is XML: write the fields as a JSON object"},
		{sandbox.TryCall{Method: "GET", Template: "v3/certificates", MchID: sandbox.DefaultSubMchID}, "mchid", "is a sub-merchant"},
	} {
		_, err := sb.Try(t.Context(), tt.call)
		var wrong sandbox.TryError
		if !errors.As(err, &wrong) || len(wrong) != 1 || wrong[0].Field != tt.field || !strings.Contains(wrong[0].EN, tt.says) || wrong[0].ZH == "" {
			t.Errorf("%+v: %v, want %s: %s", tt.call, err, tt.field, tt.says)
		}
	}
	for _, call := range []sandbox.TryCall{of("a/../b?c#d%2f\x00", sandbox.DefaultMchID), of("...", sandbox.DefaultMchID), with("[]")} {
		if x, err := sb.Try(t.Context(), call); err != nil || x.Status < 400 || x.Operation == "" {
			t.Errorf("%+v: %d %s, %v", call, x.Status, x.Operation, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := sb.Try(ctx, of("a", "1")); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}
