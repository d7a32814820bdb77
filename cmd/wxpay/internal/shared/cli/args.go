package cli

import (
	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
)

// NoArgs accepts a command line without arguments.
func NoArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return lang.Errorf("the command takes no arguments, and got %q", term.Cut(args[0]))
	}
	return nil
}

// AtMostOneArg accepts a command line with one argument or none.
func AtMostOneArg(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return lang.Errorf("accepts at most 1 argument, received %d", len(args))
	}
	return nil
}

// OneArg accepts a command line with one argument.
func OneArg(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return lang.Errorf("accepts 1 argument, received %d", len(args))
	}
	return nil
}
