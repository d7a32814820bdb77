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

// sandboxFiles are those of the folder of a sandbox, made once for all tests:
// its keys protect nothing, and take long to make.
var sandboxFiles = sync.OnceValues(func() (fs.FS, error) {
	dir, err := os.MkdirTemp("", "wxpay-test-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if _, err := sandbox.LoadDir(dir, time.Now()); err != nil {
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

// WriteSandboxDir makes a folder that of a sandbox, and returns what is in it.
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

// NewSandboxDir is the folder of a sandbox, and what is in it.
func NewSandboxDir(t *testing.T) (dir string, config sandbox.Config) {
	t.Helper()
	dir = t.TempDir()
	config, err := WriteSandboxDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, config
}
