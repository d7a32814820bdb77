package openapi

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/wxchain/wechatpay/internal/uritemplate"
	"github.com/wxchain/wechatpay/middleware"
)

// An UnknownError says that the platform refused a call that the catalogue does not
// know. [errors.As] finds it in a *wechatpay.Error.
type UnknownError struct {
	Method, Path string     // as sent
	Nearest      *Operation // what was probably meant, or nil
}

// Error names the operation that was probably meant.
func (e *UnknownError) Error() string {
	s := fmt.Sprintf("openapi: %s %s is in no documentation known here", e.Method, e.Path)
	if e.Nearest != nil {
		s += fmt.Sprintf("; did you mean %s?", e.Nearest)
	}
	return s
}

// adviseUnknown adds the operation that was probably meant to the refusal of a request
// that fits no operation.
func adviseUnknown(req *http.Request, resp *http.Response) {
	if resp.StatusCode < 400 || resp.StatusCode > 499 {
		return
	}
	path := req.URL.EscapedPath()
	e := &UnknownError{Method: req.Method, Path: path, Nearest: Nearest(req.Method, path)}
	if e.Nearest != nil || resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed {
		middleware.ExchangeOf(req.Context()).Advise(e)
	}
}

// What tells a path from a template: a letter of a literal segment, another
// method, a value that may stand for a variable or be a literal mistyped, and a
// whole segment too many or too few.
const (
	costLetter   = 2
	costMethod   = 1
	costVariable = 1
	costSegment  = 6
)

// Nearest returns the operation that a mistyped path or template was probably meant
// to be, or nil if none is like enough. It also finds an operation of the same path
// with another method.
func Nearest(method, path string) *Operation {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "/"), "v2/")
	if len(path) > 256 {
		return nil
	}
	c := comparison{segments: strings.Split(path, "/"), letters: make(map[string]int)}
	var best *record
	least := costLetter*2 + len(path)/5 + 1
	records := load().records
	for i := range records {
		r := &records[i]
		d := c.distance(strings.Split(wirePath(r.template), "/"))
		if r.method != method {
			d += costMethod
		}
		if d < least {
			best, least = r, d
		}
	}
	if best == nil {
		return nil
	}
	return best.operation()
}

// A comparison is of one path with many templates.
type comparison struct {
	segments []string
	letters  map[string]int // the distance of a segment and a literal, once known
}

// distance is the edit distance of the path and a template, by segment.
func (c *comparison) distance(template []string) int {
	row := make([]int, len(c.segments)+1)
	for j := range row {
		row[j] = j * costSegment
	}
	for i, t := range template {
		diagonal := row[0]
		row[0] = (i + 1) * costSegment
		for j, s := range c.segments {
			d := min(diagonal+c.segment(s, t), row[j]+costSegment, row[j+1]+costSegment)
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return row[len(c.segments)]
}

func (c *comparison) segment(s, template string) int {
	_, variable := uritemplate.Variable(template)
	switch {
	case s == template:
		return 0
	case strings.EqualFold(s, template):
		return costLetter / 2
	case variable && s != "":
		return costVariable
	case s == "" || template == "":
		return costSegment
	}
	key := s + "/" + template
	d, ok := c.letters[key]
	if !ok {
		d = costLetter * levenshtein.ComputeDistance(s, template)
		c.letters[key] = d
	}
	return d
}
