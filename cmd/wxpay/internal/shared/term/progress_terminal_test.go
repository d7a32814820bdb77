//go:build unix

package term

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/creack/pty"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

func TestProgressOnTerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	for _, test := range []struct {
		name string
		show func(w io.Writer)
		want string // the first and the last line of the bar
	}{
		{"calls", func(w io.Writer) {
			p := CountProgress(lang.Language{}, w, lang.Phrase("sending"), 4000, "calls")
			p.Add(1000)
			p.Fail(3)
			if now := p.bar.State().Description; now != "sending, 3 failed" {
				t.Errorf("after failures it is called %q", now)
			}
			p.Add(2999)
			p.End()
		}, `^\rsending  25% \|█+ +\| \(1000/4000, \d+ calls/.+\) \[0s:.+\][^\n]*\r *\r$`},
		{"bytes", func(w io.Writer) {
			p := ByteProgress(lang.Language{}, w, lang.Phrase("trade bill"), 2_000_000)
			io.CopyN(p, endless{}, 1_500_000)
			p.End()
		}, `^\rtrade bill   1% \|.*/2\.0 MB, .+B/s\).*\r *\r$`},
		{"of unknown size", func(w io.Writer) {
			p := ByteProgress(lang.Language{}, w, lang.Phrase("trade bill"), -1)
			io.CopyN(p, endless{}, 1_500_000)
			p.End()
		}, `^\r. trade bill \(.+ kB, .+B/s\).*\r *\r$`},
		{"calls, in Chinese", func(w io.Writer) {
			p := CountProgress(lang.Chinese(), w, lang.Phrase("sending"), 4000, "calls")
			p.Add(1000)
			p.Fail(3)
			if now := p.bar.State().Description; now != "发送，3 个失败" {
				t.Errorf("after failures it is called %q", now)
			}
			p.End()
		}, `^\r发送  25% \|█+ +\| \(1000/4000, \d+ 次/.+\) \[0s:.+\][^\n]*\r *\r$`},
		{"of nothing", func(w io.Writer) { CountProgress(lang.Language{}, w, lang.Phrase("sending"), 0, "calls").Add(1) }, `^$`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if shown := testkit.ShownOn(t, test.show); !regexp.MustCompile(test.want).MatchString(shown) {
				t.Errorf("it shows %q, want %s", shown, test.want)
			}
		})
	}
	if shown := testkit.ShownOn(t, func(w io.Writer) {
		if err := pty.Setsize(w.(*os.File), &pty.Winsize{Rows: 25, Cols: 10}); err != nil {
			t.Error(err)
		}
		CountProgress(lang.Language{}, w, lang.Phrase("sending"), 9, "calls").Add(1)
	}); shown != "" {
		t.Errorf("a narrow terminal is sent %q", shown)
	}
	t.Setenv("TERM", "dumb")
	if shown := testkit.ShownOn(t, func(w io.Writer) { CountProgress(lang.Language{}, w, lang.Phrase("sending"), 9, "calls").Add(1) }); shown != "" {
		t.Errorf("a dumb terminal is sent %q", shown)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// A pipe does not receive the bar.
func TestProgressInPipe(t *testing.T) {
	var out bytes.Buffer
	p := CountProgress(lang.Language{}, &out, lang.Phrase("sending"), 2, "calls")
	p.Add(1)
	p.Fail(1)
	p.End()
	if n, err := p.Write([]byte("abc")); p != nil || n != 3 || err != nil || out.Len() > 0 {
		t.Errorf("progress %v, %d, %v; it shows %q", p, n, err, &out)
	}
}
