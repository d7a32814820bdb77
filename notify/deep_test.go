package notify_test

import (
	"net/http"
	"strings"
	"testing"
)

// A notification whose text is nested too deep to be read is refused.
func TestParseDeep(t *testing.T) {
	r := newReceiver(t)
	const n = 300_000
	for name, req := range map[string]*http.Request{
		"valid resource": signed(t, envelope(t, "1", "TRANSACTION.SUCCESS", strings.Repeat("[", n)+strings.Repeat("]", n))),
		"open resource":  signed(t, envelope(t, "1", "TRANSACTION.SUCCESS", strings.Repeat("[", 2*n))),
		"objects":        signed(t, envelope(t, "1", "TRANSACTION.SUCCESS", strings.Repeat(`{"a":`, n/5))),
		"envelope":       signed(t, strings.Repeat("[", 3*n)),
		"elements":       post("<xml>" + strings.Repeat("<a>", n)),
	} {
		if _, err := r.Parse(req); err == nil || len(err.Error()) > 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
