package sandbox_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

// Writing leaves no incomplete file behind. If a file cannot be put in its place,
// the error names it.
func TestLoadDirLeavesNoHalves(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	loadDir(t, dir)
	if _, err := sandbox.LoadTLS(dir, start); err != nil {
		t.Fatal(err)
	}
	halves := func() (found []string) {
		err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
			if strings.HasPrefix(filepath.Base(path), ".new-") {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := halves(); found != nil {
		t.Errorf("left behind: %q", found)
	}
	change(t, filepath.Join(dir, "ca.pem"), gone)
	change(t, filepath.Join(dir, "ca_key.pem"), gone)
	key := filepath.Join(dir, "ca_key.pem")
	if err := os.MkdirAll(filepath.Join(key, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.LoadTLS(dir, start); err == nil || !strings.Contains(err.Error(), "ca_key.pem") {
		t.Errorf("error is %v, want one that names ca_key.pem", err)
	}
	if found := halves(); found != nil {
		t.Errorf("left behind: %q", found)
	}
}
