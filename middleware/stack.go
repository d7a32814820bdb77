// Package middleware has the named stack of middlewares that every call passes
// through, and its built-in middlewares: [Signer] and [V2Signer] sign requests,
// [Verifier] and [V2Verifier] verify answers.
//
// A [Middleware] wraps an [http.RoundTripper], so middlewares made for net/http fit:
// tracing, metrics, a cache, a retry.
package middleware

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A Middleware wraps next in another RoundTripper.
type Middleware func(next http.RoundTripper) http.RoundTripper

// The errors of the methods of a [Stack], for [errors.Is].
var (
	ErrUnknownName = errors.New("no middleware of that name")
	ErrNameTaken   = errors.New("name used twice")
	ErrInvalid     = errors.New("invalid middleware")
)

// A Stack is a list of named middlewares, outermost first. The zero value is an empty
// stack. A method that returns an error does not change the stack. A Stack is not safe
// for concurrent use, but the result of Resolve is.
type Stack struct {
	entries []entry
}

type entry struct {
	name   string
	m      Middleware
	placed bool // by Place
}

// Push adds m as the innermost middleware, next to the transport.
func (s *Stack) Push(name string, m Middleware) error {
	return s.insert(len(s.entries), name, m)
}

// Unshift adds m as the outermost middleware.
func (s *Stack) Unshift(name string, m Middleware) error {
	return s.insert(0, name, m)
}

// Before adds m directly outside the middleware mark: m sees a request before mark
// does, and the answer after it.
func (s *Stack) Before(mark, name string, m Middleware) error {
	i, err := s.index(mark)
	if err != nil {
		return err
	}
	return s.insert(i, name, m)
}

// After adds m directly inside the middleware mark.
func (s *Stack) After(mark, name string, m Middleware) error {
	i, err := s.index(mark)
	if err != nil {
		return err
	}
	return s.insert(i+1, name, m)
}

// Replace replaces the middleware name by m.
func (s *Stack) Replace(name string, m Middleware) error {
	i, err := s.index(name)
	if err != nil {
		return err
	}
	if m == nil {
		return fmt.Errorf("middleware %q is nil: %w", name, ErrInvalid)
	}
	s.entries[i].m = m
	return nil
}

// Remove removes the middleware name.
func (s *Stack) Remove(name string) error {
	i, err := s.index(name)
	if err != nil {
		return err
	}
	s.entries = slices.Delete(s.entries, i, i+1)
	return nil
}

// Names returns the names in the stack, outermost first.
func (s *Stack) Names() []string {
	names := make([]string, len(s.entries))
	for i, e := range s.entries {
		names[i] = e.name
	}
	return names
}

// String shows the order, outermost first: "verifier → signer".
func (s *Stack) String() string { return strings.Join(s.Names(), " → ") }

// Resolve returns base wrapped in all middlewares of the stack. If base is nil, it
// wraps [http.DefaultTransport]. Later changes of the stack have no effect on the
// result. If a middleware returns nil, every request fails.
func (s *Stack) Resolve(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	for _, e := range slices.Backward(s.entries) {
		if base = e.m(base); base == nil {
			err := fmt.Errorf("middleware %q returned a nil RoundTripper: %w", e.name, ErrInvalid)
			base = roundTripper(func(*http.Request) (*http.Response, error) { return nil, err })
		}
	}
	return base
}

func (s *Stack) insert(i int, name string, m Middleware) error {
	switch {
	case name == "":
		return fmt.Errorf("a middleware needs a name: %w", ErrInvalid)
	case m == nil:
		return fmt.Errorf("middleware %q is nil: %w", name, ErrInvalid)
	}
	if _, err := s.index(name); err == nil {
		return fmt.Errorf("middleware %q: %w in %s", name, ErrNameTaken, s)
	}
	s.entries = slices.Insert(s.entries, i, entry{name: name, m: m})
	return nil
}

func (s *Stack) index(name string) (int, error) {
	i := slices.IndexFunc(s.entries, func(e entry) bool { return e.name == name })
	if i < 0 {
		return 0, fmt.Errorf("middleware %q: %w in %s", name, ErrUnknownName, s)
	}
	return i, nil
}
