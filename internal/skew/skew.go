// Package skew measures how far this machine's clock is from the platform's.
package skew

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/wxchain/wechatpay/signer"
)

// notable is the skew from which on users are told: a clock that NTP sets does not come
// near it.
const notable = time.Minute

// critical is the skew from which on calls may fail: a message takes time too, and none
// with more than [signer.MaxSkew] is accepted.
const critical = signer.MaxSkew - 30*time.Second

// IsNotable reports whether users are told of a skew.
func IsNotable(ahead time.Duration) bool { return ahead.Abs() >= notable }

// IsCritical reports whether calls may fail with a skew.
func IsCritical(ahead time.Duration) bool { return ahead.Abs() >= critical }

// Of returns how far this machine's clock is ahead of the platform's, in whole seconds,
// by the header of an answer; it is negative if the clock is behind. The clock showed
// sent before the request left, and received after the answer came. Of reports false if
// the answer has no time.
//
// The time of the answer is that of an instant in between. So nothing of the time from
// sent to received counts as skew: if the time of the answer is in between, the skew is 0.
//
// An answer has two times, Date and Wechatpay-Timestamp. A proxy may have written the
// Date, and the timestamp is old if somebody sends an old answer again. So the skew is what
// both agree on.
func Of(h http.Header, sent, received time.Time) (ahead time.Duration, ok bool) {
	date, isDated := dateOf(h)
	timestamp, isStamped := timestampOf(h)
	byDate, byTimestamp := between(date, sent, received), between(timestamp, sent, received)
	switch {
	case isDated && isStamped:
		return agreed(byDate, byTimestamp), true
	case isDated:
		return byDate, true
	case isStamped:
		return byTimestamp, true
	}
	return 0, false
}

// IsDated reports whether an answer has a Date that [Of] takes for the platform's.
func IsDated(h http.Header) bool {
	_, ok := dateOf(h)
	return ok
}

// dateOf returns the header Date in seconds. That of an answer from a cache is old.
func dateOf(h http.Header) (seconds int64, ok bool) {
	value := h.Get("Date")
	if value == "" || h.Get("Age") != "" {
		return 0, false
	}
	date, err := http.ParseTime(value)
	return date.Unix(), err == nil
}

func timestampOf(h http.Header) (seconds int64, ok bool) {
	seconds, err := strconv.ParseInt(h.Get("Wechatpay-Timestamp"), 10, 64)
	return seconds, err == nil && seconds > 0 && seconds < far
}

// far is the year 9999, the last one of the header Date.
const far = 253402300800

// between returns by how much the platform's time, in seconds, is before sent, or, below
// 0, after received.
func between(platform int64, sent, received time.Time) time.Duration {
	if ahead := sent.Unix() - platform; ahead > 0 {
		return seconds(ahead)
	}
	return seconds(min(received.Unix()-platform, 0))
}

// seconds returns n seconds, or the longest time that a Duration has.
func seconds(n int64) time.Duration {
	const most = int64((1<<63 - 1) / time.Second)
	return time.Duration(max(-most, min(n, most))) * time.Second
}

// agreed returns the smaller of two skews, or 0 if they contradict each other.
func agreed(a, b time.Duration) time.Duration {
	switch {
	case a > 0 && b > 0:
		return min(a, b)
	case a < 0 && b < 0:
		return max(a, b)
	}
	return 0
}

// Advice is [Text] with what to do.
func Advice(ahead time.Duration) string { return Text(ahead) + ": set it by NTP" }

// Text returns a skew in words, as "this machine's clock is 75 s ahead of the platform's".
func Text(ahead time.Duration) string {
	side := "ahead of"
	if ahead < 0 {
		side = "behind"
	}
	return fmt.Sprintf("this machine's clock is %d s %s the platform's", int64(ahead.Abs()/time.Second), side)
}
