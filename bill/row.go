package bill

import (
	"fmt"
	"strconv"
	"strings"
)

// A Row is a line of a bill. You may keep it.
type Row struct {
	columns *columns
	values  []string
}

// columns are the column names of rows.
type columns struct {
	names []string
	index map[string]int
}

func newColumns(line string) *columns {
	c := &columns{names: strings.Split(line, ","), index: make(map[string]int)}
	for i, name := range c.names {
		c.names[i] = strings.TrimSpace(name)
		if _, twice := c.index[c.names[i]]; !twice {
			c.index[c.names[i]] = i
		}
	}
	return c
}

// Get returns the value of a column without its backtick, such as
// row.Get("商户订单号"). It returns "" if the bill lacks the column. If two columns
// have the same name, it returns the value of the first.
func (r Row) Get(column string) string {
	value, _ := r.lookup(column)
	return value
}

func (r Row) lookup(column string) (string, bool) {
	if r.columns == nil {
		return "", false
	}
	i, ok := r.columns.index[column]
	if !ok {
		return "", false
	}
	return r.values[i], true
}

// Fen returns an amount in fen. The bill has it in yuan: "12.34" is 1234 fen. It is
// an error if the amount has a fraction of a fen, if the bill lacks the column, or if
// the value is not an amount.
func (r Row) Fen(column string) (int64, error) {
	value, ok := r.lookup(column)
	if !ok {
		return 0, fmt.Errorf("bill: there is no column %q", column)
	}
	fen, err := parseYuan(value)
	if err != nil {
		return 0, fmt.Errorf("bill: column %q: %.40q %w", column, value, err)
	}
	return fen, nil
}

func parseYuan(text string) (int64, error) {
	number := strings.TrimPrefix(text, "-")
	yuan, fraction, point := strings.Cut(number, ".")
	switch {
	case !isDigits(yuan), point && !isDigits(fraction):
		return 0, errNoAmount
	case strings.Trim(fraction[min(2, len(fraction)):], "0") != "":
		return 0, errFraction
	}
	sign := text[:len(text)-len(number)]
	fen, err := strconv.ParseInt(sign+yuan+(fraction + "00")[:2], 10, 64)
	if err != nil {
		return 0, errNoAmount
	}
	return fen, nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
