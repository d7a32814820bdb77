package bill

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/wxchain/wechatpay/bill"
)

// writeCSV writes the rows of the bill that download writes to w, as CSV. The
// rows are valid only if it returns no error.
func writeCSV(w io.Writer, download func(io.Writer) error) error {
	r, to := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := download(to)
		to.CloseWithError(err)
		done <- err
	}()
	err := copyCSV(w, r)
	r.CloseWithError(err)
	// The download's error is the cause, unless the download failed only because
	// reading failed.
	if failed := <-done; failed != nil && !errors.Is(failed, err) {
		return failed
	}
	return err
}

func copyCSV(w io.Writer, r io.Reader) error {
	out := csv.NewWriter(w)
	rows := bill.Rows(r)
	columns := rows.Columns()
	if columns != nil { // otherwise All returns the error
		if err := out.Write(harmless(columns)); err != nil {
			return err
		}
	}
	values := make([]string, len(columns))
	for row, err := range rows.All() {
		if err != nil {
			return err
		}
		for i, column := range columns {
			values[i] = row.Get(column)
		}
		if err := out.Write(harmless(values)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// harmless puts an apostrophe before each cell that a spreadsheet would run as
// a formula. Payers and shops can write the text of some cells.
func harmless(cells []string) []string {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		if cell != "" && strings.IndexByte("=+-@\t\r", cell[0]) >= 0 && !isNumber(cell) {
			cell = "'" + cell
		}
		safe[i] = cell
	}
	return safe
}

// isNumber reports whether cell is a decimal number, such as the amount -1.00.
func isNumber(cell string) bool {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(cell, "-"), ".")
	return whole != "" && strings.Trim(whole+fraction, "0123456789") == ""
}
