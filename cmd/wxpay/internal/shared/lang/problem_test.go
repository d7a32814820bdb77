package lang_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/openapi"
)

// The mistakes in a request are said in Chinese, with the fields and their official names.
func TestProblemsInChinese(t *testing.T) {
	t.Parallel()
	op := openapi.Lookup("POST", "v3/pay/transactions/native")
	err := fmt.Errorf("wechatpay: POST v3/pay/transactions/native: %w", &openapi.ValidationError{Operation: op, Problems: []openapi.Problem{
		{In: "body", Field: "amount.total", Label: "总金额", Message: "a string, want an integer"},
		{In: "body", Field: "mchid", Label: "直连商户号", Message: "required, missing"},
		{In: "query", Field: "limt", Message: "unknown", Nearest: "limit"},
		{In: "body", Message: "not valid JSON"},
	}})
	const want = "wechatpay: POST v3/pay/transactions/native: POST v3/pay/transactions/native 有 4 处错误：请求体 amount.total（总金额）：类型是字符串，应为整数；" +
		"请求体 mchid（直连商户号）：必填，没有填写；查询参数 limt：文档中没有这个字段，是不是 limit？；请求体：不是有效的 JSON"
	if got := lang.Chinese().Error(err); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := (lang.Language{}).Error(err); got != err.Error() {
		t.Errorf("in English: %s", got)
	}
}

// No mistake that the catalogue finds in spoiled requests is said in English.
func TestEachProblemInChinese(t *testing.T) {
	t.Parallel()
	english := regexp.MustCompile(`[a-z]{2,},? [a-z]{2,}|：[a-z]+(；|$)`)
	messages := make(map[string]bool)
	for op := range openapi.Operations() {
		for _, problem := range spoiled(t, op) {
			if messages[problem.Message] {
				continue
			}
			messages[problem.Message] = true
			said := lang.Chinese().Error(&openapi.ValidationError{Operation: op, Problems: []openapi.Problem{problem}})
			if !strings.Contains(problem.Message, "not one of ") && english.MatchString(said) {
				t.Errorf("%q is %s", problem.Message, said)
			}
		}
	}
	if len(messages) < 100 {
		t.Errorf("%d messages", len(messages))
	}
}

// spoiled returns the mistakes in requests of which all fields have the same value.
func spoiled(t *testing.T, op *openapi.Operation) (all []openapi.Problem) {
	t.Helper()
	bodies := []string{"", "{", "<xml>", "[]"}
	for _, value := range []string{"null", `""`, "1", "1.5", "-1e400", "true", "{}", "[]", `"x"`, `"` + strings.Repeat("长", 5000) + `"`} {
		var fields []string
		if s := op.Body(); s != nil {
			for _, p := range s.Properties {
				fields = append(fields, fmt.Sprintf("%q:%s", p.Name, value))
			}
		}
		bodies = append(bodies, "{"+strings.Join(append(fields, `"no_such_field":1`), ",")+"}")
	}
	if op.XML != nil {
		for i, body := range bodies {
			bodies[i] = xmlOf(body)
		}
	}
	path := op.Template
	for _, name := range uritemplate.Names(path) {
		path = strings.ReplaceAll(path, "{"+name+"}", "x")
	}
	query := url.Values{"no_such_parameter": {"1"}}
	for _, p := range op.Query {
		query[p.Name] = []string{"x", "y"}
	}
	for _, body := range bodies {
		for _, q := range []string{query.Encode(), "%zz"} {
			req, err := http.NewRequestWithContext(t.Context(), op.Method, "https://api.mch.weixin.qq.com/"+strings.TrimPrefix(path, "v2/")+"?"+q, strings.NewReader(body))
			if err != nil {
				t.Fatal(op, err)
			}
			_, err = openapi.Validate(openapi.Strict)(request.RoundTripper(func(*http.Request) (*http.Response, error) { return nil, request.ErrNotSent })).RoundTrip(req)
			if invalid := (*openapi.ValidationError)(nil); errors.As(err, &invalid) {
				all = append(all, invalid.Problems...)
			}
		}
	}
	return all
}

// xmlOf returns an XML body with the fields of a JSON body whose values are texts.
func xmlOf(body string) string {
	var b strings.Builder
	for _, m := range regexp.MustCompile(`"(\w+)":"?([^",}]*)`).FindAllStringSubmatch(body, -1) {
		fmt.Fprintf(&b, "<%[1]s>%[2]s</%[1]s>", m[1], m[2])
	}
	return "<xml>" + b.String() + "</xml>"
}
