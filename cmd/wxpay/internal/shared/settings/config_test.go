package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A wxpay.toml that is only found in the current folder cannot redirect signed
// requests.
func TestBaseURLOfAFileFoundHere(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for base, harmless := range map[string]bool{
		"https://api.mch.weixin.qq.com/":         true,
		"https://api2.mch.weixin.qq.com/":        true,
		"http://127.0.0.1:8686/":                 true,
		"http://[::1]:8686/":                     true,
		"http://localhost:8686/":                 true,
		"http://api.mch.weixin.qq.com/":          false,
		"https://api.mch.weixin.qq.com.example/": false,
		"https://mch.weixin.qq.com@example.com/": false,
		"https://example.com/.mch.weixin.qq.com": false,
		"http://127.0.0.1.example.com/":          false,
		"https://gateway.example/":               false,
	} {
		if err := os.WriteFile(FileName, []byte("base_url = \""+base+"\"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := ReadFile("")
		if harmless && (err != nil || s.BaseURL != base) || !harmless && (err == nil || !strings.Contains(err.Error(), "--config")) {
			t.Errorf("%s: %q, %v", base, s.BaseURL, err)
		}
		if s, err = ReadFile(filepath.Join(dir, FileName)); err != nil || s.BaseURL != base {
			t.Errorf("%s in a file that is named: %q, %v", base, s.BaseURL, err)
		}
	}
}
