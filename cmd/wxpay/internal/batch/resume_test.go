package batch

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// An incomplete last line is cut off wherever it ends, and its call is made
// again. All other results stay unchanged.
func TestBatchTornLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(5)
	w.batch(exit.OK, orderPath, "--concurrency", "1")
	whole, err := os.ReadFile(w.out)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	last := len(lines[4])
	for _, torn := range []string{
		"", string(whole[len(whole)-1-last : len(whole)-last]), string(lines[4][:1]), string(lines[4][:last/2]), string(lines[4][:last-1]),
		strings.Repeat("\x00", 4096), "{}\n", "\x00\n",
	} {
		t.Run(fmt.Sprintf("%.20q", torn), func(t *testing.T) {
			w.t = t
			w.write("out.jsonl", string(bytes.Join(lines[:4], nil))+torn)
			before := w.requests.Load()
			w.batch(exit.OK, orderPath)
			now, err := os.ReadFile(w.out)
			if err != nil || !bytes.HasPrefix(now, bytes.Join(lines[:4], nil)) {
				t.Errorf("the results were changed to %s, %v", now, err)
			}
			if len(w.results()) != 5 || w.requests.Load()-before != 1 {
				t.Errorf("%d results after %d requests, want 5 after 1", len(w.results()), w.requests.Load()-before)
			}
		})
	}
	if n := w.stored("order"); n != 5 {
		t.Errorf("%d orders, want 5", n)
	}
}

// A complete last result counts even if an editor has removed its line break.
// Its call is not repeated.
func TestBatchOpenLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(3)
	w.batch(exit.OK, orderPath, "--concurrency", "1")
	whole, err := os.ReadFile(w.out)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, newline)
	w.write("out.jsonl", string(lines[0])+string(bytes.TrimSuffix(lines[2], newline)))
	w.batch(exit.OK, orderPath)
	if len(w.results()) != 3 || w.requests.Load() != 4 {
		t.Errorf("%d results after %d requests, want 3 after 4", len(w.results()), w.requests.Load())
	}
}

// The same holds if other results are replaced by new ones.
func TestBatchOpenLineKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(2)
	w.batch(exit.OK, orderPath)
	w.write("out.jsonl", `{"line":1,"error":{"kind":"network","message":"EOF"},"again":true}`+"\n"+`{"line":2,"status":200}`)
	w.batch(exit.OK, orderPath)
	if len(w.results()) != 2 || w.requests.Load() != 3 {
		t.Errorf("%d results after %d requests, want 2 after 3", len(w.results()), w.requests.Load())
	}
}

// Results of another batch, or changed results, are not touched.
func TestBatchResultsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(3)
	w.batch(exit.OK, orderPath)
	sent := w.requests.Load()
	const ok = `{"line":1,"status":200,"attempts":1}` + "\n"
	for _, test := range []struct{ name, text, want string }{
		{"a line in the middle", "x\n" + ok, "out.jsonl:2: the line before is not a result"},
		{"a line twice", ok + ok, "out.jsonl:2: another result of line 1"},
		{"a line twice, to be sent again", strings.Replace(ok, "}", `,"again":true}`, 1) + ok, "out.jsonl:2: another result of line 1"},
		{"a line of another input", `{"line":4,"status":200}` + "\n", "out.jsonl:1: a result of line 4, which the input does not have"},
		{"a line before the first", `{"line":-1,"status":200}` + "\n", "out.jsonl:1: a result of line -1, which the input does not have"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			w.write("out.jsonl", test.text)
			if _, stderr := w.batch(exit.Usage, orderPath); !strings.Contains(stderr, test.want) {
				t.Errorf("stderr %s, want %s", stderr, test.want)
			}
			if text, err := os.ReadFile(w.out); err != nil || string(text) != test.text || w.requests.Load() != sent {
				t.Errorf("the results are now %s, %v; %d requests", text, err, w.requests.Load()-sent)
			}
		})
	}
}

// Only one run at a time can open the results.
func TestBatchAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(1)
	other, err := openLedger(w.out)
	if err != nil {
		t.Fatal(err)
	}
	_, stderr := w.batch(exit.Usage, orderPath)
	if !strings.Contains(stderr, "another wxpay batch is writing it") || w.requests.Load() > 0 {
		t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
	}
	if err := other.close(); err != nil {
		t.Fatal(err)
	}
	w.batch(exit.OK, orderPath)
}

// Printed output never overwrites the results, as --out r.jsonl > r.jsonl
// would.
func TestBatchOutIsPrintedTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(1)
	file, err := os.Create(w.out)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var stderr strings.Builder
	if code := cli.Run(t.Context(), commands(), w.args(orderPath), file, &stderr); code != exit.Usage || !strings.Contains(stderr.String(), "leave out the >") || w.requests.Load() > 0 {
		t.Errorf("exit %d, stderr %s", code, &stderr)
	}
	w.batch(exit.OK, orderPath)
}

// If no result stays, the batch still continues after a run that ended before
// it wrote new results.
func TestBatchAllAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(1)
	w.batch(exit.OK, orderPath)
	w.write("out.jsonl", `{"line":1,"error":{"kind":"network","message":"EOF"},"again":true}`+"\n")
	l, err := openLedger(w.out)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(w.out)
	if err != nil {
		t.Fatal(err)
	}
	out := &output{file: file, ledger: l}
	if err := errors.Join(out.repair(w.out, &earlier{old: true}), out.close()); err != nil {
		t.Fatal(err)
	}
	w.batch(exit.OK, orderPath)
	if len(w.results()) != 1 {
		t.Errorf("%d results, want 1", len(w.results()))
	}
}

// A damaged or incomplete ledger is reported.
func TestBatchLedgerDamaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(1)
	w.batch(exit.OK, orderPath)
	whole, err := os.ReadFile(w.out + ledgerSuffix)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	for _, test := range []struct {
		name string
		text []byte
	}{
		{"half of a page", whole[:page/2]},
		{"two pages", whole[:2*page]},
		{"three pages", whole[:3*page]},
		{"other pages", append(bytes.Clone(whole[:2*page]), bytes.Repeat([]byte("x"), len(whole)-2*page)...)},
	} {
		t.Run(test.name, func(t *testing.T) {
			w.t = t
			if err := os.Remove(w.out + ledgerSuffix); err != nil { // the file may be locked
				t.Fatal(err)
			}
			w.write("out.jsonl"+ledgerSuffix, string(test.text))
			_, stderr := w.batch(exit.Usage, orderPath)
			if !strings.Contains(stderr, "out.jsonl.run, which says what ") || strings.Count(stderr, "\n") != 3 || w.requests.Load() != 1 {
				t.Errorf("%d requests, stderr %s", w.requests.Load(), stderr)
			}
		})
	}
}

// If the path is a link, results and their replacements go into the file that
// it points to.
func TestBatchOutLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.orders(2)
	w.batch(exit.OK, orderPath)
	file := w.out
	w.write("out.jsonl", `{"line":1,"status":200}`+"\n"+`{"line":2,"error":{"kind":"network","message":"EOF"},"again":true}`+"\n")
	w.out = filepath.Join(t.TempDir(), "link.jsonl")
	if err := os.Symlink(file, w.out); err != nil {
		t.Fatal(err)
	}
	w.batch(exit.OK, orderPath)
	if info, err := os.Lstat(w.out); err != nil || info.Mode()&os.ModeSymlink == 0 || len(w.results()) != 2 || w.requests.Load() != 3 {
		t.Errorf("%v, %v; %d results after %d requests, want 2 after 3", info.Mode(), err, len(w.results()), w.requests.Load())
	}
	if err := os.Rename(file, file+".old"); err != nil {
		t.Fatal(err)
	}
	if _, stderr := w.batch(exit.Usage, orderPath); !strings.Contains(stderr, "is a link to a missing file") {
		t.Errorf("stderr %s", stderr)
	}
	folder := filepath.Join(t.TempDir(), "missing")
	w.out = filepath.Join(folder, "out.jsonl")
	if _, stderr := w.batch(exit.Usage, orderPath); !strings.Contains(stderr, "out.jsonl: the folder "+folder+" does not exist") {
		t.Errorf("stderr %s", stderr)
	}
}

// If the disk fails, the run stops. Results that are not on disk do not count.
func TestBatchDiskFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path) // open for reading only
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	results := make(chan result, 3)
	for line := range int64(3) {
		results <- result{Line: line + 1, Status: 200}
	}
	close(results)
	w := &resultWriter{file: file, tally: newTally(3)}
	var stopped []error
	w.writeAll(results, func(err error) { stopped = append(stopped, err) })
	if len(stopped) != 1 || !errors.As(stopped[0], new(*os.PathError)) || w.tally.left() != 3 {
		t.Errorf("stopped by %v; %d lines are left", stopped, w.tally.left())
	}
}

func TestLineSet(t *testing.T) {
	s := newLineSet(130)
	for _, line := range []int64{1, 64, 127, 130} {
		s.add(line)
	}
	for line := range int64(131) {
		if want := line == 1 || line == 64 || line == 127 || line == 130; s.has(line) != want {
			t.Errorf("has %d is %v", line, !want)
		}
	}
	if s.covers(0) || s.covers(-1) || !s.covers(130) || s.covers(131) || s.covers(1<<40) {
		t.Error("it covers what it does not")
	}
}

// Gateways with different paths on one host are different hosts.
func TestHost(t *testing.T) {
	for base, want := range map[string]string{
		"":                              "api.mch.weixin.qq.com",
		"https://api.mch.weixin.qq.com": "api.mch.weixin.qq.com",
		"https://gateway.example/wx/a/": "gateway.example/wx/a",
	} {
		if got := (&settings.Settings{BaseURL: base}).Host(); got != want {
			t.Errorf("%s: %s, want %s", base, got, want)
		}
	}
}

// For any file of results, the kept part contains only whole results, for lines
// of the input, one per line.
func FuzzReadEarlier(f *testing.F) {
	f.Add(`{"line":1,"status":200}` + "\n" + `{"line":2,"err`)
	f.Add(`{"line":9,"again":true}` + "\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		const last = 9
		counted := newTally(last)
		e, err := readEarlier(strings.NewReader(text), "out.jsonl", last, counted)
		if err != nil {
			return
		}
		if e.ends > int64(len(text)) || e.torn != (e.ends < int64(len(text))) || e.ends > 0 && (text[e.ends-1] != '\n') != e.open {
			t.Errorf("the results end at byte %d of %d, torn: %v", e.ends, len(text), e.torn)
		}
		done := int64(0)
		for line := range int64(last + 1) {
			if e.done.has(line) {
				done++
			}
		}
		if done != last-counted.left() {
			t.Errorf("%d lines are done, %d are left", done, counted.left())
		}
	})
}
