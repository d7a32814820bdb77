package wechatpay_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/signer"
)

// v2Operations returns the operations of APIv2 in the catalogue.
func v2Operations(t *testing.T) []*openapi.Operation {
	t.Helper()
	var ops []*openapi.Operation
	for op := range openapi.Operations() {
		if strings.HasPrefix(op.Template, "v2/") {
			ops = append(ops, op)
		}
	}
	if len(ops) < 136 {
		t.Fatalf("%d operations of APIv2, the catalogue has 136", len(ops))
	}
	return ops
}

// mchIDFieldOf returns the documented name of the merchant's number in an
// operation.
func mchIDFieldOf(t *testing.T, op *openapi.Operation) string {
	t.Helper()
	var found []string
	for _, name := range []string{"mch_id", "mchid", "combine_mch_id"} {
		named := func(p openapi.Parameter) bool { return p.Name == name }
		if op.XML != nil && op.XML.Property(name) != nil || slices.ContainsFunc(op.Query, named) || slices.ContainsFunc(op.Form, named) {
			found = append(found, name)
		}
	}
	if len(found) > 1 {
		t.Errorf("%s: documented with %s", op, found)
	}
	return cmp.Or(strings.Join(found, ""), "mch_id") // one is documented with no field at all
}

// textsOf returns the fields of a call as sent: of its query, its form or its
// XML.
func textsOf(t *testing.T, req *http.Request, body string) map[string]string {
	t.Helper()
	texts := make(map[string]string)
	switch {
	case req.Method == http.MethodGet:
		for name, values := range req.URL.Query() {
			texts[name] = strings.Join(values, ",")
		}
	case strings.HasPrefix(req.Header.Get("Content-Type"), "multipart/"):
		for _, p := range partsOf(t, req, body) {
			if p.filename == "" {
				texts[p.name] = p.body
			}
		}
	default:
		for name, v := range fieldsOf(t, body) {
			texts[name], _ = v.(string)
		}
	}
	return texts
}

// TestV2TreeSendsEveryOperation calls every operation of APIv2 through the tree.
// Each request is signed and has the merchant's number in the documented field.
func TestV2TreeSendsEveryOperation(t *testing.T) {
	out := new(recorder)
	client := newV2(t, out)
	verbs := treeVerbs(t, client)
	for i, op := range v2Operations(t) {
		var opts []wechatpay.Option
		want := []string{mchIDFieldOf(t, op), "nonce_str", "sign"}
		if op.Form != nil {
			opts = append(opts, wechatpay.Upload("x.png", strings.NewReader("picture")))
			want = []string{mchIDFieldOf(t, op), "media_hash", "sign"}
		}
		if _, err := verbs[op.String()].now(background(), opts...); !errors.As(err, new(errNotSent)) {
			t.Fatalf("%s: %v", op, err)
		}
		fields := textsOf(t, out.sent[i], out.body[i])
		if got := slices.Sorted(maps.Keys(fields)); !slices.Equal(got, want) {
			t.Errorf("%s: fields %s, want %s", op, got, want)
		}
		if fields[want[0]] != "1900000109" {
			t.Errorf("%s: %s is %q", op, want[0], fields[want[0]])
		}
		if err := signer.V2Verify(v2Key, fields); err != nil {
			t.Errorf("%s: %v", op, err)
		}
	}
}

// TestV2ClientCertOfEverySpelling checks whether every operation of APIv2, in
// each spelling, presents the client certificate: as the option says or, without
// it, as the catalogue says.
func TestV2ClientCertOfEverySpelling(t *testing.T) {
	var got bool
	client := newV2(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		got = middleware.ExchangeOf(req.Context()).ClientCert
		return nil, errNotSent{}
	}))
	n := 0
	for _, op := range v2Operations(t) {
		if op.ClientCert {
			n++
		}
		path := strings.TrimPrefix(op.Template, "v2/")
		parts := strings.Split(path, "/")
		last := len(parts) - 1 // some have capitals there, which segments spell otherwise
		for spelling, chain := range map[string]wechatpay.Chain{
			"path":       client.Chain(op.Template),
			"slash":      client.Chain("/V2/" + path + "/"),
			"parts":      client.Chain("v2").Chain(path),
			"query":      client.Chain(op.Template + "?action=add"),
			"expression": client.Chain("v2/{+path}").Bind("path", path),
			"segments":   client.Segment("v2").Segment(parts[:last]...).Chain(parts[last]),
		} {
			for _, tt := range []struct {
				opts wechatpay.Options
				want bool
			}{
				{nil, op.ClientCert},
				{wechatpay.Options{"security": true}, true},
				{wechatpay.Options{"security": false}, false},
				{wechatpay.Options{"base_uri": "https://gateway.test/wx/pay/"}, op.ClientCert},
			} {
				got = !tt.want
				if _, err := chain.Do(background(), op.Method, tt.opts); !errors.As(err, new(errNotSent)) {
					t.Fatalf("%s by %s with %v: %v", op, spelling, tt.opts, err)
				}
				if got != tt.want {
					t.Errorf("%s by %s with %v: with a client certificate: %v", op, spelling, tt.opts, got)
				}
			}
		}
	}
	if n < 50 {
		t.Errorf("%d operations with a client certificate", n)
	}
	for _, path := range []string{"v2/pay/refund", "v2/secapi/pay/refund/x", "v2/secapi/pay", "v2/Secapi/pay/refund", "v2/x/secapi/pay/refund", "v2/sandboxnew/pay/refund"} {
		if _, err := client.Chain(path).Post(background()); !errors.As(err, new(errNotSent)) || got {
			t.Errorf("%s: with a client certificate: %v (%v)", path, got, err)
		}
	}
}

// TestV2JSONFields sends lists and maps in the fields that are documented to hold
// JSON. They are sent as JSON.
func TestV2JSONFields(t *testing.T) {
	seen := make(map[string]bool)
	for _, op := range v2Operations(t) {
		if op.XML == nil {
			continue
		}
		for _, p := range op.XML.Properties {
			if p.Type != openapi.String || p.Format != "json" && !strings.HasPrefix(p.Example, "[") && !strings.HasPrefix(p.Example, "{") {
				continue
			}
			seen[p.Name] = true
			got := sentFields(t, op.Template, wechatpay.XML(M{p.Name: []M{{"a": "<中>", "n": int64(9007199254740993)}}}))[p.Name]
			if want := `[{"a":"<中>","n":9007199254740993}]`; got != want {
				t.Errorf("%s: %s is %v, want %s", op, p.Name, got, want)
			}
			if p.Example != "" && p.Format == "json" && !json.Valid([]byte(p.Example)) {
				t.Errorf("%s: the example of %s is no JSON", op, p.Name)
			}
		}
	}
	for _, name := range []string{"detail", "scene_info", "receiver", "receivers", "sub_order_list"} {
		if !seen[name] {
			t.Errorf("the catalogue has no %s any more", name)
		}
	}
}

// The name of the merchant's number does not depend on the path of the base.
func TestV2MchIDBehindAPath(t *testing.T) {
	out := new(recorder)
	client := newV2(t, out)
	base := wechatpay.BaseURL("https://gateway.test/wx/")
	for i, op := range v2Operations(t) {
		if _, err := client.Chain(op.Template).Do(background(), op.Method, base); !errors.As(err, new(errNotSent)) {
			t.Fatalf("%s: %v", op, err)
		}
		want := url.URL{Path: "/wx/" + strings.TrimPrefix(op.Template, "v2/")}
		if got := out.sent[i].URL; got.Path != want.Path || got.Host != "gateway.test" {
			t.Errorf("%s: sent to %s", op, got)
		}
		if name := mchIDFieldOf(t, op); textsOf(t, out.sent[i], out.body[i])[name] != "1900000109" {
			t.Errorf("%s: no %s", op, name)
		}
	}
}

// TestV2UnsignedOperations checks that only these operations accept an answer
// without a sign.
func TestV2UnsignedOperations(t *testing.T) {
	unsigned := []string{
		"appauth/authindex", "appauth/getaccesstoken", "applyment/micro/signcontract", "billcommentsp/batchquerycomment",
		"mchrisk/querymchrisk", "mchrisk/setmchriskcallback", "mchrisk/syncmchriskresult",
		"mmpaymkttransfers/gethbinfo", "mmpaymkttransfers/gettransferinfo",
		"mmpaymkttransfers/promotion/paywwsptrans2pocket", "mmpaymkttransfers/promotion/querywwsptrans2pocket",
		"mmpaymkttransfers/promotion/transfers", "mmpaymkttransfers/sendgroupredpack",
		"mmpaymkttransfers/sendminiprogramhb", "mmpaymkttransfers/sendredpack", "mmpaysptrans/pay_bank", "mmpaysptrans/query_bank",
		"papay/entrustweb", "papay/h5entrustweb", "papay/partner/entrustweb", "papay/partner/h5entrustweb",
		"pay/downloadbill", "pay/downloadfundflow", "payitil/report", "risk/getpublickey", "risk/getviolation",
		"sandboxnew/pay/downloadbill", "sandboxnew/pay/getsignkey", "secapi/mch/submchmanage", "xdc/apiv2getsignkey/sign/getsignkey",
	}
	signed := []string{"mmpaymkttransfers/pay_bank", "mmpaymkttransfers/query_bank"} // which do not exist
	for _, op := range v2Operations(t) {
		if path := strings.TrimPrefix(op.Template, "v2/"); !slices.Contains(unsigned, path) {
			signed = append(signed, path)
		}
	}
	for _, path := range unsigned { // neighbours
		signed = append(signed, path+"x", path+"/x", "x/"+path, strings.ToUpper(path), path[:strings.LastIndex(path, "/")])
	}
	body := `<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><a>1</a></xml>`
	client := newV2(t, canAnswer(200, nil, body))
	for _, path := range unsigned {
		if resp, err := client.Chain("v2/" + path).Post(background()); err != nil || resp.Get("a").Str != "1" {
			t.Errorf("%s: %v, %v", path, resp, err)
		}
		variable := wechatpay.Bind("x", path)
		if _, err := client.Chain("v2/{+x}").Post(background(), variable); !errors.Is(err, wechatpay.ErrVerify) {
			t.Errorf("%s as a variable: %v, want ErrVerify", path, err)
		}
	}
	for _, path := range signed {
		if resp, err := client.Chain("v2/" + path).Post(background()); !errors.Is(err, wechatpay.ErrVerify) || resp != nil {
			t.Errorf("%s: %v, %v; want ErrVerify", path, resp, err)
		}
	}
	if len(unsigned) != 30 || len(signed) < 200 {
		t.Errorf("%d paths without a sign, %d with one", len(unsigned), len(signed))
	}
}
