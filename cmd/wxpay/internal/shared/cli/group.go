package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
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
		if nearest := suggest.Nearest(args[0], names); nearest != "" {
			return fmt.Errorf("unknown command %q; did you mean %q?", term.Cut(args[0]), nearest)
		}
		return fmt.Errorf("unknown command %q; the commands are %s", term.Cut(args[0]), strings.Join(names, ", "))
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
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
			if err == nil && cmd.HasSubCommands() {
				err = cmd.ValidateArgs(rest)
			}
			if err != nil {
				return exit.Misuse(err)
			}
			return cmd.Help()
		},
	}
}
