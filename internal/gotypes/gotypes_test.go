package gotypes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/gotypes"
	"github.com/wxchain/wechatpay/openapi"
)

// everything has all operations of the catalogue.
func everything() (items []gotypes.Item) {
	for op := range openapi.Operations() {
		items = append(items, gotypes.Item{Operation: op})
	}
	return items
}

// The same operations have the same source, which is formatted.
func TestSourceIsStable(t *testing.T) {
	items := everything()[:200]
	first, err := gotypes.Source("pay", items)
	if err != nil {
		t.Fatal(err)
	}
	second, err := gotypes.Source("pay", items)
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("the source differs: %v", err)
	}
	if formatted, err := format.Source(first); err != nil || !bytes.Equal(first, formatted) {
		t.Errorf("the source is not formatted: %v", err)
	}
}

func TestSource(t *testing.T) {
	coupon := openapi.Lookup("POST", "v3/marketing/favor/users/{openid}/coupons")
	transfer := openapi.Lookup("POST", "v3/fund-app/mch-transfer/transfer-bills")
	v2 := openapi.Lookup("POST", "v2/pay/unifiedorder")
	for _, tt := range []struct {
		item gotypes.Item
		want []string // patterns
	}{
		{gotypes.Item{Operation: coupon, Name: "SendCoupon"}, []string{
			`type SendCouponRequest struct {\n\t// 批次号; required\n\tStockID string .json:"stock_id".\n`,
			`\tCouponValue \*int64 .json:"coupon_value,omitempty".`, `type SendCouponResponse struct {\n`, `CouponID string .json:"coupon_id".`,
		}},
		{gotypes.Item{Operation: transfer}, []string{
			`import "github.com/wxchain/wechatpay"`, `UserName wechatpay\.Secret .json:"user_name,omitempty".`,
			`// 转账金额; in fen, or the smallest unit of the currency; required\n\tTransferAmount int64`,
			`PostFundAppMchTransferTransferBillsResponseStateSuccess +PostFundAppMchTransferTransferBillsResponseState = "SUCCESS"`,
			`TransferSceneReportInfos \[\]PostFundAppMchTransferTransferBillsRequestTransferSceneReportInfos`,
		}},
		{gotypes.Item{Operation: v2, Name: "Order"}, []string{
			`TotalFee string .json:"total_fee,omitempty".`, `func \(r OrderRequest\) Fields\(\) wechatpay\.M {`, `"out_trade_no": +r\.OutTradeNo,`,
		}},
	} {
		source, err := gotypes.Source("pay", []gotypes.Item{tt.item})
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range tt.want {
			if !regexp.MustCompile(want).Match(source) {
				t.Errorf("%s: the source lacks %s:\n%s", tt.item.Operation, want, source)
			}
		}
	}
}

// main reads lines of a name and JSON, and writes the JSON as it comes back from the type
// of that name.
const mainGo = `package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

func through[T any](text string) (string, error) {
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return "", err
	}
	out, err := json.Marshal(v)
	return string(out), err
}

var types = map[string]func(string) (string, error){
%s}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		name, text, _ := strings.Cut(lines.Text(), " ")
		out, err := types[name](text)
		if err != nil {
			out = "error: " + err.Error()
		}
		fmt.Println(out)
	}
}
`

// A sample is an example on its way through a type.
type sample struct{ name, text, want string }

// The types of all operations compile, and the examples of the catalogue pass through them
// unchanged.
func TestEveryOperation(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles 100,000 lines")
	}
	items := everything()
	source, err := gotypes.Source("main", items)
	if err != nil {
		t.Fatal(err)
	}
	var samples []sample
	var table strings.Builder
	for _, item := range items {
		op, base := item.Operation, gotypes.Base(item.Operation)
		if op.Body() != nil {
			samples = append(samples, newSample(t, base+"Request", openapi.Example(op, 0), op.Body(), op.Encrypts))
		}
		first := true
		for _, r := range op.Responses {
			if r.Body == nil {
				continue
			}
			name := base + "Response"
			if !first {
				name = fmt.Sprint(name, r.Status)
			}
			first = false
			samples = append(samples, newSample(t, name, openapi.Example(op, r.Status), r.Body, false))
		}
	}
	for _, s := range samples {
		fmt.Fprintf(&table, "\t%q: through[%s],\n", s.name, s.name)
	}
	if len(samples) < 1700 {
		t.Fatalf("%d examples", len(samples))
	}
	got := run(t, source, fmt.Sprintf(mainGo, table.String()), samples)
	for i, s := range samples {
		if got[i] != s.want && !equal(got[i], s.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", s.name, got[i], s.want)
		}
	}
}

// run builds a program of two files and returns the lines that it makes of the samples.
func run(t *testing.T, types []byte, program string, samples []sample) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"types.go": string(types), "main.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "through.exe")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, filepath.Join(dir, "types.go"), filepath.Join(dir, "main.go"))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %.4000s", err, out)
	}
	var input strings.Builder
	for _, s := range samples {
		fmt.Fprintln(&input, s.name, s.text)
	}
	through := exec.CommandContext(t.Context(), binary)
	through.Stdin = strings.NewReader(input.String())
	out, err := through.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(out)))
	if len(lines) != len(samples) {
		t.Fatalf("%d lines of %d", len(lines), len(samples))
	}
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

// newSample returns an example, and what is expected of it: a Secret shows no text, and no
// struct has numbered fields.
func newSample(t *testing.T, name string, example json.RawMessage, s *openapi.Schema, encrypts bool) sample {
	t.Helper()
	var text bytes.Buffer
	if err := json.Compact(&text, example); err != nil {
		t.Fatal(name, err)
	}
	var v any
	if err := json.Unmarshal(example, &v); err != nil {
		t.Fatal(name, err)
	}
	want, err := json.Marshal(expected(v, s, encrypts))
	if err != nil {
		t.Fatal(name, err)
	}
	return sample{name, text.String(), string(want)}
}

func expected(v any, s *openapi.Schema, encrypts bool) any {
	if s == nil {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		if len(s.Properties) == 0 {
			return v
		}
		kept := make(map[string]any)
		for name, value := range v {
			p := s.Property(name)
			switch {
			case p == nil, strings.Contains(p.Name, "$"):
			default:
				kept[name] = expected(value, p.Schema, encrypts)
			}
		}
		return kept
	case []any:
		all := make([]any, len(v))
		for i := range v {
			all[i] = expected(v[i], s.Items, encrypts)
		}
		return all
	case string:
		if encrypts && s.Format == "base64" {
			return "(wechatpay.Secret)"
		}
	}
	return v
}

// equal reports whether two JSON texts are equal.
func equal(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}
