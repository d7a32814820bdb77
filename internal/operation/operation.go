// Package operation has what the code needs to know about an operation at each call:
// what a second request does, by which number, and how often it may be called. The
// facts are those of the catalogue in package openapi, as a table in the program, which
// costs nothing at its first use.
package operation

import (
	"net/url"
	"strings"
	"time"
)

// A Class says what a second request with the same bytes does.
type Class int

// The classes, which are those of openapi.Repeat.
const (
	Unknown Class = iota
	SecondEffect
	Harmless
	SameResult
	ErrorSaysDone
)

// An Operation is what is known about one.
type Operation struct {
	Method string
	// Path is the template as it is sent: that of APIv2 has no v2.
	Path  string
	Class Class
	// ByCode says that the call charges the user whose code the shop has scanned.
	ByCode bool
	// AcceptedIsDone says that 202 is the documented answer.
	AcceptedIsDone bool
	// Number and Where are those of openapi.Repeat.
	Number, Where string
	// Window, Days and Interval are those of openapi.Repeat.
	Window   time.Duration
	Days     int
	Interval time.Duration
	// Query is the operation that reports the result, or "".
	Query string
	// Limits are the documented limits of all calls of one client.
	Limits []Limit
}

// A Limit is how many requests are allowed within a time.
type Limit struct {
	Requests int
	Within   time.Duration
}

// String is the method and the template: "POST v3/pay/transactions/native".
func (op *Operation) String() string {
	if op.IsV2() {
		return op.Method + " v2/" + op.Path
	}
	return op.Method + " " + op.Path
}

// IsV2 reports whether the operation is of APIv2.
func (op *Operation) IsV2() bool {
	first, _, _ := strings.Cut(op.Path, "/")
	return first != "v3" && first != "hk" && first != "global"
}

// Find returns the operation of a method and an escaped path as it is sent, or nil.
func Find(method, path string) *Operation {
	path = strings.TrimPrefix(path, "/")
	// The first two segments of every template are spelled out, and all templates
	// that start with them are neighbours.
	start := path
	if first, rest, ok := strings.Cut(path, "/"); ok {
		second, _, _ := strings.Cut(rest, "/")
		start = path[:len(first)+1+len(second)]
	}
	low, high := 0, len(table)
	for low < high {
		if middle := (low + high) / 2; table[middle].Path < start {
			low = middle + 1
		} else {
			high = middle
		}
	}
	for i := low; i < len(table) && strings.HasPrefix(table[i].Path, start); i++ {
		if op := &table[i]; op.Method == method && matches(op.Path, path) {
			return op
		}
	}
	return nil
}

// matches reports whether path is template with something in place of its
// variables. A slash at the end does not matter.
func matches(template, path string) bool {
	template, path = strings.TrimSuffix(template, "/"), strings.TrimSuffix(path, "/")
	for template != "" {
		if template[0] == '{' { // a whole segment
			template = template[strings.IndexByte(template, '}')+1:]
			end := strings.IndexByte(path, '/')
			if end < 0 {
				end = len(path)
			}
			path = path[end:]
			continue
		}
		if path == "" || template[0] != path[0] {
			return false
		}
		template, path = template[1:], path[1:]
	}
	return path == ""
}

// Variable returns the value of a variable of the template in path, unescaped, or "".
func (op *Operation) Variable(name, path string) string {
	path = strings.TrimPrefix(path, "/")
	for segment := range strings.SplitSeq(op.Path, "/") {
		got, rest, _ := strings.Cut(path, "/")
		if segment == "{"+name+"}" {
			value, _ := url.PathUnescape(got)
			return value
		}
		path = rest
	}
	return ""
}

// ForgottenAt returns the time at which the platform may forget the number of a request
// that was first sent at first, and whether that is documented.
func (op *Operation) ForgottenAt(first time.Time) (time.Time, bool) {
	return Forgotten(first, op.Window, op.Days)
}

// chinaTime is the time zone of the platform.
var chinaTime = time.FixedZone("CST", 8*60*60)

// Forgotten returns the end of a window or of a number of calendar days of China that
// start with first, and whether either is set.
func Forgotten(first time.Time, window time.Duration, days int) (at time.Time, ok bool) {
	switch {
	case days > 0:
		year, month, day := first.In(chinaTime).Date()
		return time.Date(year, month, day+days, 0, 0, 0, 0, chinaTime), true
	case window > 0:
		return first.Add(window), true
	}
	return time.Time{}, false
}
