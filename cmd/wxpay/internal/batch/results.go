package batch

import (
	"bytes"
	"os"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// mostTogether is the maximum number of results in one write to disk.
const mostTogether = 1024

// A resultWriter writes results to disk. It writes all available results
// together, syncs the file once, and only then counts them.
type resultWriter struct {
	file   *os.File
	ledger *ledger
	tally  *tally
	show   *term.Progress
	group  []result
	text   bytes.Buffer
}

// writeAll writes results until in is closed. It calls stop when a write fails
// for the first time or when the tally says so. After that it still receives
// results, so that no sender blocks forever.
func (w *resultWriter) writeAll(in <-chan result, stop func(error)) {
	broken := false
	for r := range in {
		w.gather(r, in)
		if broken {
			continue // only results on disk count
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

// gather returns r together with all results that are already available.
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

// write returns once the group is on disk.
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
