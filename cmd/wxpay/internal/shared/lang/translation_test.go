package lang_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/commands"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

var halfWidth = regexp.MustCompile(`[,;:] `)

// Each text that the code of wxpay says has a Chinese one, and each Chinese one is said.
func TestTextsInChinese(t *testing.T) {
	t.Parallel()
	stale, n := lang.Texts(), 0
	for _, s := range sources(t) {
		_, ok := lang.Texts()[s.text]
		if !ok && (hasWords(s.text) || halfWidth.MatchString(s.text)) {
			t.Errorf("%s: %q has no Chinese text", s.at, s.text)
		}
		delete(stale, s.text)
		n++
	}
	for english := range stale {
		t.Errorf("nothing says %q", english)
	}
	if n < 300 {
		t.Errorf("%d texts", n)
	}
	n = 0
	for _, table := range lang.Tables() {
		n += len(table)
	}
	if n != len(lang.Texts()) {
		t.Errorf("%d texts are in two tables", n-len(lang.Texts()))
	}
}

// Each paragraph of help and each flag has a Chinese text, and each Chinese text is shown.
func TestHelpInChinese(t *testing.T) {
	t.Parallel()
	table := make(map[string]string)
	n := 0
	for _, texts := range lang.HelpTables() {
		n += len(texts)
		for english, chinese := range texts {
			table[lang.Joined(english)] = chinese
		}
	}
	stale := maps.Clone(table)
	root := cli.Root(commands.All(nil))
	root.InitDefaultHelpCmd()
	for at, text := range helpTexts(root) {
		if _, ok := table[lang.Joined(text)]; !ok && !isCode(text) {
			t.Errorf("%s: no Chinese for %q", at, text)
		}
		delete(stale, lang.Joined(text))
	}
	for english := range stale {
		t.Errorf("no command has %q", english)
	}
	if len(table) < 150 || len(table) != n {
		t.Errorf("%d paragraphs, %d in the tables", len(table), n)
	}
}

// helpTexts yields the texts of the help of cmd and its subcommands, and where they are.
func helpTexts(cmd *cobra.Command) func(yield func(at, text string) bool) {
	return func(yield func(at, text string) bool) {
		texts := append(strings.Split(cmd.Long, "\n\n"), cmd.Short)
		for line := range strings.Lines(cmd.Example) {
			if _, comment, ok := strings.Cut(line, "# "); ok {
				texts = append(texts, strings.TrimSpace(comment))
			}
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { texts = append(texts, f.Usage) })
		for _, text := range texts {
			if text != "" && !yield(cmd.CommandPath(), text) {
				return
			}
		}
		for _, sub := range cmd.Commands() {
			for at, text := range helpTexts(sub) {
				if !yield(at, text) {
					return
				}
			}
		}
	}
}

var codeLine = regexp.MustCompile(`^(\t|  (wxpay|source|echo|//go:generate)|####) ?`)

// isCode reports whether a paragraph has lines of code alone.
func isCode(paragraph string) bool {
	for line := range strings.Lines(paragraph) {
		if !codeLine.MatchString(line) {
			return false
		}
	}
	return true
}

// all yields each English text with its Chinese one.
func all(yield func(english, chinese string) bool) {
	for _, table := range append(lang.Tables(), lang.HelpTables()...) {
		for english, chinese := range table {
			if !yield(english, chinese) {
				return
			}
		}
	}
}

var verb = regexp.MustCompile(`%%|%(\[\d+\])?[-+# 0]*\d*(\.\d+)?[a-zA-Z]`)

// verbs are the placeholders of a format with the position of each argument.
func verbs(format string) (list []string) {
	next := 1
	for _, v := range verb.FindAllString(format, -1) {
		if v == "%%" {
			continue
		}
		if _, after, ok := strings.Cut(v, "["); ok {
			digit, rest, _ := strings.Cut(after, "]")
			next = int(digit[0] - '0')
			v = "%" + rest
		}
		list = append(list, string(rune('0'+next))+v)
		next++
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// words of code: flags, variables, names of fields and files, URLs, paths and templates.
var codeWord = regexp.MustCompile(`--[a-z][a-z0-9-]*|\{[^}]*\}|https?://[^\s，；、）]+|nats://[^\s，；、）]+|[A-Z][A-Z0-9]*_[A-Z0-9_]+|[a-z0-9]+_[a-z0-9_]+|\b\w+\.(?:pem|toml|jsonl|csv|html|md|xml)\b|v[23]/[a-z/{}_-]+|[a-z0-9.]*:?==?(?:[a-z]+|\d+)|\d{3,}|` + "`[^`]*`")

// A Chinese text has the placeholders and the words of code of the English one.
func TestPlaceholdersInChinese(t *testing.T) {
	t.Parallel()
	for english, chinese := range all {
		if e, c := verbs(english), verbs(chinese); !slices.Equal(e, c) {
			t.Errorf("%q has %q, and %q has %q", english, e, chinese, c)
		}
		for _, pair := range [][2]string{{english, chinese}, {chinese, english}} {
			for _, word := range codeWord.FindAllString(pair[0], -1) {
				if word = strings.TrimRight(word, "./"); !strings.Contains(lang.Joined(pair[1]), word) {
					t.Errorf("%q lacks %q of %q", pair[1], word, pair[0])
				}
			}
		}
	}
}

var mistakes = map[string]*regexp.Regexp{
	"a half-width mark beside a Chinese character": regexp.MustCompile(`\p{Han}[,;:?!()]|[;?!()]\p{Han}|[,:] ?\p{Han}`),
	"a half-width mark":                            regexp.MustCompile(`[^'a-zA-Z\s][,;?!] |[a-z0-9)] \(|%[a-z](?:[,;?]|:[^=%])`),
	"a blank beside a full-width mark":             regexp.MustCompile(`[，。：；！？、（）] \p{Han}|\p{Han} [，。：；！？、（）]`),
	"dots":                                         regexp.MustCompile(`\.\.\.|。。`),
	"an English quotation mark around Chinese":     regexp.MustCompile(`"\p{Han}|\p{Han}"`),
	"a separator of thousands":                     regexp.MustCompile(`\d,\d{3}`),
}

var (
	crowded  = regexp.MustCompile(`\p{Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Han}`)
	official = strings.NewReplacer("API安全", "", `"张三"`, "") // as the merchant platform writes it, and JSON
	prefix   = regexp.MustCompile(`^wxpay \w+: `)           // of a line on the standard error
)

// Chinese texts have Chinese punctuation, and fit a terminal.
func TestChinesePunctuation(t *testing.T) {
	t.Parallel()
	for english, chinese := range all {
		text := prefix.ReplaceAllString(official.Replace(chinese), "")
		for name, mistake := range mistakes {
			if found := mistake.FindString(text); found != "" {
				t.Errorf("%s, %q, in %q", name, found, chinese)
			}
		}
		if found := crowded.FindString(verb.ReplaceAllString(text, "")); found != "" {
			t.Errorf("no blank between a Chinese character and a word, %q, in %q", found, chinese)
		}
		if isFinished := strings.HasSuffix(english, "."); strings.Contains(english, " ") && isFinished != strings.HasSuffix(chinese, "。") {
			t.Errorf("%q and %q do not end alike", english, chinese)
		}
		if !strings.Contains(english, "\n") {
			continue
		}
		for line := range strings.Lines(chinese) {
			if w := uniseg.StringWidth(strings.TrimRight(line, "\n")); w > 80 {
				t.Errorf("%d columns: %s", w, line)
			}
		}
	}
}
