package config_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/config"
)

// Whatever a file holds, reading it ends, and an error quotes no long value.
func FuzzFile(f *testing.F) {
	for _, text := range []string{
		"mchid = \"1900000109\"\n", "[[merchant]]\nmchid = '1'\n[[merchant]]\nmchid = '2'", "apiv3_key = \"" + secret + "\"\nmchid 5",
		"[merchant]\n", "a.b.c = 1", "mchid = \"\"\"\n1\"\"\"", "private_key_file = ''", "\"mchid\" = 1", "[[merchant.a]]\n", "\ufeffmchid = \"1\"\r\n",
		secret + " = 1", "[" + secret + "]",
	} {
		f.Add(text)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, dir, config.FileName, text)
		_, err := config.Read(config.File(path))
		if err != nil && strings.Contains(text, secret) && strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
