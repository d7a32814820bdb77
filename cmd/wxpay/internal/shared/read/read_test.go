package read_test

import (
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/read"
)

// A file of JSON may have a byte order mark and any ends of lines. What is wrong with
// another file is said with its place, in both languages.
func TestJSON(t *testing.T) {
	for text, want := range map[string]string{"{\"a\":1}\r\n": "{\"a\":1}\r\n", "\ufeff{\"a\":\"中\"}": "{\"a\":\"中\"}", " [1]": " [1]"} {
		if got, err := read.JSON("@x.json", []byte(text)); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string][2]string{
		"":                     {"@x.json is empty; write JSON into it, such as", "@x.json 是空文件；"},
		"\ufeff \n":            {"@x.json is empty;", "@x.json 是空文件；"},
		"{\"a\":\"\xd6\xd0\"}": {"@x.json is not UTF-8; save it as UTF-8", "@x.json 不是 UTF-8；请把文件保存为 UTF-8"},
		"\xff\xfe{\x00}\x00":   {"@x.json is not UTF-8", "@x.json 不是 UTF-8"},
		"{\n \"中\": x\n}":      {"@x.json is not valid JSON; correct it at line 2, column 7", "@x.json 不是有效的 JSON；请改正第 2 行第 7 列"},
		"{\"a\": 1":            {"@x.json is not valid JSON; correct it at line 1, column", "第 1 行第"},
	} {
		_, err := read.JSON("@x.json", []byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want[0]) || !strings.Contains(lang.Chinese().Error(err), want[1]) {
			t.Errorf("%q: %v, in Chinese %s", text, err, lang.Chinese().Error(err))
		}
	}
}

func TestFileIsFolder(t *testing.T) {
	_, err := read.File(t.TempDir(), 10)
	if err == nil || !strings.HasSuffix(err.Error(), " is a folder; name a file") {
		t.Error(err)
	}
}
