package batch

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/operation"
)

// inputOf returns an input with a text, for a call.
func inputOf(t testing.TB, name, text, method, template string) *input {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := openInput(path, newColumns(method, template, operation.Find(method, template)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.file.Close() })
	return in
}

// read returns one line for each record, and the error that ends them.
func (in *input) read() (lines []string, err error) {
	for r, err := range in.records(io.Discard) {
		if err != nil {
			return lines, err
		}
		var items []string
		for _, i := range r.items {
			items = append(items, fmt.Sprint(i.Name, i.Kind, i.Value))
		}
		lines = append(lines, fmt.Sprint(r.line, " ", strings.Join(items, " ")))
	}
	return lines, nil
}

func TestBatchRecords(t *testing.T) {
	const query = "v3/pay/transactions/out-trade-no/{out_trade_no}"
	for _, test := range []struct {
		name, file, method, path, text string
		want                           []string
	}{
		{"objects", "a.jsonl", "POST", orderPath, `{"out_trade_no":"1","amount":{"total":1}}` + "\n" + `{"attach":null,"n":12345678901234567890}`,
			[]string{`1 out_trade_no:="1" amount:={"total":1}`, `2 attach:=null n:=12345678901234567890`}},
		{"empty lines, a mark and CRLF", "a.ndjson", "POST", orderPath, "\xef\xbb\xbf{\"a\":1}\r\n\r\n  \n{\"a\":2}\r\n", []string{`1 a:=1`, `4 a:=2`}},
		{"a parameter of the query", "a.jsonl", "GET", query, `{"out_trade_no":"1217","mchid":"19"}`, []string{`1 out_trade_no:="1217" mchid==19`}},
		{"a query that is named", "a.jsonl", "POST", orderPath, `{"a==":"x","b==":1,"c==":true}`, []string{`1 a==x b==1 c==true`}},
		{"types of the catalogue", "a.csv", "POST", orderPath, "out_trade_no,amount.total,support_fapiao,goods_tag\n0012,7,true,9\n",
			[]string{`2 out_trade_no=0012 amount.total:=7 support_fapiao:=true goods_tag=9`}},
		{"a mark before a quote", "a.csv", "POST", "v3/things", "\xef\xbb\xbf\"a\",b\r\n\"1\",2\r\n", []string{`2 a=1 b=2`}},
		{"truth of a spreadsheet", "a.csv", "POST", orderPath, "support_fapiao,attach\nFALSE,TRUE\n", []string{`2 support_fapiao:=false attach=TRUE`}},
		{"a variable", "a.csv", "POST", couponPath, "openid,coupon_value\no1,5\n", []string{`2 openid=o1 coupon_value:=5`}},
		{"names that say how", "A.CSV", "POST", "v3/things", "\xef\xbb\xbfn:=, q== ,t\n[1],2,3\n", []string{`2 n:=[1] q==2 t=3`}},
		{"cells that are empty, or go over lines", "a.csv", "POST", "v3/things", "a,b\n1,\n\"x\ny\",2\n,3\n", []string{"2 a=1", "3 a=x\ny b=2", "5 b=3"}},
		{"names that start alike, and one in both places", "a.jsonl", "POST", orderPath, `{"a":1,"ab":2,"a==":3,"a.b==":4}`, []string{`1 a:=1 ab:=2 a==3 a.b==4`}},
		{"GET", "a.csv", "GET", query, "out_trade_no,mchid\n1217,19\n", []string{`2 out_trade_no=1217 mchid==19`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := inputOf(t, test.file, test.text, test.method, test.path).read()
			if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestBatchRecordsFail(t *testing.T) {
	long := strings.Repeat("x", maxLine+8192)
	for _, test := range []struct{ name, file, text, want string }{
		{"not JSON", "a.jsonl", "{\"a\":1}\n{\"a\":}\n", `a.jsonl:2: not valid JSON, at byte 6`},
		{"no object", "a.jsonl", "[1]", `a.jsonl:1: not a JSON object`},
		{"a list over lines", "a.jsonl", "[\n{\"a\":1}\n]\n", `a.jsonl:1: not a JSON object`},
		{"a line that is cut off", "a.jsonl", "{\"a\":1}\n{\"a\"", `a.jsonl:2: not valid JSON`},
		{"a member twice", "a.jsonl", `{"a":1,"a":2}`, `a.jsonl:1: two members of the object set a`},
		{"a list in the query", "a.jsonl", `{"a==":[1]}`, `a.jsonl:1: a: a parameter of the query is`},
		{"no name", "a.jsonl", `{"":1}`, `a.jsonl:1: a member has no name`},
		{"GBK", "a.jsonl", "{\"a\":\"\xb2\xe8\"}", `a.jsonl:1: not UTF-8`},
		{"a line that is too long", "a.jsonl", "{}\n{\"a\":\"" + long + "\"}", `a.jsonl:2: the line is longer than 1048576 bytes`},
		{"a field too few", "a.csv", "a,b\n1,2\n3\n4,5\n", `a.csv:3: the row has 1 fields, and the first row has 2`},
		{"a field too many", "a.csv", "a,b\n1,2,3\n", `a.csv:2: the row has 3 fields, and the first row has 2`},
		{"a quote that is not closed", "a.csv", "a,b\n1,\"2\n", `a.csv:2: not valid CSV: `},
		{"a quote that takes all", "a.csv", "a\n1\n\"" + strings.Repeat(long+"\n", 3), `a.csv:3: the line is longer than 1048576 bytes`},
		{"nothing", "a.csv", "", `a.csv:1: the file is empty; its first row has the names`},
		{"a column without a name", "a.csv", "a,,c\n", `a.csv:1: column 2 has no name`},
		{"semicolons", "a.csv", "a;b\n1;2\n", `a.csv:1: the names of the columns are separated by ";"`},
		{"tabs", "a.csv", "a\tb\n1\t2\n", `a.csv:1: the names of the columns are separated by "\t"`},
		{"two columns", "a.csv", "a,b,a\n", `a.csv:1: two columns set a`},
		{"two ways to say one", "a.csv", "a,a:=\n", `a.csv:1: two columns set a`},
		{"an object and a part of it", "a.csv", "amount.total,amount.currency,amount\n", `a.csv:1: two columns set amount`},
		{"an object and then a part of it", "a.jsonl", `{"amount":{"total":1},"amount.total":2}`, `a.jsonl:1: two members of the object set amount`},
		{"no number", "a.csv", "out_trade_no,amount.total\n1,1.5元\n", `a.csv:2: amount.total: not a number`},
		{"no truth", "a.csv", "support_fapiao\nyes\n", `a.csv:2: support_fapiao: not true or false`},
		{"no JSON", "a.csv", "a:=\n{\n", `a.csv:2: a: not valid JSON`},
		{"a number that was rounded", "a.csv", "out_trade_no\n1.2175E+27\n", `a.csv:2: out_trade_no: a spreadsheet has rounded this number`},
		{"UTF-16", "a.csv", "\xff\xfea\x00\n\x001\x00\n\x00", `a.csv:1: not UTF-8`},
		{"UTF-16 without a mark", "a.csv", "a\x00,\x00b\x00\n\x001\x00,\x002\x00\n\x00", `a.csv:1: not UTF-8`},
		{"a zero byte", "a.csv", "a\n1\x002\n", `a.csv:2: not UTF-8`},
		{"a blank before a number", "a.csv", "out_trade_no, amount.total\n1, 1\n", `a.csv:2: amount.total: " 1" starts or ends with a blank`},
		{"a blank after a number", "a.csv", "out_trade_no\n12170001 \n", `a.csv:2: out_trade_no: "12170001 " starts or ends with a blank`},
		{"GBK in a cell", "a.csv", "a\n\xb2\xe8\n", `a.csv:2: not UTF-8`},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := inputOf(t, test.file, test.text, "POST", orderPath)
			_, err := in.read()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %.200v, want %q", err, test.want)
			}
		})
	}
}

// Lines that are added to the file during reading are not part of the input.
func TestBatchRecordsOfOneSize(t *testing.T) {
	in := inputOf(t, "a.jsonl", "{\"a\":1}\n", "POST", orderPath)
	f, err := os.OpenFile(in.file.Name(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("{\"a\":2}\n"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := in.read(); err != nil || len(got) != 1 {
			t.Errorf("%q, %v; want one line", got, err)
		}
	}
}

// Any input either parses or returns an error. The records are in order.
func FuzzBatchRecords(f *testing.F) {
	f.Add("{\"a\":1}\n", false)
	f.Add("a,b:=\n1,[2]\n", true)
	f.Add("a,b\n\"1\n2\",3\n", true)
	columns := newColumns("POST", orderPath, operation.Find("POST", orderPath))
	f.Fuzz(func(t *testing.T, text string, isCSV bool) {
		parse := jsonRecords
		if isCSV {
			parse = csvRecords
		}
		last := int64(0)
		for r, err := range parse(strings.NewReader(text), columns) {
			if err != nil {
				return
			}
			if r.line <= last {
				t.Fatalf("line %d comes after %d", r.line, last)
			}
			last = r.line
			for _, i := range r.items {
				if i.Name == "" {
					t.Errorf("line %d has an item without a name", r.line)
				}
			}
		}
	})
}
