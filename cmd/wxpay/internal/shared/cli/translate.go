package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
)

// translate says the help of root and its subcommands in a language.
func translate(root *cobra.Command, l lang.Language) {
	root.InitDefaultHelpCmd() // which cobra would add later
	template := root.UsageTemplate()
	for _, word := range templateWords() {
		template = strings.ReplaceAll(template, string(word), word.In(l))
	}
	root.SetUsageTemplate(template)
	translateCommand(root, l)
}

// templateWords are the words of cobra's template. A word that is within another one
// follows it.
func templateWords() []lang.Phrase {
	return []lang.Phrase{
		"Usage:", "Aliases:", "Examples:", "Additional Commands:", "Available Commands:", "Global Flags:", "Flags:",
		"Additional help topics:", `Use "{{.CommandPath}} [command] --help" for more information about a command.`,
		commandWord,
	}
}

// Words of the line that shows how to use a command.
const (
	commandWord lang.Phrase = "[command]"
	flagsWord   lang.Phrase = "[flags]"
)

func translateCommand(cmd *cobra.Command, l lang.Language) {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	for name, usage := range map[string]lang.Phrase{"help": "help for %s", "version": "version for %s"} {
		if f := cmd.Flags().Lookup(name); f != nil && strings.HasSuffix(f.Usage, " for "+cmd.Name()) {
			f.Usage = fmt.Sprintf(usage.In(l), cmd.Name())
		}
	}
	if cmd.HasAvailableFlags() {
		cmd.Use += " " + flagsWord.In(l)
		cmd.DisableFlagsInUseLine = true // cobra's are in English
	}
	cmd.Use = strings.ReplaceAll(cmd.Use, string(commandWord), commandWord.In(l))
	cmd.Short, cmd.Long, cmd.Example = l.Help(cmd.Short), l.Help(cmd.Long), translateExample(cmd.Example, l)
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) { translateFlag(f, l) })
	for _, sub := range cmd.Commands() {
		translateCommand(sub, l)
	}
}

// translateFlag says what a flag does, and its default, which pflag would say in English.
func translateFlag(f *pflag.Flag, l lang.Language) {
	f.Usage = l.Help(f.Usage)
	zero := map[string]string{"int": "0", "int64": "0", "uint64": "0", "duration": "0s", "bool": "false", "stringArray": "[]"}[f.Value.Type()]
	if f.DefValue != zero {
		f.Usage += l.Sprintf(" (default %s)", f.DefValue)
		f.DefValue = zero
	}
}

// translateExample says the comments of an example.
func translateExample(example string, l lang.Language) string {
	lines := slices.Collect(strings.Lines(example))
	for i, line := range lines {
		if code, comment, ok := strings.Cut(line, "# "); ok {
			ending := comment[len(strings.TrimRight(comment, "\n")):]
			lines[i] = code + "# " + l.Help(strings.TrimRight(comment, "\n")) + ending
		}
	}
	return strings.Join(lines, "")
}
