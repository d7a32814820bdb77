//go:build unix

package initcmd

import (
	"bytes"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// A talk is wxpay init on a pseudo-terminal.
type talk struct {
	t        *testing.T
	cmd      *osexec.Cmd
	terminal *os.File
	shown    bytes.Buffer
}

func start(t *testing.T, args ...string) *talk {
	t.Helper()
	k := &talk{t: t, cmd: osexec.CommandContext(t.Context(), "wxpay", append([]string{"init"}, args...)...)}
	var err error
	if k.terminal, err = pty.Start(k.cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.terminal.Close() })
	return k
}

// expect reads until text is shown.
func (k *talk) expect(text string) {
	k.t.Helper()
	from := k.shown.Len()
	for !strings.Contains(k.shown.String()[from:], text) {
		var b [1]byte
		if _, err := k.terminal.Read(b[:]); err != nil {
			k.t.Fatalf("%v; it shows %q, want %q", err, k.shown.String(), text)
		}
		k.shown.Write(b[:])
	}
}

// answer answers a question.
func (k *talk) answer(question, text string) {
	k.t.Helper()
	k.expect(question)
	if _, err := k.terminal.WriteString(text + "\r"); err != nil {
		k.t.Fatal(err)
	}
}

// end waits until wxpay init has ended, and returns its exit code.
func (k *talk) end() int {
	k.t.Helper()
	k.shown.ReadFrom(k.terminal) // on Linux it ends with an error
	k.cmd.Wait()
	return k.cmd.ProcessState.ExitCode()
}

// In a terminal, init asks for what is missing, suggests the files that are there,
// asks again after a wrong answer, and shows no secret.
func TestInitAsks(t *testing.T) {
	inSandbox(t)
	const apiv3, apiv2 = "abcdefghijklmnopqrstuvwxyz012345", "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	k := start(t, "--offline")
	k.answer("Merchant's number", "wxd678efh567hg6787")
	k.expect("is an appid")
	k.answer("Merchant's number", "1900000109")
	k.answer("private key [apiclient_key.pem]", "pub_key.pem")
	k.expect("this is a public key, not a private key")
	k.answer("private key [apiclient_key.pem]", "")
	k.answer("certificate [apiclient_cert.pem]", "")
	k.answer("Id of the platform public key", publicKeyID)
	k.answer("platform public key [pub_key.pem]", "")
	k.answer("APIv3 key", "too short")
	k.answer("APIv3 key", apiv3)
	k.answer("APIv2 key", apiv2)
	if code := k.end(); code != 0 {
		t.Errorf("exit %d", code)
	}
	for _, secret := range []string{apiv3, apiv2, "too short"} {
		if strings.Contains(k.shown.String(), secret) {
			t.Errorf("it shows %q: %q", secret, k.shown.String())
		}
	}
	s, err := settings.ReadFile(settings.FileName)
	if err != nil || s.MchID != "1900000109" || s.PrivateKey != "apiclient_key.pem" || s.Certificate != "apiclient_cert.pem" ||
		s.PlatformKeyID != publicKeyID || s.PlatformKey != "pub_key.pem" || s.APIv3Key != apiv3 || s.APIv2Key != apiv2 {
		t.Errorf("the file reads as %+v, %v", s, err)
	}
}

// A path may be typed as in a shell, or dropped into the terminal in quotes.
func TestInitAsksForPaths(t *testing.T) {
	inSandbox(t)
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	k := start(t, "--no-doctor", "--mchid", "1900000109", "--platform-public-key-id", publicKeyID, "--platform-public-key", "pub_key.pem")
	k.answer("private key [apiclient_key.pem]", "'apiclient_key.pem' ")
	k.answer("certificate [apiclient_cert.pem]", "~/apiclient_cert.pem")
	k.answer("APIv3 key", "")
	k.answer("APIv2 key", "")
	if code := k.end(); code != 0 {
		t.Errorf("exit %d", code)
	}
	s, err := settings.ReadFile(settings.FileName)
	if err != nil || s.PrivateKey != "apiclient_key.pem" || s.Certificate != filepath.Join(home, "apiclient_cert.pem") {
		t.Errorf("the file reads as %+v, %v", s, err)
	}
}

// In a terminal, init asks before it replaces a value or adds a merchant.
func TestInitConfirms(t *testing.T) {
	const before = "mchid = '1900000109'\nprivate_key = 'old.pem'\nserial_no = '3775B6A45ACD588826D15E583A95F5DD12345678'\n" +
		"platform_public_key_id = '" + publicKeyID + "'\nplatform_public_key = 'pub_key.pem'\napiv3_key = 'abcdefghijklmnopqrstuvwxyz012345'\napiv2_key = 'abcdefghijklmnopqrstuvwxyz012345'\n"
	for _, tt := range []struct {
		args           []string
		question, says string
		code           int
		want           string
	}{
		{[]string{"--base-url", "https://api2.mch.weixin.qq.com/"}, "", "", 0, before + "base_url = 'https://api2.mch.weixin.qq.com/'\n"},
		{[]string{"--platform-public-key", "other.pem"}, `Replace platform_public_key "pub_key.pem" by "other.pem"?`, "n", 2, before},
		{[]string{"--platform-public-key", "other.pem"}, `Replace platform_public_key "pub_key.pem" by "other.pem"?`, "y", 0, strings.Replace(before, "'pub_key.pem'", "'other.pem'", 1)},
		{[]string{"--mchid", "1900000110"}, "Add 1900000110 as another merchant?", "no", 2, before},
	} {
		inSandbox(t)
		write(t, settings.FileName, before)
		write(t, "other.pem", contents(t, "pub_key.pem"))
		k := start(t, append(tt.args, "--no-doctor")...)
		if tt.question != "" {
			k.answer(tt.question, tt.says)
		}
		if code := k.end(); code != tt.code || contents(t, settings.FileName) != tt.want {
			t.Errorf("init %q: exit %d, it shows %q; the file has\n%s", tt.args, code, k.shown.String(), contents(t, settings.FileName))
		}
	}
}

// Ctrl-C while a secret is typed writes nothing, and the terminal shows again what is
// typed.
func TestInitInterrupted(t *testing.T) {
	inSandbox(t)
	k := start(t, "--mchid", "1900000109", "--private-key", "apiclient_key.pem", "--certificate", "apiclient_cert.pem",
		"--platform-public-key-id", publicKeyID, "--platform-public-key", "pub_key.pem")
	k.expect("APIv3 key")
	if err := k.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if code := k.end(); code != 1 || !strings.Contains(k.shown.String(), "interrupted") {
		t.Errorf("exit %d, it shows %q", code, k.shown.String())
	}
	if _, err := os.Stat(filepath.Join(".", settings.FileName)); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
}
