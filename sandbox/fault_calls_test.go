package sandbox_test

import (
	"bytes"
	"crypto"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/sandbox"
)

// A kindOfCall is a call that can be made again and again, and what becomes of
// it.
type kindOfCall struct {
	name    string
	want    outcome
	prepare func(*testing.T)
	call    func(*wechatpay.Client, wechatpay.Option) (*wechatpay.Response, error)
}

// callsOfAllKinds are calls of all kinds that a client can make.
func (s *served) callsOfAllKinds(t *testing.T, want outcomes) []kindOfCall {
	t.Helper()
	nothing := func(*testing.T) {}
	order := func(t *testing.T) {
		t.Helper()
		if _, err := s.client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf("faulty", 100))); err != nil {
			t.Fatalf("without a fault: %v", err)
		}
	}
	of := wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})
	const byNumber = "v3/pay/transactions/out-trade-no/faulty"
	ctx := t.Context()
	var token string // it does not last for long
	return []kindOfCall{
		{"an order", want.body, nothing, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain(native).Post(ctx, wechatpay.JSON(orderOf("faulty", 100)), o)
		}},
		{"the promise of an order", want.body, nothing, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain(native).PostAsync(ctx, wechatpay.JSON(orderOf("faulty", 100)), o).Wait()
		}},
		{"a query", want.body, order, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain(byNumber).Get(ctx, of, o)
		}},
		{"a query that is streamed", want.body, order, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain(byNumber).Get(ctx, of, wechatpay.Sink(new(bytes.Buffer)), o)
		}},
		{"the promise of a query", want.body, order, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain(byNumber).GetAsync(ctx, of, o).Wait()
		}},
		{"a call of APIv2", want.v2, order, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain("v2/pay/orderquery").Post(ctx, o, wechatpay.XML(wechatpay.M{"appid": "wxd678efh567hg6787", "out_trade_no": "faulty"}))
		}},
		{"a close", want.empty, nothing, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain(byNumber).Chain("close").Post(ctx, wechatpay.JSON(wechatpay.M{"mchid": sandbox.DefaultMchID}), o)
		}},
		{"an upload", want.body, nothing, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain("v3/merchant/media/upload").Post(ctx, wechatpay.Upload("x.png", strings.NewReader(png)), o)
		}},
		{"the download of a file", want.file, func(t *testing.T) { token = s.token(t) }, func(c *wechatpay.Client, o wechatpay.Option) (*wechatpay.Response, error) {
			return c.Chain("v3/billdownload/file").Get(ctx, wechatpay.Query(wechatpay.M{"token": token}), o)
		}},
	}
}

// token is that of a file which can be downloaded.
func (s *served) token(t *testing.T) string {
	t.Helper()
	w := &world{Sandbox: &sandbox.Sandbox{Server: s.Server}, client: s.client}
	link := w.mustCall(t, "GET", stockPath+w.newStock(t, nil)+"/use-flow", nil).Get("url").String()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("token")
}

// newClient is another client of the sandbox.
func (s *served) newClient(t *testing.T, edit func(*wechatpay.Config)) *wechatpay.Client {
	t.Helper()
	config := s.ClientConfig()
	config.BaseURL, config.Transport = servedURL, s.transport
	edit(&config)
	client, err := wechatpay.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// certificatesOf leaves the public key out, which no rotation concerns.
func certificatesOf(all keys.Static) keys.Static {
	some := maps.Clone(all)
	maps.DeleteFunc(some, func(id string, _ crypto.PublicKey) bool { return strings.HasPrefix(id, keys.PublicKeyIDPrefix) })
	return some
}
