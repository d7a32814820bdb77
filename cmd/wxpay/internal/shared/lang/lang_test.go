package lang_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// sample is said differently in each language.
const sample lang.Phrase = "true or false"

func nameOf(l lang.Language) string {
	switch said := sample.In(l); said {
	case "true or false":
		return "en"
	case "true 或 false":
		return "zh"
	default:
		return said
	}
}

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]string{
		"":                             "en",
		"LANG=zh_CN.UTF-8":             "zh",
		"LANG=zh":                      "zh",
		"LANG=zh_TW":                   "zh",
		"LANG=zh-Hans":                 "zh",
		"LANG=ZH_CN.GB18030":           "zh",
		"LANG=zh@pinyin":               "zh",
		"LANG=zhx_XX":                  "en",
		"LANG=en_US.UTF-8":             "en",
		"LANG=de_DE.UTF-8":             "en",
		"LANG=C":                       "en",
		"LANG=C.UTF-8":                 "en",
		"LANG=POSIX":                   "en",
		"LC_MESSAGES=zh_CN.UTF-8":      "zh",
		"LC_MESSAGES=zh_CN LANG=en_US": "zh",
		"LC_MESSAGES=en_US LANG=zh_CN": "en",
		"LC_ALL=zh_CN LC_MESSAGES=en_US LANG=en_US": "zh",
		"LC_ALL=C LC_MESSAGES=zh_CN LANG=zh_CN":     "en",
		"LC_CTYPE=zh_CN.UTF-8":                      "en",
		"LANG=en_US LANGUAGE=zh_CN:en":              "zh",
		"LANG=de_DE LANGUAGE=fr:zh:en":              "zh",
		"LANG=zh_CN LANGUAGE=en":                    "en",
		"LANG=zh_CN LANGUAGE=fr":                    "zh",
		"LANG=zh_CN LANGUAGE=:":                     "zh",
		"LANG=C LANGUAGE=zh":                        "en",
		"LANGUAGE=zh":                               "en",
	} {
		getenv := func(name string) string {
			for _, variable := range strings.Fields(env) {
				if value, ok := strings.CutPrefix(variable, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got := nameOf(lang.FromEnvironment(getenv)); got != want {
			t.Errorf("%q: %s, want %s", env, got, want)
		}
	}
}

func TestFromArgs(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                            "en zh",
		"call GET v3/certificates":    "en zh",
		"--lang zh":                   "zh zh",
		"--lang=zh":                   "zh zh",
		"call GET x --lang zh":        "zh zh",
		"call --lang=en GET x":        "en en",
		"--lang zh --lang en":         "en en",
		"--lang fr":                   "en zh",
		"--lang=":                     "en zh",
		"--lang":                      "en zh",
		"--language zh":               "en zh",
		"call -- --lang zh":           "en zh",
		"help batch status --lang=zh": "zh zh",
	} {
		words := strings.Fields(args)
		if got := nameOf(lang.FromArgs(words, lang.Language{})) + " " + nameOf(lang.FromArgs(words, lang.Chinese())); got != want {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
	}
}

func TestFromContext(t *testing.T) {
	t.Parallel()
	if got := nameOf(lang.From(context.Background())); got != "en" {
		t.Errorf("without a language: %s", got)
	}
	if got := nameOf(lang.From(lang.With(context.Background(), lang.Chinese()))); got != "zh" {
		t.Errorf("with Chinese: %s", got)
	}
}

// An error is said in Chinese as far as Errorf or the system made it. Its method Error, and
// what other packages made, stay English.
func TestError(t *testing.T) {
	t.Parallel()
	lost := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	line := lang.Errorf("line %d: %w", 3, lang.Errorf("--certificate and --private-key: %w", lost))
	for _, tt := range []struct {
		err              error
		english, chinese string
	}{
		{lost, "open x: file does not exist", "x 不存在；请检查路径"},
		{line, "line 3: --certificate and --private-key: open x: file does not exist", "第 3 行：--certificate 和 --private-key：x 不存在；请检查路径"},
		{fmt.Errorf("x.csv: %w", line), "x.csv: line 3: --certificate and --private-key: open x: file does not exist", "x.csv: 第 3 行：--certificate 和 --private-key：x 不存在；请检查路径"},
		{errors.Join(lang.Errorf("missing: %s", lang.Words([]string{"a", "b"})), lost), "missing: a, b\nopen x: file does not exist", "缺少 a、b\nx 不存在；请检查路径"},
		{lang.Errorf("--%s is %q, want %s", "x", "y", sample), `--x is "y", want true or false`, `--x 的值 "y" 无效，应为：true 或 false`},
		{lang.Errorf("%d of %d calls failed, the first with: %w", 1, 2, lost), "1 of 2 calls failed, the first with: open x: file does not exist", "2 次调用中有 1 次失败，第一次的错误：x 不存在；请检查路径"},
		{lang.Errorf("%d of %d checks failed: %s", 1, 2, "z"), "1 of 2 checks failed: z", "2 项检查中有 1 项失败：z"},
	} {
		if got := tt.err.Error(); got != tt.english {
			t.Errorf("it is %q, want %q", got, tt.english)
		}
		if got := (lang.Language{}).Error(tt.err); got != tt.english {
			t.Errorf("in English it is %q, want %q", got, tt.english)
		}
		if got := lang.Chinese().Error(tt.err); got != tt.chinese {
			t.Errorf("in Chinese it is %q, want %q", got, tt.chinese)
		}
	}
	if !errors.Is(line, fs.ErrNotExist) {
		t.Error("what is wrapped is lost")
	}
}
