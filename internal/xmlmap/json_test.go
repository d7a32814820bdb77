package xmlmap_test

import (
	"encoding/json"
	"testing"

	"github.com/wxchain/wechatpay/internal/xmlmap"
)

// AppendJSON writes what encoding/json writes.
func TestAppendJSON(t *testing.T) {
	for _, fields := range []m{
		{},
		{"b": "1", "a": "", "c": "<&>\"\\'/\t\n\r\x7f支付\u2028😀\ufffd"},
		{"名称": m{"x": []any{"1", m{"y": "2"}, ""}}, "a.b-c": []any{"1", "2"}},
		nested(xmlmap.MaxDepth),
	} {
		want, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(xmlmap.AppendJSON([]byte("x"), fields)); got != "x"+string(want) {
			t.Errorf("AppendJSON writes %s, want x%s", got, want)
		}
	}
}
