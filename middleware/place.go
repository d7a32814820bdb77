package middleware

import (
	"fmt"
	"slices"
)

// The names of the middlewares that have a place in the stack, outermost first.
// [NameVerifier] and [NameSigner] are built in. The packages resilience and telemetry
// have the others.
const (
	NameLog       = "log"
	NameRetry     = "retry"
	NameBreaker   = "breaker"
	NameFailover  = "failover"
	NameVerifier  = "verifier"
	NameRateLimit = "rate limit"
	NameSigner    = "signer"
)

var places = [...]string{NameLog, NameRetry, NameBreaker, NameFailover, NameVerifier, NameRateLimit, NameSigner}

// Place adds m at the place of its name, which is one of those from [NameLog] to
// [NameSigner]: directly outside the next of these names that is in the stack. Whatever
// the order of the calls, the middlewares that Place adds are in the order of those
// names.
//
// The error wraps [ErrNameTaken] if the stack has a middleware of that name, and
// [ErrUnknownName] if the name has no place. It is that of [Stack.Check] if the stack
// has no place for m.
func (s *Stack) Place(name string, m Middleware) error {
	rank := slices.Index(places[:], name)
	if rank < 0 {
		return fmt.Errorf("middleware %q has no place of its own: %w; add it with Before or After", name, ErrUnknownName)
	}
	if err := s.check(name); err != nil {
		return err
	}
	at := slices.IndexFunc(s.entries, func(e entry) bool { return e.rank() > rank })
	if at < 0 { // name is the signer
		at = len(s.entries)
	}
	if err := s.insert(at, name, m); err != nil {
		return err
	}
	s.entries[at].placed = true
	return nil
}

// Check reports whether the middlewares that [Stack.Place] added are still at their
// places: all of them are there for the verifier and the signer, so these must be in
// the stack and in their order. The error wraps [ErrUnknownName] or [ErrInvalid].
// Middlewares that were added in other ways may be anywhere.
func (s *Stack) Check() error {
	for _, e := range s.entries {
		if e.placed {
			return s.check(e.name)
		}
	}
	return nil
}

// check is Check, on behalf of the middleware name.
func (s *Stack) check(name string) error {
	outer := -1
	for _, e := range s.entries {
		rank := e.rank()
		if rank < 0 {
			continue
		}
		if rank < outer {
			return fmt.Errorf("middleware %q: %w: %q must be outside %q, but the stack is %s",
				name, ErrInvalid, e.name, places[outer], s)
		}
		outer = rank
	}
	for _, builtin := range [...]string{NameVerifier, NameSigner} {
		if _, err := s.index(builtin); err != nil && name != builtin {
			return fmt.Errorf("middleware %q needs the %s, whose place it knows: %w; use Replace in place of Remove", name, builtin, err)
		}
	}
	return nil
}

// rank returns the index in places of an entry that has its place, or -1.
func (e entry) rank() int {
	if e.placed || e.name == NameVerifier || e.name == NameSigner {
		return slices.Index(places[:], e.name)
	}
	return -1
}
