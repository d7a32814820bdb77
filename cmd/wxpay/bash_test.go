//go:build unix

package main

import (
	"bytes"
	"os"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// A shell is bash on a pseudo-terminal, without the files that it reads at its start,
// and so without the package bash-completion.
type shell struct {
	t        *testing.T
	terminal *os.File
	shown    bytes.Buffer
}

// prompt ends what bash shows before it reads a line.
const prompt = "ready> "

func startBash(t *testing.T) *shell {
	t.Helper()
	path, err := osexec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	cmd := osexec.CommandContext(t.Context(), path, "--norc", "--noprofile", "-i")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "PS1="+prompt, "TERM=dumb", "HOME="+cmd.Dir, "INPUTRC=/dev/null")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 50, Cols: 500})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		terminal.Close()
		cmd.Wait()
	})
	s := &shell{t: t, terminal: terminal}
	s.expect(prompt)
	return s
}

// expect reads until text is shown, and returns what comes before it.
func (s *shell) expect(text string) string {
	s.t.Helper()
	s.shown.Reset()
	for !strings.HasSuffix(s.shown.String(), text) {
		var b [1]byte
		if _, err := s.terminal.Read(b[:]); err != nil {
			s.t.Fatalf("%v; it shows %q, want %q", err, s.shown.String(), text)
		}
		s.shown.Write(b[:])
	}
	return strings.TrimSuffix(s.shown.String(), text)
}

func (s *shell) send(text string) {
	s.t.Helper()
	if _, err := s.terminal.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}

// completed returns the line that bash makes of what is typed before a tab. Ctrl-T
// prints it, and ctrl-E and ctrl-U remove it.
func (s *shell) completed(typed string) string {
	s.t.Helper()
	s.send(typed + "\t\x14")
	shown := s.expect(">>\r\n")
	s.send("\x05\x15")
	return shown[strings.LastIndex(shown, "<<")+2:]
}

// Bash completes commands, flags, templates of operations and the names of their
// fields, with the script alone.
func TestBashCompletion(t *testing.T) {
	s := startBash(t)
	s.send(`bind -x '"\C-t": printf "<<%s>>\n" "$READLINE_LINE"'; declare -F _init_completion _get_comp_words_by_ref; source <(wxpay completion bash); echo loaded` + "\n")
	if said := s.expect("loaded\r\n" + prompt); strings.Contains(said, "\r\n_get") {
		t.Fatalf("bash-completion is there: %q", said)
	}
	for typed, want := range map[string]string{
		"wxpay sand":                                                          "wxpay sandbox ",
		"wxpay notify se":                                                     "wxpay notify send ",
		"wxpay sandbox --slow":                                                "wxpay sandbox --slow-transfers ",
		"wxpay --sandbox cal":                                                 "wxpay --sandbox call ",
		"wxpay call GET v3/certif":                                            "wxpay call GET v3/certificates ",
		"wxpay api show post v3/pay/transactions/nat":                         "wxpay api show post v3/pay/transactions/native ",
		"wxpay call POST v3/pay/transactions/native descr":                    "wxpay call POST v3/pay/transactions/native description=",
		"wxpay call POST v3/pay/transactions/native amount.to":                "wxpay call POST v3/pay/transactions/native amount.total:=",
		"wxpay call POST v3/pay/transactions/native mchid=1 time_exp":         "wxpay call POST v3/pay/transactions/native mchid=1 time_expire=",
		"wxpay call POST v3/pay/transactions/native amount.total:=1 goods_t":  "wxpay call POST v3/pay/transactions/native amount.total:=1 goods_tag=",
		"wxpay notify send --event=COMPLAINT.C":                               "wxpay notify send --event=COMPLAINT.CREATE ",
		`wxpay mcp --live --allow GET\ v3/certif`:                             `wxpay mcp --live --allow GET\ v3/certificates `,
		`wxpay mcp --live --allow GET\ v3/refund/domestic/ref`:                `wxpay mcp --live --allow GET\ v3/refund/domestic/refunds/\{out_refund_no\} `,
		`wxpay mcp --live --allow GET\ v3/pay/transactions/`:                  `wxpay mcp --live --allow GET\ v3/pay/transactions/`,
		`wxpay mcp --live --allow GET\ v3/pay/tr`:                             `wxpay mcp --live --allow GET\ v3/pay/transactions/`,
		`wxpay mcp --live --allow 'GET v3/certif`:                             `wxpay mcp --live --allow 'GET v3/certificates' `,
		`wxpay mcp --live --allow='GET v3/certif`:                             `wxpay mcp --live --allow='GET v3/certificates' `,
		`wxpay mcp --live --allow "GET v3/pay/tr`:                             `wxpay mcp --live --allow "GET v3/pay/transactions/`,
		"wxpay call POST 'v3/marketing/favor/stocks/{stock_id}/pau":           "wxpay call POST 'v3/marketing/favor/stocks/{stock_id}/pause' ",
		"wxpay call POST v3/marketing/favor/stocks/\\{stock_id\\}/":           "wxpay call POST v3/marketing/favor/stocks/\\{stock_id\\}/",
		"wxpay call POST v3/marketing/favor/stocks/\\{st":                     "wxpay call POST v3/marketing/favor/stocks/\\{stock_id\\}/",
		"wxpay call POST 'v3/marketing/favor/users/{openid}/coupons' out_req": "wxpay call POST 'v3/marketing/favor/users/{openid}/coupons' out_request_no=",
		"wxpay call POST v3/marketing/favor/stocks/\\{stock_id\\}/pau":        "wxpay call POST v3/marketing/favor/stocks/\\{stock_id\\}/pause ",
		"wxpay call POST http://127.0.0.1:1/x --nothing-has-this-na":          "wxpay call POST http://127.0.0.1:1/x --nothing-has-this-na",
	} {
		if got := s.completed(typed); strings.TrimRight(got, " ") != strings.TrimRight(want, " ") {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
}
