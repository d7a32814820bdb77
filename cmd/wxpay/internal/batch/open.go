package batch

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/wholefile"
)

// An output is an open file of results with its ledger.
type output struct {
	file   *os.File // positioned at the end
	ledger *ledger
	done   *lineSet
	tally  *tally
}

// openOutput opens the results at path, or creates them. It reads the results
// of earlier runs, which must belong to the same batch. It cuts off an
// incomplete last line and drops the results of calls that are sent again. Each
// call that was interrupted and must not be repeated gets a result that says
// so.
func openOutput(path string, id identity, c *census) (*output, error) {
	path, err := resolve(path)
	if err != nil {
		return nil, lang.Errorf("--out %w", err)
	}
	_, missing := os.Lstat(path + ledgerSuffix)
	l, err := openLedger(path)
	if err != nil {
		return nil, err
	}
	out := &output{ledger: l, tally: newTally(c.records)}
	claimed, err := l.identity()
	switch {
	case err != nil:
		err = lang.Errorf("%s: %w", path+ledgerSuffix, err)
	case claimed == nil:
		if out.file, err = create(path, id, l); err != nil && missing != nil {
			return nil, errors.Join(err, l.close(), os.Remove(path+ledgerSuffix))
		}
	default:
		out.file, err = reopen(path, id, *claimed, l.results)
	}
	if err == nil {
		err = out.read(path, c.lastLine)
	}
	if err != nil {
		return nil, errors.Join(err, out.close())
	}
	return out, nil
}

// read reads the results of earlier runs and repairs the file.
func (out *output) read(path string, last int64) error {
	e, err := readEarlier(out.file, path, last, out.tally)
	if err != nil {
		return err
	}
	out.done = e.done
	if err := out.repair(path, e); err != nil {
		return err
	}
	return out.resolveBegun()
}

// create creates the file of results, or uses an existing empty file.
func create(path string, id identity, l *ledger) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, lang.Errorf("--out: %w", err)
	}
	info, err := file.Stat()
	if err == nil && info.Size() > 0 {
		err = lang.Errorf("--out %s is not empty, but %s, which records what it belongs to, is missing; take another --out", path, path+ledgerSuffix)
	}
	if err == nil {
		err = l.claim(id)
	}
	if err == nil {
		err = wholefile.SyncFolder(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// reopen opens the file of results. It fails if the file belongs to another
// batch, or if it had results and is now empty.
func reopen(path string, id, claimed identity, some bool) (*os.File, error) {
	if other := id.difference(claimed); other != nil {
		return nil, lang.Errorf("--out %s has the results of %s; take another --out", path, other)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, lang.Errorf("--out %s is missing, but its batch has begun; put it back, or delete %s too, to send every line from the start", path, path+ledgerSuffix)
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && some && info.Size() == 0 {
		err = lang.Errorf("--out %s had results and is empty; put them back, or delete %s too, to send every line from the start", path, path+ledgerSuffix)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// repair repairs the file of results and moves to its end.
func (out *output) repair(path string, e *earlier) (err error) {
	if e.old {
		if err := errors.Join(out.file.Close(), out.ledger.setResults(false)); err != nil { // no result may be left
			return err
		}
		if err := rewrite(path); err != nil {
			return err
		}
		if out.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
			return err
		}
		_, err = out.file.Seek(0, io.SeekEnd)
		return err
	}
	if e.torn {
		if err := out.file.Truncate(e.ends); err != nil {
			return err
		}
	}
	if _, err = out.file.Seek(e.ends, io.SeekStart); err == nil && e.open {
		_, err = out.file.Write(newline)
	}
	return err
}

// resolveBegun writes a result for each call that was begun and has none.
func (out *output) resolveBegun() error {
	lines, err := out.ledger.begun()
	if err != nil {
		return err
	}
	w := out.writer(nil)
	for _, line := range lines {
		if out.done.covers(line) && !out.done.has(line) {
			out.done.add(line)
			w.group = append(w.group, cutOff(line))
		}
	}
	if len(w.group) > 0 {
		if err := errors.Join(w.write(), out.ledger.setResults(true)); err != nil {
			return err
		}
	}
	for _, r := range w.group {
		out.tally.add(r)
	}
	for _, line := range lines {
		out.ledger.end(line, false, mark{})
	}
	return nil
}

// cutOff returns the result of a call that was in progress when the process
// ended.
func cutOff(line int64) result {
	return result{Line: line, Error: &lineError{Kind: unknownKind,
		Message: "the process ended while the call was under way, so it may have been done; a second request may do it again; look it up"}}
}

func (out *output) writer(show *term.Progress) *resultWriter {
	return &resultWriter{file: out.file, ledger: out.ledger, tally: out.tally, show: show}
}

// close closes the files. All results are on disk by then.
func (out *output) close() error {
	err := out.ledger.close()
	if out.file != nil {
		err = errors.Join(err, out.file.Close())
	}
	return err
}
