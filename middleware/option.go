package middleware

import "time"

// An Option changes how [Signer] or [Verifier] works.
type Option func(*settings)

type settings struct {
	clock    func() time.Time
	nonce    func() string
	maxBytes int64
}

// DefaultMaxBodyBytes is the default of [MaxBodyBytes]: 10 MiB.
const DefaultMaxBodyBytes = 10 << 20

// Clock sets the clock. The default is [time.Now].
func Clock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// Nonce sets the function that returns a nonce for each request. The default is
// [NewNonce].
func Nonce(next func() string) Option { return func(s *settings) { s.nonce = next } }

// MaxBodyBytes limits the answers that [Verifier] holds in memory, in bytes. The
// default is [DefaultMaxBodyBytes].
func MaxBodyBytes(n int64) Option { return func(s *settings) { s.maxBytes = n } }

func newSettings(opts []Option) settings {
	s := settings{clock: time.Now, nonce: NewNonce, maxBytes: DefaultMaxBodyBytes}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}
