package demo

import (
	"bytes"
	"context"
	"go/parser"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

func TestDemo(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	code, stdout, stderr := exec(t.Context(), "demo")
	if code != exit.OK || stderr != "" {
		t.Fatalf("exit %d, stderr %q, stdout:\n%s", code, stderr, stdout)
	}
	const coupons = " /v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons "
	got := regexp.MustCompile(`(?m)^  → ((?:GET|POST) .*)$`).FindAllStringSubmatch(stdout, -1)
	want := []string{
		"POST /v3/marketing/favor/coupon-stocks 200 OK, verified",
		"POST /v3/marketing/favor/stocks/19856000121/start 200 OK, verified",
		"POST" + coupons + "200 OK, verified", "POST" + coupons + "200 OK, verified", "POST" + coupons + "200 OK, verified",
		"GET" + coupons + "200 OK, verified",
		"POST" + coupons + "403 Forbidden, verified",
		"POST /v3/pay/transactions/native 200 OK, verified",
		"POST /v3/refund/domestic/refunds 200 OK, verified",
	}
	if !slices.EqualFunc(got, want, func(line []string, want string) bool { return line[1] == want }) {
		t.Errorf("the calls are %q, want %q", got, want)
	}
	var sent []string
	for _, id := range regexp.MustCompile(`Get\("coupon_id"\) (2\d{10})`).FindAllStringSubmatch(stdout, -1) {
		sent = append(sent, id[1])
	}
	if len(sent) != 3 || !strings.Contains(stdout, `resp.Get("total_count") 3`) ||
		!strings.Contains(stdout, `resp.Get("data.#.coupon_id") ["`+strings.Join(sent, `","`)+`"]`) {
		t.Errorf("the coupons are %q, want 3, which are listed in this order:\n%s", sent, stdout)
	}
	for _, text := range []string{
		"RULE_LIMIT the user has had 3 coupons", `did you mean "json"?`, `resp.Get("code_url") weixin://`,
		"TRANSACTION.SUCCESS tea-0001 1500 fen", `resp.Get("amount.refund") 500`,
	} {
		if !strings.Contains(stdout, text) {
			t.Errorf("the output lacks %q:\n%s", text, stdout)
		}
	}
	if _, again, _ := exec(t.Context(), "demo"); again != stdout {
		t.Errorf("another time it shows\n%s", again)
	}
}

// In Chinese, the titles and the frame are, and the code is the same.
func TestDemoInChinese(t *testing.T) {
	code, stdout, stderr := exec(t.Context(), "--lang", "zh", "demo")
	if code != exit.OK || stderr != "" {
		t.Fatalf("exit %d, stderr %q", code, stderr)
	}
	for _, text := range []string{"商户号为 1900000109。", "\n10. 退款三分之一\n    resp, err := client.Chain(", " 200 OK，已验签\n", "wxpay sandbox 为你的程序"} {
		if !strings.Contains(stdout, text) {
			t.Errorf("the output lacks %q:\n%s", text, stdout)
		}
	}
	if english := regexp.MustCompile(`(?m)^\d+\. [A-Z].*$|, verified`).FindString(stdout); english != "" {
		t.Errorf("it says in English: %s", english)
	}
}

// The recording shows the output of the demo. go generate records it again.
func TestDemoRecording(t *testing.T) {
	t.Parallel()
	for file, prompt := range map[string]string{"demo.svg": "wxpay demo", "zh-CN/demo.svg": "wxpay --lang zh demo"} {
		checkRecording(t, filepath.Join("..", "..", "..", "..", "docs", filepath.FromSlash(file)), prompt)
	}
}

// checkRecording compares a picture with the output of a command.
func checkRecording(t *testing.T, file, prompt string) {
	t.Helper()
	picture, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(picture) > 60<<10 {
		t.Errorf("it has %d bytes", len(picture))
	}
	var recorded strings.Builder
	for _, line := range regexp.MustCompile(`(?m)^<text [^>]*>(.*)</text>$`).FindAllSubmatch(picture, -1) {
		recorded.WriteString(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(line[1]), "")) + "\n")
	}
	_, stdout, _ := exec(t.Context(), strings.Fields(prompt)[1:]...)
	if want := "$ " + prompt + "\n" + strings.ReplaceAll(stdout, "\n\n", "\n"); recorded.String() != want {
		t.Errorf("it shows\n%s\nwant\n%s", recorded.String(), want)
	}
}

// Each printed snippet is Go code. Only its endings are missing.
func TestDemoCode(t *testing.T) {
	shown, err := snippets(source)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) != len(steps()) {
		t.Fatalf("%d functions for %d steps", len(shown), len(steps()))
	}
	for i, code := range shown {
		if _, err := parser.ParseExpr("func() {\n" + code + "\n}"); err != nil {
			t.Errorf("step %d: %v in\n%s", i+1, err, code)
		}
		if strings.Contains(code, "return err") || strings.Contains(code, "if err != nil") {
			t.Errorf("step %d ends with errors:\n%s", i+1, code)
		}
	}
}

func TestDemoInterrupted(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	code, _, stderr := exec(ctx, "demo")
	if code != exit.Failed || stderr != "wxpay demo: interrupted\n" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
}

func TestDemoOutputLost(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	code := cli.Run(t.Context(), commands(), []string{"demo"}, testkit.Full{}, &stderr)
	if code != exit.Failed || stderr.String() != "wxpay demo: no space left\n" {
		t.Errorf("exit %d, stderr %q", code, stderr.String())
	}
}

// The demo fails if an answer is wrong.
func TestDemoFails(t *testing.T) {
	const send = "v3/marketing/favor/users/*/coupons"
	for _, test := range []struct {
		fault sandbox.Fault
		want  string
	}{
		{sandbox.Fault{Kind: sandbox.FaultSignature}, "step 1: wechatpay: POST v3/marketing/favor/coupon-stocks: answer 200: signature not verified"},
		{sandbox.Fault{Path: send, Kind: sandbox.FaultTooMany, Count: 1}, "step 2: wechatpay: POST /v3/marketing/favor/users/oUpF8uMuAJO_M2pxb1Q9zNjWeS6o/coupons: 429"},
		{sandbox.Fault{Path: "v3/pay/transactions/native", Kind: sandbox.FaultCut}, "step 8: "},
	} {
		t.Run(test.want, func(t *testing.T) {
			platform := sandbox.Start(t).Server
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			if err := platform.Faults(test.fault); err != nil {
				t.Fatal(err)
			}
			err := show(t.Context(), new(bytes.Buffer), platform, false)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// With --web, the console shows the calls until the command ends.
func TestDemoWeb(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &opened{t: t, end: cancel}
	if err := run(ctx, nil, out, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.page, "tea-0001") || !strings.Contains(out.page, "v3/refund/domestic/refunds") {
		t.Errorf("the console shows %q:\n%s", out.page, &out.Buffer)
	}
}

// An opened is the output of a demo whose reader opens the console.
type opened struct {
	t *testing.T
	bytes.Buffer
	end  func()
	page string
}

var consoleURL = regexp.MustCompile(`open (http://127\.0\.0\.1:\d+/) in a browser`)

func (o *opened) Write(p []byte) (int, error) {
	if url := consoleURL.FindSubmatch(p); url != nil {
		defer o.end()
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := client.Get(string(url[1]))
		if err != nil {
			o.t.Error(err)
			return o.Buffer.Write(p)
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			o.t.Error(err)
		}
		o.page = string(page)
	}
	return o.Buffer.Write(p)
}
