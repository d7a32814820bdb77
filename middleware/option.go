package middleware

import "time"

// An Option changes how [Signer] or [Verifier] works.
type Option func(*settings)

type settings struct {
	clock    func() time.Time
	nonce    func() string
	maxBytes int64
}

// DefaultMaxBodyBytes is the size, in bytes, of the longest body that is held
// in memory: 10 MiB.
const DefaultMaxBodyBytes = 10 << 20

// Clock makes now the clock; [time.Now] is the default.
func Clock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// Nonce makes the nonces of requests come from next; 32 characters of
// [NewNonce] are the default.
func Nonce(next func() string) Option { return func(s *settings) { s.nonce = next } }

// MaxBodyBytes sets the size, in bytes, of the longest answer that [Verifier]
// holds in memory; [DefaultMaxBodyBytes] is the default.
func MaxBodyBytes(n int64) Option { return func(s *settings) { s.maxBytes = n } }

func newSettings(opts []Option) settings {
	s := settings{clock: time.Now, nonce: NewNonce, maxBytes: DefaultMaxBodyBytes}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}
