package bill

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	neturl "net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/beijing"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// A world is a sandbox with payments and refunds on a past day.
type world struct {
	*sandbox.Sandbox
	config     string // the configuration file of wxpay
	day, quiet string // quiet is a day without payments
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir, config := testkit.NewSandboxDir(t)
	// The commands use the current time, so the sandbox's clock starts in the
	// past: at 8 in the morning in Beijing, four days ago.
	then := beijing.In(time.Now()).AddDate(0, 0, -4)
	then = time.Date(then.Year(), then.Month(), then.Day(), 8, 0, 0, 0, then.Location())
	var late atomic.Bool
	late.Store(true)
	config.Clock = func() time.Time {
		if late.Load() {
			return then
		}
		return time.Now()
	}
	w := &world{
		Sandbox: sandbox.Start(t, func(c *sandbox.Config) { *c = config }), config: filepath.Join(dir, settings.FileName),
		day: then.Format(time.DateOnly), quiet: then.AddDate(0, 0, 1).Format(time.DateOnly),
	}
	w.trade(t)
	late.Store(false)
	return w
}

// trade pays three orders, refunds a part of one and transfers money.
func (w *world) trade(t *testing.T) {
	t.Helper()
	client, m := w.Client(), w.Merchant().MchID
	post := func(path string, body wechatpay.M) {
		t.Helper()
		if _, err := client.Chain(path).Post(t.Context(), wechatpay.JSON(body)); err != nil {
			t.Fatal(err)
		}
	}
	for number, total := range map[string]int{"first-order": 1234, "last-order": 1000} {
		post("v3/pay/transactions/native", wechatpay.M{
			"appid": "wx233544546545989", "mchid": m, "description": `杯子, "大"`, "out_trade_no": number,
			"notify_url": "https://www.example.com/notify", "amount": wechatpay.M{"total": total},
		})
		if _, err := w.Pay(m, number); err != nil {
			t.Fatal(err)
		}
	}
	post("v3/refund/domestic/refunds", wechatpay.M{"out_trade_no": "first-order", "out_refund_no": "first-refund",
		"amount": wechatpay.M{"refund": 500, "total": 1234, "currency": "CNY"}})
	post("v3/fund-app/mch-transfer/transfer-bills", wechatpay.M{
		"appid": "wx233544546545989", "out_bill_no": "transfer1", "transfer_scene_id": "1000", "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
		"transfer_amount": 30, "transfer_remark": "工资", "transfer_scene_report_infos": []wechatpay.M{{"info_type": "活动名称", "info_content": "会员"}, {"info_type": "奖励说明", "info_content": "一等奖"}},
	})
	if err := w.SettleTransfer(m, "transfer1", sandbox.TransferSuccess); err != nil {
		t.Fatal(err)
	}
}

func TestBillScripts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exitcode": testkit.ExitCode},
		Setup: func(env *testscript.Env) error {
			env.Setenv("DAY", w.day)
			env.Setenv("QUIET", w.quiet)
			env.Setenv("WECHATPAY_BASE_URL", w.URL())
			return os.CopyFS(env.WorkDir, os.DirFS(filepath.Dir(w.config)))
		},
	})
}

// A bill that is lost, changed or forged in transit is not written. An existing
// file stays unchanged.
func TestBillIsLostOnItsWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	out := filepath.Join(t.TempDir(), "bill.txt")
	download := func(url string, flags ...string) (code int, stderr string) {
		t.Helper()
		args := append([]string{"bill", "trade", w.day, "--config", w.config, "--base-url", url, "-o", out}, flags...)
		code, stdout, stderr := exec(t.Context(), args...)
		if stdout != "" {
			t.Errorf("stdout %q", stdout)
		}
		return code, stderr
	}
	const old = "the bill of another day"
	for _, exists := range []bool{false, true} {
		if exists {
			if err := os.WriteFile(out, []byte(old), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		w.lose(t, download)
		left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "*"))
		if err != nil || exists != (len(left) == 1) {
			t.Errorf("the folder has %q, %v", left, err)
		}
	}
	if text, err := os.ReadFile(out); err != nil || string(text) != old {
		t.Errorf("the file has %q, %v", text, err)
	}
	if code, stderr := download(w.URL()); code != exit.OK || stderr != "" {
		t.Errorf("exit %d, stderr %q", code, stderr)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
}

// lose makes downloads fail in each way and checks the exit codes.
func (w *world) lose(t *testing.T, download func(url string, flags ...string) (code int, stderr string)) {
	t.Helper()
	for _, tt := range []struct {
		url   string
		fault sandbox.Fault
		code  int
	}{
		{w.URL(), sandbox.Fault{Path: "v3/billdownload/file", Kind: sandbox.FaultCut}, exit.Network},
		{w.URL(), sandbox.Fault{Path: "v3/bill/tradebill", Kind: sandbox.FaultSignature}, exit.Verify},
		{w.damaging(t), sandbox.Fault{Path: "none", Kind: sandbox.FaultCut}, exit.Verify},
	} {
		if err := w.Faults(tt.fault); err != nil {
			t.Fatal(err)
		}
		for _, flags := range [][]string{{}, {"--csv"}} {
			if code, stderr := download(tt.url, flags...); code != tt.code || strings.Count(stderr, "\n") != 1 {
				t.Errorf("%s %v: exit %d, want %d; stderr %q", tt.fault.Kind, flags, code, tt.code, stderr)
			}
		}
	}
}

// damaging returns a proxy to the sandbox that changes one byte of a file.
func (w *world) damaging(t *testing.T) (url string) {
	t.Helper()
	to, err := neturl.Parse(w.URL())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(resp *http.Response) error {
			if resp.Request.URL.Path != "/v3/billdownload/file" {
				return nil
			}
			text, err := io.ReadAll(resp.Body)
			if err != nil {
				return err
			}
			text[len(text)-10] ^= 1
			resp.Body = io.NopCloser(bytes.NewReader(text))
			return nil
		},
	})
	t.Cleanup(server.Close)
	return server.URL
}

func TestParseBillDate(t *testing.T) {
	for now, want := range map[string]string{
		"2026-11-25T15:59:59Z": "2026-11-24", // 23:59 in Beijing
		"2026-11-25T16:00:00Z": "2026-11-25",
		"2026-03-01T00:00:00Z": "2026-02-28",
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := parseDate("yesterday", at); got != want || err != nil {
			t.Errorf("yesterday of %s is %s, %v", now, got, err)
		}
	}
}

// The error comes from the side that fails first.
func TestWriteCSVFails(t *testing.T) {
	broken, full := errors.New("broken"), errors.New("full")
	text := "a,b\n" + strings.Repeat("`1,`2\n", 10_000) + "c\n`1\n"
	all := func(w io.Writer) error { _, err := io.WriteString(w, text); return err }
	cut := func(w io.Writer) error {
		_, err := io.WriteString(w, text[:1000])
		return errors.Join(err, broken)
	}
	noBill := func(w io.Writer) error { _, err := io.WriteString(w, "{}\n"); return err }
	for name, tt := range map[string]struct {
		w        io.Writer
		download func(io.Writer) error
		want     string
	}{
		"all is well":              {io.Discard, all, ""},
		"the download":             {io.Discard, cut, "broken"},
		"the writer":               {failing{full}, all, "full"},
		"both":                     {failing{full}, cut, "broken"},
		"the answer is not a bill": {io.Discard, noBill, "not a bill"},
	} {
		err := writeCSV(tt.w, tt.download)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
