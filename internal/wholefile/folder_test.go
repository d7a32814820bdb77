package wholefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/wholefile"
)

func TestMakeFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "b")
	for range 2 { // the second time it is there
		if err := wholefile.MakeFolder(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, made := range []string{path, filepath.Dir(path)} {
		if info, err := os.Stat(made); err != nil || !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v; want a folder for its owner alone", made, info, err)
		}
	}
	t.Chdir(path)
	if err := wholefile.MakeFolder("c"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(path, "c")); err != nil {
		t.Error(err)
	}
	file := filepath.Join(path, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, filepath.Join(file, "d")} {
		if err := wholefile.MakeFolder(path); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error is %v", path, err)
		}
	}
	if err := wholefile.SyncFolder(filepath.Join(path, "none")); err == nil {
		t.Error("a folder that is not there is on the disk")
	}
}
