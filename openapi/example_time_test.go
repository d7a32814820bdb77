package openapi_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/openapi"
)

// A time that the documentation misspells, such as 2020-05-20T13:29:35.08:00, is not
// used.
func TestExampleOfABrokenTime(t *testing.T) {
	for _, example := range []string{"2020-05-20T13:29:35.08:00", "2020-05-20T13:29:35", "2020-05-20T25:29:35+08:00"} {
		s := &openapi.Schema{Type: openapi.Object, Properties: []openapi.Property{{Name: "time", Schema: &openapi.Schema{Type: openapi.String, Format: "rfc3339", Example: example}}}}
		op := &openapi.Operation{Method: "GET", Template: "v3/a", Responses: []openapi.Response{{Status: 200, Body: s}}}
		if got := gjson.GetBytes(openapi.Example(op, 200), "time").Str; got != "2018-06-08T10:34:56+08:00" {
			t.Errorf("%s: %q", example, got)
		}
	}
}
