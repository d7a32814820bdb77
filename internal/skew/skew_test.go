package skew_test

import (
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/internal/skew"
)

func TestOf(t *testing.T) {
	platform := time.Date(2026, 6, 8, 2, 30, 0, 0, time.UTC)
	date := func(ago time.Duration) string { return platform.Add(-ago).Format(http.TimeFormat) }
	stamp := func(ago time.Duration) string { return strconv.FormatInt(platform.Add(-ago).Unix(), 10) }
	const s = time.Second
	for name, tt := range map[string]struct {
		date, timestamp string
		sent, received  time.Duration // after the time of the platform
		want            time.Duration
	}{
		"right":                       {date: date(0), timestamp: stamp(0)},
		"ahead":                       {date(0), stamp(0), 100 * s, 100 * s, 100 * s},
		"behind":                      {date(0), stamp(0), -100 * s, -100 * s, -100 * s},
		"no timestamp":                {date(0), "", 100 * s, 100 * s, 100 * s},
		"no Date":                     {"", stamp(0), -100 * s, -100 * s, -100 * s},
		"a fraction of a second":      {date(0), stamp(0), 900 * time.Millisecond, 950 * time.Millisecond, 0},
		"slow on its way":             {date(0), stamp(0), -90 * s, 0, 0},
		"slow on its way back":        {date(0), stamp(0), 0, 90 * s, 0},
		"slow both ways":              {date(0), stamp(0), -90 * s, 90 * s, 0},
		"slow on its way, and ahead":  {date(0), stamp(0), 70 * s, 160 * s, 70 * s},
		"slow on its way, and behind": {date(0), stamp(0), -160 * s, -70 * s, -70 * s},
		"an old answer":               {date(0), stamp(600 * s), 0, 0, 0},
		"an old answer, and ahead":    {date(0), stamp(600 * s), 80 * s, 80 * s, 80 * s},
		"a Date of a proxy":           {date(600 * s), stamp(0), 0, 0, 0},
		"they contradict":             {date(600 * s), stamp(-600 * s), 0, 0, 0},
		"a clock that was never set":  {date(0), stamp(0), -56 * 365 * 24 * time.Hour, -56 * 365 * 24 * time.Hour, -56 * 365 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.Header{"Date": {tt.date}, "Wechatpay-Timestamp": {tt.timestamp}}
			got, ok := skew.Of(h, platform.Add(tt.sent), platform.Add(tt.received))
			if got != tt.want || !ok {
				t.Errorf("%s, %t, want %s", got, ok, tt.want)
			}
		})
	}
}

func TestOfNoTime(t *testing.T) {
	now := time.Now()
	for name, h := range map[string]http.Header{
		"nothing":      nil,
		"no time":      {"Date": {"yesterday"}, "Wechatpay-Timestamp": {"now"}},
		"from a cache": {"Date": {now.Add(-time.Hour).UTC().Format(http.TimeFormat)}, "Age": {"3600"}},
		"too far":      {"Wechatpay-Timestamp": {strconv.FormatInt(math.MaxInt64, 10)}},
		"before time":  {"Wechatpay-Timestamp": {strconv.FormatInt(math.MinInt64, 10)}},
	} {
		if got, ok := skew.Of(h, now, now); got != 0 || ok {
			t.Errorf("%s: %s, %t", name, got, ok)
		}
	}
}

// A clock may show any time.
func TestOfAnyClock(t *testing.T) {
	h := http.Header{"Date": {"Mon, 08 Jun 2026 02:30:00 GMT"}}
	for _, clock := range []time.Time{{}, time.Unix(1<<60, 0)} {
		got, ok := skew.Of(h, clock, clock)
		if !ok || got.Abs() < 250*365*24*time.Hour || (got > 0) != (clock.Unix() > 0) {
			t.Errorf("%s: %s, %t", clock, got, ok)
		}
	}
}

func TestText(t *testing.T) {
	for ahead, want := range map[time.Duration]string{
		75 * time.Second:   "this machine's clock is 75 s ahead of the platform's",
		-400 * time.Second: "this machine's clock is 400 s behind the platform's",
	} {
		if got := skew.Text(ahead); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if skew.IsNotable(59*time.Second) || !skew.IsNotable(-time.Minute) {
		t.Error("a minute is notable, and less is not")
	}
}
