package middleware_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
)

// Edits makes edits in their order, passes over nil ones, and may be nested.
func TestEdits(t *testing.T) {
	var done []string
	note := func(name string) middleware.Edit {
		return func(p middleware.Protocol, s *middleware.Stack) error {
			done = append(done, fmt.Sprintf("%s of %s", name, p))
			return s.Push(name, pass)
		}
	}
	var none middleware.Edit
	edit := middleware.Edits(note("a"), nil, middleware.Edits(note("b"), none), middleware.Edits(), note("c"))
	var s middleware.Stack
	if err := edit(middleware.APIv2, &s); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a of APIv2", "b of APIv2", "c of APIv2"}; !slices.Equal(done, want) || s.String() != "a → b → c" {
		t.Errorf("%q were made, and the stack is %s", done, &s)
	}
}

// All edits are made, and all that is wrong is told.
func TestEditsTellAllErrors(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	failing := func(err error) middleware.Edit {
		return func(middleware.Protocol, *middleware.Stack) error { return err }
	}
	var s middleware.Stack
	err := middleware.Edits(failing(first), func(_ middleware.Protocol, s *middleware.Stack) error { return s.Push("x", pass) }, failing(second))(middleware.APIv3, &s)
	if !errors.Is(err, first) || !errors.Is(err, second) || s.String() != "x" {
		t.Errorf("error %v, stack %s", err, &s)
	}
}

// builtin returns the stack of a client before its edits.
func builtin(t testing.TB) *middleware.Stack {
	t.Helper()
	s := new(middleware.Stack)
	if err := errors.Join(s.Push(middleware.NameVerifier, pass), s.Push(middleware.NameSigner, pass)); err != nil {
		t.Fatal(err)
	}
	return s
}

var placed = []string{
	middleware.NameLog, middleware.NameRetry, middleware.NameBreaker, middleware.NameFailover, middleware.NameRateLimit,
}

// Whatever the order of the calls, the order of the stack is one.
func TestPlaceInEveryOrder(t *testing.T) {
	const want = "log → retry → breaker → failover → verifier → rate limit → signer"
	orders := 0
	var permute func(names []string, from int)
	permute = func(names []string, from int) {
		if from == len(names) {
			s := builtin(t)
			for _, name := range names {
				if err := s.Place(name, pass); err != nil {
					t.Fatal(err)
				}
			}
			if s.String() != want || s.Check() != nil {
				t.Errorf("after %q the stack is %s, %v", names, s, s.Check())
			}
			orders++
			return
		}
		for i := from; i < len(names); i++ {
			names[from], names[i] = names[i], names[from]
			permute(names, from+1)
			names[from], names[i] = names[i], names[from]
		}
	}
	permute(slices.Clone(placed), 0)
	if orders != 120 {
		t.Errorf("%d orders", orders)
	}
}

// A middleware with a place stands beside those of the caller: directly outside
// the next one that has a place.
func TestPlaceBesideOthers(t *testing.T) {
	s := builtin(t)
	err := errors.Join(
		s.Before(middleware.NameVerifier, "cache", pass), s.Before(middleware.NameSigner, "validate", pass), s.Push("trace", pass),
		s.Place(middleware.NameRateLimit, pass), s.Place(middleware.NameRetry, pass), s.Place(middleware.NameLog, pass))
	const want = "cache → log → retry → verifier → validate → rate limit → signer → trace"
	if err != nil || s.String() != want {
		t.Errorf("the stack is %s, %v; want %s", s, err, want)
	}
}

func TestPlaceRefuses(t *testing.T) {
	place := func(name string) func(s *middleware.Stack) error {
		return func(s *middleware.Stack) error { return s.Place(name, pass) }
	}
	none := func(*middleware.Stack) error { return nil }
	swap := func(s *middleware.Stack) error {
		return errors.Join(s.Remove(middleware.NameSigner), s.Unshift(middleware.NameSigner, pass))
	}
	for name, test := range map[string]struct {
		before, edit func(*middleware.Stack) error
		err          error
		says         string
	}{
		"two of a kind":             {place("retry"), place("retry"), middleware.ErrNameTaken, `"retry"`},
		"one of the caller's":       {func(s *middleware.Stack) error { return s.Before("verifier", "breaker", pass) }, place("breaker"), middleware.ErrNameTaken, `"breaker"`},
		"one of the caller's after": {place("log"), func(s *middleware.Stack) error { return s.Push("log", pass) }, middleware.ErrNameTaken, `"log"`},
		"a name without a place":    {none, place("cache"), middleware.ErrUnknownName, "Before or After"},
		"no name":                   {none, place(""), middleware.ErrUnknownName, "place"},
		"nil":                       {none, func(s *middleware.Stack) error { return s.Place("retry", nil) }, middleware.ErrInvalid, "nil"},
		"a built-in one twice":      {none, place("signer"), middleware.ErrNameTaken, `"signer"`},
		"without the verifier":      {func(s *middleware.Stack) error { return s.Remove("verifier") }, place("retry"), middleware.ErrUnknownName, "Replace"},
		"without the signer":        {func(s *middleware.Stack) error { return s.Remove("signer") }, place("failover"), middleware.ErrUnknownName, "Replace"},
		"the signer outside":        {swap, place("rate limit"), middleware.ErrInvalid, "signer → verifier"},
	} {
		s := builtin(t)
		if err := test.before(s); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		before := s.String()
		if err := test.edit(s); !errors.Is(err, test.err) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v, want %v with %s", name, err, test.err, test.says)
		}
		if s.String() != before {
			t.Errorf("%s: the stack was %s and is %s", name, before, s)
		}
	}
}

// What the caller does after Place may take the place away, which Check tells.
func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		edit func(*middleware.Stack) error
		err  error
	}{
		"nothing":            {func(*middleware.Stack) error { return nil }, nil},
		"the caller's own":   {func(s *middleware.Stack) error { return s.Push("log", pass) }, nil},
		"another verifier":   {func(s *middleware.Stack) error { return s.Replace("verifier", pass) }, nil},
		"another retry":      {func(s *middleware.Stack) error { return s.Replace("retry", pass) }, nil},
		"no retry":           {func(s *middleware.Stack) error { return errors.Join(s.Remove("retry"), s.Remove("verifier")) }, nil},
		"no verifier":        {func(s *middleware.Stack) error { return s.Remove("verifier") }, middleware.ErrUnknownName},
		"no signer":          {func(s *middleware.Stack) error { return s.Remove("signer") }, middleware.ErrUnknownName},
		"verifier outermost": {func(s *middleware.Stack) error { return errors.Join(s.Remove("verifier"), s.Unshift("verifier", pass)) }, middleware.ErrInvalid},
		"signer in the wrong": {func(s *middleware.Stack) error {
			return errors.Join(s.Remove("signer"), s.Before("retry", "signer", pass))
		}, middleware.ErrInvalid},
	} {
		s := builtin(t)
		if err := errors.Join(s.Place("retry", pass), test.edit(s)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Check(); !errors.Is(err, test.err) || (err == nil) != (test.err == nil) {
			t.Errorf("%s: %v, want %v", name, err, test.err)
		}
	}
	var own middleware.Stack // without Place, a stack may be anything
	if err := errors.Join(own.Push("signer", pass), own.Push("verifier", pass), own.Push("log", pass), own.Check()); err != nil {
		t.Error(err)
	}
}
