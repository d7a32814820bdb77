package sandbox_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// refusedExamples are the operations that do not succeed here, and what they are
// answered with.
var refusedExamples = map[string]struct {
	status int
	code   string
}{
	"GET v2/appauth/authindex": {302, ""},                    // the user is sent to a page
	"GET " + complaintsTold:    {404, "RESOURCE_NOT_EXISTS"}, // nobody has set it
}

// undocumented are the operations whose answer the catalogue does not tell: a
// file, and one whose schema has the values of other fields.
var undocumented = map[string]bool{
	"GET v3/billdownload/file": true, "GET v3/transferdownload/elecvoucherfile": true, "GET v3/transferdownload/signfile": true, "POST " + billV2: true, "GET " + shareOf: true,
	"GET v3/merchant-service/images/{media_id}": true, "GET v3/global/merchant-service/images/{media_id}": true,
}

// examplesMchID is the merchant of the documentation's examples.
const examplesMchID = "1230000109"

// examplesSubMchID is the sub-merchant of the documentation's examples.
const examplesSubMchID = "1900000109"

// TestEveryOperation calls all that the catalogue has through the tree, with the
// example of the documentation: each call is answered, and the client verifies
// the answer.
func TestEveryOperation(t *testing.T) {
	w := newExamplesWorld(t)
	vars, fields := exampleNumbers(t, w)
	examples := paymentExamples(t, w)
	maps.Copy(examples, transferExamples(t, w))
	maps.Copy(examples, receiptExamples(t, w))
	maps.Copy(examples, authorizationExamples(t, w))
	maps.Copy(examples, batchExamples(t, w))
	maps.Copy(examples, billExamples(t, w))
	maps.Copy(examples, complaintExamples(t, w))
	maps.Copy(examples, balanceExamples(t, w))
	maps.Copy(examples, platformExamples(t, w))
	maps.Copy(examples, sharingExamples(t, w))
	maps.Copy(examples, examplesV2(t, w))
	maps.Copy(examples, couponExamples(t, w)) // the last one, as its stock begins now
	calls := 0
	for op := range openapi.Operations() {
		calls++
		set := examples[op.String()]
		body := bodyOf(t, op, fields[op.String()], set)
		opts := append(optionsOf(t, op, body, set), vars[op.String()])
		resp, err := throughTree(t, w.client, op, opts)
		if want, ok := refusedExamples[op.String()]; ok {
			refused(t, err, want.status, want.code)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", op, err)
			continue
		}
		checkAnswer(t, op, resp, set != nil)
	}
	if calls < 1154 {
		t.Errorf("%d operations, want 1154", calls)
	}
	if got := w.Requests(); len(got) != 1000 || got[999].Status != 200 && got[999].Status != 204 {
		t.Errorf("%d requests are remembered, the last with %+v", len(got), got[len(got)-1])
	}
}

// newExamplesWorld is a world of the merchants of the documentation's examples,
// whose client encrypts what is sensitive.
func newExamplesWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, migrating, func(c *sandbox.Config) {
		m, err := sandbox.KeyedMerchant(examplesMchID, start)
		if err != nil {
			t.Fatal(err)
		}
		c.Merchants = []sandbox.Merchant{m}
		c.SubMerchants = []sandbox.SubMerchant{{SpMchID: examplesMchID, SubMchID: examplesSubMchID}}
	})
	w.client = w.Client(func(c *wechatpay.Config) {
		c.Transport = detour{w.URL(), c.Transport}
		c.Middleware = func(p wechatpay.Protocol, s *middleware.Stack) error {
			if p != wechatpay.APIv3 {
				return nil
			}
			return s.Before(middleware.NameSigner, "encrypt", openapi.EncryptSensitive(w.PlatformKeys()))
		}
	})
	return w
}

// exampleNumbers makes orders and images, and returns their numbers for the
// operations that need things in a state: variables of the path, and a field of
// the body with its value.
func exampleNumbers(t *testing.T, w *world) (vars map[string]wechatpay.Options, fields map[string][2]string) {
	t.Helper()
	w.mustCall(t, "POST", "v3/pay/transactions/native", w.order("closable", 1))
	w.mustCall(t, "POST", "v3/pay/partner/transactions/native", w.subOrder(examplesSubMchID, "closable", 1))
	images := make(map[string]string)
	for _, path := range [...]string{"v3/merchant-service/images/upload", "v3/global/merchant-service/images/upload"} {
		resp, err := w.upload(path, "example.png", png)
		if err != nil {
			t.Fatal(err)
		}
		images[path] = resp.Get("media_id").String()
	}
	transactionID := w.paid(t, "1217752501201407033233368018", 888)
	subTransactionID := w.subPaid(t, examplesSubMchID, "1217752501201407033233368018", 888)

	vars = map[string]wechatpay.Options{
		"GET v3/pay/transactions/id/{transaction_id}":                {"transaction_id": transactionID},
		"POST v3/pay/transactions/out-trade-no/{out_trade_no}/close": {"out_trade_no": "closable"},
		"GET v3/refund/domestic/refunds/{out_refund_no}":             {"out_refund_no": "1217752501201407033233368018"},

		"GET v3/pay/partner/transactions/id/{transaction_id}":                {"transaction_id": subTransactionID},
		"POST v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close": {"out_trade_no": "closable"},

		"GET v3/merchant-service/images/{media_id}":        {"media_id": images["v3/merchant-service/images/upload"]},
		"GET v3/global/merchant-service/images/{media_id}": {"media_id": images["v3/global/merchant-service/images/upload"]},
	}
	fields = map[string][2]string{"POST v3/refund/domestic/refunds": {"transaction_id", subTransactionID}}
	for _, way := range [...]string{"jsapi", "app", "h5", "native", "miniprogram"} {
		for _, path := range [...]string{"v3/pay/transactions/", "v3/pay/partner/transactions/"} {
			fields["POST "+path+way] = [2]string{"out_trade_no", "number-" + way}
		}
	}
	return vars, fields
}

// bodyOf is the documentation's example of an operation's body, with a field
// set to another value unless its name is empty, and with what set has for it:
// nil deletes a field.
func bodyOf(t *testing.T, op *openapi.Operation, field [2]string, set wechatpay.M) []byte {
	t.Helper()
	body := openapi.Example(op, 0)
	var err error
	if field[0] != "" {
		if body, err = sjson.SetBytes(body, field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range set {
		s := op.Body()
		if s == nil || s.Property(name) == nil {
			continue
		}
		if v == nil {
			body, err = sjson.DeleteBytes(body, name)
		} else {
			body, err = sjson.SetBytes(body, name, v)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return body
}

// checkAnswer checks that an answer has the status and the body that are
// documented. The body of one that was made, in a test of its product, differs
// from the example.
func checkAnswer(t *testing.T, op *openapi.Operation, resp *wechatpay.Response, made bool) {
	t.Helper()
	if want := op.Responses[0].Status; resp.StatusCode != want {
		t.Errorf("%s: status %d, want %d", op, resp.StatusCode, want)
	}
	switch {
	case undocumented[op.String()]:
	case !made || op.Responses[0].Body == nil:
		checkExample(t, op, resp)
	case strings.HasPrefix(op.Template, "v2/"):
		documentedV2(t, op.Template, resp)
	case strings.HasPrefix(op.Template, "v3/pay/"):
		fits(t, op.Method, op.Template, resp)
	default:
		documented(t, op.Method, op.Template, resp)
	}
}

// checkExample checks that an answer is the example of the documentation, if no
// handler made it.
func checkExample(t *testing.T, op *openapi.Operation, resp *wechatpay.Response) {
	t.Helper()
	s := op.Responses[0].Body
	if s == nil {
		if len(resp.Bytes()) > 0 {
			t.Errorf("%s: %q, want no body", op, resp.Bytes())
		}
		return
	}
	if strings.HasPrefix(op.Template, "v2/") {
		if resp.Get("return_code").String() != "SUCCESS" || resp.Get("sign").String() == "" {
			t.Errorf("%s: %s", op, resp.Bytes())
		}
		return
	}
	if !json.Valid(resp.Bytes()) {
		t.Errorf("%s: %q is not JSON", op, resp.Bytes())
	}
	if sandbox.HasHandler(op.String()) {
		return // the tests of the product look closer
	}
	checkProperties(t, op, resp.JSON(), s)
}

// optionsOf are what a call of an operation takes, with that body; parameters
// that are set are not those of the documentation.
func optionsOf(t *testing.T, op *openapi.Operation, body []byte, set wechatpay.M) []wechatpay.Option {
	t.Helper()
	opts := []wechatpay.Option{varsOf(op, set)}
	if query := queryOf(op, set); len(query) > 0 {
		opts = append(opts, wechatpay.Query(query))
	}
	for _, p := range op.Headers {
		opts = append(opts, wechatpay.Header(p.Name, openapi.ExampleValue(p)))
	}
	switch {
	case len(op.Form) > 0:
		name := "example.png"
		if strings.Contains(op.Template, "video") {
			name = "example.mp4"
		}
		opts = append(opts, wechatpay.Upload(name, strings.NewReader(png)))
	case op.XML != nil:
		var fields wechatpay.M
		if err := json.Unmarshal(body, &fields); err != nil {
			t.Fatal(op, err)
		}
		opts = append(opts, wechatpay.XML(fields))
	case op.JSON != nil:
		opts = append(opts, wechatpay.JSON(json.RawMessage(body)))
	}
	return opts
}

// varsOf has a value for each variable of an operation's path.
func varsOf(op *openapi.Operation, set wechatpay.M) wechatpay.Options {
	vars := make(wechatpay.Options)
	for rest := op.Template; ; {
		_, after, ok := strings.Cut(rest, "{")
		if !ok {
			break
		}
		name, after, _ := strings.Cut(after, "}")
		vars[name], rest = "1", after
	}
	for _, p := range op.Path {
		if _, ok := vars[p.Name]; ok { // some are documented under a wrong name
			vars[p.Name] = openapi.ExampleValue(p)
			if v, ok := set[p.Name]; ok {
				vars[p.Name] = v
			}
		}
	}
	return vars
}

// queryOf has a value for each parameter of an operation's query that the
// client does not add.
func queryOf(op *openapi.Operation, set wechatpay.M) url.Values {
	query := make(url.Values)
	v2 := strings.HasPrefix(op.Template, "v2/")
	for _, p := range op.Query {
		if v2 && (p.Name == "sign" || p.Name == "mch_id" || p.Name == "mchid" || p.Name == "nonce_str") {
			continue
		}
		query.Set(p.Name, openapi.ExampleValue(p))
		if v, ok := set[p.Name]; ok {
			query.Set(p.Name, fmt.Sprint(v))
		}
	}
	return query
}
