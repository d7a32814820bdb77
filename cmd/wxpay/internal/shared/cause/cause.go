// Package cause finds the causes of network errors. Windows has other numbers for them
// than package syscall.
package cause

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
)

// Numbers of errors on Windows.
const (
	wsaeAddrInUse    = syscall.Errno(10048)
	wsaeConnAborted  = syscall.Errno(10053)
	wsaeConnReset    = syscall.Errno(10054)
	wsaeConnRefused  = syscall.Errno(10061)
	wsaeHostUnreach  = syscall.Errno(10065)
	wsaeNetUnreach   = syscall.Errno(10051)
	wsaeAddrNotAvail = syscall.Errno(10049)
)

// IsTaken reports whether another program listens on an address.
func IsTaken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, wsaeAddrInUse)
}

// IsElsewhere reports whether an address to listen on is not one of this machine.
func IsElsewhere(err error) bool {
	return errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, wsaeAddrNotAvail)
}

// IsRefused reports whether no program listens on an address.
func IsRefused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaeConnRefused)
}

// IsUnreachable reports whether there is no way to an address.
func IsUnreachable(err error) bool {
	return errors.Is(err, syscall.EHOSTUNREACH) || errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, wsaeHostUnreach) || errors.Is(err, wsaeNetUnreach)
}

// IsCut reports whether the other side closed the connection.
func IsCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, wsaeConnReset) || errors.Is(err, wsaeConnAborted)
}

// IsNotTLS reports whether a server does not speak TLS.
func IsNotTLS(err error) bool {
	return errors.As(err, new(tls.RecordHeaderError)) || errors.Is(err, http.ErrSchemeMismatch)
}

// IsUnresolved reports whether the name of a host has no address.
func IsUnresolved(err error) bool { return errors.As(err, new(*net.DNSError)) }

// IsTimeout reports whether an error is that of a time that has passed.
func IsTimeout(err error) bool {
	var timed net.Error
	return errors.As(err, &timed) && timed.Timeout()
}
