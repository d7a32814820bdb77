// Package exit defines the exit codes of wxpay and finds the code for an error.
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

// The exit codes of wxpay.
const (
	OK      = 0
	Failed  = 1 // the platform refused, or the command failed
	Usage   = 2 // an unknown command, flag or argument, or a setting that is missing or wrong
	Network = 3 // the platform was not reached, or its answer was lost
	Verify  = 4 // the message could not be verified as the platform's
)

// Help is the part of a command's help that lists the exit codes.
const Help = `Exit codes: 0 done, 1 the platform refused (or the command failed), 2 usage or
configuration, 3 network, 4 the answer could not be verified.`

// misuseError is the error of a command that was called or set up incorrectly.
type misuseError struct{ error }

func (m misuseError) Unwrap() error { return m.error }

// Misuse marks err as an error in how a command was called or set up.
func Misuse(err error) error { return misuseError{err} }

// IsMisuse reports whether err is about how a command was called or set up.
func IsMisuse(err error) bool { return errors.As(err, new(misuseError)) }

// coded is an error with its exit code.
type coded struct {
	error
	code int
}

func (c coded) Unwrap() error { return c.error }

// With returns err with code as its exit code.
func With(err error, code int) error { return coded{err, code} }

// Code returns the exit code for an error of a running command.
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

// IsNetwork reports whether err is a network error. File errors also have the
// methods of net.Error, so it excludes them.
func IsNetwork(err error) bool {
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError)) || errors.Is(err, context.Canceled) {
		return false
	}
	return errors.As(err, new(net.Error)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(tls.RecordHeaderError)) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
