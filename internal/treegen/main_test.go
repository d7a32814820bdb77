package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/openapi"
)

// made generates the tree of a made-up catalogue, in one text.
func made(t *testing.T, operations ...string) (string, error) {
	t.Helper()
	var ops []*openapi.Operation
	for _, o := range operations {
		method, template, _ := strings.Cut(o, " ")
		ops = append(ops, &openapi.Operation{Method: method, Template: template, Title: "Title"})
	}
	files, err := generate(slices.Values(ops))
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, source := range files {
		all.Write(source)
	}
	return strings.Join(strings.Fields(all.String()), " "), nil
}

func TestGenerate(t *testing.T) {
	for _, tt := range []struct {
		operations []string
		want       []string
	}{
		{[]string{"GET v3/out-trade-no/{out_trade_no}"}, []string{
			`func (n *v3) OutTradeNo() *v3OutTradeNo { return (*v3OutTradeNo)(at(&n.node, "v3/out-trade-no")) }`,
			`func (n *v3OutTradeNo) OutTradeNo(value ...any) *v3OutTradeNoOutTradeNo { return (*v3OutTradeNoOutTradeNo)(bind(&n.node, "v3/out-trade-no/{out_trade_no}", "out_trade_no", value)) }`,
		}},
		{[]string{"GET v3/policy-periods", "GET v3/policy_periods"}, []string{"func (n *v3) PolicyPeriods()", "func (n *v3) Policy_periods()"}},
		{[]string{"GET v3/id/{coupon_id}"}, []string{
			"func (n *v3) ID() *v3ID {", "func (n *v3ID) CouponID(value ...any) *v3IDCouponID {",
			"// Deprecated: Use ID. func (n *v3) Id() *v3ID { return n.ID() }",
			"// Deprecated: Use CouponID. func (n *v3ID) CouponId(value ...any) *v3IDCouponID { return n.CouponID(value...) }",
		}},
		{[]string{"GET hk/v3"}, []string{
			`func (c *Client) HK() *hk { return (*hk)(enter(c, "hk")) }`, "// Deprecated: Use [Client.HK]. func (c *Client) Hk() *hk { return c.HK() }",
		}},
		{[]string{"POST v3/x/bind"}, []string{`// Bind is the segment bind. To bind a variable here, call Chain("").Bind. // // POST Title func (n *v3X) Bind() *v3XBind {`}},
		{[]string{"GET v3/users/{openid}/coupons", "POST v3/users/{openid}/coupons"}, []string{
			"// Users is v3/users. // // It leads to 2 operations. func (n *v3) Users()",
			"// Openid is {openid}, which is bound to the value if there is one, or else by the options. // // It leads to 2 operations. func",
			"// Coupons is v3/users/{openid}/coupons. // // GET Title // POST Title func",
		}},
		{[]string{"GET v3/a/b", "GET v3/a"}, []string{"// A is v3/a. // // GET Title // // It leads to GET v3/a/b: Title. func (n *v3) A()"}},
		{[]string{"POST v3/x/"}, []string{
			`func (n *v3) X() *v3X { return (*v3X)(at(&n.node, "v3/x/")) }`,
			`func (n *v3X) Post(ctx context.Context, opts ...Option) (*Response, error) { return do(ctx, &n.node, "POST", opts) }`,
			`func (n *v3X) PostAsync(ctx context.Context, opts ...Option) *Promise[*Response] { return async(ctx, &n.node, "POST", opts) }`,
		}},
		// With the slash and without, both are reached.
		{[]string{"POST v3/x", "POST v3/x/", "GET v3/x/"}, []string{
			`func (n *v3) X() *v3X { return (*v3X)(at(&n.node, "v3/x")) }`,
			`func (n *v3X) Slash() *v3XSlash { return (*v3XSlash)(at(&n.node, "v3/x/")) }`,
			`func (n *v3XSlash) Get(ctx context.Context, opts ...Option) (*Response, error) { return do(ctx, &n.node, "GET", opts) }`,
		}},
		{[]string{"POST v3/receivers/delete"}, []string{"func (n *v3Receivers) Delete() *v3ReceiversDelete"}},
	} {
		got, err := made(t, tt.operations...)
		if err != nil {
			t.Errorf("%s: %v", tt.operations, err)
		}
		for _, want := range tt.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the tree lacks %s\n%s", tt.operations, want, got)
			}
		}
	}
}

func TestGenerateClientCertificates(t *testing.T) {
	const head = `func needsClientCert(path string) bool { switch path { `
	for _, tt := range []struct {
		operations []*openapi.Operation
		want       string
	}{
		{nil, head + "} return false }"},
		{[]*openapi.Operation{
			{Method: "POST", Template: "v2/b/refund", ClientCert: true},
			{Method: "PUT", Template: "v2/b/refund", ClientCert: true},
			{Method: "POST", Template: "v2/a/reverse", ClientCert: true},
			{Method: "POST", Template: "v2/b/query"},
		}, head + `case "a/reverse", "b/refund": return true } return false }`},
	} {
		files, err := generate(slices.Values(tt.operations))
		if got := strings.Join(strings.Fields(string(files["client_cert_gen.go"])), " "); err != nil || !strings.Contains(got, tt.want) {
			t.Errorf("%s, %v; want %s", got, err, tt.want)
		}
	}
}

func TestGenerateStopsOnCollisions(t *testing.T) {
	for _, tt := range []struct {
		operations []string
		want       []string
	}{
		{[]string{"GET v3/a-b", "GET v3/{a_b}", "GET v3/aB"}, []string{"v3/a-b", "v3/aB", "AB"}},
		{[]string{"DELETE v3/x", "POST v3/x/delete"}, []string{"v3/x/delete", "the verb Delete"}},
		{[]string{"GET v3/x", "POST v3/x/get-async"}, []string{"v3/x/get-async", "the verb GetAsync"}},
		{[]string{"GET v3/chain"}, []string{"v3/chain", "the method Chain"}},
		{[]string{"GET v3/segment/x"}, []string{"v3/segment", "the method Segment"}},
		{[]string{"GET v3/url"}, []string{"v3/url", "the method URL"}},
		{[]string{"GET v3/log-value"}, []string{"v3/log-value", "the method LogValue"}},
		{[]string{"GET v3/coupon-id", "GET v3/couponId"}, []string{"v3/coupon-id", "v3/couponId", "CouponId"}},
		{[]string{"GET v3/couponId", "GET v3/{coupon_id}"}, []string{"v3/couponId", "v3/{coupon_id}", "CouponId"}},
		{[]string{"GET v3/2x"}, []string{"v3/2x", "not an exported name"}},
		{[]string{"GET v3/a-b/c", "GET v3/a/b-c"}, []string{"v3/a-b/c", "v3/a/b-c", "the type v3ABC"}},
		{[]string{"GET v3/x", "GET v3/x"}, []string{"GET v3/x", "twice"}},
		{[]string{"GET v3/x{y}"}, []string{"v3/x{y}", "neither a literal nor a {variable}"}},
	} {
		got, err := made(t, tt.operations...)
		if err == nil {
			t.Errorf("%s: no error, but %s", tt.operations, got)
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want it to say %q", tt.operations, err, want)
			}
		}
	}
}

func TestComment(t *testing.T) {
	op := openapi.Lookup("POST", "v3/applyment4sub/applyment/")
	got := comment(op)
	for _, want := range []string{
		"// Post is " + op.Title, op.Docs[0], "// JSON:\n//\n//\tbusiness_code* string",
		"\n//\tcontact_info* object ", "\n//\t\tcontact_name* string, encrypted ", "take a [Secret]",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the comment lacks %q:\n%.1500s", want, got)
		}
	}
	for line := range strings.Lines(got) {
		if !strings.HasPrefix(line, "//") {
			t.Errorf("%q is no comment", line)
		}
	}
}

func TestGenerateHosts(t *testing.T) {
	op := func(method, template, base string) *openapi.Operation {
		return &openapi.Operation{Method: method, Template: template, Title: "Title", BaseURL: base}
	}
	files, err := generate(slices.Values([]*openapi.Operation{
		op("GET", "v2/risk/key", "https://fraud.mch.weixin.qq.com/"), op("POST", "v2/risk/key", "https://fraud.mch.weixin.qq.com/"),
	}))
	if want := `on(&n.node, "v2/risk/key", "fraud.mch.weixin.qq.com")`; err != nil || !strings.Contains(string(files["v2_gen.go"]), want) {
		t.Errorf("%s, %v; want %s", files["v2_gen.go"], err, want)
	}
	for want, ops := range map[string][]*openapi.Operation{
		"must share a host": {op("GET", "v2/risk/key", "https://fraud.mch.weixin.qq.com/"), op("POST", "v2/risk/key", "")},
		"not https://HOST/": {op("GET", "v2/risk/key", "https://fraud.mch.weixin.qq.com/base/")},
		"cannot have the":   {op("GET", "v2/risk/{key}", "https://fraud.mch.weixin.qq.com/")},
	} {
		if _, err := generate(slices.Values(ops)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "v2/risk/") {
			t.Errorf("error %v, want it to say %q", err, want)
		}
	}
}

func TestRunRemovesItsOldFilesAlone(t *testing.T) {
	folder := t.TempDir()
	for name, by := range map[string]string{"old_gen.go": "treegen", "other_gen.go": "othergen"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("// Code generated by internal/"+by+"; DO NOT EDIT.\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(folder, "v3/certificates"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"old_gen.go": false, "other_gen.go": true, "v3_gen.go": true} {
		if _, err := os.Stat(filepath.Join(folder, name)); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %t", name, err, want)
		}
	}
}
