package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cli"
)

// allBelow yields cmd and all its subcommands that can be run.
func allBelow(cmd *cobra.Command) func(yield func(*cobra.Command) bool) {
	return func(yield func(*cobra.Command) bool) {
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() && !yield(sub) {
				return
			}
			for below := range allBelow(sub) {
				if !yield(below) {
					return
				}
			}
		}
	}
}

// The help of each command has a summary and examples. Each command and flag in
// the examples exists.
func TestHelpOfEach(t *testing.T) {
	n := 0
	for cmd := range allBelow(cli.Root(commands())) {
		n++
		_, stdout, stderr := exec(t.Context(), append(strings.Fields(cmd.CommandPath())[1:], "--help")...)
		if strings.Contains(stdout, "(default )") || strings.Contains(stdout, "(default 0)") {
			t.Errorf("%s --help says a default that is none:\n%s", cmd.CommandPath(), stdout)
		}
		if stderr != "" || !strings.HasPrefix(stdout, strings.TrimSpace(cmd.Long)) || len(cmd.Long) <= len(cmd.Short) || !strings.Contains(stdout, "\nExamples:\n") {
			t.Errorf("%s --help: stderr %q, stdout:\n%s", cmd.CommandPath(), stderr, stdout)
		}
		example := strings.ReplaceAll(cmd.Example, "\\\n", " ")
		if !strings.Contains(example, cmd.CommandPath()) && !strings.Contains(example, "wxpay --sandbox "+cmd.Name()) {
			t.Errorf("%s has no example of itself:\n%s", cmd.CommandPath(), example)
		}
		for line := range strings.Lines(example) {
			checkExample(t, line)
		}
	}
	if n < 20 {
		t.Errorf("%d commands", n)
	}
}

// checkExample checks a shell line that calls wxpay.
func checkExample(t *testing.T, line string) {
	t.Helper()
	_, call, found := strings.Cut(line, "wxpay ")
	if !found || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return
	}
	call, _, _ = strings.Cut(call, " | ")
	root := cli.Root(commands())
	cmd, rest, err := root.Find(strings.Fields(strings.TrimRight(call, ")\n")))
	if err != nil || cmd == root {
		t.Errorf("%q calls no command: %v", line, err)
		return
	}
	for _, word := range rest {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if isFlag && name != "" && cmd.Flag(name) == nil {
			t.Errorf("%q: %s has no --%s", line, cmd.CommandPath(), name)
		}
	}
}

// A flag never takes a secret, because others on the machine can see arguments.
func TestNoFlagForSecrets(t *testing.T) {
	for cmd := range allBelow(cli.Root(commands())) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			for _, word := range []string{"apiv3-key", "apiv2-key", "secret", "password", "passphrase"} {
				if strings.Contains(f.Name, word) {
					t.Errorf("%s has --%s", cmd.CommandPath(), f.Name)
				}
			}
		})
	}
}

// Each command and flag in the documentation exists, in English and in Chinese.
func TestDocumentedCommands(t *testing.T) {
	files := []string{"../../README.md", "../../README.zh-CN.md", "../../CONTRIBUTING.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md"} {
		pages, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, pages...)
	}
	n := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
				if line, _, _ = strings.Cut(line, " # "); strings.Contains(line, "wxpay ") {
					n++
					checkExample(t, line)
				}
			}
		}
	}
	if n < 60 {
		t.Errorf("%d commands in the documentation", n)
	}
}
