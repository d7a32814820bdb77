package bill

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
)

const (
	maxLine    = 1 << 20 // of a line, in bytes
	maxSummary = 1 << 20 // of the rows of the summary, which are held, in bytes
)

// A Reader reads the rows of a bill, one at a time.
type Reader struct {
	lines   *bufio.Scanner
	line    int // the number of the last one read, from 1
	columns *columns
	summary []Row
	err     error // io.EOF after a bill that is whole
}

// Rows returns a Reader for a bill. A bill has a line of column names, a line for
// each row, a line of summary names, and summary rows. Each value of a row follows a
// backtick, and a comma followed by a backtick separates values. So a value may
// contain a comma or a backtick, but not a comma followed by a backtick. A line may
// have 1 MiB. If the bill is still gzip, it is decompressed while it is read.
//
// https://pay.weixin.qq.com/docs/partner/apis/partner-mini-program-payment/get-sub-mch-fund-flow-bill.html
func Rows(r io.Reader) *Reader {
	if r == nil {
		return &Reader{err: errors.New("bill: the reader of Rows is nil")}
	}
	lines := bufio.NewScanner(&plain{from: r})
	lines.Buffer(nil, maxLine)
	return &Reader{lines: lines}
}

// plain decompresses gzip and reads anything else as it is.
type plain struct {
	from io.Reader
	r    io.Reader // nil before the first Read
}

func (p *plain) Read(b []byte) (int, error) {
	if p.r == nil {
		buffered := bufio.NewReader(p.from)
		p.r = buffered
		if isGzip(buffered) {
			z, err := gzip.NewReader(buffered)
			if err != nil {
				return 0, err
			}
			p.r = z
		}
	}
	return p.r.Read(b)
}

// Columns returns the column names in the order of the bill. It returns nil if the
// bill cannot be read; [Reader.All] then returns the error.
func (r *Reader) Columns() []string {
	r.start()
	if r.columns == nil {
		return nil
	}
	return slices.Clone(r.columns.names)
}

// All returns the rows without the summary. It ends with an error if a row has
// fewer or more values than columns (the error has its line number), if the bill ends
// before its summary ([io.ErrUnexpectedEOF]), or if the underlying reader fails. The
// rows before an error are not the whole bill.
//
// Each row can be read once: a second All continues where the first one stopped.
func (r *Reader) All() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		r.start()
		for r.err == nil {
			if row, ok := r.next(); ok && !yield(row, nil) {
				return
			}
		}
		if r.err != io.EOF {
			yield(Row{}, r.err)
		}
	}
}

// Summary returns the rows of the summary, usually one, with their own column
// names. It returns nil until [Reader.All] has ended.
func (r *Reader) Summary() []Row {
	if r.err != io.EOF {
		return nil
	}
	return slices.Clone(r.summary)
}

// start reads the names of the columns.
func (r *Reader) start() {
	if r.columns != nil || r.err != nil {
		return
	}
	line, ok := r.read()
	if !ok {
		return
	}
	if isRow(line) {
		r.fail("it has values where the names of the columns should be")
		return
	}
	r.columns = newColumns(line)
}

// next reads a row, if the next line is one; else it reads to the end.
func (r *Reader) next() (Row, bool) {
	line, ok := r.read()
	switch {
	case !ok:
	case isRow(line):
		return r.row(r.columns, line)
	default:
		r.readSummary(newColumns(line))
	}
	return Row{}, false
}

func (r *Reader) readSummary(c *columns) {
	size := 0
	for {
		line, ok := r.read()
		switch {
		case !ok && r.err == errEnd && len(r.summary) > 0:
			r.err = io.EOF
			return
		case !ok:
			return
		case !isRow(line):
			r.fail("it is not a row of the summary: a value has no backtick before it")
			return
		case size+len(line) > maxSummary:
			r.fail("the summary has more than %d bytes", maxSummary)
			return
		}
		size += len(line)
		row, ok := r.row(c, line)
		if !ok {
			return
		}
		r.summary = append(r.summary, row)
	}
}

var errEnd = fmt.Errorf("bill: it ends before its summary: it was cut short, or it is not a bill: %w", io.ErrUnexpectedEOF)

// read returns the next line that is not empty.
func (r *Reader) read() (string, bool) {
	for r.lines.Scan() {
		r.line++
		text := r.lines.Text()
		if r.line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if text != "" {
			return text, true
		}
	}
	switch err := r.lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		r.line++
		r.fail("it is longer than %d bytes", maxLine)
	case err != nil:
		r.err = fmt.Errorf("bill: reading it: %w", err)
	default:
		r.err = errEnd
	}
	return "", false
}

func (r *Reader) row(c *columns, line string) (Row, bool) {
	values := strings.Split(line[1:], ",`")
	if len(values) != len(c.names) {
		r.fail("it has %d values, and there are %d columns", len(values), len(c.names))
		if len(values) < len(c.names) && !r.lines.Scan() { // it was the last one
			r.err = fmt.Errorf("%w: the bill was cut short: %w", r.err, io.ErrUnexpectedEOF)
		}
		return Row{}, false
	}
	return Row{c, values}, true
}

// fail ends the reading at the last line, whose content it does not show.
func (r *Reader) fail(format string, args ...any) {
	r.err = fmt.Errorf("bill: line %d: "+format, append([]any{r.line}, args...)...)
}

func isRow(line string) bool { return line[0] == '`' }
