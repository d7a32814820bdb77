package batch

import (
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// A tally counts the results of all runs.
type tally struct {
	lines   int64 // of the input
	done    int64
	failed  map[string]int64 // by label
	again   int64            // lines that the next run sends again
	unknown int64
	worst   int // the exit code

	onServers bool // the batch is on NATS, and workers make its calls

	// For this run only:
	sent     int64
	accepted int64 // calls that passed the platform's check of the merchant
	inRow    int64 // later calls in a row that did not pass it or had no answer
}

func newTally(lines int64) *tally { return &tally{lines: lines, failed: make(map[string]int64)} }

// add counts a result of any run.
func (t *tally) add(r result) {
	if r.Again {
		t.again++
	}
	label := r.label()
	if label == "" {
		t.done++
		return
	}
	t.failed[label]++
	t.worst = max(t.worst, r.exitCode())
	if r.Error != nil && r.Error.Kind == unknownKind {
		t.unknown++
	}
}

// exitCode returns the exit code that wxpay call would have for the call.
func (r result) exitCode() int {
	if r.Error == nil {
		return exit.Failed // accepted, but not done yet
	}
	switch r.Error.Kind {
	case networkKind, unknownKind:
		return exit.Network
	case verifyKind:
		return exit.Verify
	}
	return exit.Failed
}

// mostInRow is the number of failures in a row after which the run stops, if
// the failures say nothing about their lines. The cause is then the network or
// the platform.
const mostInRow = 100

// judge counts a result of this run. It returns the reason to stop the run, or
// nil.
func (t *tally) judge(r result) error {
	if r.Attempts == 0 {
		return nil // it was not sent
	}
	t.sent++
	if !r.isAlarming() && !r.passes() && (r.Error == nil || r.Error.Kind == refusedKind || r.Error.Kind == unknownKind) {
		t.accepted++
		t.inRow = 0
		return nil
	}
	t.inRow++
	if r.isAlarming() && t.accepted == 0 {
		return exit.With(lang.Errorf("stopped at line %d, before any call was accepted: %s", r.Line, r.Error.Message), r.exitCode())
	}
	if t.inRow >= mostInRow {
		return exit.With(lang.Errorf("stopped at line %d, after %d calls in a row that failed: %s", r.Line, t.inRow, r.Error.Message), r.exitCode())
	}
	return nil
}

// print prints the summary. took is the duration of the calls of this run.
func (t *tally) print(l lang.Language, out io.Writer, took time.Duration) error {
	w := term.NewTable(out)
	l.Fprintf(w, "lines\t%d\n", t.lines)
	l.Fprintf(w, "done\t%d\n", t.done)
	for _, label := range slices.Sorted(maps.Keys(t.failed)) {
		l.Fprintf(w, "%s\t%d\n", term.Visible(labelText(label).In(l)), t.failed[label])
	}
	switch left := t.left(); {
	case left > 0 && t.onServers:
		l.Fprintf(w, "no result yet\t%d\n", left)
	case left > 0:
		l.Fprintf(w, "not sent yet\t%d\n", left)
	}
	if t.sent > 0 {
		l.Fprintf(w, "in this run\t%d in %v, %.0f a second\n", t.sent, term.Round(took), float64(t.sent)/took.Seconds())
	}
	return w.Flush()
}

// labelText says a label of results.
func labelText(label string) lang.Phrase {
	switch label {
	case acceptedLabel:
		return acceptedLabel
	case string(networkKind):
		return "network"
	case string(verifyKind):
		return "verification"
	case string(notSentKind):
		return "not sent"
	case string(unknownKind):
		return "unknown"
	}
	return lang.Phrase(label) // the status and the code of a refusal
}

// left returns the number of lines that have no result.
func (t *tally) left() int64 {
	left := t.lines - t.done
	for _, n := range t.failed {
		left -= n
	}
	return left
}

// hint prints what to do about lines that are not done.
func (t *tally) hint(l lang.Language, out io.Writer) error {
	var err error
	if n := t.left() + t.again; n > 0 {
		_, err = l.Fprintf(out, "%d lines are still to be done: run the same command again. What is done is not sent again.\n", n)
	}
	return errors.Join(err, t.hintUnknown(l, out))
}

// hintUnknown prints what to do about calls whose result is unknown.
func (t *tally) hintUnknown(l lang.Language, out io.Writer) (err error) {
	switch {
	case t.unknown > 0 && t.onServers:
		_, err = l.Fprintf(out, "%d calls may have been done or not: look them up, as their results say.\n", t.unknown)
	case t.unknown > 0:
		_, err = l.Fprintf(out, "%d calls may have been done or not: look them up, as their results say; "+
			"a line whose result is deleted is sent again.\n", t.unknown)
	}
	return err
}

// err is nil when all lines are done.
func (t *tally) err() error {
	if bad := t.lines - t.done; bad > 0 {
		return exit.With(lang.Errorf("%d of %d lines are not done", bad, t.lines), max(t.worst, exit.Failed))
	}
	return nil
}
