package wechatpay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/vectors"
)

// sent makes one call and returns the request as sent.
func sent(t *testing.T, method string, opts ...wechatpay.Option) (*http.Request, string) {
	t.Helper()
	out := new(recorder)
	client := newClient(t, newConfig(t, out))
	if _, err := client.Chain("v3/x").Do(background(), method, opts...); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	return out.sent[0], out.body[0]
}

func TestJSONBody(t *testing.T) {
	type M = wechatpay.M
	type order struct {
		OutTradeNo string `json:"out_trade_no"`
		Amount     struct {
			Total int64 `json:"total"`
		} `json:"amount"`
		Attach string `json:"attach,omitempty"`
	}
	var nested order
	nested.OutTradeNo, nested.Amount.Total = "N1", 100
	for _, tc := range []struct {
		name string
		opts []wechatpay.Option
		want string
	}{
		{"names are sorted", []wechatpay.Option{wechatpay.JSON(M{"b": 1, "a": "x"})}, `{"a":"x","b":1}`},
		{"HTML stays", []wechatpay.Option{wechatpay.JSON(M{"a": "a&b<c>\"\\/中\u2028"})}, "{\"a\":\"a&b<c>\\\"\\\\/中\u2028\"}"},
		{"control characters", []wechatpay.Option{wechatpay.JSON(M{"a": "\n\r\t\x00\x1f"})}, `{"a":"\n\r\t\u0000\u001f"}`},
		{"HTML stays in a struct", []wechatpay.Option{wechatpay.JSON(order{OutTradeNo: "<&>"})}, `{"out_trade_no":"<&>","amount":{"total":0}}`},
		{"struct", []wechatpay.Option{wechatpay.JSON(&nested)}, `{"out_trade_no":"N1","amount":{"total":100}}`},
		{"raw, as it stands", []wechatpay.Option{wechatpay.JSON(json.RawMessage(`{ "b":1.0, "a":2 }`))}, `{ "b":1.0, "a":2 }`},
		{"every type", []wechatpay.Option{wechatpay.Options{"json": M{
			"i": 1, "i64": int64(math.MinInt64), "u": uint64(math.MaxUint64), "f": 1.5, "t": true, "n": nil,
			"l": []any{1, "x", M{}}, "ls": []string{"a"}, "lm": []M{{"a": 1}}, "li": []int{1, 2}, "m": map[string]string{"<": ">"},
			"s": nested, "num": json.Number("12345678901234567890"), "e": []any{}, "nl": []any(nil), "raw": json.RawMessage(`[1]`),
		}}}, `{"e":[],"f":1.5,"i":1,"i64":-9223372036854775808,"l":[1,"x",{}],"li":[1,2],"lm":[{"a":1}],"ls":["a"],"m":{"<":">"},"n":null,"nl":null,"num":12345678901234567890,"raw":[1],"s":{"out_trade_no":"N1","amount":{"total":100}},"t":true,"u":18446744073709551615}`},
		{"raw, after spaces", []wechatpay.Option{wechatpay.JSON(json.RawMessage(" \n{}"))}, " \n{}"},
		{"raw nil inside", []wechatpay.Option{wechatpay.JSON(M{"a": json.RawMessage(nil)})}, `{"a":null}`},
		{"Set alone", []wechatpay.Option{wechatpay.Set("amount.total", 100), wechatpay.Set("amount.currency", "CNY")}, `{"amount":{"total":100,"currency":"CNY"}}`},
		{"Set on a map", []wechatpay.Option{wechatpay.Options{"json": M{"a": M{"b": 1}}}, wechatpay.Set("a.b", "<2>"), wechatpay.Set("a.c.-1", M{"d": nil})}, `{"a":{"b":"<2>","c":[{"d":null}]}}`},
		{"Set on a struct", []wechatpay.Option{wechatpay.JSON(nested), wechatpay.Set("amount.total", 7)}, `{"out_trade_no":"N1","amount":{"total":7}}`},
		{"Set names that are numbers", []wechatpay.Option{wechatpay.Set("m.:1900000109", 1)}, `{"m":{"1900000109":1}}`},
		{"the last JSON wins", []wechatpay.Option{wechatpay.JSON(M{"a": 1}), wechatpay.Set("b", 1), wechatpay.JSON(M{"c": 1})}, `{"c":1}`},
		{"a replaced character that was there", []wechatpay.Option{wechatpay.JSON(map[string]string{"a": "\ufffd\\ufffd"})}, `{"a":"` + "\ufffd" + `\\ufffd"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			req, body := sent(t, "POST", tc.opts...)
			if body != tc.want {
				t.Errorf("got  %s\nwant %s", body, tc.want)
			}
			if req.Header.Get("Content-Type") != "application/json" || req.ContentLength != int64(len(body)) {
				t.Errorf("Content-Type %q, Content-Length %d", req.Header.Get("Content-Type"), req.ContentLength)
			}
		})
	}
}

func TestRawBody(t *testing.T) {
	for name, opts := range map[string][]wechatpay.Option{
		"function":     {wechatpay.Body("text/csv", strings.NewReader("a,b"))},
		"reader":       {wechatpay.Options{"body": strings.NewReader("a,b"), "headers": wechatpay.M{"Content-Type": "text/csv"}}},
		"string":       {wechatpay.Options{"body": "a,b"}, wechatpay.Header("content-type", "text/csv")},
		"bytes":        {wechatpay.Options{"body": []byte("a,b"), "headers": map[string]string{"content-type": "text/csv"}}},
		"header wins":  {wechatpay.Body("text/plain", strings.NewReader("a,b")), wechatpay.Header("Content-Type", "text/csv")},
		"the last one": {wechatpay.Body("text/plain", strings.NewReader("x")), wechatpay.Body("text/csv", strings.NewReader("a,b"))},
	} {
		req, body := sent(t, "POST", opts...)
		if body != "a,b" || req.Header.Get("Content-Type") != "text/csv" {
			t.Errorf("%s: body %q of type %q", name, body, req.Header.Get("Content-Type"))
		}
	}
}

func TestHeaders(t *testing.T) {
	req, body := sent(t, "GET")
	for name, want := range map[string]string{
		"Accept":           "application/json, text/plain, application/x-gzip, application/pdf, image/png, image/*;q=0.5",
		"Content-Type":     "application/json",
		"Wechatpay-Serial": vectors.Load(t).PlatformPublicKeyID,
	} {
		if got := req.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	agent := req.Header.Get("User-Agent")
	for _, want := range []string{"wechatpay/" + wechatpay.Version, "(linux;", " go1."} {
		if want == "(linux;" {
			continue // other systems have other names
		}
		if !strings.Contains(agent, want) {
			t.Errorf("User-Agent %q has no %q", agent, want)
		}
	}
	if body != "" {
		t.Errorf("body %q", body)
	}

	req, _ = sent(t, "POST",
		wechatpay.Options{"headers": http.Header{"X-List": {"a", "b"}, "Accept": {"text/plain"}}},
		wechatpay.Options{"headers": wechatpay.M{"x-number": 1, "x-nil": nil, "x-texts": []string{"c", "d"}}},
		wechatpay.Options{"headers": nil},
		wechatpay.Header("idempotency-key", "k1"), wechatpay.Header("Idempotency-Key", "k2"),
		wechatpay.Header("wechatpay-serial", "PUB_KEY_ID_MINE"),
	)
	for name, want := range map[string]string{
		"X-List": "a|b", "Accept": "text/plain", "X-Number": "1", "X-Nil": "", "X-Texts": "c|d", "Idempotency-Key": "k2", "Wechatpay-Serial": "PUB_KEY_ID_MINE",
	} {
		if got := strings.Join(req.Header.Values(name), "|"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	for base, want := range map[string]string{
		"https://apihk.mch.weixin.qq.com/":    "https://apihk.mch.weixin.qq.com/v3/x",
		"https://apihk.mch.weixin.qq.com":     "https://apihk.mch.weixin.qq.com/v3/x",
		"http://127.0.0.1:8080/wechat/pay%20": "http://127.0.0.1:8080/wechat/pay%20/v3/x",
	} {
		req, _ := sent(t, "GET", wechatpay.BaseURL(base))
		if req.URL.String() != want || req.Host != req.URL.Host {
			t.Errorf("%s: %s at %s, want %s", base, req.URL, req.Host, want)
		}
	}
}

type badQuery struct {
	Nested map[string]int `json:"nested"`
}

type cannotMarshal struct{}

func (cannotMarshal) MarshalJSON() ([]byte, error) { return nil, errors.New("no JSON of this") }

// A badOption is an option and what the error says about it.
type badOption struct {
	name string
	opt  wechatpay.Option
	want string
}

func TestBadOption(t *testing.T) {
	type M = wechatpay.M
	testBadOptions(t, []badOption{
		{"mistyped json", wechatpay.Options{"jsno": M{}}, `did you mean "json"?`},
		{"mistyped query", wechatpay.Options{"qurey": M{}}, `did you mean "query"?`},
		{"capitals", wechatpay.Options{"Headers": M{}}, `did you mean "headers"?`},
		{"mistyped variable", wechatpay.Options{"openId": "x"}, `did you mean "openid"?`},
		{"unknown", wechatpay.Options{"something_else": 1}, `option "something_else" is neither known nor a variable of the template (openid)`},
		{"unknown by function", wechatpay.Bind("opendi", 1), `did you mean "openid"?`},
		{"nil option", nil, "option 1 is nil"},
	})
}

func TestBadJSON(t *testing.T) {
	type M = wechatpay.M
	self := M{}
	self["self"] = self
	testBadOptions(t, []badOption{
		{"json nil", wechatpay.Options{"json": nil}, `"json" is nil`},
		{"json nil map", wechatpay.JSON(M(nil)), `"json" is nil`},
		{"json string", wechatpay.JSON(`{"a":1}`), "json.RawMessage"},
		{"json number", wechatpay.JSON(1), "is a int"},
		{"json bytes", wechatpay.JSON([]byte(`{"a":1}`)), "json.RawMessage"},
		{"json bytes inside", wechatpay.JSON(M{"a": []byte(`x`)}), "a: a []byte"},
		{"json of a channel", wechatpay.JSON(M{"a": M{"b": make(chan int)}}), "a: b: chan int cannot be encoded"},
		{"json of a func", wechatpay.JSON(struct{ F func() }{}), "cannot be encoded"},
		{"json NaN", wechatpay.JSON(M{"a": math.NaN()}), "a: float64 cannot be encoded"},
		{"json holds itself", wechatpay.JSON(self), "holds itself"},
		{"json marshaler fails", wechatpay.JSON(M{"a": cannotMarshal{}}), "no JSON of this"},
		{"json not UTF-8", wechatpay.JSON(M{"attach": "中"[:2]}), "attach: not valid UTF-8"},
		{"json not UTF-8 in a struct", wechatpay.JSON(struct{ A string }{"中"[:2]}), "not valid UTF-8"},
		{"json name not UTF-8", wechatpay.JSON(M{"\xff": 1}), "not valid UTF-8"},
		{"raw invalid", wechatpay.JSON(json.RawMessage(`{"a":`)), "not valid JSON"},
		{"Set of a channel", wechatpay.Set("a", make(chan int)), `Set("a")`},
		{"Set not UTF-8", wechatpay.Set("a\xff", 1), "not valid UTF-8"},
		{"json raw nil", wechatpay.JSON(json.RawMessage(nil)), `"json" is nil`},
	})
}

func TestBadValue(t *testing.T) {
	type M = wechatpay.M
	testBadOptions(t, []badOption{
		{"body typed nil", wechatpay.Body("", (*bytes.Buffer)(nil)), `"body"`},
		{"sink typed nil", wechatpay.Sink((*bytes.Buffer)(nil)), `"sink" is nil`},
		{"base_uri garbled, with a password", wechatpay.BaseURL("https://me:secret@x:port/"), "not a URL"},
		{"timeout NaN", wechatpay.Options{"timeout": math.NaN()}, `"timeout" is a float64`},
		{"Set of no path", wechatpay.Set("", 1), "empty part"},
		{"Set of an empty part", wechatpay.Set("a..b", 1), "empty part"},
		{"Set far away", wechatpay.Set("a.99999999", 1), "too high for an index"},
		{"Set with a wildcard", wechatpay.Set("a.*", 1), `Set("a.*")`},
		{"query is a string", wechatpay.Query("a=1"), "string is not a query"},
		{"query value is a map", wechatpay.Query(M{"a": M{"b": 1}}), `"a": map[string]interface {} cannot`},
		{"query value is a map in a struct", wechatpay.Query(badQuery{Nested: map[string]int{"a": 1}}), `"nested": map[string]int cannot`},
		{"query value is a struct", wechatpay.Query(M{"a": struct{}{}}), `"a": struct {} cannot`},
		{"query value in a list is a map", wechatpay.Query(M{"a": []any{M{}}}), `"a": element 0`},
		{"query value is a func", wechatpay.Query(M{"a": func() {}}), `"a": func() cannot`},
		{"query value is inexact", wechatpay.Query(M{"a": 1e300}), "cannot be written exactly"},
		{"query value not UTF-8", wechatpay.Query(url.Values{"a": {"\xff"}}), "not valid UTF-8"},
		{"query without a name", wechatpay.Query(M{"": 1}), "no name"},
		{"headers is a list", wechatpay.Options{"headers": []string{"a"}}, `"headers" is a []string`},
		{"header value is a map", wechatpay.Options{"headers": M{"x": M{}}}, `header "x"`},
		{"header name with a space", wechatpay.Header("X Y", "1"), "header name"},
		{"header name with a line break", wechatpay.Header("X\r\nY", "1"), "header name"},
		{"header value with a line break", wechatpay.Header("X-Y", "1\r\nZ: 2"), "line break"},
		{"header value with a line feed in a map", wechatpay.Options{"headers": M{"X-Y": "1\n2"}}, "line break"},
		{"empty header name", wechatpay.Header("", "1"), "header name"},
		{"Authorization", wechatpay.Header("authorization", "x"), "written by the signer"},
		{"Host", wechatpay.Header("Host", "x"), "belongs to the connection"},
		{"Accept-Encoding", wechatpay.Header("accept-encoding", "gzip"), "belongs to the connection"},
		{"body nil", wechatpay.Options{"body": nil}, `"body"`},
		{"body of a number", wechatpay.Options{"body": 1}, `"body"`},
		{"body with a broken type", wechatpay.Body("a\nb", strings.NewReader("")), "line break"},
		{"sink nil", wechatpay.Sink(nil), `"sink" is nil`},
		{"sink of a string", wechatpay.Options{"sink": "file"}, `"sink" is a string`},
		{"base_uri of a number", wechatpay.Options{"base_uri": 1}, `"base_uri" is a int`},
		{"base_uri without scheme", wechatpay.BaseURL("api.mch.weixin.qq.com"), "https://"},
		{"base_uri of another scheme", wechatpay.BaseURL("ftp://x/"), "https://"},
		{"base_uri without host", wechatpay.BaseURL("https:///v3"), "no host"},
		{"base_uri with a query", wechatpay.BaseURL("https://x/?a=1"), "query"},
		{"base_uri with a fragment", wechatpay.BaseURL("https://x/#a"), "fragment"},
		{"base_uri with a user", wechatpay.BaseURL("https://me:secret@x/"), "leave out what stands before the @"},
		{"base_uri garbled", wechatpay.BaseURL("https://x/%zz"), "not a URL"},
		{"timeout zero", wechatpay.Timeout(0), `"timeout" is 0s`},
		{"timeout negative", wechatpay.Options{"timeout": -1.5}, `"timeout" is -1.5s`},
		{"timeout of a string", wechatpay.Options{"timeout": "5s"}, `"timeout" is a string`},
		{"http_errors of a string", wechatpay.Options{"http_errors": "false"}, `"http_errors" is a string`},
		{"json and body", wechatpay.Options{"json": M{}, "body": "x"}, `"json" and "body" are both given`},
		{"json and xml", wechatpay.Options{"json": M{}, "xml": M{}}, `"json" and "xml" are both given`},
		{"xml is APIv2's", wechatpay.Options{"xml": M{}}, `"xml" is for APIv2`},
		{"security is APIv2's", wechatpay.Options{"security": true}, `"security" is for APIv2`},
		{"nonceless is APIv2's", wechatpay.Options{"nonceless": true}, `"nonceless" is for APIv2`},
		{"security of a string", wechatpay.Options{"security": "true"}, `"security" is a string`},
		{"xml of a string", wechatpay.Options{"xml": "<xml/>"}, `"xml" is a string`},
		{"xml nil", wechatpay.Options{"xml": M(nil)}, `"xml" is nil`},
	})
}

// testBadOptions makes a call with each option, which must be refused before
// anything is sent.
func testBadOptions(t *testing.T, cases []badOption) {
	t.Helper()
	out := new(recorder)
	chain := newClient(t, newConfig(t, out)).Chain("v3/users/{openid}").Bind("openid", "x")
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			for verb, call := range map[string]func() error{
				"Post":      func() error { _, err := chain.Post(background(), tc.opt); return err },
				"PostAsync": func() error { _, err := chain.PostAsync(background(), tc.opt).Wait(); return err },
				"URL":       func() error { _, err := chain.URL(tc.opt); return err },
			} {
				err := call()
				if !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("%s: error %v, want ErrOption with %q", verb, err, tc.want)
				}
				if err != nil && strings.Contains(err.Error(), "secret") {
					t.Errorf("%s: a password is in the error: %v", verb, err)
				}
			}
		})
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestBadMethod(t *testing.T) {
	out := new(recorder)
	chain := newClient(t, newConfig(t, out)).Chain("v3/x")
	for _, method := range []string{"", "GE T", "GET\r\n"} {
		if _, err := chain.Do(background(), method); !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), "method") {
			t.Errorf("method %q: %v", method, err)
		}
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestBadContext(t *testing.T) {
	out := new(recorder)
	chain := newClient(t, newConfig(t, out)).Chain("v3/x")
	var none context.Context
	if _, err := chain.Get(none); !errors.Is(err, wechatpay.ErrOption) {
		t.Errorf("nil context: %v", err)
	}
	if _, err := chain.GetAsync(none).Wait(); !errors.Is(err, wechatpay.ErrOption) {
		t.Errorf("nil context: %v", err)
	}
	ended, cancel := context.WithCancel(background())
	cancel()
	if _, err := chain.Get(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if _, err := chain.GetAsync(ended).Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	late, cancel := context.WithDeadline(background(), time.Unix(1, 0))
	defer cancel()
	if _, err := chain.Get(late); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline in the past: %v", err)
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// What the options hold may be changed as soon as an asynchronous verb
// returns.
func TestAsyncReadsOptionsAtOnce(t *testing.T) {
	release := make(chan struct{})
	config := newConfig(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		<-release
		return nil, errNotSent{}
	}))
	var body string
	inner := config.Transport
	config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		buf := new(strings.Builder)
		r, _ := req.GetBody()
		if _, err := copyTo(buf, r); err != nil {
			return nil, err
		}
		body = buf.String() + req.URL.Path
		return inner.RoundTrip(req)
	})
	client := newClient(t, config)
	options := wechatpay.Options{"id": "1", "json": wechatpay.M{"a": 1}}
	p := client.Chain("v3/{id}").PostAsync(background(), options)
	options["id"] = "2"
	options["json"].(wechatpay.M)["a"] = 2
	close(release)
	if _, err := p.Wait(); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	if want := `{"a":1}/v3/1`; body != want {
		t.Errorf("sent %s, want %s", body, want)
	}
}

// A struct may embed types that package reflect does not open.
type hidden struct{ A string }

func TestQueryOfEmbedded(t *testing.T) {
	client := newClient(t, newConfig(t, nil))
	for name, v := range map[string]any{
		"value":   struct{ hidden }{hidden{"1"}},
		"pointer": struct{ *hidden }{&hidden{"1"}},
	} {
		if u, err := client.Chain("v3/x").URL(wechatpay.Query(v)); err != nil || u.RawQuery != "A=1" {
			t.Errorf("%s: %v, %v", name, u, err)
		}
	}
	if u, err := client.Chain("v3/x").URL(wechatpay.Query(struct{ *hidden }{})); err != nil || u.RawQuery != "" {
		t.Errorf("nil: %v, %v", u, err)
	}
}

// A reader serves one call: the next one would send nothing.
func TestBodyIsNotSentEmpty(t *testing.T) {
	out := new(recorder)
	chain := newClient(t, newConfig(t, out)).Chain("v3/x")
	body := wechatpay.Body("text/plain", strings.NewReader("once"))
	if _, err := chain.Post(background(), body); !errors.As(err, new(errNotSent)) {
		t.Fatal(err)
	}
	for _, opt := range []wechatpay.Option{body, wechatpay.Options{"body": ""}} {
		if _, err := chain.Post(background(), opt); !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), "empty") {
			t.Errorf("error %v, want ErrOption", err)
		}
	}
	if n := out.count(); n != 1 {
		t.Errorf("%d requests were sent, want 1", n)
	}
}

func TestAsyncReadsBodyAtOnce(t *testing.T) {
	out := new(recorder)
	text := []byte("as it was")
	p := newClient(t, newConfig(t, out)).Chain("v3/x").PostAsync(background(), wechatpay.Body("text/plain", bytes.NewReader(text)))
	copy(text, "XXXXXXXXX")
	if _, err := p.Wait(); !errors.As(err, new(errNotSent)) || out.body[0] != "as it was" {
		t.Errorf("sent %q, %v", out.body, err)
	}
}

// GET and HEAD have no body.
func TestBodyWithoutAMethodForIt(t *testing.T) {
	out := new(recorder)
	config := newConfig(t, out)
	config.APIv2Key = v2Key
	client := newClient(t, config)
	for name, opt := range map[string]wechatpay.Option{
		"json": wechatpay.JSON(wechatpay.M{"a": 1}),
		"set":  wechatpay.Set("a", 1),
		"bag":  wechatpay.Options{"json": wechatpay.M{}},
		"body": wechatpay.Body("text/plain", strings.NewReader("a")),
		"file": wechatpay.Upload("a.png", strings.NewReader("a")),
		"xml":  wechatpay.XML(wechatpay.M{"a": 1}),
	} {
		for _, method := range []string{"GET", "HEAD"} {
			for _, chain := range []wechatpay.Chain{client.Chain("v3/x"), client.Chain("v2/x")} {
				if _, err := chain.Do(background(), method, opt); !errors.Is(err, wechatpay.ErrOption) {
					t.Errorf("%s with %s %s: error %v, want ErrOption", name, method, chain, err)
				}
			}
		}
	}
	_, err := client.Chain("v3/x").Get(background(), wechatpay.JSON(wechatpay.M{"a": 1}))
	if want := `option "json" cannot go with GET, which has no body; use "query"`; !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("error %v, want %s", err, want)
	}
	if n := out.count(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	// Some operations are documented as DELETE with a body.
	if _, err := client.Chain("v3/x").Delete(background(), wechatpay.JSON(wechatpay.M{"a": 1})); !errors.As(err, new(errNotSent)) || out.body[0] != `{"a":1}` {
		t.Errorf("DELETE: %v, sent %q", err, out.body)
	}
}

// A key of the bag and its function are the same option: of two, the later one
// wins.
func TestLaterOptionWins(t *testing.T) {
	type options = wechatpay.Options
	deadline := func(req *http.Request, _ string) any {
		end, _ := req.Context().Deadline()
		return time.Until(end) > time.Hour
	}
	host := func(req *http.Request, _ string) any { return req.URL.Host }
	header := func(req *http.Request, _ string) any { return req.Header.Get("X-A") }
	body := func(_ *http.Request, body string) any { return body }
	for name, tt := range map[string]struct {
		sent           func(req *http.Request, body string) any
		typed          func() wechatpay.Option
		bag            options
		typedIs, bagIs any
	}{
		"timeout":  {deadline, func() wechatpay.Option { return wechatpay.Timeout(2 * time.Hour) }, options{"timeout": 5}, true, false},
		"base_uri": {host, func() wechatpay.Option { return wechatpay.BaseURL("https://a.example/") }, options{"base_uri": "https://b.example/"}, "a.example", "b.example"},
		"headers":  {header, func() wechatpay.Option { return wechatpay.Header("X-A", "a") }, options{"headers": M{"x-a": "b"}}, "a", "b"},
		"json":     {body, func() wechatpay.Option { return wechatpay.JSON(M{"a": 1}) }, options{"json": M{"b": 2}}, `{"a":1}`, `{"b":2}`},
		"body":     {body, func() wechatpay.Option { return wechatpay.Body("text/plain", strings.NewReader("a")) }, options{"body": "b"}, "a", "b"},
	} {
		send := func(opts ...wechatpay.Option) any {
			out := new(recorder)
			if _, err := newClient(t, newConfig(t, out)).Chain("v3/x").Post(background(), opts...); !errors.As(err, new(errNotSent)) {
				t.Fatal(name, err)
			}
			return tt.sent(out.sent[0], out.body[0])
		}
		if got := send(tt.bag, tt.typed()); got != tt.typedIs {
			t.Errorf("%s: the function is later: %v, want %v", name, got, tt.typedIs)
		}
		if got := send(tt.typed(), tt.bag); got != tt.bagIs {
			t.Errorf("%s: the bag is later: %v, want %v", name, got, tt.bagIs)
		}
	}
}

// The same for the options of an answer.
func TestLaterOptionOfAnAnswerWins(t *testing.T) {
	var typed, bag bytes.Buffer
	for _, bagLast := range []bool{false, true} {
		status := 403
		client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(status, `{"code":"NO_AUTH"}`) })
		call := func(typed, bag wechatpay.Option) error {
			opts := []wechatpay.Option{bag, typed}
			if bagLast {
				opts = []wechatpay.Option{typed, bag}
			}
			_, err := client.Chain("v3/x").Get(background(), opts...)
			return err
		}
		if err := call(wechatpay.HTTPErrors(true), wechatpay.Options{"http_errors": false}); (err == nil) != bagLast {
			t.Errorf("http_errors: the bag is later: %v: %v", bagLast, err)
		}
		status = 200
		typed.Reset()
		bag.Reset()
		if err := call(wechatpay.Sink(&typed), wechatpay.Options{"sink": &bag}); err != nil || (bag.Len() > 0) != bagLast || (typed.Len() > 0) == bagLast {
			t.Errorf("sink: the bag is later: %v: %q, %q, %v", bagLast, typed.String(), bag.String(), err)
		}
	}
}
