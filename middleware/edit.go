package middleware

import "errors"

// A Protocol is one of the two API protocols of the platform. Each has a [Stack] of its
// own.
type Protocol string

// The two protocols. APIv2 calls are those whose path starts with v2.
const (
	APIv2 Protocol = "APIv2"
	APIv3 Protocol = "APIv3"
)

// An Edit edits the stack of a protocol before a client uses it. A client calls it once
// for each protocol that it has keys for.
type Edit func(p Protocol, s *Stack) error

// Edits returns an Edit that makes the given edits in their order. Edits that are nil
// are passed over. If some of them fail, the others are made all the same, and the
// error joins the errors of those that failed.
func Edits(edits ...Edit) Edit {
	return func(p Protocol, s *Stack) error {
		var errs []error
		for _, edit := range edits {
			if edit != nil {
				errs = append(errs, edit(p, s))
			}
		}
		return errors.Join(errs...)
	}
}
