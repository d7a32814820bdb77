package initcmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
	"github.com/wxchain/wechatpay/config"
)

// A file that says a setting in a way in which no command reads it stays as it is: one
// more line would spoil it.
func TestInitSpoilsNoFile(t *testing.T) {
	inSandbox(t)
	for _, tt := range []struct{ text, want string }{
		{"# ours\nmchid = 1900000109\n", "wxpay.toml: line 2: mchid is not a text; write it in quotes first"},
		{"private_key = [\"a.pem\"]\n", "line 1: private_key is not a text"},
		{"merchant = [{mchid = \"1900000109\"}]\n", "line 1: write each merchant below a line [[merchant]] first"},
		{"merchant = []\n", "line 1: write each merchant below a line [[merchant]]"},
		{"merchant.mchid = \"1900000109\"\n", "line 1: write each merchant below a line [[merchant]]"},
		{"[merchant]\nmchid = \"1900000109\"\n", "line 1: write each merchant below a line [[merchant]]"},
		{"mchid = \"1900000109\"\n\nmchid = \"1900000110\"\n", "line 3: mchid is set above already; delete one of the lines first"},
		{"apiv3_key_file = \"a\"\napiv3_key_file = \"b\"\n", "line 2: apiv3_key_file is set above already"},
	} {
		write(t, settings.FileName, tt.text)
		for _, args := range [][]string{{"--mchid", "1900000109"}, {"--add", "--mchid", "1900000111"}, {"--replace", "--private-key", "apiclient_key.pem"}} {
			code, stdout, stderr := initialize(t, append(args, "--no-doctor")...)
			if code != exit.Usage || stdout != "" || !strings.Contains(stderr, tt.want) || contents(t, settings.FileName) != tt.text {
				t.Errorf("init %q of %q: exit %d, printed %q, %q; want %q", args, tt.text, code, stdout, stderr, tt.want)
			}
		}
	}
}

// The settings of a merchant without a number become those of the merchant that is
// named, wherever they stand.
func TestInitNamesTheMerchant(t *testing.T) {
	inSandbox(t)
	for before, after := range map[string]string{
		"[[merchant]]\nserial_no = 'AA'\n": "[[merchant]]\nserial_no = 'AA'\nmchid = '1900000109'\n",
		"[[merchant]]\n":                   "[[merchant]]\nmchid = '1900000109'\n",
		"base_url = 'http://127.0.0.1:1/'\n[[merchant]]\n# one\nmchid = \"\"\n": "base_url = 'http://127.0.0.1:1/'\n[[merchant]]\n# one\nmchid = '1900000109'\n",
		"serial_no = 'AA'\n": "serial_no = 'AA'\nmchid = '1900000109'\n",
	} {
		write(t, settings.FileName, before)
		if code, stdout, stderr := initialize(t, "--add", "--mchid", "1900000109"); code != exit.Usage || stdout != "" || !strings.Contains(stderr, "without a mchid; without --add they become those of 1900000109") {
			t.Errorf("%q, with --add: exit %d, printed %q, %q", before, code, stdout, stderr)
		}
		code, stdout, stderr := initialize(t, "--mchid", "1900000109", "--no-doctor")
		if got := contents(t, settings.FileName); code != exit.OK || got != after {
			t.Errorf("%q: exit %d, printed %q, %q; the file has\n%q, want\n%q", before, code, stdout, stderr, got, after)
		}
		if all, err := config.Read(config.File(settings.FileName)); err != nil || len(all) != 1 || all[0].MchID != "1900000109" {
			t.Errorf("%q: it reads as %v, %v", before, all, err)
		}
	}
}

// A wxpay.toml that no command reads without its name is not written without its name.
func TestInitElsewhere(t *testing.T) {
	inSandbox(t)
	args := []string{"--mchid", "1900000109", "--base-url", "https://pay.example.com/", "--no-doctor"}
	code, stdout, stderr := initialize(t, args...)
	if code != exit.Usage || stdout != "" || !strings.Contains(stderr, `"https://pay.example.com/" is neither the platform nor this machine`) {
		t.Errorf("exit %d, printed %q, %q", code, stdout, stderr)
	}
	if _, err := os.Stat(settings.FileName); !os.IsNotExist(err) {
		t.Errorf("a file is there: %v", err)
	}
	if code, _, stderr := initialize(t, append(args, "--config", settings.FileName)...); code != exit.OK {
		t.Errorf("with --config: exit %d, %q", code, stderr)
	}
}

// A read-only file stays as it is.
func TestInitReadOnly(t *testing.T) {
	inSandbox(t)
	const text = "mchid = '1900000109'\n"
	write(t, settings.FileName, text)
	if err := os.Chmod(settings.FileName, 0o400); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := initialize(t, "--private-key", "apiclient_key.pem", "--no-doctor")
	if code != exit.Usage || stdout != "" || !strings.Contains(stderr, "wxpay.toml is read-only") || contents(t, settings.FileName) != text {
		t.Errorf("exit %d, printed %q, %q", code, stdout, stderr)
	}
	if code, stdout, _ := initialize(t, "--mchid", "1900000109", "--no-doctor"); code != exit.OK || stdout != "wxpay.toml stays as it is\n" {
		t.Errorf("without a change: exit %d, printed %q", code, stdout)
	}
}

// Paths in a linked file are relative to the folder of the link, as config.File reads
// them. A link to a file that is still missing makes that file.
func TestInitThroughLinks(t *testing.T) {
	inSandbox(t)
	if err := os.Mkdir("real", 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("real", "w.toml")
	if err := os.Symlink(file, settings.FileName); err != nil {
		t.Skip(err)
	}
	for _, args := range [][]string{{"--mchid", "1900000109", "--private-key", "apiclient_key.pem"}, {"--certificate", "apiclient_cert.pem"}} {
		if code, _, stderr := initialize(t, append(args, "--no-doctor")...); code != exit.OK {
			t.Fatal(stderr)
		}
	}
	if info, err := os.Lstat(settings.FileName); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if got := contents(t, file); !strings.Contains(got, "\nprivate_key = 'apiclient_key.pem'\n") {
		t.Errorf("the file has\n%s", got)
	}
	other, stdout, stderr := initialize(t, "--serial-no", "3775B6A45ACD588826D15E583A95F5DD12345678")
	if other != exit.Usage || stdout != "" || !strings.Contains(stderr, "but the certificate has") {
		t.Errorf("a serial number of another certificate: exit %d, printed %q, %q", other, stdout, stderr)
	}
}
