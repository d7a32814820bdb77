package batch

import (
	"bytes"
	"os"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// mostTogether is how many results are written to the disk at once.
const mostTogether = 1024

// A resultWriter writes results to the disk, all that there are at a time with
// one wait for it, and counts them only then.
type resultWriter struct {
	file   *os.File
	ledger *ledger
	tally  *tally
	show   *term.Progress
	group  []result
	text   bytes.Buffer
}

// writeAll writes what comes until in is closed. At the first failure of the
// disk, or when the tally says so, it calls stop; it goes on receiving all the
// same, so that no sender waits for ever.
func (w *resultWriter) writeAll(in <-chan result, stop func(error)) {
	broken := false
	for r := range in {
		w.gather(r, in)
		if broken {
			continue // what is not on the disk does not count
		}
		if err := w.write(); err != nil {
			broken = true
			stop(err)
			continue
		}
		for _, r := range w.group {
			w.count(r, stop)
		}
		if err := w.ledger.setResults(true); err != nil {
			broken = true
			stop(err)
		}
	}
}

// gather makes a group of r and of all that is there already.
func (w *resultWriter) gather(r result, in <-chan result) {
	w.group = append(w.group[:0], r)
	for len(w.group) < mostTogether {
		select {
		case r, ok := <-in:
			if !ok {
				return
			}
			w.group = append(w.group, r)
		default:
			return
		}
	}
}

// write returns when the group is on the disk.
func (w *resultWriter) write() error {
	w.text.Reset()
	for _, r := range w.group {
		if err := r.appendTo(&w.text); err != nil {
			return err
		}
	}
	if _, err := w.file.Write(w.text.Bytes()); err != nil {
		return err
	}
	return w.file.Sync()
}

func (w *resultWriter) count(r result, stop func(error)) {
	w.tally.add(r)
	if r.kept {
		w.ledger.end(r.Line, r.Again, r.mark)
	}
	if r.Error != nil || r.Again {
		w.show.Fail(1)
	}
	w.show.Add(1)
	if err := w.tally.judge(r); err != nil {
		stop(err)
	}
}
