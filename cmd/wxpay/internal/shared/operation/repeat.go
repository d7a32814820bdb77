package operation

import (
	"fmt"
	"time"

	"github.com/wxchain/wechatpay/openapi"
)

// Memory says how long the platform remembers a number. It returns "" if r does
// not say.
func Memory(r openapi.Repeat) string {
	switch {
	case r.Days == 1:
		return "on the same day, in China's time"
	case r.Days > 1:
		return fmt.Sprintf("for %d calendar days, in China's time", r.Days)
	case r.Window > 0:
		return "for " + Span(r.Window)
	}
	return ""
}

// Span formats a duration in whole days, hours, minutes or seconds.
func Span(d time.Duration) string {
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
