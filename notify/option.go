package notify

import "context"

// An Option changes the [Config] of a Receiver that a client makes. A function
// literal that sets a field is an Option too.
type Option func(*Config)

// OnError sets [Config.OnError].
func OnError(f func(ctx context.Context, err error)) Option {
	return func(c *Config) { c.OnError = f }
}

// WithSeen sets [Config.Seen].
func WithSeen(s Seen) Option {
	return func(c *Config) { c.Seen = s }
}
