// Command wxpay is the command line of the WeChat Pay client library.
//
//	go run github.com/wxchain/wechatpay/cmd/wxpay demo
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/suggest"
)

func main() {
	// SIGTERM is what docker stop and systemd end a process with.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first ctrl-C on a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run runs the command that args spell and returns what to exit with. An error
// is printed once, to stderr.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	markFailures(root)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetArgs(append([]string{}, args...)) // cobra takes nil for os.Args
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	if f := (*failure)(nil); errors.As(err, &f) {
		code := exitCode(err)
		if ctx.Err() != nil {
			err, code = errors.New("interrupted"), exitFailed
		}
		fmt.Fprintf(stderr, "%s: %s\n", cmd.CommandPath(), visible(err.Error()))
		return code
	}
	fmt.Fprintf(stderr, "%s: %s\n\n'%[1]s --help' says how it is used.\n", cmd.CommandPath(), strings.TrimSpace(err.Error()))
	return exitUsage
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "wxpay",
		Short: "WeChat Pay from the command line",
		Long: `wxpay is the command line of github.com/wxchain/wechatpay, a Go client of
WeChat Pay. To see what the library does, without a merchant's account, run
the demo: it needs no configuration and no network. To make a call of your own,
find it with api, write the configuration with init, and make it with call; if
that fails, doctor finds out why.

` + exitHelp,
		Example: `  wxpay demo
  wxpay api search 代金券 发放
  wxpay call GET v3/certificates`,
		Version:       wechatpay.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(flagError)
	bindSandbox(root)
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(newDemo(), newInit(), newCall(), newBatch(), newAPI(), newSign(), newVerify(), newCerts(), newSandbox(), newDoctor(), newNotify(), newBill())
	needSubcommand(root)
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		needSubcommand(completion)
		completion.Short = "Print a script that has a shell complete commands"
		completion.Long = `completion prints a script for a shell, which then completes commands, the
templates of calls, and the names of their fields. The help of each shell's
command says where the script goes.`
		completion.Example = `  source <(wxpay completion bash)
  wxpay completion zsh > "${fpath[1]}/_wxpay"
  wxpay completion fish > ~/.config/fish/completions/wxpay.fish`
		for _, shell := range completion.Commands() {
			shell.Example = "  wxpay completion " + shell.Name()
		}
	}
	return root
}

// flagError says of a secret that is given as a flag where it belongs, of
// another unknown flag which one was probably meant, and of a value what it
// should be.
func flagError(cmd *cobra.Command, err error) error {
	if bad := (*pflag.InvalidValueError)(nil); errors.As(err, &bad) {
		want := "a whole number"
		if bad.GetFlag().Value.Type() == "bool" {
			want = "true or false"
		}
		return fmt.Errorf("--%s is %q, want %s", bad.GetFlag().Name, cut(bad.GetValue()), want)
	}
	unknown := (*pflag.NotExistError)(nil)
	if !errors.As(err, &unknown) {
		return err
	}
	for _, setting := range new(settings).all() {
		if setting.kind == isSecret && setting.flag() == unknown.GetSpecifiedName() {
			return fmt.Errorf("--%s: a secret is never an argument, others on this machine can see it; set %s, or %s in %s",
				setting.flag(), setting.variable(), setting.name, configName)
		}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if nearest := suggest.Nearest(unknown.GetSpecifiedName(), names); nearest != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, nearest)
	}
	return err
}

// A failure is an error of a command at work. All others that cobra returns
// are about how it was called.
type failure struct{ error }

func (f *failure) Unwrap() error { return f.error }

// misuse is an error of a command that was not set up as it must be.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// markFailures makes the errors of cmd and its subcommands failures.
func markFailures(cmd *cobra.Command) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			err := work(cmd, args)
			if err == nil || errors.As(err, new(misuse)) {
				return err
			}
			return &failure{err}
		}
	}
	for _, sub := range cmd.Commands() {
		markFailures(sub)
	}
}
