package sandbox_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
)

func TestAddSubMerchant(t *testing.T) {
	dir := t.TempDir()
	if got := loadDir(t, dir).SubMerchants; got != nil {
		t.Errorf("a new folder has the sub-merchants %v", got)
	}
	want := []sandbox.SubMerchant{
		{SpMchID: sandbox.DefaultMchID, SubMchID: "1900000111"},
		{SpMchID: sandbox.DefaultMchID, SubMchID: "1900000112", SubAppID: "wxd678efh567hg6999"},
	}
	for i, sub := range want {
		for range 2 { // the second time nothing changes
			if err := sandbox.AddSubMerchant(dir, sub, start); err != nil {
				t.Fatal(err)
			}
		}
		if got := loadDir(t, dir).SubMerchants; !slices.Equal(got, want[:i+1]) {
			t.Errorf("the sub-merchants are %v, want %v", got, want[:i+1])
		}
	}
}

// What AddSubMerchant refuses is not written, and what was written by hand
// stays.
func TestAddSubMerchantKeepsTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sandbox.toml")
	loadDir(t, dir)
	for _, number := range []string{"1900000111", "1900000112"} {
		if err := sandbox.AddSubMerchant(dir, sandbox.SubMerchant{SpMchID: sandbox.DefaultMchID, SubMchID: number}, start); err != nil {
			t.Fatal(err)
		}
	}
	change(t, path, func(text string) []byte { return []byte("# by hand\n" + text) })
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	for says, sub := range map[string]sandbox.SubMerchant{
		"not one of the Merchants; add it": {SpMchID: "1900000999", SubMchID: "1900000111"},
		"not the number":                   {SpMchID: sandbox.DefaultMchID},
		"its own":                          {SpMchID: sandbox.DefaultMchID, SubMchID: sandbox.DefaultMchID},
		"there twice":                      {SpMchID: sandbox.DefaultMchID, SubMchID: "1900000111", SubAppID: "wxd678efh567hg6787"},
	} {
		if err := sandbox.AddSubMerchant(dir, sub, start); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v: error is %v, want one that says %q", sub, err, says)
		}
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != string(kept) {
		t.Errorf("what was refused is in the file: %s, %v", text, err)
	}
	if err := sandbox.AddSubMerchant(dir, sandbox.SubMerchant{SpMchID: sandbox.DefaultMchID, SubMchID: "1900000113"}, start); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), string(kept)) || len(loadDir(t, dir).SubMerchants) != 3 {
		t.Errorf("what was written by hand is gone: %s, %v", text, err)
	}
}

func TestLoadDirRefusesSubMerchants(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sandbox.toml")
	loadDir(t, dir)
	for text, says := range map[string]string{
		"[[sub_merchants]":                           "is damaged",
		"sub_merchant = []":                          "unknown key",
		"[[sub_merchants]]\nmchid=1":                 "unknown key",
		"[[sub_merchants]]\nsp_mchid=\"1900000109\"": "not the number",
		"[[sub_merchants]]\nsp_mchid=\"1900000999\"\nsub_mchid=\"1900000111\"\n": "not one of the Merchants; add it",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sandbox.LoadDir(dir, start); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: error is %v, want one that names the file and says %q", text, err, says)
		}
	}
}

// AddSubMerchant does not edit a list in a form that it cannot append to: it
// says what to write.
func TestAddSubMerchantToInlineList(t *testing.T) {
	dir := t.TempDir()
	loadDir(t, dir)
	inline := `sub_merchants = [{sp_mchid = "1900000109", sub_mchid = "1900000111"}]`
	if err := os.WriteFile(filepath.Join(dir, "sandbox.toml"), []byte(inline), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.AddSubMerchant(dir, sandbox.SubMerchant{SpMchID: sandbox.DefaultMchID, SubMchID: "1900000112"}, start); err == nil || !strings.Contains(err.Error(), "1900000112") {
		t.Errorf("error is %v, want what to write", err)
	}
	want := []sandbox.SubMerchant{{SpMchID: sandbox.DefaultMchID, SubMchID: "1900000111"}}
	if got := loadDir(t, dir).SubMerchants; !slices.Equal(got, want) {
		t.Errorf("the sub-merchants are %v, want %v", got, want)
	}
}

// Editors on Windows may save a file of the folder with a byte order mark.
func TestLoadDirWithByteOrderMark(t *testing.T) {
	dir := t.TempDir()
	loadDir(t, dir)
	for _, name := range []string{"sandbox.toml", "wxpay.toml"} {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, append([]byte("\ufeff"), text...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	loadDir(t, dir)
}
