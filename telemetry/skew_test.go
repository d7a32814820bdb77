package telemetry_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/telemetry"
)

// A record says by how much this machine's clock is off, from a minute on, whatever comes
// of the call.
func TestClockSkew(t *testing.T) {
	for name, tt := range map[string]struct {
		platform time.Duration // how far the platform's clock is ahead
		answer   answer
		want     any // seconds, or nil
	}{
		"none":             {0, answer{status: 200, body: "{}"}, nil},
		"small":            {-50 * time.Second, answer{status: 200, body: "{}"}, nil},
		"ahead":            {-100 * time.Second, answer{status: 200, body: "{}"}, 100},
		"behind":           {100 * time.Second, answer{status: 200, body: "{}"}, -100},
		"of a refusal":     {-100 * time.Second, answer{status: 400, body: `{"code":"PARAM_ERROR"}`}, 100},
		"too much":         {-400 * time.Second, answer{status: 200, body: "{}"}, 400},
		"of a forgery":     {-100 * time.Second, answer{status: 200, body: "{}", header: map[string]string{"Wechatpay-Signature": "AAAA"}}, 100},
		"of an old answer": {0, answer{status: 200, body: "{}", header: map[string]string{"Wechatpay-Timestamp": "1"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(l *slog.Logger) middleware.Edit { return telemetry.Log(l) })
			w.ahead = tt.platform
			w.answer = func(*http.Request) (answer, error) { return tt.answer, nil }
			_ = get(t.Context(), w)
			records := w.log.take(t)
			if len(records) != 1 {
				t.Fatalf("%d records", len(records))
			}
			got, ok := records[0]["clock_skew"].(float64)
			if want, isTold := tt.want.(int); ok != isTold || ok && time.Duration(got).Round(5*time.Second) != time.Duration(want)*time.Second {
				t.Errorf("clock_skew %v, want %v s", records[0]["clock_skew"], tt.want)
			}
		})
	}
}
