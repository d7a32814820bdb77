package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
)

// Each script runs a sandbox next to other commands.
func TestSandboxScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "sandbox"),
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exitcode": testkit.ExitCode,
			"serve":    serveScript,
			"fault":    faultScript,
			"interrupt": func(ts *testscript.TestScript, _ bool, _ []string) {
				ts.Value(servedKey{}).(*served).end(ts)
			},
		},
		Setup: func(env *testscript.Env) error {
			env.Values[servedKey{}] = new(served)
			return nil
		},
	})
}

type servedKey struct{}

// A served is a sandbox that a script runs as a process.
type served struct {
	cmd *osexec.Cmd
	out chan string
}

// serveScript is the script command serve. It starts wxpay sandbox with the
// given flags, waits until it serves and sets $SANDBOX to its URL: serve --dir
// shop.
func serveScript(ts *testscript.TestScript, _ bool, args []string) {
	wxpay, err := osexec.LookPath("wxpay")
	ts.Check(err)
	s := ts.Value(servedKey{}).(*served)
	s.cmd = osexec.Command(wxpay, append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...)...)
	s.cmd.Dir, s.cmd.Stderr = ts.MkAbs("."), os.Stderr
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	ts.Defer(func() { s.cmd.Process.Kill() }) // in case the script has not stopped it
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	ts.Check(err)
	ts.Setenv("SANDBOX", strings.Fields(line)[2])
	s.out = make(chan string, 1)
	go func() {
		rest, _ := io.ReadAll(lines)
		s.out <- line + string(rest)
	}()
}

// faultScript is the script command fault. It makes the sandbox spoil each
// answer from now on: fault signature. Without an argument it stops that.
func faultScript(ts *testscript.TestScript, _ bool, kinds []string) {
	faults := []map[string]string{}
	for _, kind := range kinds {
		faults = append(faults, map[string]string{"kind": kind})
	}
	body, err := json.Marshal(map[string]any{"faults": faults})
	ts.Check(err)
	req, err := http.NewRequest(http.MethodPut, ts.Getenv("SANDBOX")+"_sandbox/faults", bytes.NewReader(body))
	ts.Check(err)
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		ts.Fatalf("faults: %s", resp.Status)
	}
}

// end sends ctrl-C to the sandbox and writes its output to the file
// sandbox.out.
func (s *served) end(ts *testscript.TestScript) {
	ts.Check(s.cmd.Process.Signal(os.Interrupt))
	text := <-s.out
	ts.Check(s.cmd.Wait())
	ts.Check(os.WriteFile(ts.MkAbs("sandbox.out"), []byte(text), 0o600))
}
