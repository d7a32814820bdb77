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

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
)

// What wxpay exits with.
const (
	exitOK     = 0
	exitFailed = 1 // a command did not do what it is there for
	exitUsage  = 2 // no such command, flag or argument, or a setting that is missing or wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
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
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), err)
		return exitFailed
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
the demo: it needs no configuration and no network.`,
		Example:       "  wxpay demo",
		Version:       wechatpay.Version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetHelpCommand(newHelp(root))
	root.AddCommand(newDemo(), newCerts())
	return root
}

// newHelp takes the place of cobra's own, which exits with 0 when it does not
// know the command.
func newHelp(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Say what a command does",
		Args: func(_ *cobra.Command, args []string) error {
			_, _, err := root.Find(args)
			return err
		},
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, _, err := root.Find(args)
			if err != nil {
				return err
			}
			return cmd.Help()
		},
	}
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
