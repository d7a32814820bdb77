package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// shellWords returns the words of a command line, as a shell has them.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	var words []string
	var word strings.Builder
	quoted, begun := false, false
	runes := []rune(line)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == '\'':
			quoted, begun = !quoted, true
		case quoted:
			word.WriteRune(r)
		case r == '\\' && i+1 < len(runes):
			if i++; runes[i] != '\n' {
				word.WriteRune(runes[i])
				begun = true
			}
		case r == ' ' || r == '\n':
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		case strings.ContainsRune("$`\"&|;<>()*?[]#~!{}", r):
			t.Fatalf("a shell reads %q in %s", r, line)
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quoted || begun {
		t.Fatalf("the line does not end: %s", line)
	}
	return words
}

// shownCall returns the words of the call that wxpay api show prints, without wxpay.
func shownCall(t *testing.T, op *openapi.Operation) []string {
	t.Helper()
	code, stdout, stderr := exec(t.Context(), "api", "show", op.Method, op.Template)
	_, call, ok := strings.Cut(stdout, "\nThe call:\n")
	if code != exit.OK || !ok {
		t.Fatalf("api show %s: exit %d, %s", op, code, stderr)
	}
	words := shellWords(t, call)
	if words[0] != "wxpay" {
		t.Fatalf("%s is called by %q", op, words)
	}
	return words[1:]
}

// A world serves a new sandbox whenever it is asked to, always with the same keys.
type world struct {
	config sandbox.Config
	server atomic.Pointer[sandbox.Server]
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) { w.server.Load().ServeHTTP(rw, r) }

// restart forgets all that happened.
func (w *world) restart(t *testing.T) {
	t.Helper()
	server, err := sandbox.New(w.config)
	if err != nil {
		t.Fatal(err)
	}
	if old := w.server.Swap(server); old != nil {
		old.Close()
	}
}

// newWorld makes a folder with the keys of a sandbox, serves it, and enters the folder.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	config, err := sandbox.LoadDir(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	config.Demo = true
	w := &world{config: config}
	w.restart(t)
	t.Cleanup(func() { w.server.Load().Close() })
	url, stop, err := local.Serve(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("WECHATPAY_BASE_URL", url)
	for name, content := range map[string]string{"image.jpg": "\xff\xd8\xff\xe0 an image", "video.mp4": "\x00\x00\x00\x18ftypmp42 a video"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// neverUsed are the codes by which the sandbox says that the numbers of an example belong
// to nothing, or that nothing happened on that day.
var neverUsed = []string{
	"INVALID_REQUEST", "NO_STATEMENT_EXIST", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS", "NOT_FOUND", "ORDERNOTEXIST", "REFUNDNOTEXIST", "ORDER_NOT_EXISTS",
}

// refusedCalls are other calls that the sandbox refuses, with the code and the reason.
var refusedCalls = map[string]struct{ code, reason string }{
	"GET v2/appauth/authindex": {"302", "the user is sent to a page"},
	"POST v2/pay/downloadbill": {"20002", "nothing was paid yesterday"},
}

// The call that wxpay api show prints can be made as it is printed: it has what the
// operation needs, of the merchant who calls. The sandbox takes it, unless it asks for
// something that was never made.
func TestShownCallsRun(t *testing.T) {
	w := newWorld(t)
	for op := range openapi.Operations() {
		w.restart(t)
		words := shownCall(t, op)
		code, stdout, stderr := exec(t.Context(), words...)
		if code == exit.OK {
			if reason := refusedCalls[op.String()].reason; reason != "" {
				t.Errorf("%s is not refused: %s", op, reason)
			}
			continue
		}
		isNew := slices.ContainsFunc(neverUsed, func(code string) bool { return strings.Contains(stderr, " "+code+": ") })
		known, ok := refusedCalls[op.String()]
		if code != exit.Failed || !isNew && (!ok || !strings.Contains(stderr, " "+known.code+": ")) {
			t.Errorf("%s: exit %d\n%s\n%s%q", op, code, stdout, stderr, words)
		}
	}
}

// The printed calls run against wxpay --sandbox, which needs no configuration.
func TestShownCallsRunInTheirOwnSandbox(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, want := range map[string]int{
		"POST v3/pay/transactions/jsapi":                      exit.OK,
		"POST v3/marketing/favor/users/{openid}/coupons":      exit.OK,
		"POST v3/fund-app/mch-transfer/transfer-bills":        exit.OK,
		"POST v3/pay/partner/transactions/native":             exit.OK,
		"GET v3/pay/transactions/out-trade-no/{out_trade_no}": exit.Failed, // there is no such order
	} {
		method, template, _ := strings.Cut(name, " ")
		words := append([]string{"--sandbox"}, shownCall(t, openapi.Lookup(method, template))...)
		if code, stdout, stderr := exec(t.Context(), words...); code != want {
			t.Errorf("%s: exit %d, want %d\n%s%s", name, code, want, stdout, stderr)
		}
	}
}

// The printed call has the number of the merchant that the environment or wxpay.toml
// names.
func TestShownCallsHaveTheConfiguredMerchant(t *testing.T) {
	t.Chdir(t.TempDir())
	show := func(method, template string, flags ...string) string {
		t.Helper()
		code, stdout, stderr := exec(t.Context(), append([]string{"api", "show", method, template}, flags...)...)
		if code != exit.OK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		_, call, ok := strings.Cut(stdout, "\nThe call:\n")
		if !ok {
			return stdout
		}
		return call
	}
	check := func(mchID string) {
		t.Helper()
		for call, want := range map[string]string{
			show("POST", "v3/pay/transactions/native"):                                                  "mchid=" + mchID + " ",
			show("GET", "v3/pay/transactions/id/{transaction_id}"):                                      "mchid==" + mchID + "\n",
			show("POST", "v3/pay/partner/transactions/native"):                                          "sp_mchid=" + mchID + " ",
			show("POST", "v3/combine-transactions/native"):                                              `"mchid":"` + mchID + `"`,
			show("POST", "v3/marketing/favor/users/{openid}/coupons"):                                   "stock_creator_mchid=" + mchID + " ",
			strings.ReplaceAll(show("POST", "v3/pay/transactions/native", "--go"), `:        "`, `: "`): `"mchid": "` + mchID + `",`,
			show("POST", "v3/pay/transactions/native", "--php"):                                         `'mchid' => '` + mchID + `',`,
			show("POST", "v3/pay/transactions/native", "--curl"):                                        `"mchid":"` + mchID + `"`,
			show("GET", "v3/pay/transactions/id/{transaction_id}", "--curl"):                            "mchid=" + mchID + "'",
		} {
			if !strings.Contains(call, want) {
				t.Errorf("%q is not in\n%s", want, call)
			}
		}
	}
	check(sandbox.DefaultMchID)
	if err := os.WriteFile("wxpay.toml", []byte("mchid = '1900000777'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check("1900000777")
	t.Setenv("WECHATPAY_MCHID", "1900000888")
	check("1900000888")
	if err := os.WriteFile("wxpay.toml", []byte("mchid = \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := exec(t.Context(), "api", "show", "GET", "v3/certificates"); code != exit.Usage || !strings.Contains(stderr, "wxpay.toml") {
		t.Errorf("a broken file: exit %d, %s", code, stderr)
	}
}

// A call that needs one of several fields is printed with one of them, and api show
// lists all.
func TestShownCallsHaveOneOf(t *testing.T) {
	t.Chdir(t.TempDir())
	for template, want := range map[string]struct{ has, lacks, listed string }{
		"POST v3/refund/domestic/refunds":        {"transaction_id=", "out_trade_no=", "  * one of transaction_id, out_trade_no\n"},
		"POST v3/pay/partner/transactions/jsapi": {`"sp_openid":`, `"sub_openid":`, "    * one of sp_openid, sub_openid\n"},
		"POST v2/pay/orderquery":                 {"transaction_id=", "out_trade_no=", "  * one of transaction_id, out_trade_no\n"},
	} {
		method, path, _ := strings.Cut(template, " ")
		code, stdout, stderr := exec(t.Context(), "api", "show", method, path)
		before, call, _ := strings.Cut(stdout, "\nThe call:\n")
		if code != exit.OK || !strings.Contains(call, want.has) || strings.Contains(call, want.lacks) || !strings.Contains(before, want.listed) {
			t.Errorf("%s: exit %d, %s%s", template, code, stderr, stdout)
		}
		for _, flag := range []string{"--go", "--php"} {
			name := strings.Trim(want.lacks, `":=`)
			if _, stdout, _ := exec(t.Context(), "api", "show", method, path, flag); strings.Contains(stdout, name+`"`) || strings.Contains(stdout, name+"'") {
				t.Errorf("%s %s has both:\n%s", template, flag, stdout)
			}
		}
	}
}
