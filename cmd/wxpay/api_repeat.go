package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/openapi"
)

// showRepeat prints what a second request of an operation does. Of a GET there is
// nothing to say.
func showRepeat(w io.Writer, op *openapi.Operation) {
	r := op.Repeat
	if op.Method == http.MethodGet {
		return
	}
	sentences := []string{repetition(r.Class)}
	if r.Number != "" {
		sentences = append(sentences, fmt.Sprintf("The platform knows a request by %s in the %s.", r.Number, r.Where))
	}
	if remembered := memory(r); remembered != "" {
		sentences = append(sentences, "It remembers the number "+remembered+".")
	}
	if r.Interval > 0 {
		sentences = append(sentences, fmt.Sprintf("Leave at least %s between two requests with one number.", span(r.Interval)))
	}
	if r.Apart > 0 {
		sentences = append(sentences, fmt.Sprintf("Leave at least %s between two calls for one order.", span(r.Apart)))
	}
	if r.Query != "" {
		sentences = append(sentences, "Query with "+r.Query+".")
	}
	source := r.Page
	if r.Basis != "documented" {
		source = strings.TrimSpace("not documented: judged " + strings.ReplaceAll(r.Basis, "-", " ") + " " + r.Page)
	}
	fmt.Fprintf(w, "repetition: %s (%s)\n", strings.Join(sentences, " "), source)
}

// repetition is what a second request with the same bytes does.
func repetition(c openapi.RepeatClass) string {
	switch c {
	case openapi.RepeatSameResult:
		return "It is done once; a second request gives the same result."
	case openapi.RepeatErrorSaysDone:
		return "It is done once; a second request is refused, which may mean that the first was done."
	case openapi.RepeatHarmless:
		return "A second request does no harm."
	case openapi.RepeatSecondEffect:
		return "A second request is done a second time."
	}
	return "What a second request does is not documented."
}

// memory says for how long the platform remembers a number, or "".
func memory(r openapi.Repeat) string {
	switch {
	case r.Days == 1:
		return "on the same day, in China's time"
	case r.Days > 1:
		return fmt.Sprintf("for %d calendar days, in China's time", r.Days)
	case r.Window > 0:
		return "for " + span(r.Window)
	}
	return ""
}

// span writes a duration in whole days, hours, minutes or seconds.
func span(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		switch n := d / unit.of; {
		case d%unit.of != 0 || n == 0:
		case n == 1:
			return "1 " + unit.name
		default:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}
