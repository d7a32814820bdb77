package middleware

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/internal/skew"
)

// sendings counts the requests that a call gave to its transport.
type sendings struct {
	begun   int
	unsent  int // of these, those that no connection could be made for
	settled int // of these, those that the platform put off, and so did not do

	lastSettled bool // the last one is one of these
}

// doubtful is how many of the sendings may have been done.
func (s sendings) doubtful() int { return s.begun - s.unsent - s.settled }

// deliver gives req, whose context s is part of, to base, and notes what became
// of it.
func (x *Exchange) deliver(s *sending, base http.RoundTripper, req *http.Request) (*http.Response, error) {
	x.setSent(req)
	var sent time.Time
	if s.clock != nil {
		sent = s.clock()
	}
	resp, err := s.roundTrip(base, req)
	var ahead time.Duration
	isDated := false
	if s.clock != nil && err == nil {
		ahead, isDated = skew.Of(resp.Header, sent, s.clock())
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if isDated {
		x.skew, x.hasSkew = ahead, true
	}
	switch {
	// A transport that is not net/http's tells of nothing; its errors do.
	case err != nil && (s.unsent() || isUnconnected(err)):
		x.sendings.unsent++
	case err == nil && resp.StatusCode == http.StatusTooManyRequests && isPutOff(req.Method, x.operation(req.URL)):
		x.sendings.settled++
		x.sendings.lastSettled = true
	}
	return resp, err
}

// settle notes that the platform put the last sending off, by the code of its answer.
func (x *Exchange) settle() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if s := &x.sendings; s.begun > 0 && !s.lastSettled {
		s.settled++
		s.lastSettled = true
	}
}

// isUnconnected reports whether err is that of a connection that could not be
// made: a name that was not found, a connection or a proxy that was refused, a TLS
// handshake that failed. In TLS 1.3 the other side may say so when this side takes
// the handshake for done.
func isUnconnected(err error) bool {
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		switch op.Op {
		case "dial", "proxyconnect":
			return true
		case "remote error":
			return op.Err != nil && slices.Contains(handshakeAlerts[:], op.Err.Error())
		}
	}
	return errors.As(err, new(*net.DNSError)) || errors.As(err, new(*tls.CertificateVerificationError)) ||
		errors.As(err, new(x509.UnknownAuthorityError)) || errors.As(err, new(x509.HostnameError)) ||
		errors.As(err, new(x509.CertificateInvalidError))
}

// handshakeAlerts are the texts that package crypto/tls has for what the other
// side says about a handshake alone (RFC 8446, section 6.2).
var handshakeAlerts = [...]string{
	"tls: handshake failure",
	"tls: bad certificate",
	"tls: unsupported certificate",
	"tls: revoked certificate",
	"tls: expired certificate",
	"tls: unknown certificate",
	"tls: unknown certificate authority",
	"tls: access denied",
	"tls: protocol version not supported",
	"tls: insufficient security level",
	"tls: unrecognized name",
	"tls: certificate required",
	"tls: no application protocol",
}
