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

	"github.com/wxchain/wechatpay"
)

func main() {
	// SIGTERM is what docker stop and systemd end a process with, SIGHUP what a
	// terminal that is closed does.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
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
	if errors.As(err, new(failure)) {
		code := exitCode(err)
		if ctx.Err() != nil {
			err, code = errors.New("interrupted"), exitFailed
		}
		fmt.Fprintf(stderr, "%s: %s\n", cmd.CommandPath(), visible(err.Error()))
		return code
	}
	fmt.Fprintf(stderr, "%s: %s\n\n'%[1]s --help' says how it is used.\n", cmd.CommandPath(), visible(strings.TrimSpace(err.Error())))
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
