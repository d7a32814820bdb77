package bill_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/bill"
)

// FuzzRows reads any text: it gives rows whose values are parts of it, and then
// a summary or one error; an error of the reader is never taken for an end.
func FuzzRows(f *testing.F) {
	f.Add(tradeBill)
	f.Add(fundFlowBill)
	f.Add(allColumns + "\n" + allRow + "\n" + allSummary)
	f.Add("")
	f.Add("`")
	f.Add("a,a\n`1,`2\n\nb\n`\r\n`")
	f.Add("a\n`1,`\x00\xff\nb")
	f.Fuzz(func(t *testing.T, text string) {
		rows := bill.Rows(strings.NewReader(text))
		columns := rows.Columns()
		n := 0
		var last error
		for row, err := range rows.All() {
			if last != nil {
				t.Fatal("there is more after an error")
			}
			if last = err; err != nil {
				continue
			}
			n++
			for _, c := range columns {
				if !strings.Contains(text, row.Get(c)) {
					t.Fatalf("%q is %q, which is not in the text", c, row.Get(c))
				}
				if fen, err := row.Fen(c); err == nil && fen == 0 && strings.Trim(row.Get(c), "-0.") != "" {
					t.Fatalf("%q is 0 fen", row.Get(c))
				}
			}
		}
		if n > strings.Count(text, "`") {
			t.Fatalf("%d rows in %d bytes", n, len(text))
		}
		if (last == nil) != (len(rows.Summary()) > 0) {
			t.Fatalf("error %v and %d rows of a summary", last, len(rows.Summary()))
		}
		for _, err := range bill.Rows(io.MultiReader(strings.NewReader(text), brokenReader{})).All() {
			if err == nil {
				continue
			}
			if last == nil && !errors.Is(err, io.ErrClosedPipe) {
				t.Fatalf("error %v, want the reader's", err)
			}
		}
	})
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
