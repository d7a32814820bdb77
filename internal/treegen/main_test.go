package main

import (
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
			`func (n *v3) OutTradeNo() *v3OutTradeNo { return (*v3OutTradeNo)((*node)(n).at("v3/out-trade-no")) }`,
			`func (n *v3OutTradeNo) OutTradeNo(value ...any) *v3OutTradeNoOutTradeNo { return (*v3OutTradeNoOutTradeNo)((*node)(n).bind("v3/out-trade-no/{out_trade_no}", "out_trade_no", value)) }`,
		}},
		{[]string{"GET v3/policy-periods", "GET v3/policy_periods"}, []string{"func (n *v3) PolicyPeriods()", "func (n *v3) Policy_periods()"}},
		{[]string{"POST v3/x/"}, []string{`return (*node)(n).at("v3/x/").do(ctx, "POST", opts)`}},
		// With the slash and without, both are reached.
		{[]string{"POST v3/x", "POST v3/x/", "GET v3/x/"}, []string{
			`func (n *v3X) Post(ctx context.Context, opts ...Option) (*Response, error) { return (*node)(n).do(ctx, "POST", opts) }`,
			`func (n *v3X) Slash() *v3XSlash { return (*v3XSlash)(n) }`,
			`func (n *v3XSlash) Post(ctx context.Context, opts ...Option) (*Response, error) { return (*node)(n).at("v3/x/").do(ctx, "POST", opts) }`,
			`c.V3().X().Slash().Get(ctx, opts...)`,
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
		{[]string{"GET v3/2x"}, []string{"v3/2x", "no exported name"}},
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

// GoChain and the tree are spelled by one package, and PHPChain leads back.
func TestGoChainIsInTheTree(t *testing.T) {
	files, err := generate(openapi.Operations())
	if err != nil {
		t.Fatal(err)
	}
	calls := string(files["tree_gen_test.go"])
	for op := range openapi.Operations() {
		call := strings.TrimSuffix(strings.Replace(op.GoChain(), "client.", "c.", 1), ")") + ", opts...)"
		if !strings.Contains(calls, call) {
			t.Errorf("%s: the tree has no %s", op, call)
		}
	}
}
