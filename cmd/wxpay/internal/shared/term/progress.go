package term

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// A Progress shows the progress of a command on a terminal: how much is done,
// how fast, how many failed, and the remaining time. A nil Progress, used when
// the output is not a terminal, shows nothing. Only one goroutine at a time may
// use a Progress.
type Progress struct {
	bar    *progressbar.ProgressBar
	lang   lang.Language
	what   lang.Text
	failed int64
}

const (
	barWidth    = 20 // columns
	barInterval = 100 * time.Millisecond
)

// ByteProgress shows the progress of size bytes; -1 means the size is unknown.
// Bytes that are written to it count as done.
func ByteProgress(l lang.Language, w io.Writer, what lang.Text, size int64) *Progress {
	return newProgress(l, w, what, size, progressbar.OptionShowBytes(true))
}

// CountProgress shows the progress of total things, such as calls.
func CountProgress(l lang.Language, w io.Writer, what lang.Text, total int64, things lang.Phrase) *Progress {
	return newProgress(l, w, what, total, progressbar.OptionShowIts(), progressbar.OptionSetItsString(things.In(l)))
}

func newProgress(l lang.Language, w io.Writer, what lang.Text, total int64, opts ...progressbar.Option) *Progress {
	if !IsTerminal(w) || os.Getenv("TERM") == "dumb" || isNarrow(w) || total == 0 {
		return nil
	}
	return &Progress{lang: l, what: what, bar: progressbar.NewOptions64(total, append(opts,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(what.In(l)),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionThrottle(barInterval),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0), // otherwise a goroutine that never ends turns the spinner
	)...)}
}

// isNarrow reports whether a bar would wrap on the terminal. A bar on several
// lines cannot be erased.
func isNarrow(w io.Writer) bool {
	const least = 60 // columns
	width, _, err := term.GetSize(int(w.(*os.File).Fd()))
	return err == nil && 0 < width && width < least
}

// Add counts n more as done. It ignores write errors, because the work
// continues without a progress bar.
func (p *Progress) Add(n int64) {
	if p != nil {
		_ = p.bar.Add64(n)
	}
}

// Write counts the bytes and discards them.
func (p *Progress) Write(b []byte) (int, error) {
	p.Add(int64(len(b)))
	return len(b), nil
}

// Fail counts n of the finished things as failed.
func (p *Progress) Fail(n int64) {
	if p == nil || n == 0 {
		return
	}
	p.failed += n
	p.bar.Describe(p.lang.Sprintf("%s, %d failed", p.what, p.failed))
}

// End removes the bar from the terminal.
func (p *Progress) End() {
	if p != nil {
		_ = p.bar.Clear()
		_ = p.bar.Exit()
	}
}
