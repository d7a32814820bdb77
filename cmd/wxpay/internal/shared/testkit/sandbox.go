package testkit

import (
	"io/fs"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/wxchain/wechatpay/sandbox"
)

// sandboxFiles are the files of a sandbox's folder. They are made once for all
// tests, because making keys takes long. The keys protect nothing.
var sandboxFiles = sync.OnceValues(func() (fs.FS, error) {
	dir, err := os.MkdirTemp("", "wxpay-test-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := sandbox.SetPlatformKey(dir, sandbox.KeyBoth, time.Now()); err != nil {
		return nil, err
	}
	files := make(fstest.MapFS)
	made := os.DirFS(dir)
	return files, fs.WalkDir(made, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(made, path)
		files[path] = &fstest.MapFile{Data: text}
		return err
	})
})

// WriteSandboxDir fills a folder with the files of a sandbox and returns its
// configuration.
func WriteSandboxDir(dir string) (sandbox.Config, error) {
	files, err := sandboxFiles()
	if err != nil {
		return sandbox.Config{}, err
	}
	if err := os.CopyFS(dir, files); err != nil {
		return sandbox.Config{}, err
	}
	return sandbox.LoadDir(dir, time.Now())
}

// NewSandboxDir makes a folder of a sandbox and returns it with its
// configuration.
func NewSandboxDir(t *testing.T) (dir string, config sandbox.Config) {
	t.Helper()
	dir = t.TempDir()
	config, err := WriteSandboxDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, config
}
