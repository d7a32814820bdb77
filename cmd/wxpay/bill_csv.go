package main

import (
	"encoding/csv"
	"errors"
	"io"

	"github.com/wxchain/wechatpay/bill"
)

// writeCSV writes to w, as CSV, the rows of the bill that download writes. They
// are good when it returns no error.
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
	// What ended the download is the reason, unless that was what ended the
	// reading.
	if failed := <-done; failed != nil && !errors.Is(failed, err) {
		return failed
	}
	return err
}

func copyCSV(w io.Writer, r io.Reader) error {
	out := csv.NewWriter(w)
	rows := bill.Rows(r)
	columns := rows.Columns()
	if columns != nil { // else All says why
		if err := out.Write(columns); err != nil {
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
		if err := out.Write(values); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
