package initcmd

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/settings"
)

// The written file parses to the same settings, and only its owner can read it. An
// existing file is never overwritten.
func TestInit(t *testing.T) {
	path := filepath.Join(t.TempDir(), settings.FileName)
	s := settings.Settings{MchID: "8956000", PrivateKey: "apiclient_key.pem", Config: path}
	var out bytes.Buffer
	if err := run(&s, &out); err != nil || !strings.Contains(out.String(), path) {
		t.Fatalf("%v, printed %q", err, &out)
	}
	read, err := settings.ReadFile(path)
	if err != nil || read.MchID != s.MchID || filepath.Base(read.PrivateKey) != s.PrivateKey {
		t.Errorf("it reads as %+v, %v", read, err)
	}
	if info, err := os.Stat(path); err != nil {
		t.Error(err)
	} else if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, want one that only its owner can read", info.Mode())
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.MchID = "1900000109"
	if err := run(&s, &out); exit.Code(err) != exit.Usage {
		t.Errorf("a second time: %v", err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has %q, %v", after, err)
	}
}

// A key in place of its path is not written.
func TestInitWithKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), settings.FileName)
	s := settings.Settings{PrivateKey: "-----BEGIN PRIVATE KEY-----", Config: path}
	if err := run(&s, new(bytes.Buffer)); exit.Code(err) != exit.Usage {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
}
