package bill_test

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/bill"
)

// The columns of the bills, as the platform documents them.
const (
	allColumns = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额," +
		"微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	allRow = "`2026-11-23 17:07:11,`wx8888888888888888,`1900000109,`0,`,`4200000925202101284997714292,`1217752501201407033233368018,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o," +
		"`NATIVE,`SUCCESS,`OTHERS,`CNY,`12.34,`0.00,`0,`0,`0.00,`0.00,`,`,`面包, 牛奶,`{\"a\":1,\"b\":`2`},`0.07000,`0.60%,`12.34,`0.00,`"
	allSummary   = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n`1,`12.34,`0.00,`0.00,`0.07000,`12.34,`0.00\n"
	fundFlowBill = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号\n" +
		"`2026-11-23 13:54:01,`50300806962021020105978994968,`4200000920202101197964319284,`退款,`退款,`支出,`0.01,`0.22,`1900000109API,`退款总金额0.01元;含手续费0.00元,`S20210201135356381941\n" +
		"资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额\n`1,`0,`0.00,`1,`0.01\n"
)

func TestRows(t *testing.T) {
	for name, text := range map[string]string{
		"LF": allColumns + "\n" + allRow + "\n" + allRow + "\n" + allSummary, "no line break at the end": allColumns + "\n" + allRow + "\n" + allRow + "\n" + strings.TrimSpace(allSummary),
		"CRLF and BOM": "\ufeff" + strings.ReplaceAll(allColumns+"\n"+allRow+"\n"+allRow+"\n"+allSummary, "\n", "\r\n"),
		"empty lines":  allColumns + "\n\n" + allRow + "\n" + allRow + "\n\n" + allSummary + "\n\n",
	} {
		for how, r := range map[string]io.Reader{"at once": strings.NewReader(text), "by bytes": iotest.OneByteReader(strings.NewReader(text)), "with its end": iotest.DataErrReader(strings.NewReader(text))} {
			t.Run(name+", "+how, func(t *testing.T) { checkAllRows(t, bill.Rows(r)) })
		}
	}
}

// checkAllRows checks a bill of two rows allRow and the summary allSummary.
func checkAllRows(t *testing.T, rows *bill.Reader) {
	t.Helper()
	if got := rows.Columns(); len(got) != 27 || got[0] != "交易时间" || got[26] != "费率备注" {
		t.Errorf("columns %q", got)
	}
	n := 0
	for row, err := range rows.All() {
		if err != nil {
			t.Fatal(err)
		}
		if rows.Summary() != nil {
			t.Error("there is a summary before the end")
		}
		n++
		checkAllRow(t, row)
	}
	summary := rows.Summary()
	if n != 2 || len(summary) != 1 || summary[0].Get("订单总金额") != "12.34" || summary[0].Get("订单金额") != "" {
		t.Errorf("%d rows and the summary %v", n, summary)
	}
	for range rows.All() {
		t.Error("the rows come again")
	}
}

// checkAllRow checks the values of allRow.
func checkAllRow(t *testing.T, row bill.Row) {
	t.Helper()
	for column, want := range map[string]string{
		"交易时间": "2026-11-23 17:07:11", "商户订单号": "1217752501201407033233368018", "设备号": "", "退款状态": "", "费率备注": "",
		"商品名称": "面包, 牛奶", "商户数据包": "{\"a\":1,\"b\":`2`}", "手续费": "0.07000", "没有": "",
	} {
		if got := row.Get(column); got != want {
			t.Errorf("%s is %q, want %q", column, got, want)
		}
	}
	if fen, err := row.Fen("订单金额"); fen != 1234 || err != nil {
		t.Errorf("订单金额 is %d fen, %v", fen, err)
	}
}

func TestRowsOfOtherBills(t *testing.T) {
	rows := bill.Rows(strings.NewReader(fundFlowBill))
	for row, err := range rows.All() {
		fen, bad := row.Fen("收支金额(元)")
		if err != nil || bad != nil || fen != 1 || row.Get("备注") != "退款总金额0.01元;含手续费0.00元" {
			t.Errorf("%d, %v, %v", fen, err, bad)
		}
	}
	if s := rows.Summary(); len(s) != 1 || s[0].Get("支出笔数") != "1" {
		t.Errorf("summary %v", s)
	}
	// A bill of no rows; a summary of several.
	rows = bill.Rows(strings.NewReader("a,b\nc\n`1\n`2\n"))
	for range rows.All() {
		t.Error("a bill of no rows has one")
	}
	if s := rows.Summary(); len(s) != 2 || s[1].Get("c") != "2" {
		t.Errorf("summary %v", s)
	}
}

// Reading goes on after a break.
func TestRowsAfterABreak(t *testing.T) {
	rows := bill.Rows(strings.NewReader("n\n`1\n`2\n`3\ns\n`6\n"))
	var got []string
	for rows.Summary() == nil {
		for row, err := range rows.All() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row.Get("n"))
			break
		}
	}
	if !slices.Equal(got, []string{"1", "2", "3"}) {
		t.Errorf("rows %q", got)
	}
}

func TestBadRows(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for name, tt := range map[string]struct {
		text string
		cut  bool
		rows int
		want string
	}{
		"nothing":                     {"", true, 0, "before its summary"},
		"a BOM alone":                 {"\ufeff", true, 0, "before its summary"},
		"columns alone":               {"a,b\n", true, 0, "before its summary"},
		"no summary":                  {"a,b\n`1,`2\n", true, 1, "before its summary"},
		"columns of a summary":        {"a,b\n`1,`2\nc\n", true, 1, "before its summary"},
		"cut in a row":                {"a,b\n`1,`2\n`1", true, 1, "line 3: it has 1 values, and there are 2 columns"},
		"cut in a summary":            {"a,b\n`1,`2\nc,d\n`1", true, 1, "line 4"},
		"a row too short":             {"a,b\n`1,`2\n`1\n`1,`2\nc\n`1\n", false, 1, "line 3: it has 1 values, and there are 2 columns"},
		"a row too long":              {"a,b\n`1,`2,`3\nc\n`1\n", false, 0, "line 2: it has 3 values"},
		"a comma and a backtick":      {"a,b\n`1,`2,`x\nc\n`1\n", false, 0, "line 2"},
		"a line break in a value":     {"a,b\n`1,`2\nx\n`1,`2\nc\n`1\n", false, 1, "line 4"},
		"values where columns are":    {"`1,`2\nc\n`1\n", false, 0, "line 1: it has values"},
		"more than a summary":         {"a\n`1\nc\n`1\nd\n`1\n", false, 1, "line 5"},
		"a line too long":             {"a\n`" + long + "\nc\n`1\n", false, 0, "line 2: it is longer than 1048576 bytes"},
		"an answer that is no bill":   {`{"code":"NO_STATEMENT_EXIST"}`, true, 0, "not a bill"},
		"a summary too long":          {"a\nc\n" + strings.Repeat("`"+strings.Repeat("1", 1<<10)+"\n", 1025), false, 0, "more than 1048576 bytes"},
		"the longest summary":         {"a\nc\n" + strings.Repeat("`"+long[:1<<19-1]+"\n", 2), false, 0, ""},
		"a summary a byte longer":     {"a\nc\n" + strings.Repeat("`"+long[:1<<19-1]+"\n", 2) + "`\n", false, 0, "more than 1048576 bytes"},
		"a long row that is all well": {"a\n`" + long[:1<<20-2] + "\nc\n`1\n", false, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rows := bill.Rows(strings.NewReader(tt.text))
			for range 2 { // an error stays
				n, last := countRows(t, rows)
				if n != tt.rows {
					t.Errorf("%d rows, want %d", n, tt.rows)
				}
				tt.rows = 0
				if tt.want == "" {
					if last != nil {
						t.Error(last)
					}
					return
				}
				if last == nil || !strings.Contains(last.Error(), tt.want) || errors.Is(last, io.ErrUnexpectedEOF) != tt.cut || errors.Is(last, bufio.ErrTooLong) {
					t.Errorf("error %v, want one with %q", last, tt.want)
				}
				if rows.Summary() != nil {
					t.Error("there is a summary")
				}
			}
		})
	}
}

// countRows reads all rows and returns their number and the error that ended
// them, which must come last and without a row.
func countRows(t *testing.T, rows *bill.Reader) (n int, last error) {
	t.Helper()
	for row, err := range rows.All() {
		if last != nil {
			t.Error("there is more after an error")
		}
		if last = err; err == nil {
			n++
		} else if row.Get("a") != "" {
			t.Error("a row comes with an error")
		}
	}
	return n, last
}

func TestRowsOfBadReaders(t *testing.T) {
	for _, err := range bill.Rows(nil).All() {
		if err == nil {
			t.Error("no reader is no error")
		}
	}
	if c := bill.Rows(nil).Columns(); c != nil {
		t.Errorf("columns %q", c)
	}
	for _, err := range bill.Rows(io.MultiReader(strings.NewReader("a\n`1\n"), iotest.ErrReader(io.ErrClosedPipe))).All() {
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("error %v, want the reader's", err)
		}
	}
}

func TestFen(t *testing.T) {
	for value, want := range map[string]int64{
		"0": 0, "0.0": 0, "0.00": 0, "0.01": 1, "0.1": 10, "12.34": 1234, "100": 10000, "0.29": 29, "1.15": 115, "4.35": 435, "8.40000": 840, "-0.01": -1, "-12.30": -1230, "-0": 0,
		"007.00": 700, "92233720368547758.07": 1<<63 - 1, "-92233720368547758.08": -1 << 63,
	} {
		if got, err := rowOf(t, value).Fen("a"); got != want || err != nil {
			t.Errorf("%s yuan is %d fen, %v; want %d", value, got, err, want)
		}
	}
	for _, value := range []string{
		"", " ", "-", ".", "1.", ".5", "--1", "+1", "1e2", "0x10", "1_0", "1 ", " 1", "1.2.3", "1.-2", "1.+2", "¥1", "１", "NaN", "1%", "0.001", "0.06500", "92233720368547758.08", strings.Repeat("9", 100),
	} {
		if got, err := rowOf(t, value).Fen("a"); got != 0 || err == nil || !strings.Contains(err.Error(), `"a"`) {
			t.Errorf("%q is %d fen, %v; want an error", value, got, err)
		}
	}
	if _, err := rowOf(t, "1").Fen("b"); err == nil || !strings.Contains(err.Error(), `"b"`) {
		t.Errorf("no such column: %v", err)
	}
	if _, err := new(bill.Row).Fen("b"); err == nil {
		t.Error("the zero Row has a column")
	}
}

func rowOf(t testing.TB, value string) bill.Row {
	t.Helper()
	for row, err := range bill.Rows(strings.NewReader("a\n`" + value + "\nc\n`1\n")).All() {
		if err != nil {
			t.Fatal(err)
		}
		return row
	}
	t.Fatal("no row")
	return bill.Row{}
}

// A row may be kept while others are read, and of two columns of one name Get
// reads the first.
func TestRowsAreKept(t *testing.T) {
	const text = "a,b,a\n`1,`2,`3\n`4,`5,`6\n`7,`8,`9\ntotal\n`3\n"
	var kept []bill.Row
	for row, err := range bill.Rows(iotest.OneByteReader(strings.NewReader(text))).All() {
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, row)
	}
	var got []string
	for _, row := range kept {
		got = append(got, row.Get("a"), row.Get("b"), row.Get("c"))
	}
	if want := []string{"1", "2", "", "4", "5", "", "7", "8", ""}; !slices.Equal(got, want) {
		t.Errorf("the rows say %q, want %q", got, want)
	}
}

// A bill that is still gzip is read as if it had been unpacked.
func TestRowsOfGzip(t *testing.T) {
	for name, packed := range map[string]string{
		"gzip": zipped(t, tradeBill), "two members": zipped(t, tradeBill[:70]) + zipped(t, tradeBill[70:]),
	} {
		for _, r := range []io.Reader{strings.NewReader(packed), iotest.OneByteReader(strings.NewReader(packed))} {
			rows := bill.Rows(r)
			var fen int64
			for row, err := range rows.All() {
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				n, err := row.Fen("订单金额")
				if err != nil {
					t.Error(err)
				}
				fen += n
			}
			if fen != 1235 || len(rows.Summary()) != 1 || rows.Columns()[0] != "交易时间" {
				t.Errorf("%s: %d fen, summary %v", name, fen, rows.Summary())
			}
		}
	}
	gz := zipped(t, tradeBill)
	for name, packed := range map[string]string{"cut short": gz[:len(gz)-9], "cut in its header": gz[:4], "two bytes": gz[:2]} {
		var last error
		rows := bill.Rows(strings.NewReader(packed))
		for _, err := range rows.All() {
			last = err
		}
		if !errors.Is(last, io.ErrUnexpectedEOF) || rows.Summary() != nil {
			t.Errorf("%s: %v, want io.ErrUnexpectedEOF", name, last)
		}
	}
}
