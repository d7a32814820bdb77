package sandbox_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// An answer that is an example says so in a header and in the list of requests, and
// others do not.
func TestExampleAnswersSaySo(t *testing.T) {
	w := newWorld(t)
	const invoices, withdrawal = "v3/capital/capitallhh/areas/provinces", "v2/mmpaymkttransfers/gettransferinfo"
	for _, tt := range []struct {
		call    func() (*wechatpay.Response, error)
		example bool
	}{
		{func() (*wechatpay.Response, error) { return w.call("GET", invoices, nil) }, true},
		{func() (*wechatpay.Response, error) {
			return w.client.Chain(withdrawal).Post(t.Context(), wechatpay.XML(wechatpay.M{"appid": "wxd678efh567hg6787", "mch_id": sandbox.DefaultMchID, "partner_trade_no": "1000005901201407261446939628"}))
		}, true},
		{func() (*wechatpay.Response, error) { return w.call("POST", native, w.order("no_example", 1)) }, false},
		{func() (*wechatpay.Response, error) {
			return w.client.Chain("v2/pay/orderquery").Post(t.Context(), wechatpay.XML(queryV2("no_example")))
		}, false},
	} {
		resp, err := tt.call()
		if err != nil {
			t.Error(err)
			continue
		}
		all := w.Requests()
		listed := all[len(all)-1]
		if got := resp.Header.Get("Wechatpay-Sandbox"); (got == "example") != tt.example || listed.Example != tt.example {
			t.Errorf("%s: the header is %q, the request is listed as %+v", listed.Target, got, listed)
		}
		if text := w.controls(t, http.StatusOK, "GET", "requests", "").Get("requests|@reverse|0.example"); text.Bool() != tt.example {
			t.Errorf("%s: the control API lists %s", listed.Target, text.Raw)
		}
	}
	if err := w.Faults(sandbox.Fault{Kind: sandbox.FaultTooMany}); err != nil {
		t.Fatal(err)
	}
	_, err := w.call("GET", invoices, nil)
	if e := refused(t, err, 429, "FREQUENCY_LIMITED"); e.Response.Header.Get("Wechatpay-Sandbox") != "" {
		t.Error("a refusal says that it is an example")
	}
}

var anyURL = regexp.MustCompile(`https?://[^"\s]*`)

// No URL in an answer leads to the platform, whatever the operation: a test would
// send a signed request there.
func TestURLsLeadToTheSandbox(t *testing.T) {
	w := newExamplesWorld(t)
	found := 0
	for op := range openapi.Operations() {
		if sandbox.HasHandler(op.String()) {
			continue
		}
		body := openapi.Example(op, 0)
		resp, err := throughTree(t, w.client, op, optionsOf(t, op, body, nil))
		if err != nil {
			continue // TestEveryOperation reports it
		}
		for _, link := range anyURL.FindAllString(resp.JSON().Raw, -1) {
			found++
			if !strings.HasPrefix(link, "http://127.0.0.1") {
				t.Errorf("%s: %s", op, link)
			}
		}
	}
	if found < 100 {
		t.Errorf("%d URLs in all answers", found)
	}
}

// A query of a number that was never used is 404 for each operation that documents
// that.
func TestQueriesOfUnusedNumbers(t *testing.T) {
	w := newWorld(t)
	queried := 0
	for op := range openapi.Operations() {
		if op.Method != http.MethodGet {
			continue
		}
		codes := make(map[string]bool)
		for _, e := range op.Errors() {
			if e.Status == http.StatusNotFound {
				codes[strings.ReplaceAll(e.Code, "_", "")] = true
			}
		}
		if len(codes) == 0 {
			continue
		}
		queried++
		vars := make(wechatpay.Options)
		for _, p := range op.Path {
			vars[p.Name] = "4200000000209901010000000000"
		}
		query := wechatpay.M{"mchid": sandbox.DefaultMchID}
		for _, p := range op.Query {
			query[p.Name] = map[string]any{"sp_mchid": sandbox.DefaultMchID, "sub_mchid": sandbox.DefaultSubMchID, "mchid": sandbox.DefaultMchID,
				"stock_creator_mchid": sandbox.DefaultMchID, "creator_mchid": sandbox.DefaultMchID, "appid": "wxd678efh567hg6787", "stock_id": "1"}[p.Name]
		}
		if op.Template == "v3/marketing/favor/users/{openid}/coupons" {
			continue // a list, which is empty
		}
		resp, err := w.client.Chain(op.Template).Get(t.Context(), vars, wechatpay.Query(query), wechatpay.HTTPErrors(false))
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		if code := resp.Get("code").String(); resp.StatusCode != http.StatusNotFound || !codes[strings.ReplaceAll(code, "_", "")] {
			t.Errorf("%s: answered %d %s", op, resp.StatusCode, resp.Bytes())
		}
	}
	if queried < 8 {
		t.Errorf("%d operations document it, want 8", queried)
	}
}
