package doctor

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay/internal/platform"
)

// Doctor prints both texts side by side and marks the differences.
func TestDoctorShowsBothTexts(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.behind(func(r *http.Request) { r.URL.RawQuery = "via=proxy" }, nil)
	text := p.examine(false).text()
	for _, want := range []string{
		"                 signed here", "computed by the platform\n",
		"      method     GET", "    ✘ url        /v3/certificates", "/v3/certificates?via=", "    ✘ bytes ", "      nonce ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
}

// An answer from another server does not cause a panic.
func TestDoctorStrangeSignErrors(t *testing.T) {
	t.Parallel()
	for _, info := range []string{`null`, `{"truncated_sign_message":"x"}`, `{"truncated_sign_message":"a\nb\nc\nd\ne\nf","sign_message_length":1e99}`, `"x"`,
		`{"truncated_sign_message":"` + strings.Repeat(`\n`, 100) + `","url":7}`, `{"truncated_sign_message":"\u001b[31m"}`} {
		p := newPatient(t)
		p.MchID = "1900000110" // refused
		p.behind(nil, func(resp *http.Response) {
			body := []byte(`{"code":"SIGN_ERROR","message":"\u001b","detail":{"sign_information":` + info + `}}`)
			resp.Body.Close()
			resp.Body, resp.ContentLength = http.NoBody, int64(len(body))
			resp.Body = readCloser{bytes.NewReader(body)}
			resp.Header.Del("Content-Length")
		})
		if c := p.examine(false); strings.Join(c.with(wrong), "") != "signature" || strings.Contains(c.text(), "\x1b") {
			t.Errorf("%s: it says\n%s", info, c.text())
		}
	}
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// The text that the platform says it computed may be arbitrary.
func FuzzCompare(f *testing.F) {
	f.Add("GET\n/v3/certificates\n1554208460\nNONCE\n\n", 66)
	f.Add("", 0)
	f.Add("a\nb\nc\nd\ne\nf\x1b[31m", -1)
	ours := platform.SignInformation{Method: "GET", URL: "/v3/certificates", Truncated: "GET\n/v3/certificates\n1554208460\nNONCE\n\n", Length: 66}
	f.Fuzz(func(t *testing.T, truncated string, length int) {
		table, differ := compare(ours, platform.SignInformation{Truncated: truncated, Length: length})
		if same := truncated == ours.Truncated && length == ours.Length; same && differ != nil {
			t.Errorf("equal texts differ in %v", differ)
		}
		if lines := strings.Count(table.String(), "\n") + 1; lines != 7 || strings.ContainsRune(table.String(), '\x1b') {
			t.Errorf("the table has %d lines, want 7: %q", lines, table)
		}
	})
}
