package middleware_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/middleware"
)

// noting adds name to calls when a request comes by, and "/"+name when its
// answer does.
func noting(calls *[]string, name string) middleware.Middleware {
	return func(next http.RoundTripper) http.RoundTripper {
		return transport(func(req *http.Request) (*http.Response, error) {
			*calls = append(*calls, name)
			resp, err := next.RoundTrip(req)
			*calls = append(*calls, "/"+name)
			return resp, err
		})
	}
}

func pass(next http.RoundTripper) http.RoundTripper { return next }

func TestStackEdits(t *testing.T) {
	tests := []struct {
		name  string
		edit  func(*middleware.Stack) error
		order string
		err   error
		says  string // in the text of the error
	}{
		{"Push", func(s *middleware.Stack) error { return s.Push("x", pass) }, "a b c x", nil, ""},
		{"Unshift", func(s *middleware.Stack) error { return s.Unshift("x", pass) }, "x a b c", nil, ""},
		{"Before the first", func(s *middleware.Stack) error { return s.Before("a", "x", pass) }, "x a b c", nil, ""},
		{"Before the last", func(s *middleware.Stack) error { return s.Before("c", "x", pass) }, "a b x c", nil, ""},
		{"After the first", func(s *middleware.Stack) error { return s.After("a", "x", pass) }, "a x b c", nil, ""},
		{"After the last", func(s *middleware.Stack) error { return s.After("c", "x", pass) }, "a b c x", nil, ""},
		{"Replace", func(s *middleware.Stack) error { return s.Replace("b", pass) }, "a b c", nil, ""},
		{"Remove", func(s *middleware.Stack) error { return s.Remove("b") }, "a c", nil, ""},

		{"Before a mark unknown", func(s *middleware.Stack) error { return s.Before("no", "x", pass) }, "a b c", middleware.ErrUnknownName, `"no"`},
		{"After a mark unknown", func(s *middleware.Stack) error { return s.After("no", "x", pass) }, "a b c", middleware.ErrUnknownName, `"no"`},
		{"Replace one unknown", func(s *middleware.Stack) error { return s.Replace("no", pass) }, "a b c", middleware.ErrUnknownName, `"no"`},
		{"Remove one unknown", func(s *middleware.Stack) error { return s.Remove("no") }, "a b c", middleware.ErrUnknownName, "a → b → c"},
		{"a mark in another case", func(s *middleware.Stack) error { return s.After("A", "x", pass) }, "a b c", middleware.ErrUnknownName, `"A"`},

		{"Push a name twice", func(s *middleware.Stack) error { return s.Push("a", pass) }, "a b c", middleware.ErrNameTaken, `"a"`},
		{"Unshift a name twice", func(s *middleware.Stack) error { return s.Unshift("c", pass) }, "a b c", middleware.ErrNameTaken, `"c"`},
		{"Before with a name twice", func(s *middleware.Stack) error { return s.Before("a", "b", pass) }, "a b c", middleware.ErrNameTaken, `"b"`},
		{"After with a name twice", func(s *middleware.Stack) error { return s.After("a", "a", pass) }, "a b c", middleware.ErrNameTaken, `"a"`},

		{"Push nil", func(s *middleware.Stack) error { return s.Push("x", nil) }, "a b c", middleware.ErrInvalid, `"x"`},
		{"Unshift nil", func(s *middleware.Stack) error { return s.Unshift("x", nil) }, "a b c", middleware.ErrInvalid, `"x"`},
		{"Before with nil", func(s *middleware.Stack) error { return s.Before("a", "x", nil) }, "a b c", middleware.ErrInvalid, `"x"`},
		{"After with nil", func(s *middleware.Stack) error { return s.After("a", "x", nil) }, "a b c", middleware.ErrInvalid, `"x"`},
		{"Replace by nil", func(s *middleware.Stack) error { return s.Replace("b", nil) }, "a b c", middleware.ErrInvalid, `"b"`},
		{"Push without a name", func(s *middleware.Stack) error { return s.Push("", pass) }, "a b c", middleware.ErrInvalid, "name"},
		{"After without a name", func(s *middleware.Stack) error { return s.After("a", "", pass) }, "a b c", middleware.ErrInvalid, "name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var s middleware.Stack
			for _, name := range []string{"a", "b", "c"} {
				if err := s.Push(name, pass); err != nil {
					t.Fatal(err)
				}
			}
			err := tt.edit(&s)
			if !errors.Is(err, tt.err) {
				t.Errorf("error is %v, want %v", err, tt.err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %q does not say %s", err, tt.says)
			}
			if got := strings.Join(s.Names(), " "); got != tt.order {
				t.Errorf("Names() = %s, want %s", got, tt.order)
			}
			if got, want := s.String(), strings.ReplaceAll(tt.order, " ", " → "); got != want {
				t.Errorf("String() = %q, want %q", got, want)
			}
		})
	}
}

func TestStackResolve(t *testing.T) {
	var calls []string
	var s middleware.Stack
	for _, name := range []string{"outer", "middle", "inner"} {
		if err := s.Push(name, noting(&calls, name)); err != nil {
			t.Fatal(err)
		}
	}
	resolved := s.Resolve(transport(func(*http.Request) (*http.Response, error) {
		calls = append(calls, "base")
		return new(http.Response), nil
	}))
	want := []string{"outer", "middle", "inner", "base", "/inner", "/middle", "/outer"}
	check := func(when string) {
		t.Helper()
		calls = nil
		if _, err := resolved.RoundTrip(newRequest(t, "GET", "/v3/x", nil)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(calls, want) {
			t.Errorf("%s: calls %q, want %q", when, calls, want)
		}
	}
	check("at first")

	if err := errors.Join(
		s.Remove("outer"),
		s.Replace("middle", noting(&calls, "other")),
		s.Unshift("late", noting(&calls, "late")),
	); err != nil {
		t.Fatal(err)
	}
	s.Names()[0] = "changed"
	if got := s.String(); got != "late → middle → inner" {
		t.Errorf("the stack is %s after a change to what Names returned", got)
	}
	check("after edits")
}

func TestReplaceTakesTheOldOut(t *testing.T) {
	var calls []string
	var s middleware.Stack
	if err := errors.Join(
		s.Push("a", noting(&calls, "old")),
		s.Replace("a", noting(&calls, "new")),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resolve(answering(200, nil, "")).RoundTrip(newRequest(t, "GET", "/", nil)); err != nil {
		t.Fatal(err)
	}
	if want := []string{"new", "/new"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
}

func TestEmptyStack(t *testing.T) {
	var s middleware.Stack
	if s.String() != "" || len(s.Names()) != 0 {
		t.Errorf("an empty stack is %q", s.Names())
	}
	if got := s.Resolve(nil); got != http.DefaultTransport {
		t.Errorf("Resolve(nil) = %v, want http.DefaultTransport", got)
	}
	resp, err := s.Resolve(answering(204, nil, "")).RoundTrip(newRequest(t, "GET", "/", nil))
	if err != nil || resp.StatusCode != 204 {
		t.Errorf("the base's answer does not come through: %v, %v", resp, err)
	}
}

func TestResolveOfAMiddlewareThatReturnsNil(t *testing.T) {
	var s middleware.Stack
	if err := s.Push("empty", func(http.RoundTripper) http.RoundTripper { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Resolve(nil).RoundTrip(newRequest(t, "GET", "/v3/x", nil)); !errors.Is(err, middleware.ErrInvalid) || !strings.Contains(err.Error(), `"empty"`) {
		t.Errorf("error %v, want ErrInvalid and the name", err)
	}
}
