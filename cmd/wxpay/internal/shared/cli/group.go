package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/internal/suggest"
)

// Group adds subs to cmd and makes cmd require one of them.
func Group(cmd *cobra.Command, subs ...*cobra.Command) {
	cmd.AddCommand(subs...)
	needSubcommand(cmd)
}

// needSubcommand makes cmd require a subcommand. Without it, cobra would print
// the help for an unknown subcommand and exit with 0.
func needSubcommand(cmd *cobra.Command) {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() {
				names = append(names, sub.Name())
			}
		}
		if nearest := nearest(args[0], names); nearest != "" {
			return lang.Errorf("unknown command %q; did you mean %q?", term.Cut(args[0]), nearest)
		}
		return lang.Errorf("unknown command %q; the commands are %s", term.Cut(args[0]), lang.Words(names))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
}

// nearest returns the command that word was probably meant to be: the only one that
// starts with it, or else the one that is spelled most alike.
func nearest(word string, names []string) string {
	startsOtherwise := func(name string) bool { return !strings.HasPrefix(name, word) }
	if begun := slices.DeleteFunc(slices.Clone(names), startsOtherwise); len(begun) == 1 {
		return begun[0]
	}
	return suggest.Nearest(word, names)
}

// newHelp returns the command help. It replaces cobra's own, which exits with 0
// for an unknown command.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Show what a command does",
		Example: `  wxpay help call
  wxpay help api show`,
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err == nil && len(rest) > 0 && cmd.HasSubCommands() {
				err = cmd.ValidateArgs(rest)
			}
			if err != nil {
				return exit.Misuse(err)
			}
			return cmd.Help()
		},
	}
}
