package sandbox_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

func TestReceivers(t *testing.T) {
	w, id := newSharing(t)
	for range 2 {
		resp, err := w.receiver("delete", "MERCHANT_ID", partner, nil)
		if err != nil {
			t.Fatal(err)
		}
		documented(t, "POST", "v3/profitsharing/receivers/delete", resp)
		_, err = w.share(id, "s1", false, merchantPart(partner, 1))
		refused(t, err, 400, "INVALID_REQUEST")
	}
	for name, tt := range map[string]struct {
		kind  string
		edit  wechatpay.M
		field string
	}{
		"type":        {"OTHER", nil, "/type"},
		"relation":    {"MERCHANT_ID", wechatpay.M{"relation_type": "CUSTOM"}, "/custom_relation"},
		"no subappid": {"PERSONAL_SUB_OPENID", nil, "/sub_appid"},
		"plain name":  {"MERCHANT_ID", wechatpay.M{"name": "张三"}, "/name"},
	} {
		_, err := w.receiver("add", tt.kind, partner, tt.edit)
		if e := refused(t, err, 400, "PARAM_ERROR"); e.Detail.Get("field").String() != tt.field {
			t.Errorf("%s: detail %s, want the field %s", name, e.Detail, tt.field)
		}
	}
	resp, err := w.receiver("add", "MERCHANT_ID", partner, wechatpay.M{"relation_type": "CUSTOM", "custom_relation": "代理商"})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Get("custom_relation").String() != "代理商" || strings.Contains(string(resp.Bytes()), "张三") {
		t.Errorf("answer %s", resp.Bytes())
	}
	w.mustShare(t, id, "s1", false, merchantPart(partner, 1))
}
