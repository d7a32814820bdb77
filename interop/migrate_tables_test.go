package interop

import (
	"context"
	"maps"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-pay/gopay"
	gopayv2 "github.com/go-pay/gopay/wechat"
	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// tables returns the methods that the tables of a page name, such as
// "V3TransactionApp", each with the operations that it calls. The first cell of a row
// may name the service of its methods.
func tables(t *testing.T, page string) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	service, method, operation := regexp.MustCompile("^\\| `([^`]+)` \\|"), regexp.MustCompile("`(\\w+)` → ([^<|]*)"), regexp.MustCompile("`([A-Z]+) (v[23]/[^`]+)`")
	all := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		prefix := ""
		if m := service.FindStringSubmatch(line); m != nil {
			prefix = m[1] + "."
		}
		for _, m := range method.FindAllStringSubmatch(line, -1) {
			name := prefix + m[1]
			if _, again := all[name]; again {
				t.Errorf("%s has %s twice", page, name)
			}
			all[name] = nil
			for _, op := range operation.FindAllStringSubmatch(m[2], -1) {
				if openapi.Lookup(op[1], op[2]) == nil {
					t.Errorf("%s: %s calls %s %s, which is not in the catalogue", page, name, op[1], op[2])
				}
				all[name] = append(all[name], op[1]+" "+op[2])
			}
		}
	}
	return all
}

// same checks that both languages of a page name the same methods and operations, and
// returns them.
func same(t *testing.T, page string) map[string][]string {
	t.Helper()
	english, chinese := tables(t, "../docs/"+page), tables(t, "../docs/zh-CN/"+page)
	if !maps.EqualFunc(english, chinese, slices.Equal) {
		t.Errorf("the tables of %s differ in Chinese", page)
	}
	return english
}

// checkRow checks that the operation of a request is one of those of its row. A row
// without operations has a request that the catalogue does not know.
func checkRow(t *testing.T, name string, rows map[string][]string, req *http.Request) {
	t.Helper()
	ops, ok := rows[name]
	delete(rows, name)
	if !ok || req == nil {
		t.Errorf("%s has a row: %t, and sends a request: %t", name, ok, req != nil)
		return
	}
	op := openapi.Match(req.Method, req.URL.EscapedPath())
	if op == nil && len(ops) > 0 || op != nil && len(ops) > 0 && !slices.Contains(ops, op.String()) {
		t.Errorf("%s sends %s %s, and its row has %q", name, req.Method, req.URL, ops)
	}
}

// The page has every method of every service, with the operation that it calls.
func TestFromOfficialTable(t *testing.T) {
	rows, m, probed := same(t, "wechatpay-go.md"), sandbox.Start(t).Merchant(), new(probe)
	blind, err := core.NewClient(t.Context(), option.WithMerchantCredential(m.MchID, m.SerialNo, m.PrivateKey),
		option.WithHTTPClient(&http.Client{Transport: probed}), option.WithoutValidator())
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range services() {
		v := reflect.ValueOf(service)
		v.Elem().FieldByName("Client").Set(reflect.ValueOf(blind))
		for i := range v.NumMethod() {
			probed.req = nil
			v.Method(i).Call(anyArguments(t, v.Method(i).Type()))
			checkRow(t, nameOf(service)+"."+v.Type().Method(i).Name, rows, probed.req)
		}
	}
	for name := range rows {
		t.Errorf("wechatpay-go lacks %s", name)
	}
}

// The page has every method that makes a call, with the operation that it calls.
func TestFromGopayTable(t *testing.T) {
	rows, probed := same(t, "gopay.md"), new(probe)
	client := reflect.ValueOf(newGopay(t, &world{Sandbox: sandbox.Start(t)}, probed))
	for i := range client.NumMethod() {
		name, method := client.Type().Method(i).Name, client.Method(i)
		if method.Type().NumIn() == 0 || method.Type().In(0) != reflect.TypeFor[context.Context]() {
			continue
		}
		if req := gopayRequest(t, method, probed); req != nil && name != "V3MediaDownloadImage" && name != "V3ScoreDirectComplete" {
			checkRow(t, name, rows, req)
		} else if _, ok := rows[name]; !ok {
			t.Errorf("no row has %s", name)
		} else {
			delete(rows, name) // it wants a URL of the platform, or its own path is wrong
		}
	}
	for _, name := range gopayV2Calls() {
		if _, ok := rows[name]; !ok {
			t.Errorf("no row has %s", name)
		}
		delete(rows, name)
	}
	for name := range rows {
		t.Errorf("gopay lacks %s", name)
	}
}

// gopayV2Calls returns the methods that make calls of APIv2.
func gopayV2Calls() (names []string) {
	v2 := reflect.TypeFor[*gopayv2.Client]()
	for i := range v2.NumMethod() {
		if method := v2.Method(i); method.Type.NumIn() > 1 && method.Type.In(1) == reflect.TypeFor[context.Context]() {
			names = append(names, method.Name)
		}
	}
	return names
}

// gopayRequest returns the request that a method of gopay makes, or nil if it refuses
// invented arguments.
func gopayRequest(t *testing.T, method reflect.Value, probed *probe) *http.Request {
	t.Helper()
	last := method.Type().NumIn() - 1
	if method.Type().In(last) == reflect.TypeFor[*gopay.File]() {
		args := []reflect.Value{reflect.ValueOf(t.Context())}
		for range last - 1 {
			args = append(args, reflect.ValueOf("mark"))
		}
		probed.req = nil
		method.Call(append(args, reflect.ValueOf(&gopay.File{Name: "file.png", Content: []byte(png)})))
		return probed.req
	}
	args, body := marks(t, method.Type())
	probeRequired(method, probed, args, body)
	return probed.req
}
