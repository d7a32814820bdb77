// Package cli runs commands: it parses the command line, prints errors and
// returns exit codes.
package cli

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

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/meaning"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// Run runs the command that args name and returns its exit code. It prints an
// error once, to stderr. It speaks the language of the flag --lang, or else that of ctx.
func Run(ctx context.Context, commands []*cobra.Command, args []string, stdout, stderr io.Writer) int {
	l := lang.FromArgs(args, lang.From(ctx))
	ctx = lang.With(ctx, l)
	root := Root(commands)
	translate(root, l)
	markFailures(root)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetArgs(append([]string{}, args...)) // with nil, cobra would use os.Args
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exit.OK
	}
	if errors.As(err, new(failure)) {
		code := exit.Code(err)
		if ctx.Err() != nil {
			err, code = lang.Errorf("interrupted"), exit.Failed
		}
		printError(stderr, cmd, l, err)
		return code
	}
	printError(stderr, cmd, l, err)
	fmt.Fprintf(stderr, "\n%s\n", l.Sprintf("Run '%s --help' for usage.", cmd.CommandPath()))
	return exit.Usage
}

// mended is an error that says itself what to do in the program.
type mended struct{ error }

func (m mended) Unwrap() error { return m.error }

// Mended marks err as one that says what to do. The remedies of the library are for Go
// programs, and are left out then.
func Mended(err error) error { return mended{err} }

// printError prints the error of a command. In Chinese, it explains what this library said
// in English.
func printError(stderr io.Writer, cmd *cobra.Command, l lang.Language, err error) {
	said := strings.TrimSpace(l.Error(err))
	fmt.Fprintf(stderr, "%s: %s\n", cmd.CommandPath(), term.Visible(said))
	if text := meaning.Refused(l, err); text != "" {
		l.Fprintf(stderr, "what the code means: %s\n", text)
	}
	for _, text := range meaning.Of(l, said) {
		fmt.Fprintln(stderr, l.Sprintf("meaning: %s", text.Meaning))
		if !errors.As(err, new(mended)) {
			fmt.Fprintln(stderr, l.Sprintf("remedy: %s", text.Remedy))
		}
	}
}

// A failure is an error of a running command. All other errors from cobra are
// about how the command was called.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// markFailures marks the errors of cmd and its subcommands as failures.
func markFailures(cmd *cobra.Command) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			err := work(cmd, args)
			if err == nil || exit.IsMisuse(err) {
				return err
			}
			return failure{err}
		}
	}
	for _, sub := range cmd.Commands() {
		markFailures(sub)
	}
}

// Main runs the command that the process arguments name, then ends the process.
// The first signal stops the command. The second one ends the process at once.
func Main(commands []*cobra.Command) {
	// docker stop and systemd send SIGTERM. A terminal that closes sends SIGHUP.
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup makes the process ignore it
		signals = append(signals, syscall.SIGHUP)
	}
	ctx := lang.With(context.Background(), lang.FromEnvironment(os.Getenv))
	ctx, stop := signal.NotifyContext(ctx, signals...)
	// After the first ctrl-C, a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, commands, os.Args[1:], os.Stdout, os.Stderr))
}
