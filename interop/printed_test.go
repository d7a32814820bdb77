package interop

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What wxpay sandbox prints for two Go libraries is put into a program as it is,
// and the program calls that sandbox.
func TestPrinted(t *testing.T) {
	wxpay := filepath.Join(t.TempDir(), "wxpay")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", wxpay, "./cmd/wxpay")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	files := t.TempDir()
	printed := served(t, exec.Command(wxpay, "sandbox", "--addr", "127.0.0.1:0", "--dir", files))

	// Beside the others, for the modules that it imports.
	dir, err := os.MkdirTemp(".", "printed")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ours, _ := block(t, printed, "\nGo, this library:\n")
	theirs, declarations := block(t, printed, "\nGo, wechatpay-go, whose services have their host built in:\n")
	program := strings.NewReplacer("OURS", ours, "THEIRS", theirs, "DECLARATIONS", declarations).Replace(printedProgram)
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", "./"+dir)
	run.Env = append(os.Environ(), "WECHATPAY_APIV3_KEY="+apiv3Key(t, filepath.Join(files, "wxpay.toml")))
	out, err := run.CombinedOutput()
	if want := "200 2\nPOST\n200\n"; err != nil || string(out) != want {
		t.Errorf("%v, it prints %q, want %q:\n%s", err, out, want, program)
	}
}

const printedProgram = `package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/wechatpay-apiv3/wechatpay-go/core"
	"github.com/wechatpay-apiv3/wechatpay-go/core/option"
	"github.com/wechatpay-apiv3/wechatpay-go/utils"
	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
)

var ctx = context.Background()

func main() {
	ours()
	theirs()
}

func ours() {
OURS
	must(err)
	resp, err := client.Chain("v3/certificates").Get(ctx)
	must(err)
	fmt.Println(resp.StatusCode, len(resp.Get("data").Array()))

	// With the APIv3 key its receiver wants a notification, and no key.
	req, err := http.NewRequest("GET", "/notify", nil)
	must(err)
	if _, err := client.Notify().Parse(req); strings.Contains(err.Error(), "by POST") {
		fmt.Println("POST")
	}
}

func theirs() {
THEIRS
	must(err)
	result, err := client.Get(ctx, "https://api.mch.weixin.qq.com/v3/certificates")
	must(err)
	fmt.Println(result.Response.StatusCode)
}

DECLARATIONS

func must(err error) {
	if err != nil {
		panic(err)
	}
}
`

// apiv3Key reads the key from the settings of a sandbox.
func apiv3Key(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^apiv3_key *= *["'](.*)["']$`).FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s has no apiv3_key", file)
	}
	return string(found[1])
}

// block returns the code that is printed below a title, what is to be run and
// the declarations after that; … is where errors are seen to.
func block(t *testing.T, printed, title string) (code, declarations string) {
	t.Helper()
	_, rest, found := strings.Cut(printed, title)
	if !found {
		t.Fatalf("it does not print %q:\n%s", title, printed)
	}
	for line := range strings.Lines(rest) {
		if line != "\n" && !strings.HasPrefix(line, "\t") {
			break
		}
		code += line
	}
	code, declarations, found = strings.Cut(code, "\n\ttype ")
	if found {
		declarations = "type " + declarations
	}
	return strings.ReplaceAll(code, "\t…\n", "\tmust(err)\n"), declarations
}

// served starts wxpay sandbox, for as long as the test runs, and returns what it
// prints.
func served(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // killed
	})
	var printed strings.Builder
	lines := bufio.NewReader(io.TeeReader(out, &printed))
	for { // PHP comes last
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v: %s", err, stderr.String())
		}
		if line == "\t]);\n" {
			return printed.String()
		}
	}
}
