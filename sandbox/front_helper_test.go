package sandbox_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	frontApp  = "wxd678efh567hg6787"
	frontUser = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
)

// prepaid places an order and returns its prepay_id.
func (w *world) prepaid(t testing.TB, way, outTradeNo string, edit ...func(wechatpay.M)) string {
	t.Helper()
	order := w.order(outTradeNo, 1880)
	if way == "jsapi" {
		order["payer"] = wechatpay.M{"openid": frontUser}
	}
	for _, f := range edit {
		f(order)
	}
	return w.mustCall(t, "POST", "v3/pay/transactions/"+way, order).Get("prepay_id").String()
}

// params returns parameters as JSON decodes them.
func params(t testing.TB, of map[string]string, err error) map[string]any {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]any, len(of))
	for name, value := range of {
		all[name] = value
	}
	return all
}

// checkFront returns the verdict on parameters.
func (w *world) checkFront(t testing.TB, front sandbox.Front, all map[string]any, edit ...func(*sandbox.FrontCall)) sandbox.FrontVerdict {
	t.Helper()
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	call := sandbox.FrontCall{Front: front, Params: text}
	for _, f := range edit {
		f(&call)
	}
	v, err := w.CheckFront(call)
	if err != nil {
		t.Fatal(err)
	}
	if v.OK != (len(v.Mistakes) == 0) || v.OK != (v.Result == "") {
		t.Errorf("verdict %+v contradicts itself", v)
	}
	for _, m := range v.Mistakes {
		if m.Code == "" || m.Message.EN == "" || m.Message.ZH == "" || m.Shown == "" {
			t.Errorf("mistake %+v lacks a text", m)
		}
	}
	return v
}

// set returns a copy of parameters with one changed; nil removes it.
func set(all map[string]any, name string, value any) map[string]any {
	all = maps.Clone(all)
	if all[name] = value; value == nil {
		delete(all, name)
	}
	return all
}

// renamed returns a copy of parameters with one under another name.
func renamed(all map[string]any, from, to string) map[string]any {
	return set(set(all, to, all[from]), from, nil)
}

// codesOf returns the codes of the mistakes.
func codesOf(v sandbox.FrontVerdict) []string {
	codes := make([]string, len(v.Mistakes))
	for i, m := range v.Mistakes {
		codes[i] = m.Code
	}
	slices.Sort(codes)
	return codes
}

// shownOf returns what WeChat shows for the mistakes.
func shownOf(v sandbox.FrontVerdict) []string {
	shown := make([]string, len(v.Mistakes))
	for i, m := range v.Mistakes {
		shown[i] = m.Shown
	}
	return shown
}

// A frontCase is parameters with mistakes.
type frontCase struct {
	name   string
	params map[string]any
	codes  []string // sorted
	shown  string   // for one of them
}

func (w *world) frontCases(t *testing.T, front sandbox.Front, result string, cases []frontCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			v := w.checkFront(t, front, tt.params)
			if !slices.Equal(codesOf(v), tt.codes) || v.Result != result {
				t.Errorf("verdict is %q %v, want %q %v\n%+v", v.Result, codesOf(v), result, tt.codes, v.Mistakes)
			}
			if !slices.Contains(shownOf(v), tt.shown) {
				t.Errorf("WeChat shows %q, want %q", shownOf(v), tt.shown)
			}
		})
	}
}
