package initcmd

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli/clitest"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/testkit"
	"github.com/wxchain/wechatpay/sandbox"
)

const publicKeyID = "PUB_KEY_ID_0114232134912410000000000000"

// inSandbox changes to a folder with the keys of two merchants and of a platform,
// and without settings.
func inSandbox(t *testing.T) sandbox.Config {
	t.Helper()
	for _, setting := range new(settings.Settings).All() {
		t.Setenv(setting.Variable(), "")
	}
	dir, config := testkit.NewSandboxDir(t)
	if err := os.Remove(filepath.Join(dir, settings.FileName)); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	return config
}

// initialize runs wxpay init without a terminal.
func initialize(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return clitest.Exec(t.Context(), commands(), append([]string{"init"}, args...)...)
}

// write writes a file in the current folder.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A new file has what was given, a line to fill in for each other setting, and can be
// read by its owner alone. It reads as the same settings.
func TestInit(t *testing.T) {
	inSandbox(t)
	code, stdout, stderr := initialize(t, "--mchid", "1900000109", "--certificate", "apiclient_cert.pem", "--private-key", "apiclient_key.pem", "--no-doctor")
	if code != exit.OK || stderr != "" || stdout != "+ mchid = \"1900000109\"\n+ certificate = \"apiclient_cert.pem\"\n+ private_key = \"apiclient_key.pem\"\nwrote wxpay.toml\n" {
		t.Fatalf("exit %d, printed %q, %q", code, stdout, stderr)
	}
	read, err := settings.ReadFile(settings.FileName)
	if err != nil || read.MchID != "1900000109" || read.Certificate != "apiclient_cert.pem" || read.PrivateKey != "apiclient_key.pem" {
		t.Errorf("it reads as %+v, %v", read, err)
	}
	for _, line := range []string{"# serial_no = ''", "# platform_public_key_id = ''", "# apiv3_key = ''"} {
		if !strings.Contains(contents(t, settings.FileName), line+"\n") {
			t.Errorf("the file lacks %s:\n%s", line, contents(t, settings.FileName))
		}
	}
	if info, err := os.Stat(settings.FileName); err != nil {
		t.Error(err)
	} else if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, want one that only its owner can read", info.Mode())
	}
}

// What is wrong with a given setting is an error that names it, and nothing is
// written.
func TestInitRefuses(t *testing.T) {
	config := inSandbox(t)
	other, _ := testkit.NewSandboxDir(t) // with the same certificate
	otherKey := filepath.Join(other, "apiclient_key.pem")
	if err := testkit.WriteKeys(other); err != nil { // another key under the same name
		t.Fatal(err)
	}
	write(t, "short", "only this")
	write(t, "empty", "\n")
	const secret = "0123456789abcdef0123456789abcdef"
	for _, tt := range []struct {
		args string
		want string
	}{
		{"--mchid wxd678efh567hg6787", "is an appid"},
		{"--mchid wx888", "is an appid"},
		{"--mchid oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "is not made of digits"},
		{"--mchid " + strings.Repeat("1", 33), "it has 33 digits"},
		{"--apiv3-file empty", "apiv3_key_file: file empty is empty"},
		{"--apiv2-file empty", "apiv2_key_file: file empty is empty"},
		{"--serial-no 3775B6A45ACD588826D15E583A95F5DD********", `has the character *`},
		{"--serial-no 37:75:B6:A4", "has colons"},
		{"--serial-no 0x3775B6A4", "starts with 0x"},
		{"--serial-no " + publicKeyID, "is the id of a platform public key"},
		{"--serial-no " + strings.Repeat("A", 41), "at most 40"},
		{"--private-key absent.pem", "absent.pem: no such file"},
		{"--private-key apiclient_cert.pem", "this is a certificate, not a private key; the key is in apiclient_key.pem"},
		{"--private-key pub_key.pem", "this is a public key, not a private key"},
		{"--private-key apiclient_cert.p12", "PKCS#12"},
		{"--certificate apiclient_key.pem", "want CERTIFICATE; the merchant's is in apiclient_cert.pem"},
		{"--certificate apiclient_cert.p12", "PKCS#12"},
		{"--certificate pub_key.pem", "want CERTIFICATE"},
		{"--certificate absent.pem", "absent.pem: no such file"},
		{"--private-key " + otherKey + " --certificate apiclient_cert.pem", "the private key is not that of the certificate"},
		{"--private-key " + otherKey, "the private key is not that of the certificate"}, // apiclient_cert.pem beside it
		{"--serial-no 3775B6A45ACD588826D15E583A95F5DD12345678 --certificate apiclient_cert.pem", "but the certificate has"},
		{"--serial-no " + platformSerial(t, config) + " --private-key apiclient_key.pem", "is the serial number of a certificate of the platform"},
		{"--platform-public-key-id 3775B6A45ACD588826D15E583A95F5DD12345678 --platform-public-key pub_key.pem", "does not start with PUB_KEY_ID_"},
		{"--platform-public-key-id PUB_KEY_ID_ --platform-public-key pub_key.pem", "is not the whole id"},
		{"--platform-public-key-id " + publicKeyID + " --platform-public-key apiclient_key.pem", "platform_public_key"},
		{"--platform-public-key-id " + publicKeyID + " --platform-public-key apiclient_cert.pem --private-key apiclient_key.pem", "it is the merchant's own key"},
		{"--apiv3-file short", "apiv3_key: "},
		{"--apiv2-file short", "9 bytes"},
		{"--apiv3-file absent", "absent: no such file"},
		{"--apiv3-file " + secret, "must not be the key itself"},
		{"--platform-public-key " + secret, "takes the path of a file, not a key"},
		{"--base-url api.mch.weixin.qq.com", "write https://api.mch.weixin.qq.com"},
		{"--base-url localhost:8686", "write http://localhost:8686"},
		{"--base-url http://gateway.example/", "base_url: "},
	} {
		code, stdout, stderr := initialize(t, strings.Fields(tt.args)...)
		if code != exit.Usage || stdout != "" || !strings.Contains(stderr, tt.want) || strings.Contains(stderr, secret) {
			t.Errorf("init %s: exit %d, printed %q, %q; want %q", tt.args, code, stdout, stderr, tt.want)
		}
		if _, err := os.Stat(settings.FileName); !os.IsNotExist(err) {
			t.Fatalf("init %s wrote a file: %v", tt.args, err)
		}
	}
}

// platformSerial returns the serial number of a certificate of the platform, which is
// beside the merchant's.
func platformSerial(t *testing.T, config sandbox.Config) string {
	t.Helper()
	for serial := range config.Platform.Keys() {
		if !strings.HasPrefix(serial, "PUB_KEY_ID_") {
			return serial
		}
	}
	t.Fatal("the platform has no certificate")
	return ""
}

// An existing file keeps its comments, order and unknown lines. What changes is shown,
// and no secret is.
func TestInitAmends(t *testing.T) {
	inSandbox(t)
	const secret = "abcdefghijklmnopqrstuvwxyz012345"
	write(t, "apiv3", secret+"\n")
	for name, tt := range map[string]struct{ before, after string }{
		"in its place": {
			"# ours\nprivate_key = \"apiclient_key.pem\" # keep\n\n# the number:\n# mchid = ''\nfuture = \"x\"\n",
			"# ours\nprivate_key = \"apiclient_key.pem\" # keep\n\n# the number:\nmchid = '1900000109'\nfuture = \"x\"\napiv3_key_file = 'apiv3'\n",
		},
		"below the others": {
			"private_key = 'apiclient_key.pem'\nbase_url = 'http://127.0.0.1:1'",
			"private_key = 'apiclient_key.pem'\nbase_url = 'http://127.0.0.1:1'\nmchid = '1900000109'\napiv3_key_file = 'apiv3'\n",
		},
		"with CR": {
			"private_key = 'apiclient_key.pem'\r\n# apiv3_key = ''\r\n# mchid = \"\"\r\n",
			"private_key = 'apiclient_key.pem'\r\n# apiv3_key = ''\r\nmchid = '1900000109'\r\napiv3_key_file = 'apiv3'\r\n",
		},
		"of a table": {
			"base_url = 'http://127.0.0.1:1'\n[[merchant]] # one\nmchid = '1900000109'\n\n# two\n[[merchant]]\nmchid = '1900000110'\n",
			"base_url = 'http://127.0.0.1:1'\n[[merchant]] # one\nmchid = '1900000109'\nprivate_key = 'apiclient_key.pem'\napiv3_key_file = 'apiv3'\n\n# two\n[[merchant]]\nmchid = '1900000110'\n",
		},
	} {
		write(t, settings.FileName, tt.before)
		if err := os.Chmod(settings.FileName, 0o644); err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := initialize(t, "--mchid", "1900000109", "--private-key", "apiclient_key.pem", "--apiv3-file", "apiv3", "--no-doctor")
		if code != exit.OK || strings.Contains(stdout+stderr, secret) {
			t.Errorf("%s: exit %d, printed %q, %q", name, code, stdout, stderr)
		}
		after := contents(t, settings.FileName)
		if after != tt.after {
			t.Errorf("%s: the file has\n%q, want\n%q", name, after, tt.after)
		}
		if info, err := os.Stat(settings.FileName); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: the file is %v, %v", name, info.Mode(), err)
		}
		if code, stdout, _ := initialize(t, "--mchid", "1900000109", "--private-key", "apiclient_key.pem", "--no-doctor"); code != exit.OK || stdout != "wxpay.toml stays as it is\n" || contents(t, settings.FileName) != after {
			t.Errorf("%s, again: exit %d, printed %q", name, code, stdout)
		}
	}
}

// A value is never replaced silently.
func TestInitReplaces(t *testing.T) {
	inSandbox(t)
	const before = "mchid = '1900000109'\napiv3_key = 'abcdefghijklmnopqrstuvwxyz012345'\nprivate_key = 'old.pem'\n"
	write(t, "apiv3", strings.Repeat("k", 32))
	write(t, settings.FileName, before)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--mchid", "1900000110"}, "wxpay.toml exists already, with the merchant 1900000109; --add adds 1900000110 as another merchant, and --replace replaces the number"},
		{[]string{"--private-key", "apiclient_key.pem"}, `private_key "old.pem" by "apiclient_key.pem"; --replace replaces them`},
		{[]string{"--apiv3-file", "apiv3"}, "the apiv3_key that it has already"},
	} {
		code, stdout, stderr := initialize(t, tt.args...)
		if code != exit.Usage || stdout != "" || !strings.Contains(stderr, tt.want) || contents(t, settings.FileName) != before {
			t.Errorf("init %q: exit %d, printed %q, %q; the file has\n%s", tt.args, code, stdout, stderr, contents(t, settings.FileName))
		}
	}
	code, stdout, stderr := initialize(t, "--replace", "--private-key", "apiclient_key.pem", "--apiv3-file", "apiv3", "--no-doctor")
	if code != exit.OK || stdout != "~ private_key = \"apiclient_key.pem\" (it was \"old.pem\")\n- apiv3_key\n+ apiv3_key_file = \"apiv3\"\nwrote wxpay.toml\n" {
		t.Errorf("exit %d, printed %q, %q", code, stdout, stderr)
	}
	if got := contents(t, settings.FileName); got != "mchid = '1900000109'\nprivate_key = 'apiclient_key.pem'\napiv3_key_file = 'apiv3'\n" {
		t.Errorf("the file has\n%s", got)
	}
}

// --add makes another merchant, and the settings so far become those of the first.
func TestInitAdds(t *testing.T) {
	inSandbox(t)
	write(t, settings.FileName, "# one\nmchid = \"1900000109\"\nbase_url = \"http://127.0.0.1:1/\"\n")
	for _, mchID := range []string{"1900000110", "1900000111"} {
		code, stdout, stderr := initialize(t, "--add", "--mchid", mchID, "--private-key", "apiclient_key.pem", "--no-doctor")
		if code != exit.OK {
			t.Fatalf("exit %d, printed %q, %q", code, stdout, stderr)
		}
	}
	const want = "[[merchant]]\n# one\nmchid = \"1900000109\"\nbase_url = \"http://127.0.0.1:1/\"\n" +
		"\n[[merchant]]\nmchid = '1900000110'\nprivate_key = 'apiclient_key.pem'\n" +
		"\n[[merchant]]\nmchid = '1900000111'\nprivate_key = 'apiclient_key.pem'\n"
	if got := contents(t, settings.FileName); got != want {
		t.Errorf("the file has\n%s\nwant\n%s", got, want)
	}
	if code, _, stderr := initialize(t, "--private-key", "apiclient_key.pem"); code != exit.Usage || !strings.Contains(stderr, "3 merchants; name one with --mchid") {
		t.Errorf("without a number: exit %d, %q", code, stderr)
	}
	if code, _, stderr := initialize(t, "--add"); code != exit.Usage || !strings.Contains(stderr, "--add needs --mchid") {
		t.Errorf("--add alone: exit %d, %q", code, stderr)
	}
	for _, mchID := range []string{"1900000109", "1900000110"} {
		s := settings.Settings{MchID: mchID, Config: settings.FileName}
		if err := s.Load(); err != nil || s.MchID != mchID {
			t.Errorf("%s: it reads as %v, %v", mchID, s.MchID, err)
		}
	}
}

// In Chinese, an error that says what to do is explained, and the remedies for Go programs
// are left out.
func TestInitExplains(t *testing.T) {
	inSandbox(t)
	for args, want := range map[string]string{
		"--private-key apiclient_cert.p12":             "文件不是 PEM 格式的文本。",
		"--mchid 1900000109\u3000":                     "`MchID` 或 `SerialNo` 里有空格",
		"--base-url https://api.mch.weixin.qq.com/v3/": "不能作为请求的基地址",
		"--platform-public-key apiclient_key.pem":      "文件不是公钥。",
	} {
		code, _, stderr := initialize(t, append(strings.Split(args, " "), "--lang", "zh")...)
		if code != exit.Usage || strings.Contains(stderr, "处理办法") || !strings.Contains(stderr, want) || strings.Count(stderr, "含义：") != 1 {
			t.Errorf("%s: exit %d, %s", args, code, stderr)
		}
	}
}

// A public key alone is written, and its id is missing.
func TestInitPublicKeyAlone(t *testing.T) {
	inSandbox(t)
	code, stdout, stderr := initialize(t, "--platform-public-key", "pub_key.pem", "--offline")
	if code != exit.OK || !strings.Contains(stdout, "\n✘ platform_public_key     missing: --platform-public-key-id or WECHATPAY_PLATFORM_PUBLIC_KEY_ID ") || !strings.Contains(stderr, "platform_public_key_id") {
		t.Errorf("exit %d, printed\n%s%s", code, stdout, stderr)
	}
}

// A file that is not TOML stays as it is.
func TestInitBrokenFile(t *testing.T) {
	inSandbox(t)
	for _, text := range []string{"mchid = 1900000109 x\n", strings.Repeat("[", 5000), "mchid = 'a\n"} {
		write(t, settings.FileName, text)
		code, _, stderr := initialize(t, "--mchid", "1900000109")
		if code != exit.Usage || !strings.Contains(stderr, "not TOML") || contents(t, settings.FileName) != text {
			t.Errorf("%.20q: exit %d, %q", text, code, stderr)
		}
	}
	write(t, settings.FileName, "\xff\xfem\x00c\x00h\x00")
	if code, _, stderr := initialize(t, "--mchid", "1900000109"); code != exit.Usage || !strings.Contains(stderr, "wxpay.toml is not UTF-8; save it as UTF-8") {
		t.Errorf("UTF-16: exit %d, %q", code, stderr)
	}
}

// init ends with the findings of doctor. What is missing, and a network without the
// platform, are no failures.
func TestInitExamines(t *testing.T) {
	inSandbox(t)
	full := []string{"--mchid", "1900000109", "--certificate", "apiclient_cert.pem", "--private-key", "apiclient_key.pem",
		"--platform-public-key-id", publicKeyID, "--platform-public-key", "pub_key.pem", "--base-url", "http://127.0.0.1:1/"}
	code, stdout, stderr := initialize(t, full[:4]...)
	if code != exit.OK || !strings.Contains(stdout, "\n✔ mchid ") || !strings.Contains(stdout, "the settings above come first") || !strings.Contains(stderr, "to be filled in") {
		t.Errorf("incomplete: exit %d, printed\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = initialize(t, full...)
	if code != exit.OK || !strings.Contains(stdout, "\n✘ connection ") || !strings.Contains(stderr, "the platform could not be reached") {
		t.Errorf("without the platform: exit %d, printed\n%s%s", code, stdout, stderr)
	}
	if code, stdout, _ = initialize(t, append(full, "--offline")...); code != exit.OK || strings.Contains(stdout, "✘") {
		t.Errorf("offline: exit %d, printed\n%s", code, stdout)
	}
	t.Setenv("WECHATPAY_APIV3_KEY", "short")
	if code, stdout, stderr = initialize(t, full...); code != exit.Usage || !strings.Contains(stdout, "\n✘ apiv3_key ") || !strings.Contains(stderr, "doctor found something wrong: apiv3_key") {
		t.Errorf("a wrong key in the environment: exit %d, printed\n%s%s", code, stdout, stderr)
	}
}

// A link to the file stays a link.
func TestInitFollowsLinks(t *testing.T) {
	inSandbox(t)
	if err := os.Mkdir("real", 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join("real", "w.toml"), "# ours\n")
	if err := os.Symlink(filepath.Join("real", "w.toml"), settings.FileName); err != nil {
		t.Skip(err)
	}
	if code, _, stderr := initialize(t, "--mchid", "1900000109", "--no-doctor"); code != exit.OK {
		t.Fatal(stderr)
	}
	if got := contents(t, filepath.Join("real", "w.toml")); !bytes.Contains([]byte(got), []byte("# ours\nmchid = '1900000109'\n")) {
		t.Errorf("the file has\n%s", got)
	}
	if info, err := os.Lstat(settings.FileName); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
}
