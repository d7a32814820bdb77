package wechatpay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
)

// unsigned makes no real signatures, to save the RSA of thousands of calls.
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

// A verb is a method of a node that calls an operation. Reflection found it.
type verb struct {
	now   func(context.Context, ...wechatpay.Option) (*wechatpay.Response, error)
	async func(context.Context, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]
}

// shared are the methods that every node has, with what they return first.
var shared = map[string]reflect.Type{
	"Bind":     reflect.TypeFor[wechatpay.Chain](),
	"Chain":    reflect.TypeFor[wechatpay.Chain](),
	"Do":       reflect.TypeFor[*wechatpay.Response](),
	"LogValue": reflect.TypeFor[slog.Value](),
	"Segment":  reflect.TypeFor[wechatpay.Chain](),
	"String":   reflect.TypeFor[string](),
	"URL":      reflect.TypeFor[*url.URL](),
}

// It fails if a node lacks a shared method, if a method is neither a verb nor
// leads to another node, or if two names lead to one node and neither is the old
// spelling of the other.
func treeVerbs(t *testing.T, client *wechatpay.Client) map[string]verb {
	t.Helper()
	w := treeWalk{t: t, verbs: make(map[string]verb), names: make(map[reflect.Type]string)}
	c := reflect.ValueOf(client)
	for i := range c.NumMethod() {
		m := c.Method(i).Type()
		if m.NumIn() > 0 || m.NumOut() != 1 {
			continue
		}
		if _, ok := m.Out(0).MethodByName("Segment"); ok {
			if out := m.Out(0); w.names[out] == "" {
				w.names[out] = c.Type().Method(i).Name
				w.walk(c.Method(i).Call(nil)[0])
			}
		}
	}
	return w.verbs
}

// verbs are the interfaces of the verbs.
var verbs = map[string]reflect.Type{
	"Get":    reflect.TypeFor[wechatpay.Getter](),
	"Post":   reflect.TypeFor[wechatpay.Poster](),
	"Put":    reflect.TypeFor[wechatpay.Putter](),
	"Patch":  reflect.TypeFor[wechatpay.Patcher](),
	"Delete": reflect.TypeFor[wechatpay.Deleter](),
}

// A chain can be called with every verb.
var _ interface {
	wechatpay.Getter
	wechatpay.Poster
	wechatpay.Putter
	wechatpay.Patcher
	wechatpay.Deleter
} = wechatpay.Chain{}

type treeWalk struct {
	t     *testing.T
	verbs map[string]verb
	names map[reflect.Type]string // of the nodes, by the method that led there
}

// walk collects the verbs of a node and of all nodes below it.
func (w treeWalk) walk(node reflect.Value) {
	w.t.Helper()
	w.checkShared(node.Type())
	for i := range node.NumMethod() {
		m, name := node.Method(i), node.Type().Method(i).Name
		if out, ok := shared[name]; ok && out == m.Type().Out(0) {
			continue
		}
		base, _ := strings.CutSuffix(name, "Async")
		operation := fmt.Sprintf("%s %s", strings.ToUpper(base), node.Interface())
		v := w.verbs[operation]
		switch f := m.Interface().(type) {
		case func(context.Context, ...wechatpay.Option) (*wechatpay.Response, error):
			v.now = f
			if !node.Type().Implements(verbs[name]) {
				w.t.Errorf("%v is not the interface of %s", node.Type(), name)
			}
		case func(context.Context, ...wechatpay.Option) *wechatpay.Promise[*wechatpay.Response]:
			v.async = f
		default:
			w.follow(node.Type(), name, m)
			continue
		}
		w.verbs[operation] = v
	}
}

// checkShared checks that a node has the methods that all have.
func (w treeWalk) checkShared(node reflect.Type) {
	w.t.Helper()
	for name, returned := range shared {
		m, ok := node.MethodByName(name)
		if !ok || m.Type.Out(0) != returned && name != "Bind" { // a segment may be named so
			w.t.Errorf("%v has no method %s that returns a %v", node, name, returned)
		}
	}
}

// follow walks to the node that a method leads to, unless it was visited.
func (w treeWalk) follow(from reflect.Type, name string, m reflect.Value) {
	w.t.Helper()
	f := m.Type()
	out := f.Out(0)
	if n := f.NumIn(); n > 1 || n == 1 && !f.IsVariadic() || out.Kind() != reflect.Pointer {
		w.t.Errorf("%v.%s is a %v", from, name, f)
	} else if other, ok := w.names[out]; !ok {
		w.names[out] = name
		w.walk(m.Call(nil)[0])
	} else if !strings.EqualFold(name, other) {
		w.t.Errorf("%v.%s leads to the node of %s", from, name, other)
	}
}

var variable = regexp.MustCompile(`\{(\w+)\}`)

// TestTreeMakesEveryCall finds every verb of the tree, calls it synchronously and
// as a promise, and compares the request with the catalogue.
func TestTreeMakesEveryCall(t *testing.T) {
	var sent atomic.Pointer[http.Request]
	client := newClient(t, treeConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		sent.Store(req)
		return nil, errNotSent{}
	})))
	verbs := treeVerbs(t, client)
	n := 0
	for op := range openapi.Operations() {
		n++
		v := verbs[op.String()]
		if v.now == nil || v.async == nil {
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
			"at once":    func() error { _, err := v.now(background(), options); return err },
			"as promise": func() error { _, err := v.async(background(), options).Wait(); return err },
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
	if n != len(verbs) || n < 1154 {
		t.Errorf("%d operations, the tree has %d verbs, want 1154 or more of both", n, len(verbs))
	}
}

// GoChain's spelling of an operation leads to the operation in the tree.
func TestGoChainIsInTheTree(t *testing.T) {
	client := newClient(t, treeConfig(t, new(recorder)))
	for op := range openapi.Operations() {
		node := reflect.ValueOf(client)
		calls := strings.Split(strings.TrimSuffix(op.GoChain(), "(ctx)"), ".")
		for _, call := range calls[1 : len(calls)-1] {
			if node = node.MethodByName(strings.TrimSuffix(call, "()")); !node.IsValid() {
				t.Fatalf("%s is %s, but the tree has no %s", op, op.GoChain(), call)
			}
			node = node.Call(nil)[0]
		}
		name := calls[len(calls)-1]
		if got := strings.ToUpper(name) + " " + fmt.Sprint(node); got != op.String() || !node.MethodByName(name).IsValid() {
			t.Errorf("%s is %s, which calls %s", op, op.GoChain(), got)
		}
	}
}
