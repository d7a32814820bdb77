package wechatpay_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

func TestTree(t *testing.T) {
	client := newClient(t, treeConfig(t, new(recorder)))
	coupons := client.V3().Marketing().Favor().Users().Openid("o").Coupons()
	for _, tt := range []struct {
		chain wechatpay.Chain
		want  string
	}{
		{client.V3().Marketing().Favor().Users().Openid("oUpF").Chain("coupons"), "/v3/marketing/favor/users/oUpF/coupons"},
		{coupons.Chain(""), "/v3/marketing/favor/users/o/coupons"},
		{coupons.Bind("openid", "p"), "/v3/marketing/favor/users/p/coupons"},
		{client.V3().Applyment4sub().Applyment().Chain(""), "/v3/applyment4sub/applyment/"},
		{client.V3().Applyment4sub().Applyment().Chain("x"), "/v3/applyment4sub/applyment/x"},
		{coupons.Chain("New/{id}").Bind("id", 7), "/v3/marketing/favor/users/o/coupons/New/7"},
		{coupons.Segment("someThing"), "/v3/marketing/favor/users/o/coupons/some-thing"},
		{coupons.CouponID(9867041).Chain(""), "/v3/marketing/favor/users/o/coupons/9867041"},
		{client.V3().Papay().InsuranceSign().PolicyPeriods().Chain(""), "/v3/papay/insurance-sign/policy-periods"},
		{client.V3().Papay().InsuranceSign().Policy_periods().Chain(""), "/v3/papay/insurance-sign/policy_periods"},
		{client.V2().Secapi().Mch().AddInstitutionsub().Chain(""), "/secapi/mch/addInstitutionsub"},
		{client.V2().Face().GetWxpayfaceAuthinfo().Chain(""), "/face/get_wxpayface_authinfo"},
		{client.V3().Pay().Transactions().OutTradeNo().OutTradeNo("A/b").Chain("close"), "/v3/pay/transactions/out-trade-no/A%2Fb/close"},
	} {
		u, err := tt.chain.URL()
		if err != nil || u.EscapedPath() != tt.want {
			t.Errorf("%s is %v, %v; want %s", tt.chain, u, err, tt.want)
		}
	}
	// A node can be continued in several ways.
	users := client.V3().Marketing().Favor().Users()
	a, b := users.Openid("a").Coupons(), users.Openid("b").Coupons()
	for want, node := range map[string]wechatpay.Chain{"/v3/marketing/favor/users/a/coupons": a.Chain(""), "/v3/marketing/favor/users/b/coupons": b.Chain("")} {
		if u, err := node.URL(); err != nil || u.Path != want {
			t.Errorf("%v, %v; want %s", u, err, want)
		}
	}
}

func TestTreeBadInput(t *testing.T) {
	out := new(recorder)
	client := newClient(t, treeConfig(t, out))
	users := client.V3().Marketing().Favor().Users()
	for name, tt := range map[string]struct {
		err  func() error
		want string
	}{
		"two values":  {func() error { _, err := users.Openid("a", "b").Coupons().Get(background()); return err }, "variable {openid} is given 2 values"},
		"no value":    {func() error { _, err := users.Openid().Coupons().Get(background()); return err }, "{openid} has no value"},
		"empty value": {func() error { _, err := users.Openid("").Coupons().Get(background()); return err }, "{openid} is empty"},
		"promise":     {func() error { _, err := users.Openid("a", "b").Coupons().PostAsync(background()).Wait(); return err }, "2 values"},
		"left":        {func() error { _, err := users.Openid("a", "b").Chain("x").URL(); return err }, "2 values"},
	} {
		if err := tt.err(); !errors.Is(err, wechatpay.ErrTemplate) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want ErrTemplate with %q", name, err, tt.want)
		}
	}
	if out.count() > 0 {
		t.Error("something was sent")
	}
}

// The host of an operation is applied automatically. The caller's host wins.
func TestTreeHost(t *testing.T) {
	out := new(recorder)
	client := newClient(t, treeConfig(t, out))
	opts := wechatpay.Options{"base_uri": "https://sandbox.test/"}
	if _, err := client.V2().Risk().Getpublickey().Post(background()); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if _, err := client.V2().Risk().Getpublickey().Post(background(), opts); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if out.sent[0].URL.Host != "fraud.mch.weixin.qq.com" || out.sent[1].URL.Host != "sandbox.test" {
		t.Errorf("hosts %s and %s", out.sent[0].URL.Host, out.sent[1].URL.Host)
	}
}

// A node prints as its template in every way of printing.
func TestTreePrints(t *testing.T) {
	client := newClient(t, treeConfig(t, new(recorder)))
	node := client.V3().Marketing().Favor().Users().Openid("o").Coupons()
	chain := client.Chain("v3/marketing/favor/users/{openid}/coupons").Bind("openid", "o")
	const template = "v3/marketing/favor/users/{openid}/coupons"
	for _, verb := range []string{"%v", "%s", "%+v", "%q"} {
		want := fmt.Sprintf(verb, template)
		if got := fmt.Sprintf(verb, node); got != want {
			t.Errorf("%s of a node is %s, want %s", verb, got, want)
		}
		if got := fmt.Sprintf(verb, chain); got != want {
			t.Errorf("%s of a chain is %s, want %s", verb, got, want)
		}
	}
	if got := fmt.Sprintln(node, client.V3()); got != template+" v3\n" {
		t.Errorf("Println writes %q", got)
	}
	for _, value := range []any{node, chain} {
		var text, object bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("call", "chain", value)
		slog.New(slog.NewJSONHandler(&object, nil)).Info("call", "chain", value)
		if !strings.HasSuffix(text.String(), " chain="+template+"\n") {
			t.Errorf("slog writes %s", text.String())
		}
		var record struct{ Chain string }
		if err := json.Unmarshal(object.Bytes(), &record); err != nil || record.Chain != template {
			t.Errorf("slog writes %s, %v", object.String(), err)
		}
	}
}

// A node has the methods of a chain, and the host of its operation.
func TestTreeIsAChain(t *testing.T) {
	out := new(recorder)
	client := newClient(t, treeConfig(t, out))
	coupons := client.V3().Marketing().Favor().Users().Openid().Coupons()
	u, err := coupons.URL(wechatpay.Options{"openid": "o"}, wechatpay.Query(wechatpay.M{"limit": 10}))
	if err != nil || u.String() != "https://api.mch.weixin.qq.com/v3/marketing/favor/users/o/coupons?limit=10" {
		t.Errorf("URL is %v, %v", u, err)
	}
	if _, err := coupons.URL(); !errors.Is(err, wechatpay.ErrTemplate) {
		t.Errorf("error %v, want ErrTemplate", err)
	}
	key := client.V2().Risk().Getpublickey()
	if u, err := key.URL(); err != nil || u.String() != "https://fraud.mch.weixin.qq.com/risk/getpublickey" {
		t.Errorf("URL is %v, %v", u, err)
	}
	for want, call := range map[string]func() (*wechatpay.Response, error){
		"PUT https://api.mch.weixin.qq.com/v3/marketing/favor/users/o/coupons": func() (*wechatpay.Response, error) {
			return coupons.Do(background(), "PUT", wechatpay.Bind("openid", "o"))
		},
		"POST https://fraud.mch.weixin.qq.com/risk/getpublickey":   func() (*wechatpay.Response, error) { return key.Do(background(), "POST") },
		"POST https://fraud.mch.weixin.qq.com/risk/getpublickey/1": func() (*wechatpay.Response, error) { return key.Chain("{x}").Bind("x", 1).Post(background()) },
	} {
		out.sent = nil
		_, err := call()
		if !errors.As(err, new(errNotSent)) || len(out.sent) != 1 || out.sent[0].Method+" "+out.sent[0].URL.String() != want {
			t.Errorf("%s: error %v, sent %v", want, err, out.sent)
		}
	}
}

// Calls from each root and with each verb, spelled as in a program. The walk by
// reflection does not show that these compile.
func TestTreeSpellings(t *testing.T) {
	out := new(recorder)
	client := newClient(t, treeConfig(t, out))
	ctx := background()
	var errs []error
	now := func(_ *wechatpay.Response, err error) { errs = append(errs, err) }
	wait := func(p *wechatpay.Promise[*wechatpay.Response]) {
		_, err := p.Wait()
		errs = append(errs, err)
	}
	orders := client.Global().V3().Customs().Orders()
	now(orders.Get(ctx))
	wait(orders.GetAsync(ctx))
	now(orders.Patch(ctx))
	wait(orders.PatchAsync(ctx))
	merchants := client.HK().V3().Merchants()
	now(merchants.Put(ctx))
	wait(merchants.PutAsync(ctx))
	contract := client.V3().EduPapay().Contracts().ContractID("7")
	now(contract.Delete(ctx))
	wait(contract.DeleteAsync(ctx))
	order := client.V2().Pay().Unifiedorder()
	now(order.Post(ctx))
	wait(order.PostAsync(ctx))
	// Old spellings.
	now(client.Hk().V3().Transactions().Id().TransactionId(1).Get(ctx))
	now(client.HK().V3().Transactions().ID().TransactionID().Get(ctx, wechatpay.Options{"transaction_id": 1}))
	// A segment with the name of a verb, and a trailing slash.
	now(client.V3().Profitsharing().Receivers().Delete().Post(ctx))
	now(client.V3().MerchantStore().Stores().StoreID(1).Recipients().Bind().Post(ctx))
	now(client.V3().Applyment4sub().Applyment().Post(ctx))

	var want []string
	for _, call := range []string{"GET /global/v3/customs/orders", "PATCH /global/v3/customs/orders", "PUT /hk/v3/merchants", "DELETE /v3/edu-papay/contracts/7", "POST /pay/unifiedorder", "GET /hk/v3/transactions/id/1"} {
		want = append(want, call, call)
	}
	want = append(want, "POST /v3/profitsharing/receivers/delete", "POST /v3/merchant-store/stores/1/recipients/bind", "POST /v3/applyment4sub/applyment/")
	for _, err := range errs {
		if !errors.As(err, new(errNotSent)) {
			t.Error(err)
		}
	}
	var got []string
	for _, req := range out.sent {
		got = append(got, req.Method+" "+req.URL.Path)
	}
	if !slices.Equal(got, want) {
		t.Errorf("sent %q, want %q", got, want)
	}
}
