package sandbox_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

// Texts and amounts of an order may be as large as the platform documents, and
// not larger. They are stored and reported.
func TestOrderIsBounded(t *testing.T) {
	w := newWorld(t)
	for field, tt := range map[string]struct{ most, more any }{
		"description": {strings.Repeat("店", 127), strings.Repeat("店", 128)},
		"attach":      {strings.Repeat("店", 128), strings.Repeat("店", 129)},
		"notify_url":  {"https://www.example.com/" + strings.Repeat("a", 231), "https://www.example.com/" + strings.Repeat("a", 232)},
		"amount":      {wechatpay.M{"total": 1<<31 - 1}, wechatpay.M{"total": int64(1 << 31)}},
	} {
		_, err := w.call("POST", native, with(w.order("bounded-"+field, 1), wechatpay.M{field: tt.more}))
		if e := refused(t, err, 400, "PARAM_ERROR"); !strings.HasPrefix(e.Response.Get("detail.field").String(), "/"+field) {
			t.Errorf("%s: %s", field, e.Response.Bytes())
		}
		w.mustCall(t, "POST", native, with(w.order("bounded-"+field, 1), wechatpay.M{field: tt.most}))
	}
}
