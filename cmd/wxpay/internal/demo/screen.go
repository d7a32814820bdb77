package demo

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/request"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/term"
	"github.com/wxchain/wechatpay/middleware"
)

// outcome is printed before a result of the code above it.
const outcome = "  → "

// A screen is where the demo prints. It keeps the first error, either from
// writing or from a wrong answer. The run returns that error.
type screen struct {
	out    io.Writer
	colour bool
	lang   lang.Language
	err    error
}

func newScreen(out io.Writer, l lang.Language) *screen {
	return &screen{out: out, colour: term.IsColoured(out), lang: l}
}

func (s *screen) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

func (s *screen) printf(format string, a ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format, a...)
	}
}

// tell prints a text.
func (s *screen) tell(text string) { s.printf("%s", text) }

// code prints the title and the code of a step.
func (s *screen) code(number int, title lang.Phrase, code string) {
	s.printf("\n%s\n", term.Paint(s.colour, term.Bold, fmt.Sprintf("%d. %s", number, title.In(s.lang))))
	for line := range strings.SplitSeq(code, "\n") {
		s.printf("    %s\n", term.Paint(s.colour, term.Cyan, line))
	}
}

// show prints the values of an answer at some paths.
func (s *screen) show(resp *wechatpay.Response, paths ...string) {
	for _, path := range paths {
		found := resp.Get(path)
		if !found.Exists() {
			s.fail(lang.Errorf("the answer has no %s: %s", path, resp.Bytes()))
		}
		s.printf(outcome+"%s %s\n", term.Paint(s.colour, term.Dim, fmt.Sprintf("resp.Get(%q)", path)), found)
	}
}

// say prints a text and wraps long lines.
func (s *screen) say(a ...any) {
	const width = 90
	lines := []string{""}
	for _, word := range strings.Fields(fmt.Sprintln(a...)) {
		last := &lines[len(lines)-1]
		if len(*last)+len(word) > width {
			lines = append(lines, word)
			continue
		}
		*last = strings.TrimPrefix(*last+" "+word, " ")
	}
	s.printf(outcome+"%s\n", strings.Join(lines, "\n    "))
}

// watch is a middleware that prints each call and its verified answer.
func (s *screen) watch(_ wechatpay.Protocol, stack *middleware.Stack) error {
	return stack.Before(middleware.NameVerifier, "watch", func(next http.RoundTripper) http.RoundTripper {
		return request.RoundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			if _, verified := middleware.ExchangeOf(req.Context()).Answer(); !verified {
				s.fail(lang.Errorf("the answer %s to %s %s is not verified", resp.Status, req.Method, req.URL.Path))
				return resp, nil
			}
			colour := term.Green
			if resp.StatusCode >= http.StatusBadRequest {
				colour = term.Yellow
			}
			s.printf(outcome+"%s %s %s\n", req.Method, req.URL.Path, term.Paint(s.colour, colour, resp.Status+lang.Phrase(", verified").In(s.lang)))
			return resp, nil
		})
	})
}
