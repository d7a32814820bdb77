package wechatpay_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/wxchain/wechatpay"
)

// checkInside fails when u is not a plain path below the client's host.
func checkInside(t *testing.T, u *url.URL) {
	t.Helper()
	if u.Scheme != "https" || u.Host != "api.mch.weixin.qq.com" || u.User != nil || u.Fragment != "" {
		t.Fatalf("%s is elsewhere", u)
	}
	for _, c := range u.RequestURI() {
		if c <= ' ' || c >= 0x7f || strings.ContainsRune("\"<>\\^`{|}#", c) {
			t.Fatalf("%q holds %q, which no request target may", u.RequestURI(), c)
		}
	}
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	for _, segment := range strings.Split(strings.TrimSuffix(path, "/"), "/") {
		switch plain, err := url.PathUnescape(segment); {
		case err != nil:
			t.Fatalf("%s: %v", u, err)
		case plain == "", plain == ".", plain == "..":
			t.Fatalf("%s has the segment %q", u, segment)
		}
	}
	// A server reads what was signed.
	if again, err := url.ParseRequestURI(u.String()); err != nil || again.RequestURI() != u.RequestURI() {
		t.Fatalf("%s reads back as %v, %v", u, again, err)
	}
}

// FuzzTemplate spells any path and any segment, with any value bound.
func FuzzTemplate(f *testing.F) {
	for _, seed := range [][2]string{
		{"v3/marketing/favor/users/{openid}/coupons", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"},
		{"v3/_openid_/<openid>", "a/b c%中文*|@"},
		{"{+openid}", "v3/x?y=z"}, {"{+openid}", "//evil.example/"}, {"{+openid}", "https://evil.example"},
		{"v3{/openid*}", ".."}, {"v3/{openid:2}", "..a"}, {"v3{?openid}", "#"}, {"v3/%2e%2e/x", ""}, {"v3/a{#openid}", "x"},
		{"v3/x?a={openid}&b", "&"}, {"v3/{openid}", "\xff"}, {"V2/{.openid}{;openid}", "%2F"}, {"v3/{+openid}", "%2e%2E/%zz"},
		{"v3/{", "}"}, {"", ""}, {"/", "/"}, {"merchantService/ComplaintsV2", "x"}, {"v3\\..\\x", "\n"},
	} {
		f.Add(seed[0], seed[1])
	}
	client := newClient(f, newConfig(f, new(recorder)))
	f.Fuzz(func(t *testing.T, template, value string) {
		for _, chain := range []wechatpay.Chain{
			client.Chain(template), client.Segment(template), client.Chain("v3").Chain(template), client.Segment("v3", template, "x"),
		} {
			for _, bound := range []wechatpay.Chain{chain, chain.Bind("openid", value), chain.Bind("openid", []string{value, "y"})} {
				u, err := bound.URL()
				switch {
				case err == nil:
					checkInside(t, u)
				case !errors.Is(err, wechatpay.ErrTemplate):
					t.Fatalf("%q: error %v, want ErrTemplate", template, err)
				}
			}
		}
	})
}

// FuzzVariable sends any value of a variable. It arrives unchanged, or it is
// refused.
func FuzzVariable(f *testing.F) {
	for _, seed := range []string{"1217752501201407033233368018", "a/b c%中文*|@", ".", "..", "", "...", "%2e", "\x00", "\xff", "{x}", "a?b#c", "+ &="} {
		f.Add(seed)
	}
	client := newClient(f, newConfig(f, new(recorder)))
	f.Fuzz(func(t *testing.T, value string) {
		u, err := client.Chain("v3/{no}/x").URL(wechatpay.Options{"no": value, "query": wechatpay.M{"q": value}})
		if value == "" || value == "." || value == ".." || !utf8.ValidString(value) {
			if err == nil {
				t.Fatalf("%q gave %s", value, u)
			}
			return
		}
		if err != nil {
			// Escaped, "%2e" and similar values are one segment; other values
			// must be accepted.
			t.Fatalf("%q: %v", value, err)
		}
		checkInside(t, u)
		if want := "/v3/" + value + "/x"; u.Path != want || u.Query().Get("q") != value {
			t.Fatalf("%q arrives as %q and %q", value, u.Path, u.Query().Get("q"))
		}
	})
}

// FuzzOptions makes calls with any Options.
func FuzzOptions(f *testing.F) {
	for _, key := range []string{"json", "query", "headers", "body", "sink", "base_uri", "timeout", "http_errors", "openid", "jsno", ""} {
		f.Add(key, "text", 1.5, []byte(`{"a":1}`))
	}
	f.Add("json", "a.b.-1", 1e300, []byte(`[`))
	f.Add("headers", "X\r\nY", -1.0, []byte("\xff"))
	f.Add("base_uri", "https://x/", 0.0, []byte(nil))
	f.Fuzz(func(t *testing.T, key, text string, number float64, raw []byte) {
		out := new(recorder)
		client := newClient(t, newConfigOnce(t, out))
		chain := client.Chain("v3/{openid}").Bind("openid", "x")
		for _, value := range []any{
			text, number, raw, nil, true, int64(number), json.RawMessage(raw), []any{text, number, nil},
			wechatpay.M{text: number, "b": wechatpay.M{text: text}, "c": []any{text}}, map[string]string{text: text}, url.Values{text: {text, text}},
		} {
			for _, opts := range [][]wechatpay.Option{
				{wechatpay.Options{key: value}},
				{wechatpay.Options{key: value, "json": wechatpay.M{text: value}}, wechatpay.Set(text, value)},
				{wechatpay.JSON(value), wechatpay.Query(value), wechatpay.Header(key, text)},
			} {
				_, err := chain.Post(background(), opts...)
				if !errors.As(err, new(errNotSent)) && !errors.Is(err, wechatpay.ErrOption) && !errors.Is(err, wechatpay.ErrTemplate) {
					t.Fatalf("%q: %v: error %v", key, value, err)
				}
			}
		}
		for i, req := range out.sent {
			if body := out.body[i]; req.Header.Get("Content-Type") == "application/json" && body != "" && key != "body" && !json.Valid([]byte(body)) {
				t.Fatalf("sent %q as JSON", body)
			}
			for name, values := range req.Header {
				for _, value := range values {
					if strings.ContainsAny(name+value, "\r\n\x00") {
						t.Fatalf("sent header %q: %q", name, value)
					}
				}
			}
		}
	})
}
