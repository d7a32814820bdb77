package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// maxResult is the maximum length of a line of the results, in bytes. It has
// room for the longest answer with every byte escaped.
const maxResult = 64 << 20

// earlier describes an existing file of results.
type earlier struct {
	done *lineSet // lines that are not sent again
	ends int64    // offset of the end of the last whole line
	open bool     // the last line lacks its line break, which an editor may have removed
	torn bool     // an incomplete line follows
	old  bool     // some results are replaced by new ones
}

// readEarlier reads and counts the results of earlier runs. Errors name path.
func readEarlier(r io.Reader, path string, last int64, t *tally) (*earlier, error) {
	e := &earlier{done: newLineSet(last)}
	seen := newLineSet(last)
	for n, line := range resultLines(r) {
		at := func(err error) error { return lang.Errorf("--out %s:%d: %w", path, n, err) }
		if line.err != nil {
			return nil, at(line.err)
		}
		if e.torn {
			return nil, at(lang.Errorf("the line before is not a result; something else changed the file"))
		}
		r, err := parseResult(line.text)
		switch {
		case err != nil:
			e.torn = true // unless another line follows
			continue
		case !seen.covers(r.Line):
			return nil, at(lang.Errorf("a result of line %d, which the input does not have", r.Line))
		case seen.has(r.Line):
			return nil, at(lang.Errorf("another result of line %d", r.Line))
		}
		seen.add(r.Line)
		e.ends += int64(len(line.text))
		e.open = !bytes.HasSuffix(line.text, newline)
		if r.Again {
			e.old = true
			continue
		}
		e.done.add(r.Line)
		t.add(r)
	}
	return e, nil
}

type resultLine struct {
	text []byte // includes the line break
	err  error
}

// resultLines yields the lines with their numbers.
func resultLines(r io.Reader) func(yield func(int, resultLine) bool) {
	return func(yield func(int, resultLine) bool) {
		lines := bufio.NewReaderSize(r, 64<<10)
		for n := 1; ; n++ {
			text, err := readLine(lines)
			if len(text) > 0 && !yield(n, resultLine{text: text}) {
				return
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(n, resultLine{err: err})
				return
			}
		}
	}
}

// readLine reads a line of at most maxResult bytes.
func readLine(lines *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := lines.ReadSlice('\n')
		if text = append(text, part...); len(text) > maxResult {
			return nil, lang.Errorf("the line is longer than %d bytes", maxResult)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

var newline = []byte("\n")

// parseResult parses a line of the results. A part of a JSON object is never
// valid JSON. So a line that parses is complete, even without its line break.
func parseResult(text []byte) (r result, err error) {
	if err = json.Unmarshal(text, &r); err == nil && r.Line == 0 {
		err = lang.Errorf("it has no line number")
	}
	return r, err
}

// rewrite writes the results that stay into a new file and replaces the old
// file with it.
func rewrite(path string) error {
	old, err := os.Open(path)
	if err != nil {
		return err
	}
	defer old.Close()
	fresh, err := wholefile.Create(path)
	if err != nil {
		return err
	}
	defer fresh.Discard()
	if err := errors.Join(copyLasting(fresh, old), old.Close()); err != nil {
		return err
	}
	return fresh.Commit()
}

// copyLasting copies the results that stay.
func copyLasting(w io.Writer, r io.Reader) error {
	out := bufio.NewWriter(w)
	for _, line := range resultLines(r) {
		if line.err != nil {
			return line.err
		}
		if r, err := parseResult(line.text); err == nil && !r.Again {
			if _, err := out.Write(append(bytes.TrimSuffix(line.text, newline), newline...)); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}
