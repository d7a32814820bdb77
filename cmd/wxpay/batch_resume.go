package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// maxResult is how long a line of the results may be, in bytes: a longest
// answer, with each byte of it escaped.
const maxResult = 64 << 20

// earlier is what is in a file of results already.
type earlier struct {
	done *lineSet // the lines that are not to be sent
	ends int64    // where the last whole line ends
	torn bool     // something is after that
	old  bool     // some results give way to new ones
}

// readEarlier reads the results of earlier runs, and counts them. path is for
// errors.
func readEarlier(r io.Reader, path string, last int64, t *tally) (*earlier, error) {
	e := &earlier{done: newLineSet(last)}
	seen := newLineSet(last)
	for n, line := range resultLines(r) {
		at := func(err error) error { return fmt.Errorf("--out %s:%d: %w", path, n, err) }
		if line.err != nil {
			return nil, at(line.err)
		}
		if e.torn {
			return nil, at(errors.New("the line before is no result; it was changed by something else"))
		}
		r, err := parseResult(line.text)
		switch {
		case err != nil:
			e.torn = true // if it is the last line
			continue
		case !seen.covers(r.Line):
			return nil, at(fmt.Errorf("a result of line %d, which the input does not have", r.Line))
		case seen.has(r.Line):
			return nil, at(fmt.Errorf("another result of line %d", r.Line))
		}
		seen.add(r.Line)
		e.ends += int64(len(line.text))
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
	text []byte // with the end of the line
	err  error
}

// resultLines reads lines and numbers them.
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
			return nil, fmt.Errorf("the line is longer than %d bytes", maxResult)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return text, err
		}
	}
}

// parseResult reads a line of the results, which is whole.
func parseResult(text []byte) (r result, err error) {
	if !bytes.HasSuffix(text, []byte("\n")) {
		return r, io.ErrUnexpectedEOF
	}
	if err = json.Unmarshal(text, &r); err == nil && r.Line == 0 {
		err = errors.New("it has no line")
	}
	return r, err
}

// rewrite writes the results that stay into a new file, which then takes the
// place of the old one.
func rewrite(path string) (err error) {
	old, err := os.Open(path)
	if err != nil {
		return err
	}
	defer old.Close()
	fresh, err := os.OpenFile(path+ledgerSuffix+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err = errors.Join(copyLasting(fresh, old), fresh.Sync(), fresh.Close(), old.Close()); err != nil {
		return errors.Join(err, os.Remove(fresh.Name()))
	}
	return os.Rename(fresh.Name(), path)
}

// copyLasting copies the results that are not to give way to new ones.
func copyLasting(w io.Writer, r io.Reader) error {
	out := bufio.NewWriter(w)
	for _, line := range resultLines(r) {
		if line.err != nil {
			return line.err
		}
		if r, err := parseResult(line.text); err == nil && !r.Again {
			if _, err := out.Write(line.text); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}
