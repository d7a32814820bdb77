package wechatpay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/openapi"
)

// forMerchant returns the ciphertext of a text that the merchant can decrypt.
func forMerchant(t testing.TB, text string) string {
	t.Helper()
	ciphertext, err := cipher.EncryptOAEP(&vectors.MerchantKey(t).PublicKey, text)
	if err != nil {
		t.Fatal(err)
	}
	return ciphertext
}

// answerTo calls an operation that is answered with a body.
func answerTo(t *testing.T, method, path, body string, opts ...wechatpay.Option) *wechatpay.Response {
	t.Helper()
	client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(200, body) })
	resp, err := client.Chain(path).Do(background(), method, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestDecryptAll(t *testing.T) {
	phone, phone2, name := forMerchant(t, "13800000000"), forMerchant(t, `13900000000"\`), forMerchant(t, "张三")
	const complaints = "v3/merchant-service/complaints-v2"
	for _, tt := range []struct {
		name, path, body, want string
		opts                   []wechatpay.Option
	}{
		{"one field", complaints + "/{complaint_id}", `{"payer_phone":"` + phone + `"}`, `{"payer_phone":"13800000000"}`, []wechatpay.Option{wechatpay.Bind("complaint_id", "1")}},
		{"the path spelled out", complaints + "/1", ` {"a" : 1.0, "payer_phone" : "` + phone + `" } `, ` {"a" : 1.0, "payer_phone" : "13800000000" } `, nil},
		{"a list", complaints, `{"data":[{"payer_phone":"` + phone2 + `"},{"payer_phone":""},{"payer_phone":null},{},{"payer_phone":"` + phone + `"}],"n":9007199254740993}`,
			`{"data":[{"payer_phone":"13900000000\"\\"},{"payer_phone":""},{"payer_phone":null},{},{"payer_phone":"13800000000"}],"n":9007199254740993}`, nil},
		{"an escaped name", complaints + "/1", `{"payer\u005fphone":"` + phone + `"}`, `{"payer\u005fphone":"13800000000"}`, nil},
		{"a name twice", complaints + "/1", `{"payer_phone":"` + phone + `","payer_phone":"` + name + `"}`, `{"payer_phone":"13800000000","payer_phone":"张三"}`, nil},
		{"another order", "v3/ecommerce/applyments/1", `{"account_validation":{"account_no":"` + phone + `","account_name":"` + name + `"}}`,
			`{"account_validation":{"account_no":"13800000000","account_name":"张三"}}`, nil},
		{"texts in arrays", "v3/brand/partner/card-member/user-cards/1", `{"user_information":{"custom_field_list":[{"user_chosen_values":["` + name + `","` + phone + `"]}]}}`,
			`{"user_information":{"custom_field_list":[{"user_chosen_values":["张三","13800000000"]}]}}`, nil},
		{"another form", complaints, `{"data":{"payer_phone":"x"}}`, `{"data":{"payer_phone":"x"}}`, nil},
		{"an array", complaints, `[{"payer_phone":"x"}]`, `[{"payer_phone":"x"}]`, nil},
		{"a variable with a slash", complaints + "/{complaint_id}", `{"payer_phone":"` + phone + `"}`, `{"payer_phone":"13800000000"}`, []wechatpay.Option{wechatpay.Bind("complaint_id", "a/b")}},
		{"another base", "v3/transfer/batches/batch-id/1/details/detail-id/2", `{"user_name":"` + name + `"}`, `{"user_name":"张三"}`, []wechatpay.Option{wechatpay.BaseURL("https://api.example.com/base/")}},
	} {
		resp := answerTo(t, "GET", tt.path, tt.body, tt.opts...)
		plain, err := resp.DecryptAll(background())
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if string(plain.Bytes()) != tt.want || strings.TrimSpace(plain.JSON().Raw) != strings.TrimSpace(tt.want) {
			t.Errorf("%s: %s, want %s", tt.name, plain.Bytes(), tt.want)
		}
		if string(resp.Bytes()) != tt.body {
			t.Errorf("%s: the answer itself became %s", tt.name, resp.Bytes())
		}
		if text := fmt.Sprintf("%v %+v", plain, *plain); strings.Contains(text, "13800000000") || strings.Contains(text, "张三") {
			t.Errorf("%s: it prints as %s", tt.name, text)
		}
		if _, err := plain.DecryptAll(background()); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s: decrypted twice: %v", tt.name, err)
		}
	}
}

func TestDecryptAllRefuses(t *testing.T) {
	phone := forMerchant(t, "13800000000")
	others, err := cipher.EncryptOAEP(vectors.PlatformKey(t), "13800000000")
	if err != nil {
		t.Fatal(err)
	}
	const complaints = "v3/merchant-service/complaints-v2"
	for _, tt := range []struct{ name, method, path, body, want string }{
		{"plain", "GET", complaints + "/1", `{"payer_phone":"13800000000"}`, `"payer_phone"`},
		{"a number", "GET", complaints + "/1", `{"payer_phone":13800000000}`, `"payer_phone"`},
		{"an object", "GET", complaints + "/1", `{"payer_phone":{"a":"13800000000"}}`, `"payer_phone"`},
		{"for another", "GET", complaints, `{"data":[{"payer_phone":"` + phone + `"},{"payer_phone":"` + others + `"}]}`, `"data.1.payer_phone"`},
		{"not UTF-8", "GET", complaints + "/1", `{"payer_phone":"` + forMerchant(t, "\xff13800000000") + `"}`, `"payer_phone"`},
		{"an unknown operation", "GET", "v3/no/such/operation", `{"payer_phone":"` + phone + `"}`, "GET v3/no/such/operation"},
		{"another method", "POST", complaints, `{}`, "POST " + complaints},
		{"a longer path", "GET", complaints + "/1/2", `{}`, complaints + "/1/2"},
		{"an operation without encrypted fields", "GET", "v3/certificates/x", `{}`, "no encrypted fields"},
		{"no JSON", "GET", complaints + "/1", `13800000000,`, "not JSON"},
		{"no body", "GET", complaints + "/1", ``, "not JSON"},
	} {
		plain, err := answerTo(t, tt.method, tt.path, tt.body).DecryptAll(background())
		if err == nil || plain != nil || !strings.HasPrefix(err.Error(), "wechatpay: DecryptAll: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		} else if text := fmt.Sprintf("%+v", err); strings.Contains(text, "13800000000") || strings.Contains(text, phone[:32]) {
			t.Errorf("%s: the error shows the value: %s", tt.name, text)
		}
	}
	if _, err := answerTo(t, "GET", complaints+"/1", `{"payer_phone":"`+others+`"}`).DecryptAll(background()); !errors.Is(err, cipher.ErrDecrypt) {
		t.Errorf("for another: %v", err)
	}
	ctx, cancel := context.WithCancel(background())
	cancel()
	if _, err := answerTo(t, "GET", complaints+"/1", `{"payer_phone":"`+phone+`"}`).DecryptAll(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
	if _, err := new(wechatpay.Response).DecryptAll(background()); err == nil {
		t.Error("a Response of no client is decrypted")
	}
}

// encryptedExample returns the example of an answer with its encrypted fields
// encrypted for the merchant, and how many those are.
func encryptedExample(t *testing.T, v any, path string) (any, int) {
	t.Helper()
	if path == "" {
		return forMerchant(t, "张三"), 1
	}
	if rest, ok := strings.CutPrefix(path, "[]"); ok {
		list, n := v.([]any), 0
		for i := range list {
			e, more := encryptedExample(t, list[i], strings.TrimPrefix(rest, "."))
			list[i], n = e, n+more
		}
		return list, n
	}
	key := path[:min(len(path), strings.IndexAny(path+".", ".["))]
	object, n := v.(map[string]any), 0
	object[key], n = encryptedExample(t, object[key], strings.TrimPrefix(path[len(key):], "."))
	return object, n
}

// DecryptAll opens the encrypted fields of every operation that has some.
func TestDecryptAllOfEveryOperation(t *testing.T) {
	count := 0
	for op := range openapi.Operations() {
		fields := op.EncryptedFields()
		if len(fields) == 0 {
			continue
		}
		count++
		var body any
		if err := json.Unmarshal(openapi.Example(op, op.Responses[0].Status), &body); err != nil {
			t.Fatal(err)
		}
		want := 0
		for _, f := range fields {
			b, n := encryptedExample(t, body, f)
			body, want = b, want+n
		}
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		vars := make(wechatpay.Options)
		for _, p := range op.Path {
			vars[p.Name] = "1"
		}
		plain, err := answerTo(t, op.Method, op.Template, string(text), vars).DecryptAll(background())
		if err != nil {
			t.Errorf("%s: %v", op, err)
		} else if got := strings.Count(string(plain.Bytes()), `"张三"`); got < want {
			t.Errorf("%s: %d fields are in plain text, want %d", op, got, want)
		}
	}
	if count < 60 {
		t.Errorf("%d operations, want 60", count)
	}
}
