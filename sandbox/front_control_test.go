package sandbox_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// TestFrontEndpoint asks the check from the page of a shop: every origin may, by a
// Host that the control API accepts.
func TestFrontEndpoint(t *testing.T) {
	w := newWorld(t)
	of, err := w.client.JSAPIParams(frontApp, w.prepaid(t, "jsapi", "front_endpoint"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, host, front, body string) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		req := httptest.NewRequest(method, "http://"+host+"/_sandbox/check/"+front, strings.NewReader(body))
		req.Header.Set("Origin", "https://shop.example.com")
		w.ServeHTTP(rec, req)
		return rec
	}
	got := ask("POST", "localhost:8686", "jsapi", string(text))
	if got.Code != 200 || got.Header().Get("Access-Control-Allow-Origin") != "*" || !gjson.Get(got.Body.String(), "ok").Bool() ||
		strings.Contains(got.Body.String(), "Image") || strings.Contains(got.Body.String(), "front_endpoint") {
		t.Errorf("answered %d %v %s", got.Code, got.Header(), got.Body)
	}
	if got := ask("OPTIONS", "localhost:8686", "jsapi", ""); got.Code != 204 || got.Header().Get("Access-Control-Allow-Headers") != "Content-Type" {
		t.Errorf("preflight: %d %v", got.Code, got.Header())
	}
	if got := ask("POST", "localhost:8686", "jsapi", "{"); got.Code != 200 || gjson.Get(got.Body.String(), "mistakes.0.code").String() != "not_object" {
		t.Errorf("half of JSON: %d %s", got.Code, got.Body)
	}
	if got := ask("POST", "localhost:8686", "alipay", "{}"); got.Code != 400 {
		t.Errorf("unknown front-end: %d %s", got.Code, got.Body)
	}
	if got := ask("POST", "shop.example.com", "jsapi", string(text)); got.Code != 403 {
		t.Errorf("by another Host: %d %s", got.Code, got.Body)
	}
	if got := ask("POST", "localhost", "jsapi", strings.Repeat(" ", 1<<17)); got.Code != 400 {
		t.Errorf("too long: %d %s", got.Code, got.Body)
	}
}
