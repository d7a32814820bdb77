// Package exit has the exit codes of wxpay, and finds the one for an error.
package exit

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/openapi"
)

// What wxpay exits with.
const (
	OK      = 0
	Failed  = 1 // the platform refused, or a command did not do what it is there for
	Usage   = 2 // no such command, flag or argument, or a setting that is missing or wrong
	Network = 3 // the platform was not reached, or its answer was lost on the way
	Verify  = 4 // what came could not be shown to be the platform's
)

// Help is what the help of a command says about exit codes.
const Help = `Exit codes: 0 done, 1 the platform refused (or the command failed), 2 usage or
configuration, 3 network, 4 the answer could not be verified.`

// misuseError is an error of a command that was not set up as it must be.
type misuseError struct{ error }

func (m misuseError) Unwrap() error { return m.error }

// Misuse returns err as an error of how a command was called or set up.
func Misuse(err error) error { return misuseError{err} }

// IsMisuse reports whether err is about how a command was called or set up.
func IsMisuse(err error) bool { return errors.As(err, new(misuseError)) }

// coded is an error that says what to exit with.
type coded struct {
	error
	code int
}

// With returns err as an error that wxpay exits with code for.
func With(err error, code int) error { return coded{err, code} }

// Code is what wxpay exits with after an error of a command at work.
func Code(err error) int {
	said := coded{}
	switch {
	case errors.As(err, &said):
		return said.code
	case errors.Is(err, bill.ErrDamaged) && errors.Is(err, io.ErrUnexpectedEOF): // cut short by the network
		return Network
	case errors.Is(err, wechatpay.ErrVerify), errors.Is(err, bill.ErrDamaged):
		return Verify
	case IsMisuse(err), errors.As(err, new(*openapi.ValidationError)),
		errors.Is(err, wechatpay.ErrConfig), errors.Is(err, wechatpay.ErrOption), errors.Is(err, wechatpay.ErrTemplate):
		return Usage
	case errors.As(err, new(*wechatpay.Error)):
		return Failed
	case IsNetwork(err):
		return Network
	}
	return Failed
}

// IsNetwork tells errors of the network from those of files, which have the
// methods of a net.Error too.
func IsNetwork(err error) bool {
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError)) || errors.Is(err, context.Canceled) {
		return false
	}
	return errors.As(err, new(net.Error)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(tls.RecordHeaderError)) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
