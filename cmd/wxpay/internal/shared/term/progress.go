package term

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A Progress shows on a terminal how far a command is: how much of how much is
// done, how fast, what failed, and how long the rest will take. A nil one, for
// what is no terminal, shows nothing. One goroutine at a time may use it.
type Progress struct {
	bar    *progressbar.ProgressBar
	what   string
	failed int64
}

const (
	barWidth    = 20 // columns
	barInterval = 100 * time.Millisecond
)

// ByteProgress shows progress of size bytes, -1 for a size that is not known.
// What is written to it counts as done.
func ByteProgress(w io.Writer, what string, size int64) *Progress {
	return newProgress(w, what, size, progressbar.OptionShowBytes(true))
}

// CountProgress shows progress of total things, such as calls.
func CountProgress(w io.Writer, what string, total int64, things string) *Progress {
	return newProgress(w, what, total, progressbar.OptionShowIts(), progressbar.OptionSetItsString(things))
}

func newProgress(w io.Writer, what string, total int64, opts ...progressbar.Option) *Progress {
	if !IsTerminal(w) || os.Getenv("TERM") == "dumb" || isNarrow(w) || total == 0 {
		return nil
	}
	return &Progress{what: what, bar: progressbar.NewOptions64(total, append(opts,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionThrottle(barInterval),
		progressbar.OptionShowCount(),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionSetSpinnerChangeInterval(0), // or a goroutine turns it, which nothing ends
	)...)}
}

// isNarrow tells a terminal on which a bar would go over several lines, which it
// does not take off again.
func isNarrow(w io.Writer) bool {
	const least = 60 // columns
	width, _, err := term.GetSize(int(w.(*os.File).Fd()))
	return err == nil && 0 < width && width < least
}

// Add counts n more as done. That a terminal cannot be written to is no reason
// to stop the work.
func (p *Progress) Add(n int64) {
	if p != nil {
		_ = p.bar.Add64(n)
	}
}

// Write counts the bytes, and keeps none.
func (p *Progress) Write(b []byte) (int, error) {
	p.Add(int64(len(b)))
	return len(b), nil
}

// Fail counts n of what is done as failed.
func (p *Progress) Fail(n int64) {
	if p == nil || n == 0 {
		return
	}
	p.failed += n
	p.bar.Describe(fmt.Sprintf("%s, %d failed", p.what, p.failed))
}

// End takes the bar off the terminal.
func (p *Progress) End() {
	if p != nil {
		_ = p.bar.Clear()
		_ = p.bar.Exit()
	}
}
