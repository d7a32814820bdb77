package wechatpay_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page of the package names every package beside it that can be imported, and
// every module.
func TestMapOfPackages(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range packageFolders(t) {
		name := "[github.com/wxchain/wechatpay/" + folder + "]"
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			name = folder
		}
		switch {
		case strings.Contains(folder, "/"), folder == "cmd", folder == "examples", folder == "internal", folder == "interop":
		case !strings.Contains(string(text), name):
			t.Errorf("doc.go does not name %s", folder)
		}
	}
}
