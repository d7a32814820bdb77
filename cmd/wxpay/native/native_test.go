package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/build"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/commands"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/signer/openssl"
)

// exec runs a command line of a build in this process.
func exec(ctx context.Context, b *build.Build, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cli.Run(ctx, commands.All(b), args, &out, &err)
	return code, out.String(), err.String()
}

// mustExec does what exec does, for a command line that must succeed.
func mustExec(t *testing.T, b *build.Build, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := exec(t.Context(), b, args...)
	if code != exit.OK {
		t.Fatalf("wxpay %s: exit %d, %s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// serve runs wxpay sandbox until stop, which returns its output.
func serve(t *testing.T, b *build.Build, args ...string) (stop func() (stdout, stderr string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	var errors bytes.Buffer
	ended, rest := make(chan int, 1), make(chan string, 1)
	go func() {
		ended <- cli.Run(ctx, commands.All(b), append([]string{"sandbox", "--addr", "127.0.0.1:0"}, args...), w, &errors)
		w.Close()
	}()
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("exit %d, stderr %s", <-ended, &errors)
	}
	go func() {
		text, _ := io.ReadAll(lines)
		rest <- line + string(text)
	}()
	return func() (string, string) {
		cancel()
		if code := <-ended; code != exit.OK {
			t.Errorf("exit %d, stderr %s", code, &errors)
		}
		return <-rest, errors.String()
	}
}

// native returns the build of a machine with OpenSSL. The test is skipped on another
// machine, unless WXPAY_OPENSSL is set, as in .ci/run.
func native(t testing.TB) *build.Build {
	t.Helper()
	err := openssl.Available()
	if err != nil && os.Getenv("WXPAY_OPENSSL") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return newBuild(nil)
}

const orders = "appid,mchid,description,out_trade_no,notify_url,amount.total\n" +
	"wx233544546545989,1900000109,茶,batch-0001,http://127.0.0.1:1/,1\n" +
	"wx233544546545989,1900000109,茶,batch-0002,http://127.0.0.1:1/,2\n"

// sell places orders with wxpay batch, and queries one with wxpay call.
func sell(t *testing.T, b *build.Build, dir string) {
	t.Helper()
	in, out, config := filepath.Join(t.TempDir(), "orders.csv"), filepath.Join(t.TempDir(), "results.jsonl"), filepath.Join(dir, "wxpay.toml")
	if err := os.WriteFile(in, []byte(orders), 0o600); err != nil {
		t.Fatal(err)
	}
	mustExec(t, b, "batch", "POST", "v3/pay/transactions/native", "--in", in, "--out", out, "--config", config)
	results, err := os.ReadFile(out)
	if err != nil || bytes.Count(results, []byte("weixin://")) != 2 {
		t.Errorf("results %s, %v", results, err)
	}
	if state := mustExec(t, b, "call", "GET", "v3/pay/transactions/out-trade-no/batch-0002", "mchid==1900000109", "--filter", "trade_state", "--config", config); state != "NOTPAY\n" {
		t.Errorf("the state is %q", state)
	}
}

// wxpay batch, call, bill and sandbox work with OpenSSL.
func TestOpenSSL(t *testing.T) {
	b := native(t)
	if about := mustExec(t, b, "version"); !strings.Contains(about, "\nRSA by OpenSSL\n") {
		t.Errorf("version is %q", about)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	stop := serve(t, b, "--dir", dir, "--platform-key", "both")
	sell(t, b, dir)
	config := filepath.Join(dir, "wxpay.toml")
	day := time.Now().UTC().Add(8*time.Hour).AddDate(0, 0, -2).Format(time.DateOnly) // in China; its bill is ready at any hour
	if code, stdout, stderr := exec(t.Context(), b, "bill", "trade", day, "--config", config); code != exit.Failed || !strings.Contains(stdout+stderr, "NO_STATEMENT_EXIST") {
		t.Errorf("bill: exit %d, %s%s", code, stdout, stderr)
	}
	if doctor := mustExec(t, b, "doctor", "--config", config); strings.Contains(doctor, "✘") {
		t.Errorf("doctor:\n%s", doctor)
	}
	if demo := mustExec(t, b, "demo"); !strings.Contains(demo, "Every answer was verified") {
		t.Errorf("demo:\n%s", demo)
	}
	if _, stderr := stop(); stderr != "" {
		t.Errorf("stderr is %q", stderr)
	}
}

// Without OpenSSL, the build works with crypto/rsa, and says so.
func TestWithoutOpenSSL(t *testing.T) {
	b := newBuild(errors.New("openssl: no libcrypto"))
	const notice = "RSA by crypto/rsa, because OpenSSL cannot be used: openssl: no libcrypto"
	if about := mustExec(t, b, "version"); !strings.Contains(about, "\n"+notice+"\n") {
		t.Errorf("version is %q", about)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	stop := serve(t, b, "--dir", dir)
	sell(t, b, dir)
	if _, stderr := stop(); stderr != "wxpay sandbox: "+notice+"\n" {
		t.Errorf("stderr is %q", stderr)
	}
}

// wxpay sandbox --suite sm2 makes merchants of the SM suite, which wxpay works with, and
// keeps them and their orders.
func TestSuite(t *testing.T) {
	b := newBuild(openssl.Available())
	dir := filepath.Join(t.TempDir(), "shop")
	config := filepath.Join(dir, "wxpay.toml")
	stop := serve(t, b, "--dir", dir, "--suite", "sm2")
	sell(t, b, dir)
	if doctor := mustExec(t, b, "doctor", "--config", config); strings.Contains(doctor, "✘") || !regexp.MustCompile(`✔ private_key +SM2\n`).MatchString(doctor) {
		t.Errorf("doctor:\n%s", doctor)
	}
	before := mustExec(t, b, "certs", "--dir", t.TempDir(), "--config", config)
	if strings.Count(before, "\n") != 2 {
		t.Errorf("certs:\n%s", before)
	}
	if printed, _ := stop(); !strings.Contains(printed, "sm2.NewSigner(") || strings.Contains(printed, "apiclient_cert.p12") || strings.Contains(printed, "PHP") {
		t.Errorf("stdout:\n%s", printed)
	}

	// The next start needs no flag, and may add merchants of either suite.
	stop = serve(t, b, "--dir", dir, "--merchant", "1900000110", "--platform-key", "both")
	if state := mustExec(t, b, "call", "GET", "v3/pay/transactions/out-trade-no/batch-0001", "mchid==1900000109", "--filter", "trade_state", "--config", config); state != "NOTPAY\n" {
		t.Errorf("after a restart the state is %q", state)
	}
	rsa := filepath.Join(dir, "merchants", "1900000110", "wxpay.toml")
	for path, want := range map[string]string{config: "AEAD_SM4_GCM\n", rsa: "AEAD_AES_256_GCM\n"} {
		kind := map[bool]string{true: "RSA", false: "SM2"}[path == rsa]
		if got := mustExec(t, b, "call", "GET", "v3/certificates", "algorithm_type=="+kind, "--filter", "data.0.encrypt_certificate.algorithm", "--config", path); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
	stop()
	if text, err := os.ReadFile(config); err != nil || bytes.Contains(text, []byte("platform_public_key")) {
		t.Errorf("wxpay.toml of a merchant of the suite: %s, %v", text, err)
	}
	if runtime.GOOS != "windows" {
		checkModes(t, dir)
	}
	checkWithoutSuite(t, dir)
}

// checkWithoutSuite checks what a build without the suite says about a folder.
func checkWithoutSuite(t *testing.T, dir string) {
	t.Helper()
	for args, want := range map[string]string{
		"sandbox --addr 127.0.0.1:0 --dir " + dir:                               "has an SM2 key",
		"call GET v3/certificates --config " + filepath.Join(dir, "wxpay.toml"): "has an SM2 key",
		"sandbox --suite sm2": "this build of wxpay has RSA alone",
	} {
		if code, _, stderr := exec(t.Context(), nil, strings.Fields(args)...); code != exit.Usage || !strings.Contains(stderr, want) || !strings.Contains(stderr, "cmd/wxpay/native") {
			t.Errorf("wxpay %s: exit %d, %s", args, code, stderr)
		}
	}
}

// checkModes checks that only the owner can read private keys.
func checkModes(t *testing.T, dir string) {
	t.Helper()
	private := 0
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_key.pem") {
			return err
		}
		info, err := entry.Info()
		if private++; err == nil && info.Mode().Perm() != 0o600 && !strings.HasSuffix(path, "pub_key.pem") {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil || private < 7 {
		t.Errorf("%d private keys, %v", private, err)
	}
}

func TestSuiteRefuses(t *testing.T) {
	b := newBuild(openssl.Available())
	dir := filepath.Join(t.TempDir(), "shop")
	serve(t, b, "--dir", dir)()
	for args, want := range map[string]string{
		"--suite sm3": `"sm3" is not a suite; want "sm2"`,
		"--suite sm2": "no merchant in " + dir + " is of the suite sm2",
	} {
		code, _, stderr := exec(t.Context(), b, append([]string{"sandbox", "--addr", "127.0.0.1:0", "--dir", dir}, strings.Fields(args)...)...)
		if code != exit.Usage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit %d, %s", args, code, stderr)
		}
	}
	stop := serve(t, b, "--dir", dir, "--suite", "sm2", "--merchant", "1900000110")
	config := filepath.Join(dir, "merchants", "1900000110", "wxpay.toml")
	if got := mustExec(t, b, "call", "GET", "v3/certificates", "algorithm_type==SM2", "--filter", "data.#", "--config", config); got != "2\n" {
		t.Errorf("certificates: %q", got)
	}
	stop()
	if err := os.Remove(filepath.Join(dir, "merchants", "1900000110", "apiclient_key.pem")); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := exec(t.Context(), b, "sandbox", "--addr", "127.0.0.1:0", "--dir", dir); code != exit.Usage || !strings.Contains(stderr, "1900000110") {
		t.Errorf("without a key: exit %d, %s", code, stderr)
	}
}
