package sandbox_test

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

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
