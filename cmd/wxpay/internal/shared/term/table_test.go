package term_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// Cells are aligned by the columns that a terminal needs for them.
func TestTable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ rows, want string }{
		"English":        {"lines\t3\nnot sent yet\t1\n", "lines         3\nnot sent yet  1\n"},
		"Chinese":        {"行数\t3\n尚未发送\t1\nwxpay 命令\t2\n", "行数        3\n尚未发送    1\nwxpay 命令  2\n"},
		"wide marks":     {"（默认）\tx\nab…\ty\n", "（默认）  x\nab…       y\n"},
		"joined letters": {"e\u0301\tx\nabc\ty\n", "e\u0301   x\nabc  y\n"},
		"not text":       {"a\x80b\tx\nabc\ty\n", "a\x80b  x\nabc  y\n"},
		"line by line":   {"尚未\t发送\t行\nx\ty\tz\n", "尚未  发送  行\nx     y     z\n"},
	} {
		var b strings.Builder
		table := term.NewTable(&b)
		for line := range strings.Lines(test.rows) {
			if n, err := fmt.Fprint(table, line); n != len(line) || err != nil {
				t.Errorf("%s: %d, %v", name, n, err)
			}
		}
		if err := table.Flush(); err != nil || b.String() != test.want {
			t.Errorf("%s: %v, printed\n%swant\n%s", name, err, &b, test.want)
		}
	}
	full := term.NewTable(testkit.Full{})
	fmt.Fprint(full, "行数\t3\n")
	if full.Flush() == nil {
		t.Error("a table that was not printed is no error")
	}
}
