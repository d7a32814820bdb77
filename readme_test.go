package wechatpay_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var codeBlock = regexp.MustCompile("(?s)```([a-z]*)\n(.*?)```")

// codeBlocks are the blocks of a Markdown file, with their languages.
func codeBlocks(t *testing.T, file string) [][]string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return codeBlock.FindAllStringSubmatch(string(text), -1)
}

// Every Go block of the documentation stands in a program that compiles: in an
// example or a recipe, which runs, or in a test against another SDK.
func TestDocs(t *testing.T) {
	var programs strings.Builder
	for _, pattern := range []string{"*example_test.go", "*/*example_test.go", "examples/*/main.go", "interop/*_test.go"} {
		for _, file := range glob(t, pattern) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			programs.WriteString(flat(string(source)))
		}
	}
	for _, file := range append(glob(t, "docs/*.md"), "README.md", "README.zh-CN.md", "CONTRIBUTING.md") {
		for _, block := range codeBlocks(t, file) {
			if block[1] == "go" && !strings.Contains(programs.String(), flat(block[2])) {
				t.Errorf("%s: no program has this block:\n%s", file, block[2])
			}
		}
	}
}

// The README says the same in both languages.
func TestReadmeInChinese(t *testing.T) {
	english, chinese := codeBlocks(t, "README.md"), codeBlocks(t, "README.zh-CN.md")
	if len(english) < 20 {
		t.Errorf("README.md has %d blocks of code, want 20 or more", len(english))
	}
	if len(english) != len(chinese) {
		t.Fatalf("README.md has %d blocks of code, README.zh-CN.md %d", len(english), len(chinese))
	}
	for i := range english {
		if !slices.Equal(english[i], chinese[i]) {
			t.Errorf("block %d differs:\n%s\n%s", i+1, english[i][0], chinese[i][0])
		}
	}
}

// What the documentation points to is there.
func TestDocsLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, file := range append(glob(t, "docs/*.md"), glob(t, "*.md")...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(codeBlock.ReplaceAll(text, nil)), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s: a link leads nowhere: %v", file, err)
			}
		}
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no file is %s", pattern)
	}
	return files
}

// flat leaves indentation and empty lines out.
func flat(source string) string {
	var b strings.Builder
	for line := range strings.Lines(source) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
