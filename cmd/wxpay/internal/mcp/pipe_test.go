package mcp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	osexec "os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// start starts wxpay mcp as a program, and returns a client of it and its standard error.
func start(t *testing.T, args ...string) (session, *bytes.Buffer) {
	t.Helper()
	cmd := osexec.Command("wxpay", append([]string{"mcp"}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Dir = &stderr, t.TempDir()
	return sessionOver(t, &mcp.CommandTransport{Command: cmd}, func() {}), &stderr
}

// Over a pipe, the program does what the server does, and ends with its input.
func TestPipe(t *testing.T) {
	s, stderr := start(t)
	if got := callTool[hits](s, "search_operations", m{"words": "查单"}); got.Total == 0 {
		t.Errorf("the search finds %+v", got)
	}
	if got := callTool[answer](s, "call_sandbox", native("order-pipe-0001")); got.Status != 200 {
		t.Errorf("the order is %+v", got)
	}
	if _, err := s.CallTool(t.Context(), &mcp.CallToolParams{Name: "call_platform", Arguments: m{}}); err == nil {
		t.Error("there is a call_platform without --live")
	}
	if err := s.Close(); err != nil {
		t.Errorf("the end: %v", err)
	}
	if stderr.Len() > 0 {
		t.Errorf("the standard error has %s", stderr)
	}
}

// The program calls the platform with --live alone.
func TestPipeLive(t *testing.T) {
	f := newFake(t)
	s, stderr := start(t, "--live", "--allow", queryOrder, "--config", f.config, "--base-url", f.url)
	s.refused("call_platform", native("order-live-0003"))
	if sent := f.Requests(); len(sent) != 0 {
		t.Errorf("%d requests were sent", len(sent))
	}
	if got := callTool[answer](s, "call_platform", orderQuery("order-live-0003")); got.Code != "ORDER_NOT_EXIST" || got.World != worldPlatform {
		t.Errorf("the query is %+v", got)
	}
	if err := s.Close(); err != nil || !strings.Contains(stderr.String(), queryOrder) {
		t.Errorf("the end: %v; the log is %s", err, stderr)
	}
}

const hello = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
`

// The standard output has messages only. At the end of its input, the program answers the
// calls that it has read, and ends well.
func TestPipeEnds(t *testing.T) {
	const ping, pong = `{"jsonrpc":"2.0","id":2,"method":"ping"}`, `{"jsonrpc":"2.0","id":2,"result":{}}`
	call := `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"call_sandbox","arguments":{"operation":"GET v3/certificates"}}}`
	for _, tt := range []struct {
		name, input string
		want        []string // of each answer
	}{
		{"nothing", "", nil},
		{"hello", hello, []string{`"serverInfo"`}},
		{"a call", hello + call + "\n", []string{`"serverInfo"`, `"id":2,"result":{"content"`}},
		{"a line without an end", hello + ping, []string{`"serverInfo"`, pong}},
		{"half a line", hello + ping[:20], []string{`"serverInfo"`, `"id":null,"error":{"code":-32700`}},
		{"too long, without an end", strings.Repeat("x", 2*maxMessage), []string{"longer than 1048576 bytes"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := osexec.Command("wxpay", "mcp")
			var stdout, stderr bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(tt.input), &stdout, &stderr
			if err := cmd.Run(); err != nil || stderr.Len() > 0 {
				t.Errorf("%v, stderr %q", err, stderr.String())
			}
			lines := strings.SplitAfter(stdout.String(), "\n")
			if len(lines) != len(tt.want)+1 {
				t.Fatalf("stdout is %q, want %q", lines, tt.want)
			}
			for _, want := range tt.want {
				if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, `{"jsonrpc":"2.0",`) && strings.Contains(l, want) }) {
					t.Errorf("stdout is %q, want %q", lines, want)
				}
			}
		})
	}
}

// A line that is not a message is answered with an error, and the program goes on.
func TestPipeLines(t *testing.T) {
	const (
		parse   = `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"`
		invalid = `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"`
	)
	p := startProgram(t)
	for _, tt := range []struct{ name, line, want string }{
		{"a header", "Content-Length: 12", parse},
		{"half an object", `{"jsonrpc":"2.0","id":7,`, parse},
		{"two objects", `{"jsonrpc":"2.0","id":7,"method":"ping"} {}`, parse},
		{"a line that is empty", "", ""},
		{"a line of blanks", " \t\r", ""},
		{"not UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":{\"x\":\"\xff\"}}", parse + "the line is not UTF-8"},
		{"too long", `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":"` + strings.Repeat("x", 4*maxMessage) + `"}}`, `{"jsonrpc":"2.0","id":7,"error":{"code":-32700,"message":"the line is longer than 1048576 bytes; send less`},
		{"too long, with its id at the end", `{"method":"tools/call","params":{"x":"` + strings.Repeat("x", 4*maxMessage) + `"},"jsonrpc":"2.0","id":"seven"}`, `{"jsonrpc":"2.0","id":"seven","error":{"code":-32700,"message":"the line is longer`},
		{"too long, with an id in its text", `{"method":"ping","params":{"x":"` + strings.Repeat(`\"id\":8,`, maxMessage/4) + `","y":{},"id":9}}`, parse + "the line is longer"},
		{"too deep", strings.Repeat("[", 100_000), parse},
		{"too deep, and closed", `{"jsonrpc":"2.0","id":7,"method":"ping","params":{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "}}", parse},
		{"a batch", `[{"jsonrpc":"2.0","id":7,"method":"ping"}]`, invalid + "a batch is not supported"},
		{"a number", "7", invalid},
		{"no method", `{"jsonrpc":"2.0","id":7}`, ""}, // it may be an answer
		{"no version", `{"id":7,"method":"ping"}`, `{"jsonrpc":"2.0","id":7,"error":{"code":-32600,"message":"`},
		{"an id that is a list", `{"jsonrpc":"2.0","id":[7],"method":"ping"}`, invalid},
		{"a method that is a number", `{"jsonrpc":"2.0","id":"seven","method":7}`, `{"jsonrpc":"2.0","id":"seven","error":{"code":-32600,"message":"`},
		{"an error without an id", `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"parse error"}}`, ""},
		{"an answer to nothing", `{"jsonrpc":"2.0","id":7,"result":{}}`, ""},
	} {
		if tt.want != "" {
			if got := p.ask(tt.line); !strings.HasPrefix(got, tt.want) {
				t.Errorf("%s: the answer is %q, want %q", tt.name, got, tt.want)
			}
			tt.line = ""
		}
		if got := p.ask(tt.line + "\n" + `{"jsonrpc":"2.0","id":"next","method":"ping"}` + "\r"); got != `{"jsonrpc":"2.0","id":"next","result":{}}`+"\n" {
			t.Errorf("%s: the next message is answered with %q", tt.name, got)
		}
	}
	if err := p.stdin.Close(); err != nil {
		t.Error(err)
	}
	p.wait()
}

// A program is a wxpay mcp that runs, with lines in and out.
type program struct {
	*osexec.Cmd
	t      *testing.T
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
}

func startProgram(t *testing.T) *program {
	t.Helper()
	p := &program{Cmd: osexec.CommandContext(t.Context(), "wxpay", "mcp"), t: t}
	p.Cmd.Stderr = &p.stderr
	stdin, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin, p.stdout = stdin, bufio.NewReader(stdout)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// ask writes a line, and returns the next one that the program writes.
func (p *program) ask(line string) string {
	p.t.Helper()
	if _, err := io.WriteString(p.stdin, line+"\n"); err != nil {
		p.t.Fatal(err)
	}
	answer, err := p.stdout.ReadString('\n')
	if err != nil {
		p.t.Fatalf("%v; stderr %q", err, p.stderr.String())
	}
	return answer
}

// wait checks that the program ends well, and writes nothing more.
func (p *program) wait() {
	p.t.Helper()
	rest, err := io.ReadAll(p.stdout)
	if err := errors.Join(err, p.Wait()); err != nil || len(rest) > 0 || p.stderr.Len() > 0 {
		p.t.Errorf("the end: %v, stdout %q, stderr %q", err, rest, p.stderr.String())
	}
}

// A line of any length takes a limited amount of memory.
func TestLongLine(t *testing.T) {
	const length = 64 * maxMessage
	r := bufio.NewReader(io.MultiReader(io.LimitReader(endless{}, length), strings.NewReader("\nnext\n")))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := readLine(r); !errors.Is(err, errTooLong) {
		t.Errorf("the long line: %v", err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16*maxMessage {
		t.Errorf("a line of %d bytes takes %d bytes", length, used)
	}
	if text, err := readLine(r); err != nil || string(text) != "next\n" {
		t.Errorf("the next line is %q, %v", text, err)
	}
}

// endless is a reader of the letter x.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// If the input or the output fails, the command says so.
func TestPipeFails(t *testing.T) {
	broken := errors.New("the disk is on fire")
	for name, run := range map[string]func() error{
		"input":  func() error { return serve(t, iotest.ErrReader(broken), io.Discard) },
		"output": func() error { return serve(t, strings.NewReader("no message\n"), failing{broken}) },
	} {
		if err := run(); !errors.Is(err, broken) || !strings.Contains(err.Error(), "standard input or output failed") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func serve(t *testing.T, stdin io.Reader, stdout io.Writer) error {
	t.Helper()
	return options{}.run(t.Context(), &settings.Settings{}, stdin, stdout, io.Discard)
}

// A failing is a writer that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A line is a message, or is answered with JSON on one line, or needs no answer.
func FuzzLine(f *testing.F) {
	for _, text := range []string{"", "{", "[]", "7", `{"jsonrpc":"2.0","id":7,"method":"ping"}`, `{"jsonrpc":"2.0","id":7,"method":7}`, `{"id":"\u0000","method":"x"}`,
		`{"jsonrpc":"2.0","id":-1e999,"method":"ping"}`, `{"error":{}}`, "\xff", `{"jsonrpc":"2.0","result":{}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		msg, wrong := parseMessage(line{text: text})
		if msg != nil && wrong != nil {
			t.Errorf("%q is a message, and is answered with %+v", text, wrong)
		}
		if wrong == nil {
			return
		}
		answer, err := json.Marshal(wrong)
		if err != nil || bytes.ContainsAny(answer, "\n\r") || !json.Valid(answer) {
			t.Errorf("%q is answered with %q, %v", text, answer, err)
		}
	})
}
