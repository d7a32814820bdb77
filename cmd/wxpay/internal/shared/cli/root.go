package cli

import (
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/complete"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/local"
)

// Root returns the command wxpay with commands as its subcommands.
func Root(commands []*cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use:   "wxpay",
		Short: "WeChat Pay from the command line",
		Long: `wxpay is the command line of github.com/wxchain/wechatpay, a Go client of
WeChat Pay. Run demo to see what the library does: it needs no merchant account,
no configuration and no network. To make your own call, find it with api, write
the configuration with init, and make the call with call. If the call fails,
doctor finds out why.

` + exit.Help,
		Example: `  wxpay demo
  wxpay api search 代金券 发放
  wxpay call GET v3/certificates`,
		Version:       wechatpay.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	local.BindSandbox(root)
	bindLanguage(root)
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(commands...)
	needSubcommand(root)
	describeCompletion(root)
	completeNoFiles(root)
	return root
}

// bindLanguage adds the flag --lang to root. [lang.FromArgs] reads it.
func bindLanguage(root *cobra.Command) {
	root.PersistentFlags().Var(new(lang.Name), lang.Flag, "language of help and messages (default that of LC_ALL, LC_MESSAGES or LANG)")
	complete.FlagWords(root, lang.Flag, "en", "zh")
}

// completeNoFiles keeps a shell from offering files to the commands below cmd that take
// no argument.
func completeNoFiles(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		takesNone := sub.Args != nil && sub.Args(sub, []string{"x"}) != nil && !sub.HasSubCommands()
		if takesNone && sub.ValidArgsFunction == nil {
			sub.ValidArgsFunction = cobra.NoFileCompletions
		}
		completeNoFiles(sub)
	}
}

// describeCompletion rewrites the help of cobra's completion command.
func describeCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	completion, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	needSubcommand(completion)
	completion.Short = "Print a completion script for a shell"
	completion.Long = `completion prints a script for a shell. With the script, the shell completes
commands, the templates of calls and the names of their fields. The help of each
shell's command says where to put the script.`
	completion.Example = `  source <(wxpay completion bash)
  wxpay completion zsh > "${fpath[1]}/_wxpay"
  wxpay completion fish > ~/.config/fish/completions/wxpay.fish`
	for _, shell := range completion.Commands() {
		shell.Args = NoArgs
		shell.Example = "  wxpay completion " + shell.Name()
		if shell.Name() == "bash" {
			completeBash(root, shell)
		}
	}
}
