package batch

import (
	"testing"

	"golang.org/x/time/rate"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]rate.Limit{"": rate.Inf, "100/s": 100, "6000/m": 100, "1/s": 1, "36000/h": 10} {
		if got, err := parseRate(text); err != nil || got != want {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"100", "0/s", "-1/s", "1.5/s", "/s", "100/d", "100/s/s", "99999999999/s", "fast"} {
		if got, err := parseRate(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}
