package sandbox_test

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

// A detour leads all requests to the sandbox, including those to the hosts of
// some operations.
type detour struct {
	baseURL string
	next    http.RoundTripper
}

func (d detour) RoundTrip(req *http.Request) (*http.Response, error) {
	to, err := url.Parse(d.baseURL)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = to.Scheme, to.Host, ""
	return d.next.RoundTrip(out)
}

// throughTree calls an operation as Operation.GoChain spells it: the methods of
// the tree one after the other, and then the verb.
func throughTree(t *testing.T, client *wechatpay.Client, op *openapi.Operation, opts []wechatpay.Option) (*wechatpay.Response, error) {
	t.Helper()
	methods, _ := strings.CutPrefix(op.GoChain(), "client.")
	methods, _ = strings.CutSuffix(methods, "(ctx)")
	at := reflect.ValueOf(client)
	for name := range strings.SplitSeq(methods, "().") {
		if at.Kind() == reflect.Func {
			at = at.Call(nil)[0]
		}
		if at = at.MethodByName(name); !at.IsValid() {
			t.Fatalf("%s: the tree has no %s of %s", op, name, op.GoChain())
		}
	}
	verb, ok := at.Interface().(func(context.Context, ...wechatpay.Option) (*wechatpay.Response, error))
	if !ok {
		t.Fatalf("%s: %s ends in no verb", op, op.GoChain())
	}
	return verb(context.Background(), opts...)
}
