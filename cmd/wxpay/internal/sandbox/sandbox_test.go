package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"go.uber.org/goleak"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

// A sandboxRun is wxpay sandbox running in this process.
type sandboxRun struct {
	url    string
	stop   context.CancelFunc // ctrl-C
	code   chan int
	stdout chan string
	stderr bytes.Buffer // set after the end
}

func runSandbox(t *testing.T, args ...string) *sandboxRun {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	s := &sandboxRun{stop: stop, code: make(chan int, 1), stdout: make(chan string, 1)}
	go func() {
		s.code <- cli.Run(ctx, commands(), append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...), w, &s.stderr)
		w.Close()
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("exit %d, stderr %s", <-s.code, &s.stderr)
	}
	go func() {
		rest, _ := io.ReadAll(lines)
		s.stdout <- line + string(rest)
	}()
	s.url = regexp.MustCompile(`https?://\S+`).FindString(line)
	return s
}

// end sends ctrl-C and returns the output.
func (s *sandboxRun) end(t *testing.T) (stdout, stderr string) {
	t.Helper()
	s.stop()
	if code := <-s.code; code != exit.OK {
		t.Errorf("exit %d, stderr %s", code, &s.stderr)
	}
	return <-s.stdout, s.stderr.String()
}

func TestSandbox(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Setenv("TMPDIR", t.TempDir())
	s := runSandbox(t)
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), "wxpay-sandbox-*"))
	if err != nil || len(dirs) != 1 {
		t.Fatalf("folders: %v, %v", dirs, err)
	}
	config := loadSandboxDir(t, dirs[0])
	// The wxpay command works with the settings alone.
	ctx, stop := context.WithCancel(t.Context())
	code, stdout, stderr := exec(ctx, "certs", "--dir", t.TempDir(), "--config", filepath.Join(dirs[0], settings.FileName), "--base-url", s.url)
	if code != exit.Failed || !strings.Contains(stderr, "use the platform public key") {
		t.Errorf("wxpay certs: exit %d, stdout %s, stderr %s", code, stdout, stderr)
	}
	stop()
	wantLimits(t, s.url)

	stdout, stderr = s.end(t)
	if stderr != "" {
		t.Errorf("stderr is %s", stderr)
	}
	m := config.Merchants[0]
	if want := "merchant " + m.MchID + " is the partner of sub-merchant " + sandbox.DefaultSubMchID; !strings.Contains(stdout, want) {
		t.Errorf("stdout lacks %q:\n%s", want, stdout)
	}
	for _, want := range []string{m.MchID, m.SerialNo, config.Platform.PublicKeyID, s.url, dirs[0] + "/apiclient_key.pem", dirs[0] + "/pub_key.pem"} {
		if strings.Count(stdout, want) < 3 { // once for each library
			t.Errorf("stdout does not contain %q three times:\n%s", want, stdout)
		}
	}
	for _, want := range []string{"APIv3 key " + m.APIv3Key + "\n", "APIv2 key " + m.APIv2Key + "\n", "'" + m.APIv2Key + "'", `"` + m.APIv3Key + `"`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("stdout lacks %q", want)
		}
	}
	if _, err := os.Stat(dirs[0]); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

// The Go code in the output compiles.
func TestSandboxCode(t *testing.T) {
	var out bytes.Buffer
	c := connection{Merchant: sandbox.Merchant{MchID: "1900000109", SerialNo: "A0"}, PublicKeyID: "PUB_KEY_ID_1", Dir: "/d", URL: "http://x/", TLS: true}
	if err := c.print(lang.Language{}, &out); err != nil {
		t.Fatal(err)
	}
	c.PublicKeyID, c.Keys = "", []platformKey{{"A1", "/d/platform/A1.pem"}}
	if err := c.print(lang.Language{}, &out); err != nil {
		t.Fatal(err)
	}
	// Each output has two blocks. One has declarations after its statements.
	var statements, declarations string
	blocks := regexp.MustCompile(`Go, .*:\n\n((?:\t.*\n|\n)*)`).FindAllStringSubmatch(out.String(), -1)
	for _, block := range blocks {
		code, more, _ := strings.Cut(block[1], "\n\ttype ")
		statements += "\n{\n" + code + "\n}"
		if more != "" {
			declarations += "\ntype " + more
		}
	}
	source := "package x\nfunc f() {" + statements + "\n}\n" + declarations
	if _, err := parser.ParseFile(token.NewFileSet(), "", source, 0); err != nil || len(blocks) != 4 || declarations == "" {
		t.Errorf("%v in %d blocks:\n%s", err, len(blocks), source)
	}
}

// With --lang, the sandbox says how to connect in Chinese. The code is the same.
func TestSandboxInChinese(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	args := []string{"--dir", dir, "--seed", "1", "--tls", "--proxy", "--merchant", "1900000110", "--sub-merchant", "1900000109/1900000111"}
	printed := make(map[string]string)
	for _, language := range []string{"en", "zh"} {
		s := runSandbox(t, append(args, "--lang", language)...)
		stdout, stderr := s.end(t)
		if stderr != "" {
			t.Errorf("%s: stderr is %s", language, stderr)
		}
		printed[language] = regexp.MustCompile(`127\.0\.0\.1:\d+|port\(\d+\)`).ReplaceAllString(stdout, "ADDR")
	}
	prose := regexp.MustCompile(`(?m)^[^\t\n].*\n`)
	if zh, en := prose.ReplaceAllString(printed["zh"], ""), prose.ReplaceAllString(printed["en"], ""); zh != en {
		t.Errorf("the code is\n%s\nwant\n%s", zh, en)
	}
	config := loadSandboxDir(t, dir)
	m := config.Merchants[0]
	for _, want := range []string{
		"沙箱的地址是 https://ADDR/\n用浏览器打开可以查看", "商户号 " + m.MchID + "，证书序列号 " + m.SerialNo + "\n",
		"微信支付公钥 ID " + config.Platform.PublicKeyID + "\n", "APIv3 密钥 " + m.APIv3Key + "\n", "密钥文件在 " + dir + "\n",
		"商户号 1900000110，", "商户 1900000109 是子商户 1900000111 的服务商\n", "\nPHP，wechatpay-php：\n",
	} {
		if !strings.Contains(printed["zh"], want) {
			t.Errorf("in Chinese it lacks %q:\n%s", want, printed["zh"])
		}
	}
	for line := range strings.Lines(strings.Join(prose.FindAllString(printed["zh"], -1), "")) {
		if !strings.ContainsFunc(line, func(r rune) bool { return unicode.Is(unicode.Han, r) || r == '，' }) &&
			!strings.HasPrefix(line, "  ") && line != "wxpay：\n" {
			t.Errorf("not in Chinese: %q", line)
		}
	}
}

func TestSandboxTLS(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir, config := testkit.NewSandboxDir(t)
	s := runSandbox(t, "--dir", dir, "--tls", "--seed", "7")
	ca, err := os.ReadFile(filepath.Join(dir, sandbox.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !strings.HasPrefix(s.url, "https://127.0.0.1:") || !roots.AppendCertsFromPEM(ca) {
		t.Fatalf("url %s, CA %s", s.url, ca)
	}
	m := config.Merchants[0]
	call := func(cert tls.Certificate) error {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}}}
		defer transport.CloseIdleConnections()
		client, err := wechatpay.New(wechatpay.Config{
			MchID: m.MchID, APIv2Key: m.APIv2Key, ClientCert: &cert, BaseURL: s.url, Transport: transport,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Chain("v2/secapi/pay/refund").Post(t.Context(), wechatpay.XML(wechatpay.M{
			"appid": "wxd678efh567hg6787", "mch_id": m.MchID, "out_trade_no": "1217752501201407033233368018",
			"out_refund_no": "1217752501201407033233368018", "total_fee": "100", "refund_fee": "100",
		}))
		return err
	}
	// An order shows that the connection is accepted.
	if err := call(m.TLS()); !wechatpay.IsCode(err, "ORDERNOTEXIST") {
		t.Errorf("with the merchant's certificate: %v", err)
	}
	other := config.Platform.Certificates[0]
	stranger := tls.Certificate{Certificate: [][]byte{other.Certificate.Raw}, PrivateKey: other.PrivateKey}
	if err := call(stranger); err == nil || !strings.Contains(err.Error(), "CERT_ERROR") {
		t.Errorf("with another certificate: error is %v", err)
	}
	if stdout, stderr := s.end(t); stderr != "" || !strings.Contains(stdout, "SSL_CERT_FILE="+filepath.Join(dir, sandbox.CAFile)) {
		t.Errorf("stdout %s, stderr %s", stdout, stderr)
	}
}

// A request in progress when ctrl-C arrives is answered.
func TestSandboxEndsCleanly(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	answer := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		stop()
		_, _ = io.WriteString(w, "answered")
	})
	ended := make(chan error, 1)
	go func() { ended <- local.ServeUntil(ctx, &http.Server{Handler: answer}, listener) }()
	resp, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, err := io.ReadAll(resp.Body); string(text) != "answered" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// Only this machine reaches the sandbox by default. With an open address, the
// sandbox prints a warning.
func TestSandboxListensHere(t *testing.T) {
	t.Parallel()
	flag := New(nil).Flags().Lookup("addr")
	host, _, err := net.SplitHostPort(flag.DefValue)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		t.Errorf("--addr is %s unless it is set, which is not this machine's alone", flag.DefValue)
	}
	dir, _ := testkit.NewSandboxDir(t)
	s := runSandbox(t, "--dir", dir, "--addr", ":0", "--lang", "zh")
	if _, stderr := s.end(t); !strings.HasPrefix(stderr, "wxpay sandbox: 警告：监听在 [::]:") {
		t.Errorf("in Chinese: stderr %q", stderr)
	}
	for addr, warns := range map[string]bool{"127.0.0.1:0": false, "localhost:0": false, "0.0.0.0:0": true, ":0": true} {
		s := runSandbox(t, "--dir", dir, "--addr", addr)
		if host := strings.TrimPrefix(s.url, "http://"); !strings.HasPrefix(host, "127.0.0.1:") && !strings.HasPrefix(host, "localhost:") {
			t.Errorf("%s: url %s", addr, s.url)
		}
		if _, stderr := s.end(t); strings.Contains(stderr, "WARNING: listening on ") != warns || !warns && stderr != "" {
			t.Errorf("%s: stderr is %q", addr, stderr)
		}
	}
}

// wantLimits checks that the server has the limits of package sandbox and still
// serves after a limit is reached.
func wantLimits(t *testing.T, url string) {
	t.Helper()
	for _, want := range []int{http.StatusRequestHeaderFieldsTooLarge, http.StatusUnauthorized} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", url+"v3/certificates", nil)
		if err != nil {
			t.Fatal(err)
		}
		if want != http.StatusUnauthorized {
			req.Header.Set("X", strings.Repeat("x", 80<<10))
		}
		req.Close = true
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("answered %s, want %d", resp.Status, want)
		}
	}
}

func TestSandboxRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, settings.FileName), []byte("mchid ="), 0o600); err != nil {
		t.Fatal(err)
	}
	inUse := t.TempDir()
	store, err := sandbox.OpenStore(filepath.Join(inUse, "sandbox.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	whole, _ := testkit.NewSandboxDir(t)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--addr", taken.Addr().String()}, " is taken: another program listens there; another address is free:"},
		{[]string{"--seed", "7", "--addr", taken.Addr().String()}, "another address is free:\n\n  wxpay sandbox --seed 7 --addr 127.0.0.1:"},
		{[]string{"--addr", "nonsense"}, "--addr: "},
		{[]string{"--seed", "-1"}, "--seed"},
		{[]string{"--speed", "0"}, "--speed is 0, want 1 or more"},
		{[]string{"--speed", "-1"}, "--speed is -1"},
		{[]string{"--speed", "fast"}, "--speed"},
		{[]string{"--dir", damaged}, "wxpay.toml is damaged"},
		{[]string{"--dir", inUse}, "is in use by another process"},
		{[]string{"--dir", filepath.Join(damaged, settings.FileName)}, settings.FileName},
		{[]string{"extra"}, `"extra"`},
		{[]string{"--dir", whole, "--merchant", "../1"}, `--merchant "../1" is not the number`},
		{[]string{"--dir", whole, "--sub-merchant", "1900000109"}, "--sub-merchant \"1900000109\": "},
		{[]string{"--dir", whole, "--sub-merchant", "1900000999/1900000111"}, "not one of the Merchants; add it"},
	} {
		t.Run(test.want, func(t *testing.T) {
			code, stdout, stderr := exec(t.Context(), append([]string{"sandbox", "--addr", "127.0.0.1:0"}, test.args...)...)
			if code != exit.Usage || stdout != "" || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d, stdout %q, stderr %q", code, stdout, stderr)
			}
		})
	}
}

func TestSandboxOutputLost(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir, _ := testkit.NewSandboxDir(t)
	var stderr bytes.Buffer
	if code := cli.Run(t.Context(), commands(), []string{"sandbox", "--addr", "127.0.0.1:0", "--dir", dir}, testkit.Full{}, &stderr); code != exit.Failed || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("exit %d, stderr %q", code, stderr.String())
	}
}
