package naming_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/naming"
	"github.com/wxchain/wechatpay/openapi"
)

func TestName(t *testing.T) {
	for segment, want := range map[string]string{
		"out-trade-no": "OutTradeNo", "{out_trade_no}": "OutTradeNo", "applyment4sub": "Applyment4sub",
		"get_wxpayface_authinfo": "GetWxpayfaceAuthinfo", "addInstitutionsub": "AddInstitutionsub", "v3": "V3",
		"{coupon_id}": "CouponID", "authorization-url": "AuthorizationURL", "id": "ID", "hk": "HK", "plan-id-x": "PlanIDX",
		"{openid}": "Openid", "{sub_mchid}": "SubMchid", "shorturl": "Shorturl", "guide": "Guide", "invalid": "Invalid",
	} {
		if got := naming.Name(segment); got != want {
			t.Errorf("Name(%s) is %s, want %s", segment, got, want)
		}
	}
}

func TestPHP(t *testing.T) {
	for template, want := range map[string]string{
		"v3/marketing/favor/users/{openid}/coupons": "v3->marketing->favor->users->_openid_->coupons",
		"v3/merchant-service/complaints-v2":         "v3->merchantService->complaintsV2",
		"v3/applyment4sub/applyment/":               "v3->applyment4sub->{'applyment/'}",
		"v3/a-2b/2c":                                "v3->{'a-2b'}->{'2c'}",
	} {
		if got := naming.PHP(template); got != want {
			t.Errorf("PHP(%s) is %s, want %s", template, got, want)
		}
	}
}

var braced = regexp.MustCompile(`^\{'(.*)'\}$`)

// Read by the rules of properties, which Segment follows, the spelling in PHP
// leads back to the template; but not for capitals, which PHP makes small.
func TestPHPLeadsBack(t *testing.T) {
	n := 0
	for op := range openapi.Operations() {
		if op.Template != strings.ToLower(op.Template) {
			continue
		}
		n++
		var segments []string
		for _, property := range strings.Split(naming.PHP(op.Template), "->") {
			segments = append(segments, braced.ReplaceAllString(property, "$1"))
		}
		if got := new(wechatpay.Client).Segment(segments...).String(); got != op.Template {
			t.Errorf("%s is %s in PHP, and that is %s", op.Template, naming.PHP(op.Template), got)
		}
	}
	if n < 1100 {
		t.Errorf("%d templates, want 1100 or more", n)
	}
}
