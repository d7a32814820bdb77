package cli

import (
	"strings"

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
func AtMostOneArg(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return lang.Errorf("%q is one argument too many; the command takes at most one: %s", term.Cut(args[1]), argumentOf(cmd))
	}
	return nil
}

// OneArg accepts a command line with one argument.
func OneArg(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return lang.Errorf("missing: %s", argumentOf(cmd))
	case 1:
		return nil
	}
	return lang.Errorf("%q is one argument too many; the command takes one: %s", term.Cut(args[1]), argumentOf(cmd))
}

// argumentOf returns the name of the argument of a command that takes one, such as FILE.
func argumentOf(cmd *cobra.Command) string {
	_, rest, _ := strings.Cut(cmd.Use, " ")
	name, _, _ := strings.Cut(rest, " ")
	return strings.Trim(name, "[]")
}
