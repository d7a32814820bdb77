package wechatpay_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
)

// A treeCall is an operation as the tree calls it.
type treeCall struct {
	operation string
	call      func(context.Context, *wechatpay.Client, ...wechatpay.Option) (*wechatpay.Response, error)
	async     func(context.Context, *wechatpay.Client, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]
}

// unsigned signs nothing, to spare thousands of calls the RSA.
type unsigned struct{}

func (unsigned) Scheme() string                               { return "WECHATPAY2-SHA256-RSA2048" }
func (unsigned) SerialNo() string                             { return "430AF0FB96E60731CA84CF75C06B720A363AA944" }
func (unsigned) Sign(context.Context, []byte) ([]byte, error) { return []byte("signature"), nil }
func treeConfig(t testing.TB, rt http.RoundTripper) wechatpay.Config {
	config := newConfig(t, rt)
	config.SerialNo, config.PrivateKey, config.Signer = "", nil, unsigned{}
	config.APIv2Key = v2Key
	return config
}

var variable = regexp.MustCompile(`\{(\w+)\}`)

// TestTreeMakesEveryCall calls every operation through the tree, at once and as
// a promise, and compares what leaves with the catalogue.
func TestTreeMakesEveryCall(t *testing.T) {
	var sent atomic.Pointer[http.Request]
	client := newClient(t, treeConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		sent.Store(req)
		return nil, errNotSent{}
	})))
	byName := make(map[string]treeCall)
	for _, c := range treeCalls {
		byName[c.operation] = c
	}
	n := 0
	for op := range openapi.Operations() {
		n++
		c, ok := byName[op.String()]
		if !ok {
			t.Errorf("%s is not in the tree", op)
			continue
		}
		options := make(wechatpay.Options)
		want := "/" + strings.TrimPrefix(op.Template, "v2/")
		for _, m := range variable.FindAllStringSubmatch(op.Template, -1) {
			options[m[1]] = "value-of-" + m[1]
			want = strings.Replace(want, m[0], "value-of-"+m[1], 1)
		}
		host := "api.mch.weixin.qq.com"
		if op.BaseURL != "" {
			host = strings.TrimSuffix(strings.TrimPrefix(op.BaseURL, "https://"), "/")
		}
		for how, call := range map[string]func() error{
			"at once":    func() error { _, err := c.call(background(), client, options); return err },
			"as promise": func() error { _, err := c.async(background(), client, options).Wait(); return err },
		} {
			sent.Store(nil)
			if err := call(); !errors.As(err, new(errNotSent)) {
				t.Errorf("%s, %s: %v", op, how, err)
				continue
			}
			req := sent.Load()
			if req.Method != op.Method || req.URL.Scheme != "https" || req.URL.Host != host || req.URL.EscapedPath() != want {
				t.Errorf("%s, %s: sent %s %s", op, how, req.Method, req.URL)
			}
			if got := middleware.ExchangeOf(req.Context()).ClientCert; got != op.ClientCert {
				t.Errorf("%s, %s: with a client certificate: %v, want %v", op, how, got, op.ClientCert)
			}
		}
	}
	if n != len(treeCalls) || n < 1154 {
		t.Errorf("%d operations, the tree has %d calls, want 1154 or more of both", n, len(treeCalls))
	}
}

// TestTreeOffersNothingElse walks the types of the tree: their methods are
// the verbs and the segments of the catalogue, Chain and Segment.
func TestTreeOffersNothingElse(t *testing.T) {
	verbs, calls := 0, 0
	seen := make(map[reflect.Type]bool)
	var walk func(reflect.Type)
	walk = func(node reflect.Type) {
		if seen[node] {
			t.Errorf("%v is reached twice", node)
			return
		}
		seen[node] = true
		for i := range node.NumMethod() {
			m := node.Method(i)
			out := m.Type.Out(0)
			switch {
			case m.Name == "Chain" || m.Name == "Segment":
				if out != reflect.TypeFor[wechatpay.Chain]() {
					t.Errorf("%v.%s returns %v", node, m.Name, out)
				}
			case out == reflect.TypeFor[*wechatpay.Response]():
				verbs++
			case out == reflect.TypeFor[*wechatpay.Promise[*wechatpay.Response]]():
				calls++
			case m.Type.IsVariadic() && m.Type.NumIn() != 2, !m.Type.IsVariadic() && m.Type.NumIn() != 1:
				t.Errorf("%v.%s takes %d values", node, m.Name, m.Type.NumIn()-1)
			default:
				walk(out)
			}
		}
		for _, name := range []string{"Chain", "Segment"} {
			if _, ok := node.MethodByName(name); !ok {
				t.Errorf("%v cannot leave the tree: it has no %s", node, name)
			}
		}
	}
	client := newClient(t, newConfig(t, new(recorder)))
	for _, entrance := range []any{client.V2(), client.V3(), client.Hk(), client.Global()} {
		walk(reflect.TypeOf(entrance))
	}
	if verbs != len(treeCalls) || calls != len(treeCalls) {
		t.Errorf("the tree has %d verbs and %d as promises, want %d of each", verbs, calls, len(treeCalls))
	}
}

func TestTree(t *testing.T) {
	client := newClient(t, treeConfig(t, new(recorder)))
	coupons := client.V3().Marketing().Favor().Users().Openid("o").Coupons()
	for _, tt := range []struct {
		chain wechatpay.Chain
		want  string
	}{
		{client.V3().Marketing().Favor().Users().Openid("oUpF").Chain("coupons"), "/v3/marketing/favor/users/oUpF/coupons"},
		{coupons.Chain(""), "/v3/marketing/favor/users/o/coupons"},
		{coupons.Chain("New/{id}").Bind("id", 7), "/v3/marketing/favor/users/o/coupons/New/7"},
		{coupons.Segment("someThing"), "/v3/marketing/favor/users/o/coupons/some-thing"},
		{coupons.CouponId(9867041).Chain(""), "/v3/marketing/favor/users/o/coupons/9867041"},
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
	// A node goes on in several ways.
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

// The host of an operation is applied by itself, and a caller's wins.
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
