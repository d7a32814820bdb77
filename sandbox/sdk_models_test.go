package sandbox_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/sdkmodel"
	"github.com/wxchain/wechatpay/openapi"
)

// ours puts the numbers of the world's merchants into a call, at any depth.
func ours(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, field := range v {
			switch name {
			case "mchid", "sp_mchid", "combine_mchid", "stock_creator_mchid", "belong_merchant", "complainted_mchid", "creator_mchid", "sender_mchid":
				v[name] = examplesMchID
			case "sub_mchid":
				v[name] = examplesSubMchID
			default:
				v[name] = ours(field)
			}
		}
	case []any:
		for i := range v {
			v[i] = ours(v[i])
		}
	}
	return v
}

// sdkCall makes a call of wechatpay-go's models.
func (w *world) sdkCall(t *testing.T, op *openapi.Operation, c sdkmodel.Call) (*wechatpay.Response, error) {
	t.Helper()
	var opts []wechatpay.Option
	for name, value := range c.Path {
		opts = append(opts, wechatpay.Bind(name, ours(map[string]any{name: value}).(map[string]any)[name]))
	}
	for name := range c.Query {
		opts = append(opts, wechatpay.Query(map[string]any{name: ours(map[string]any{name: c.Query.Get(name)}).(map[string]any)[name]}))
	}
	if c.Body != nil {
		opts = append(opts, wechatpay.JSON(ours(c.Body)))
	}
	return w.client.Chain(op.Template).Do(t.Context(), op.Method, opts...)
}

// demanded are fields that the documentation demands in words, not in its models.
var demanded = map[string]func(c sdkmodel.Call){
	"GET v3/marketing/favor/users/{openid}/coupons": func(c sdkmodel.Call) { // or sender_mchid, or available_mchid
		c.Query.Set("creator_mchid", examplesMchID)
	},
	"POST v3/marketing/favor/coupon-stocks": func(c sdkmodel.Call) {
		c.Body["available_begin_time"], c.Body["available_end_time"] = "2018-06-09T00:00:00+08:00", "2018-06-19T00:00:00+08:00"
		c.Body["stock_use_rule"] = map[string]any{
			"max_coupons": 100, "max_amount": 10000, "max_coupons_per_user": 1, "natural_person_limit": false, "prevent_api_abuse": false,
		}
		c.Body["coupon_use_rule"] = map[string]any{
			"fixed_normal_coupon": map[string]any{"coupon_amount": 100, "transaction_minimum": 101}, "available_merchants": []string{examplesMchID},
		}
	},
	"GET v3/profitsharing/bills": func(c sdkmodel.Call) {
		c.Query.Set("bill_date", start.AddDate(0, 0, -2).Format(time.DateOnly))
		c.Query.Del("sub_mchid")
	},
	"POST v3/pay/partner/transactions/jsapi": subAppID, "POST v3/profitsharing/receivers/add": subAppID, "POST v3/profitsharing/receivers/delete": subAppID,
	"GET v3/transfer/batches/batch-id/{batch_id}": withDetails, "GET v3/transfer/batches/out-batch-no/{out_batch_no}": withDetails,
	"GET v3/partner-transfer/batches/batch-id/{batch_id}": withDetails, "GET v3/partner-transfer/batches/out-batch-no/{out_batch_no}": withDetails,
	"POST v3/transfer/batches": oneTransfer, "POST v3/partner-transfer/batches": oneTransfer,
}

// withDetails says which transfers of a batch are wanted.
func withDetails(c sdkmodel.Call) { c.Query.Set("detail_status", "ALL") }

// oneTransfer makes the number and the sum of a batch those of its transfers.
func oneTransfer(c sdkmodel.Call) {
	c.Body["total_num"], c.Body["total_amount"] = 1, 100
	c.Body["transfer_detail_list"].([]any)[0].(map[string]any)["transfer_amount"] = 100
}

// subAppID names the app of the sub-merchant, to which a sub_openid belongs.
func subAppID(c sdkmodel.Call) { c.Body["sub_appid"] = "wx8888888888888889" }

// formCodes are the codes of calls that are refused for their form.
var formCodes = []string{"PARAM_ERROR", "SIGN_ERROR", "APPID_MCHID_NOT_MATCH", "MCH_NOT_EXISTS", "NO_AUTH"}

// No call that fits wechatpay-go's models is refused for its form, and each answer fits
// them too: it has the fields that they require, of their types.
func TestModelsOfWechatpayGo(t *testing.T) {
	operations, err := sdkmodel.Operations()
	if err != nil {
		t.Fatal(err)
	}
	w := newExamplesWorld(t)
	sharingExamples(t, w) // for the bill of a day
	answered := make(map[*openapi.Operation]bool)
	inOrder := slices.SortedFunc(maps.Keys(operations), func(a, b *openapi.Operation) int {
		return cmp.Or(cmp.Compare(b.Method, a.Method), cmp.Compare(a.Template, b.Template)) // POST before GET
	})
	for _, op := range inOrder {
		o := operations[op]
		if len(op.Form) > 0 { // a file, which other tests upload
			continue
		}
		for pick := range 3 {
			for _, all := range []bool{true, false} {
				c := sdkmodel.Filler{All: all, Pick: pick}.Call(op, o)
				if demand := demanded[op.String()]; demand != nil {
					demand(c)
				}
				resp, err := w.sdkCall(t, op, c)
				var refused *wechatpay.Error
				switch {
				case err == nil:
					answered[op] = true
					checkModel(t, op, resp, o.Responses)
				case !errors.As(err, &refused) || refused.StatusCode == http.StatusUnauthorized || slices.Contains(formCodes, refused.Code):
					t.Errorf("%s, all fields %t, value %d: %v", op, all, pick, err)
				}
			}
		}
	}
	if len(operations) < 118 || len(answered) < 60 {
		t.Errorf("%d of %d operations were answered", len(answered), len(operations))
	}
}

// checkModel checks that an answer fits the model.
func checkModel(t *testing.T, op *openapi.Operation, resp *wechatpay.Response, models map[string]*sdkmodel.Schema) {
	t.Helper()
	model := models[strconv.Itoa(resp.StatusCode)]
	if model == nil || model.Type == "" {
		return
	}
	for _, problem := range modelProblems(resp.JSON(), model, "") {
		t.Errorf("%s: %s", op, problem)
	}
}

func modelProblems(v gjson.Result, s *sdkmodel.Schema, path string) (problems []string) {
	if !isOfType(v, openapi.Type(s.Type)) {
		return []string{fmt.Sprintf("%s is %s, the model has a value of type %s", path, v.Raw, s.Type)}
	}
	for i, element := range v.Array() {
		if s.Items != nil {
			problems = append(problems, modelProblems(element, s.Items, path+"."+strconv.Itoa(i))...)
		}
	}
	for _, name := range s.Required {
		if !hasMember(v, name) {
			problems = append(problems, path+" has no "+name+", which the model requires")
		}
	}
	for name, field := range s.Properties {
		if value := v.Get(gjson.Escape(name)); value.Exists() && value.Type != gjson.Null {
			problems = append(problems, modelProblems(value, field, path+"."+name)...)
		}
	}
	return problems
}

// An H5 order must say the payer's address and the kind of page.
func TestAnH5OrderNeedsItsScene(t *testing.T) {
	w := newExamplesWorld(t)
	for scene, want := range map[string]string{
		`{"payer_client_ip":"14.23.150.211","h5_info":{"type":"Wap"}}`: "",
		`{"h5_info":{"type":"Wap"}}`:                                   "/scene_info/payer_client_ip",
		`{"payer_client_ip":"14.23.150.211"}`:                          "/scene_info/h5_info",
		`null`:                                                         "/scene_info",
	} {
		_, err := w.client.V3().Pay().Transactions().H5().Post(t.Context(), wechatpay.JSON(map[string]any{
			"appid": "wxd678efh567hg6787", "mchid": examplesMchID, "description": "tea", "out_trade_no": "h5scene" + strconv.Itoa(len(scene)),
			"notify_url": "https://www.example.com/notify", "amount": map[string]any{"total": 100}, "scene_info": json.RawMessage(scene),
		}))
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", scene, err)
			}
			continue
		}
		var refused *wechatpay.Error
		if !errors.As(err, &refused) || refused.Code != "PARAM_ERROR" || refused.Response.Get("detail.field").String() != want {
			t.Errorf("%s: %v, want PARAM_ERROR of %s", scene, err, want)
		}
	}
}
