package batch

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/item"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// csvRecords reads the rows below a row of names. A row may span several lines;
// its line number is that of the first one.
func csvRecords(r io.Reader, columns columns) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		rows := newRowReader(r)
		names, err := rows.read()
		if errors.Is(err, io.EOF) {
			err = lang.Errorf("the file is empty; its first row has the names of the columns")
		}
		var header []column
		if err == nil {
			header, err = columns.header(names)
		}
		if err != nil {
			yield(record{line: rows.line}, err)
			return
		}
		for {
			cells, err := rows.read()
			if errors.Is(err, io.EOF) {
				return
			}
			var items []item.Item
			if err == nil {
				items, err = rowItems(header, cells)
			}
			if !yield(record{rows.line, items}, err) || err != nil {
				return
			}
		}
	}
}

// rowItems returns the items of the cells that are not empty.
func rowItems(header []column, cells []string) ([]item.Item, error) {
	items := make([]item.Item, 0, len(cells))
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if !isReadable(cell) {
			return nil, errNotUTF8
		}
		if strings.TrimSpace(cell) != cell {
			return nil, lang.Errorf("%s: %q starts or ends with a blank; remove it, or if it is intended, write the lines as .jsonl", header[i].name, term.Cut(cell))
		}
		made, err := header[i].fromText(cell)
		if err != nil {
			return nil, err
		}
		items = append(items, made)
	}
	return items, nil
}

// isReadable reports whether the file looks like text. It rejects UTF-16, in
// which half the bytes may be zero, and binary data.
func isReadable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// A rowReader reads rows that have as many cells as the first one. It rejects a
// row longer than maxLine bytes, because an unclosed quote would turn the rest
// of the file into one row.
type rowReader struct {
	csv  *csv.Reader
	in   *boundedReader
	line int64 // line on which the last row starts
}

func newRowReader(r io.Reader) *rowReader {
	in := &boundedReader{r: r, left: maxLine}
	text := bufio.NewReader(in)
	start, _ := text.Peek(len(bom)) // an error here occurs again on the next read
	_, _ = text.Discard(len(start) - len(skipBOM(start)))
	rows := csv.NewReader(text)
	rows.ReuseRecord = true
	return &rowReader{csv: rows, in: in, line: 1}
}

// read returns a row. The row is valid until the next call.
func (r *rowReader) read() ([]string, error) {
	r.in.left = maxLine
	cells, err := r.csv.Read()
	bad := (*csv.ParseError)(nil)
	switch {
	case err == nil:
		line, _ := r.csv.FieldPos(0)
		r.line = int64(line)
	case errors.As(err, &bad):
		r.line = int64(bad.StartLine)
		if bad.Err == csv.ErrFieldCount {
			return nil, lang.Errorf("the row has %d fields, and the first row has %d", len(cells), r.csv.FieldsPerRecord)
		}
		return nil, lang.Errorf("not valid CSV: %w", bad.Err)
	case !errors.Is(err, io.EOF):
		r.line++ // the error belongs to the next row
	}
	return cells, err
}

// A boundedReader fails when a read exceeds the remaining bytes.
type boundedReader struct {
	r    io.Reader
	left int // bytes
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLineTooLong
	}
	n, err := b.r.Read(p)
	b.left -= n
	return n, err
}
