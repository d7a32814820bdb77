package bill

import (
	"bytes"
	"fmt"
	"strings"
)

// A sheet is the text of a bill: column names without backticks, and values with
// one backtick before each.
type sheet struct{ bytes.Buffer }

func newSheet(columns []string) *sheet {
	s := new(sheet)
	s.names(columns...)
	return s
}

func (s *sheet) names(names ...string) { s.WriteString(strings.Join(names, ",") + "\r\n") }

// inRow removes from a value what would end the value or its row.
var inRow = strings.NewReplacer("\r", " ", "\n", " ", ",`", ",'")

func (s *sheet) row(values ...string) {
	for i, v := range values {
		if i > 0 {
			s.WriteByte(',')
		}
		s.WriteByte('`')
		inRow.WriteString(s, v)
	}
	s.WriteString("\r\n")
}

// yuan returns fen in the form in which files show amounts.
func yuan(fen int64) string {
	sign, n := "", uint64(fen)
	if fen < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}
