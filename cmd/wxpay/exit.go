package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/openapi"
)

// What wxpay exits with.
const (
	exitOK      = 0
	exitFailed  = 1 // the platform refused, or a command did not do what it is there for
	exitUsage   = 2 // no such command, flag or argument, or a setting that is missing or wrong
	exitNetwork = 3 // the platform was not reached, or its answer was lost on the way
	exitVerify  = 4 // what came could not be shown to be the platform's
)

const exitHelp = `Exit codes: 0 done, 1 the platform refused (or the command failed), 2 usage or
configuration, 3 network, 4 the answer could not be verified.`

// A failure is an error of a command at work. All others that cobra returns
// are about how it was called.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// misuse is an error of a command that was not set up as it must be.
type misuse struct{ error }

func (m misuse) Unwrap() error { return m.error }

// exit is an error that says what to exit with.
type exit struct {
	error
	code int
}

// exitCode is what wxpay exits with after an error of a command at work.
func exitCode(err error) int {
	said := exit{}
	switch {
	case errors.As(err, &said):
		return said.code
	case errors.Is(err, bill.ErrDamaged) && errors.Is(err, io.ErrUnexpectedEOF): // cut short by the network
		return exitNetwork
	case errors.Is(err, wechatpay.ErrVerify), errors.Is(err, bill.ErrDamaged):
		return exitVerify
	case errors.As(err, new(misuse)), errors.As(err, new(*openapi.ValidationError)),
		errors.Is(err, wechatpay.ErrConfig), errors.Is(err, wechatpay.ErrOption), errors.Is(err, wechatpay.ErrTemplate):
		return exitUsage
	case errors.As(err, new(*wechatpay.Error)):
		return exitFailed
	case isNetwork(err):
		return exitNetwork
	}
	return exitFailed
}

// isNetwork tells errors of the network from those of files, which have the
// methods of a net.Error too.
func isNetwork(err error) bool {
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError)) || errors.Is(err, context.Canceled) {
		return false
	}
	return errors.As(err, new(net.Error)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(tls.RecordHeaderError)) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// markFailures makes the errors of cmd and its subcommands failures.
func markFailures(cmd *cobra.Command) {
	if work := cmd.RunE; work != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			err := work(cmd, args)
			if err == nil || errors.As(err, new(misuse)) {
				return err
			}
			return failure{err}
		}
	}
	for _, sub := range cmd.Commands() {
		markFailures(sub)
	}
}
