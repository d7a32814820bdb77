package interop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-pay/gopay"
	"github.com/go-pay/gopay/pkg/xhttp"
	gopayv3 "github.com/go-pay/gopay/wechat/v3"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/openapi"
)

// gopayRefusals are the errors of plausible calls of gopay, by what their text has.
// The platform would answer these calls with an error too.
func gopayRefusals() map[string]refusal {
	const text = "begin_time of type int"
	return map[string]refusal{
		"V3BusiFavorBatchDetail":      {text, "it wants a number, and the official SDK a text"},
		"V3BusiFavorUserCouponDetail": {text, "it wants a number, and the official SDK a text"},
		"V3BusiFavorUserCoupons":      {text, "it wants a number, and the official SDK a text"},
		"V3CombineQQTransactionH5":    {"404", "it calls https://api.q.qq.com, which is not the platform"},
		"V3QQTransactionH5":           {"404", "it calls https://api.q.qq.com, which is not the platform"},
		"V3ScoreDirectComplete":       {"404", "its path lacks v3"},
		"V3FavorCallbackUrl":          {"PARAM_ERROR", "its query is ?1900000109, without mchid="},
		"V3Apply4SubModifySettlement": {"application_no", "it expects 204, which was the answer before 2023"},
		"V3MediaDownloadImage":        {"get all public key err", "it verifies the answer, and the platform signs no images"},
		"V3GoldPlanCloseAdShow":       {"SIGN_ERROR", "it signs PATCH and sends POST"},
	}
}

// Each method of gopay's client for APIv3 is called with a plausible request, and
// decodes the answer. Two methods have another host, so a transport redirects
// them.
func TestGopay(t *testing.T) {
	w := newWorld(t)
	to, err := url.Parse(w.URL())
	if err != nil {
		t.Fatal(err)
	}
	probed := new(probe)
	blind, calling := newGopay(t, w, probed), newGopay(t, w, redirected{to})
	calling.SetProxyHost(w.URL())
	client := reflect.ValueOf(calling)
	refusals := gopayRefusals()
	for i := range client.NumMethod() {
		name, of := client.Type().Method(i).Name, client.Method(i).Type()
		if of.NumIn() == 0 || of.In(0) != reflect.TypeFor[context.Context]() {
			continue // it makes no call
		}
		t.Run(name, func(t *testing.T) {
			args := w.gopayArguments(t, name, of)
			if args == nil {
				args = w.probeGopay(t, reflect.ValueOf(blind).Method(i), probed, calling)
			}
			checkGopay(t, client.Method(i).Call(args), refusals[name])
		})
	}
}

func newGopay(t *testing.T, w *world, transport http.RoundTripper) *gopayv3.ClientV3 {
	t.Helper()
	m := w.Merchant()
	private, id, public := keysAsPEM(t, w.Sandbox)
	client, err := gopayv3.NewClientV3(m.MchID, m.SerialNo, m.APIv3Key, private)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.AutoVerifySignByPublicKey([]byte(public), id); err != nil {
		t.Fatal(err)
	}
	client.SetHttpClient(xhttp.NewClient().SetTransport(transport))
	return client
}

// gopayArguments returns the arguments of a method that uploads or downloads, or
// nil for other methods.
func (w *world) gopayArguments(t *testing.T, name string, method reflect.Type) []reflect.Value {
	t.Helper()
	args := []reflect.Value{reflect.ValueOf(t.Context())}
	platform := func(path string) []reflect.Value { // it wants a URL whose host ends in .com
		return append(args, reflect.ValueOf("https://api.mch.weixin.qq.com/"+strings.TrimPrefix(path, w.URL())))
	}
	switch last := method.NumIn() - 1; {
	case name == "V3BillDownLoadBill":
		bill := w.call(t, "GET", "v3/bill/tradebill", nil, wechatpay.Query(fields{"bill_date": w.billDay}))
		return platform(bill.Get("download_url").String())
	case name == "V3TransferElecsignDownload":
		const path = "v3/fund-app/mch-transfer/elecsign/out-bill-no/{out_bill_no}"
		receipt := w.call(t, "GET", path, nil, wechatpay.Bind("out_bill_no", w.makers()["GET "+path](t)["out_bill_no"]))
		return platform(receipt.Get("download_url").String())
	case name == "V3MediaDownloadImage":
		image := w.makers()["GET v3/merchant-service/images/{media_id}"](t)["media_id"]
		return platform("v3/merchant-service/images/" + url.PathEscape(fmt.Sprint(image)))
	case method.In(last) == reflect.TypeFor[*gopay.File]():
		file := &gopay.File{Name: "file.png", Content: []byte(png)}
		if strings.Contains(name, "Video") {
			file.Name = "file.mp4"
		}
		sum := sha256.Sum256(file.Content)
		if last == 3 {
			args = append(args, reflect.ValueOf(file.Name), reflect.ValueOf(hex.EncodeToString(sum[:])))
		} else { // an invoice
			args = append(args, reflect.ValueOf(subID), reflect.ValueOf("PDF"), reflect.ValueOf("SM3"), reflect.ValueOf(hex.EncodeToString(sum[:])))
		}
		return append(args, reflect.ValueOf(file))
	}
	return nil
}

// probeGopay returns the arguments of a plausible call. Texts and numbers of a
// method have no names that reflection shows, so a call with marks shows where
// they go: if "mark1" replaces {openid}, it is an openid.
func (w *world) probeGopay(t *testing.T, method reflect.Value, probed *probe, client *gopayv3.ClientV3) []reflect.Value {
	t.Helper()
	args, body := marks(t, method.Type())
	required := probeRequired(method, probed, args, body)
	if probed.req == nil {
		t.Fatal("it sends nothing")
	}
	op := openapi.Match(probed.req.Method, probed.req.URL.EscapedPath())
	if op == nil {
		return args // to have the error of the sandbox
	}
	p, names := w.plausible(t, op), marked(op, probed.req)
	for _, name := range slices.Concat(required, slices.Collect(maps.Values(names))) {
		p.also[name] = true
	}
	all := p.all(t)
	for i := range args {
		if name, ok := names[fmt.Sprint(args[i])]; ok {
			args[i] = argument(t, all[name], name, args[i].Type())
		}
	}
	if body != nil {
		fillGopay(t, body, p, required, client)
	}
	return args
}

// probeRequired calls a method until it sends a request, and returns the names of the
// fields that it requires in its map.
func probeRequired(method reflect.Value, probed *probe, args []reflect.Value, body gopay.BodyMap) (required []string) {
	probed.req = nil
	for range 30 { // it names the fields that it requires one at a time
		out := method.Call(args)
		err, _ := out[len(out)-1].Interface().(error)
		missing := regexp.MustCompile(`missing required parameter\W+(\w+)|(\w+) is empty`).FindStringSubmatch(fmt.Sprint(err))
		if probed.req != nil || body == nil || missing == nil {
			break
		}
		required = append(required, missing[1]+missing[2])
		for _, name := range required { // it may have removed some
			body.Set(name, "mark-"+name)
		}
	}
	return required
}

// marks returns arguments of which each is another, and the map among them, if
// there is one.
func marks(t *testing.T, method reflect.Type) (args []reflect.Value, body gopay.BodyMap) {
	t.Helper()
	args = append(args, reflect.ValueOf(t.Context()))
	for i := 1; i < method.NumIn(); i++ {
		switch in := method.In(i); {
		case in == reflect.TypeFor[gopay.BodyMap]():
			body = make(gopay.BodyMap)
			args = append(args, reflect.ValueOf(body))
		case in == reflect.TypeFor[gopayv3.OrderNoType]():
			args = append(args, reflect.ValueOf(gopayv3.OutTradeNo))
		case in.Kind() == reflect.String:
			args = append(args, reflect.ValueOf("mark"+strconv.Itoa(i)))
		default:
			args = append(args, reflect.ValueOf(7700+i).Convert(in))
		}
	}
	return args, body
}

// marked returns the names of the values in a request.
func marked(op *openapi.Operation, req *http.Request) map[string]string {
	names := make(map[string]string)
	segments := strings.Split(strings.TrimPrefix(req.URL.Path, "/"), "/")
	for i, segment := range strings.Split(op.Template, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			names[segments[i]] = strings.TrimSuffix(name, "}")
		}
	}
	for name, values := range req.URL.Query() {
		names[values[0]] = name
	}
	for _, h := range op.Headers {
		names[req.Header.Get(h.Name)] = h.Name
	}
	var body fields
	if req.Body != nil && json.NewDecoder(req.Body).Decode(&body) == nil {
		for name, v := range body {
			names[fmt.Sprint(v)] = name
		}
	}
	return names
}

// argument returns a value as a text or a number.
func argument(t *testing.T, value any, name string, of reflect.Type) reflect.Value {
	t.Helper()
	text := fmt.Sprint(value)
	if raw, ok := value.(json.RawMessage); ok {
		text = string(raw)
	}
	if value == nil {
		t.Fatalf("the catalogue lacks %s", name)
	}
	if of.Kind() == reflect.String {
		return reflect.ValueOf(text).Convert(of)
	}
	number, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return reflect.ValueOf(number).Convert(of)
}

// fillGopay puts the fields of a request into the map of a call: those of query
// and body, and whatever gopay requires.
func fillGopay(t *testing.T, body gopay.BodyMap, p plausible, required []string, client *gopayv3.ClientV3) {
	t.Helper()
	plain, all := p.parameters(p.op.Query), p.all(t)
	maps.Copy(plain, p.body(t))
	for _, name := range required {
		if plain[name] = all[name]; all[name] == nil {
			t.Errorf("%v: the catalogue lacks %s, which gopay requires", p.op, name)
		}
	}
	text, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if err := json.Unmarshal(text, &body); err != nil {
		t.Fatal(err)
	}
	if p.op.Encrypts && p.op.JSON != nil {
		seal(t, client, p.op.JSON, fields(body))
	}
}

// seal encrypts the sensitive fields of an object with gopay's own function.
func seal(t *testing.T, client *gopayv3.ClientV3, schema *openapi.Schema, object fields) {
	t.Helper()
	for name, v := range object {
		property := schema.Property(name)
		if property == nil {
			continue
		}
		switch v := v.(type) {
		case fields:
			seal(t, client, property.Schema, v)
		case []any:
			for _, v := range v {
				if v, ok := v.(fields); ok && property.Items != nil {
					seal(t, client, property.Items, v)
				}
			}
		case string:
			if property.Format == "base64" {
				sealed, err := client.V3EncryptText(v)
				if err != nil {
					t.Fatal(err)
				}
				object[name] = sealed
			}
		}
	}
}

// checkGopay checks what a method returned: gopay has the platform's error in a
// field of the answer.
func checkGopay(t *testing.T, out []reflect.Value, want refusal) {
	t.Helper()
	err, _ := out[len(out)-1].Interface().(error)
	if answer := reflect.Indirect(out[0]); err == nil && answer.Kind() == reflect.Struct {
		if refused := answer.FieldByName("Error"); refused.IsValid() && refused.String() != "" {
			err = fmt.Errorf("%v %s", answer.FieldByName("Code"), refused)
		}
	}
	if want.code == "" && err != nil || want.code != "" && !strings.Contains(fmt.Sprint(err), want.code) {
		t.Errorf("error %v, want %q (%s)", err, want.code, want.reason)
	}
}
