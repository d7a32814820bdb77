package console_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/sandbox"
	"github.com/wxchain/wechatpay/sandbox/console"
)

// get gets a page of a sandbox with headers, which come as name and value.
func get(t *testing.T, sb *sandbox.Sandbox, path string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sb.URL()+strings.TrimPrefix(path, "/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req, header...)
}

func do(t *testing.T, req *http.Request, header ...string) (*http.Response, string) {
	t.Helper()
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(text)
}

// A page is served only by a Host that leads to this machine, so that a name that
// an attacker points here (DNS rebinding) reads nothing.
func TestPagesCheckHost(t *testing.T) {
	sb := sandbox.Start(t, console.Use, func(c *sandbox.Config) { c.AllowHosts = []string{"pay.test.example.com"} })
	for host, want := range map[string]int{
		"localhost": 200, "127.0.0.1:1": 200, "[::1]": 200, "pay.test.example.com": 200,
		"evil.example.com": 403, "api.mch.weixin.qq.com": 403, "127.0.0.1.example.com": 403,
	} {
		for _, path := range []string{"/", "/console/static/page.js"} {
			resp, text := get(t, sb, path, "Host", host)
			if resp.Header.Get("Content-Security-Policy") == "" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s of the Host %q: the header is %v", path, host, resp.Header)
			}
			if resp.StatusCode != want {
				t.Errorf("%s of the Host %q: %d %.80s", path, host, resp.StatusCode, text)
			}
			if want == 200 && !strings.Contains(resp.Header.Get("Content-Security-Policy"), "script-src 'self';") {
				t.Errorf("%s: the Content-Security-Policy is %q", path, resp.Header.Get("Content-Security-Policy"))
			}
		}
	}
}

// Every answer to a browser says what a page may do, also those without a page.
func TestEveryAnswerHasPolicy(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	for path, want := range map[string]int{
		"/console//orders": 307, "/?lang=zh": 303, "/console/orders?before=x": 400, "/console/nope": 404, "/cashier/window": 400, "/cashier/qr": 404,
		"/connect/oauth2/authorize": 400, "/cashier/user": 200,
	} {
		resp, text := get(t, sb, path, "Accept", "text/html")
		if policy := resp.Header.Get("Content-Security-Policy"); resp.StatusCode != want || !strings.Contains(policy, "default-src 'none'") ||
			!strings.Contains(policy, "frame-ancestors 'none'") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v %s", path, resp.StatusCode, resp.Header, text)
		}
	}
	for _, path := range []string{"/_sandbox/clock", "/_sandbox/nope"} {
		if resp, _ := get(t, sb, path); resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, resp.Header)
		}
	}
}

// A sandbox without a console has no pages, and one with it answers other paths as
// before.
func TestWithoutConsole(t *testing.T) {
	for _, tt := range []struct {
		path            string
		without, within int
	}{{"/", 404, 200}, {"/v3/certificates", 401, 401}, {"/other", 404, 404}, {"/console/static/none", 404, 404}, {"/_sandbox/clock", 200, 200}} {
		if resp, text := get(t, sandbox.Start(t), tt.path); resp.StatusCode != tt.without {
			t.Errorf("without, %s: %d %s", tt.path, resp.StatusCode, text)
		}
		if resp, text := get(t, sandbox.Start(t, console.Use), tt.path); resp.StatusCode != tt.within {
			t.Errorf("within, %s: %d %s", tt.path, resp.StatusCode, text)
		}
	}
}

// The language is that of the browser, or the one that the user chose.
func TestLanguage(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	for _, tt := range []struct{ accept, cookie, want string }{
		{"", "", "en"}, {"zh-CN,zh;q=0.9,en;q=0.8", "", "zh-CN"}, {"en-GB,en;q=0.9,zh;q=0.8", "", "en"}, {"fr,zh;q=0.2", "", "zh-CN"}, {"en; q=0.4, zh-Hant ; q=0.6", "", "zh-CN"},
		{"zh", "lang=en", "en"}, {"en", "lang=zh", "zh-CN"}, {"en", "lang=xx", "en"}, {"zh;q=0,en;q=0.1", "", "en"},
	} {
		_, text := get(t, sb, "/", "Accept-Language", tt.accept, "Cookie", tt.cookie)
		if !strings.Contains(text, `<html lang="`+tt.want+`"`) {
			t.Errorf("%+v: %.60s", tt, text)
		}
	}
	for query, rest := range map[string]string{"lang=zh&x=1": "?x=1", "lang=zh": "", "theme=dark&lang=zh&x=%2f+%20;&lang=en": "?x=%2f+%20;&lang=en"} {
		resp, _ := get(t, sb, "/?"+query)
		if to := resp.Header.Get("Location"); resp.StatusCode != http.StatusSeeOther || to != "/"+rest || !slices.ContainsFunc(resp.Header.Values("Set-Cookie"), func(c string) bool { return strings.HasPrefix(c, "lang=zh;") }) {
			t.Errorf("choosing the language by %s: %d to %q, %q", query, resp.StatusCode, to, resp.Header)
		}
	}
}

// An address without a page answers a page to a browser, in its language, and JSON to
// programs.
func TestMissingPage(t *testing.T) {
	sb := sandbox.Start(t, console.Use)
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	for _, path := range []string{"/console/nope", "/console/orders/1/<b>", "/console/", "/cashier/nope", "/cashier/pay", "/console/do/pay"} {
		for lang, says := range map[string]string{"en": "There is no page", "zh": "页面不存在"} {
			resp, text := get(t, sb, path, "Accept", browser, "Accept-Language", lang)
			if resp.StatusCode != 404 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || !strings.Contains(text, says) || !strings.Contains(text, "<nav") || strings.Contains(text, "<b>") {
				t.Errorf("%s in %s: %d %s", path, lang, resp.StatusCode, text)
			}
		}
		for _, accept := range []string{"", "*/*", "application/json", "text/html;q=0, application/json"} {
			resp, text := get(t, sb, path, "Accept", accept)
			if resp.StatusCode != 404 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") || !json.Valid([]byte(text)) || !strings.Contains(text, "RESOURCE_NOT_EXISTS") {
				t.Errorf("%s for %q: %d %s", path, accept, resp.StatusCode, text)
			}
		}
	}
	if resp, text := get(t, sb, "/console/nope", "Accept", browser, "Host", "evil.example.com"); resp.StatusCode != 403 {
		t.Errorf("by another Host: %d %s", resp.StatusCode, text)
	}
}
