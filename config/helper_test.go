package config_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/config"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	first  = sandbox.DefaultMchID
	second = "1900000110"
)

// A world is a sandbox with two merchants, and the files of the merchants.
type world struct {
	dir   string // with the files of the first merchant
	other string // with those of the second
	clock config.Option
}

// keys are the files of a sandbox with two merchants, made once.
var keys = sync.OnceValues(func() (map[string]string, error) {
	dir, err := os.MkdirTemp("", "config")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := sandbox.AddMerchant(dir, second, time.Now()); err != nil {
		return nil, err
	}
	files := make(map[string]string)
	return files, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(text)
		return err
	})
})

func newWorld(t testing.TB) world {
	t.Helper()
	clearEnvironment(t)
	files, err := keys()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range files {
		write(t, dir, name, text)
	}
	settings, err := sandbox.LoadDir(dir, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	sb := sandbox.Start(t, func(c *sandbox.Config) { *c = settings })
	w := world{dir, filepath.Join(dir, "merchants", second), config.With(func(c *wechatpay.Config) { c.Clock = sb.ClientConfig().Clock })}
	for _, path := range []string{w.file(), w.otherFile()} {
		write(t, filepath.Dir(path), config.FileName, fmt.Sprintf("base_url = %q\n%s", sb.URL(), contents(t, path)))
	}
	return w
}

func (w world) file() string      { return filepath.Join(w.dir, config.FileName) }
func (w world) otherFile() string { return filepath.Join(w.other, config.FileName) }

func clearEnvironment(t testing.TB) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "WECHATPAY_") {
			t.(interface{ Setenv(key, value string) }).Setenv(name, "")
		}
	}
}

// write writes a file into a folder and returns its path.
func write(t testing.TB, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func contents(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// call makes a call that needs the right keys, and reads its answer.
func call(t testing.TB, client *wechatpay.Client, mchID string) {
	t.Helper()
	_, err := client.Chain("v3/pay/transactions/out-trade-no/{out_trade_no}").Bind("out_trade_no", "none").
		Get(context.Background(), wechatpay.Query(wechatpay.M{"mchid": mchID}))
	if !wechatpay.IsCode(err, "ORDER_NOT_EXIST") {
		t.Errorf("%s: %v", mchID, err)
	}
}
