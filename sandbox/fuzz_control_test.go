package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// FuzzControl sends any request to the control API. It is answered with JSON or
// nothing, and what the API accepted it also reports, in a form that it accepts
// again.
func FuzzControl(f *testing.F) {
	w, _ := newFuzzWorld(f)
	for path, body := range map[string]string{
		"POST orders/" + number + "/pay": "", "POST orders/closable/fail?mchid=1": "", "POST orders/closable/expire": "x",
		"POST refunds/refund-1/settle": `{"state":"CLOSED"}`, "POST transfers/" + bill + "/settle": `{"state":"SUCCESS"}`,
		"POST transfers/" + bill + "/fail": `{"fail_reason":"TRANSFER_RISK"}`, "POST users/a/name": `{"name":"张三"}`, "POST users/a/fail": `{"fail_reason":""}`,
		"POST coupons/20000000000/use": `{"transaction_id":"4200000000201806080000000000"}`, "GET clock": "", "POST clock": `{"advance":"24h"}`,
		"GET requests": "", "GET notifications": "", "POST notifications/1/resend": "", "GET faults": "", "DELETE faults": "",
		"PUT faults":  `{"faults":[{"path":"v3/pay/*/native","kind":"429","count":2},{"kind":"delay","delay":"1ms"},{"kind":"500","chance":0.5}]}`,
		"PUT clock":   `{"advance":"2540400h"}`,
		"POST faults": `[[[[`, "PATCH /": "{}", "POST orders/%2F..%2f/pay": "", "GET ../v3/certificates": "",
	} {
		method, path, _ := strings.Cut(path, " ")
		f.Add(method, path, body)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		u, err := url.ParseRequestURI("/_sandbox/" + path)
		if err != nil {
			return // net/http answers that itself
		}
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, &http.Request{Method: method, Host: "localhost", URL: u, RequestURI: u.RequestURI(), Header: http.Header{}, Body: readCloser{strings.NewReader(body)}})
		if rec.Code >= 500 || strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") && !json.Valid(rec.Body.Bytes()) {
			t.Fatalf("%s %q %q: answered %d %s", method, path, body, rec.Code, rec.Body)
		}
		w.controls(t, 204, "PUT", "faults", w.controls(t, 200, "GET", "faults", "").Raw)
		w.controls(t, 204, "DELETE", "faults", "")
		if now, err := time.Parse(time.RFC3339, w.controls(t, 200, "GET", "clock", "").Get("now").String()); err != nil || now.Before(start) {
			t.Errorf("it is %v, %v", now, err)
		}
	})
}
