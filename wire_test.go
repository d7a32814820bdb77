package wechatpay_test

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/vectors"
	"github.com/wxchain/wechatpay/internal/xmlmap"
	"github.com/wxchain/wechatpay/keys"
)

// wireCase is one call recorded from the PHP SDK; see testdata/wire.json.
type wireCase struct {
	Name     string
	Segments []string
	Chain    string
	Method   string
	Options  json.RawMessage
	Expect   struct {
		Method        string
		SchemeHost    string `json:"scheme_host"`
		Path          string
		Query         string
		Headers       map[string]string
		Body          string
		Authorization map[string]string
		RequestTarget string `json:"request_target"`
	}
}

// TestWire sends every call of the vectors and compares the request with that of
// the PHP SDK.
func TestWire(t *testing.T) {
	var cases []wireCase
	vectors.LoadFile(t, "wire.json", &cases)
	ran := make(map[wechatpay.Protocol]int)
	for _, tc := range cases {
		protocol, check := wechatpay.APIv3, checkAPIv3
		if first := append(tc.Segments, tc.Chain)[0]; first == "v2" || strings.HasPrefix(first, "v2/") {
			protocol, check = wechatpay.APIv2, checkAPIv2
		}
		ran[protocol]++
		t.Run(tc.Name, func(t *testing.T) { testWire(t, tc, check) })
	}
	if want := map[wechatpay.Protocol]int{wechatpay.APIv3: 18, wechatpay.APIv2: 5}; !reflect.DeepEqual(ran, want) {
		t.Errorf("ran %v, the vectors have %v", ran, want)
	}
}

func testWire(t *testing.T, tc wireCase, check func(*testing.T, wireCase, wechatpay.Config, *http.Request, string)) {
	out := new(recorder)
	config := newConfig(t, out)
	config.SerialNo = "3775B6A45ACD588826D15E583A95F5DD12345678"
	config.APIv2Key = "exposed_your_key_here_have_risks"
	client := newClient(t, config)
	chain := client.Chain(tc.Chain)
	if tc.Segments != nil {
		chain = client.Segment(tc.Segments...)
	}
	options := make(wechatpay.Options)
	if string(tc.Options) != "[]" { // PHP's empty map
		if err := json.Unmarshal(tc.Options, &options); err != nil {
			t.Fatal(err)
		}
	}

	// An asynchronous call must send the same.
	if _, err := chain.Do(background(), tc.Method, options); !errors.As(err, new(errNotSent)) {
		t.Fatalf("Do: %v", err)
	}
	async := map[string]func() *wechatpay.Promise[*wechatpay.Response]{
		"GET":    func() *wechatpay.Promise[*wechatpay.Response] { return chain.GetAsync(background(), options) },
		"POST":   func() *wechatpay.Promise[*wechatpay.Response] { return chain.PostAsync(background(), options) },
		"PUT":    func() *wechatpay.Promise[*wechatpay.Response] { return chain.PutAsync(background(), options) },
		"PATCH":  func() *wechatpay.Promise[*wechatpay.Response] { return chain.PatchAsync(background(), options) },
		"DELETE": func() *wechatpay.Promise[*wechatpay.Response] { return chain.DeleteAsync(background(), options) },
	}[tc.Method]
	if _, err := async().Wait(); !errors.As(err, new(errNotSent)) {
		t.Fatalf("async: %v", err)
	}

	for i, req := range out.sent {
		checkHead(t, tc, req)
		check(t, tc, config, req, out.body[i])
	}
}

func checkHead(t *testing.T, tc wireCase, req *http.Request) {
	want := tc.Expect
	if req.Method != want.Method {
		t.Errorf("method %s, want %s", req.Method, want.Method)
	}
	if got := req.URL.Scheme + "://" + req.URL.Host; got != want.SchemeHost {
		t.Errorf("host %s, want %s", got, want.SchemeHost)
	}
	if got := req.URL.EscapedPath(); got != want.Path {
		t.Errorf("path %s, want %s", got, want.Path)
	}
	wantQuery, err := url.ParseQuery(want.Query)
	if err != nil {
		t.Fatal(err)
	}
	if got := req.URL.Query(); !reflect.DeepEqual(got, wantQuery) {
		t.Errorf("query %v, want %v", got, wantQuery)
	}
	for name, value := range want.Headers {
		got := req.Header.Get(name)
		switch name {
		case "Content-Type":
			got, _, _ = mime.ParseMediaType(got)
			value, _, _ = mime.ParseMediaType(value)
			fallthrough
		default:
			if got != value {
				t.Errorf("header %s: %q, want %q", name, got, value)
			}
		}
	}
}

func checkAPIv3(t *testing.T, tc wireCase, config wechatpay.Config, req *http.Request, body string) {
	if tc.Expect.Body == "" {
		if body != "" {
			t.Errorf("body %s, want none", body)
		}
	} else if !sameJSON(t, body, tc.Expect.Body) {
		t.Errorf("body %s, want %s", body, tc.Expect.Body)
	}
	authorization := req.Header.Get("Authorization")
	if !regexp.MustCompile(`^WECHATPAY2-SHA256-RSA2048 mchid="1900000109",nonce_str="[0-9A-Za-z]{32}",timestamp="1790000001",serial_no="3775B6A45ACD588826D15E583A95F5DD12345678",signature="[0-9A-Za-z+/]+={0,2}"$`).MatchString(authorization) {
		t.Errorf("Authorization: %s", authorization)
	}
	checkSignature(t, config, req, body)
}

func checkAPIv2(t *testing.T, tc wireCase, _ wechatpay.Config, req *http.Request, body string) {
	for _, name := range []string{"Authorization", "Wechatpay-Serial"} {
		if value := req.Header.Get(name); value != "" {
			t.Errorf("header %s: %s, which is APIv3's", name, value)
		}
	}
	if tc.Expect.Body == "" {
		if body != "" {
			t.Errorf("body %s, want none", body)
		}
		return
	}
	if got, want := fieldsOf(t, body), fieldsOf(t, tc.Expect.Body); !reflect.DeepEqual(got, want) {
		t.Errorf("body %v, want %v", got, want)
	}
}

func fieldsOf(t *testing.T, body string) map[string]any {
	t.Helper()
	fields, err := xmlmap.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return fields
}

// checkSignature verifies the signature of a request over its target and body as
// sent.
func checkSignature(t *testing.T, config wechatpay.Config, req *http.Request, body string) {
	t.Helper()
	a, err := platform.ParseAuthorization(req.Header.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	merchants := keys.Static{config.SerialNo: config.PrivateKey.Public()}
	if err := platform.Verify(background(), merchants, req.Method, req.URL.RequestURI(), a, []byte(body)); err != nil {
		t.Error(err)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(a), &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return reflect.DeepEqual(x, y)
}

// TestResponses gives the answers of the vectors to the client.
func TestResponses(t *testing.T) {
	v := vectors.Load(t)
	for _, tc := range v.Responses {
		for _, kind := range []string{"held", "sink"} {
			t.Run(tc.Name+"/"+kind, func(t *testing.T) {
				client := newClient(t, newConfig(t, canAnswer(tc.Status, tc.Headers, tc.Body)))
				var opts []wechatpay.Option
				var sink strings.Builder
				if kind == "sink" {
					opts = append(opts, wechatpay.Sink(&sink))
				}
				resp, err := client.Chain(tc.RequestPath).Get(background(), opts...)
				if tc.Accept {
					if err != nil {
						t.Fatal(err)
					}
					if got := sink.String() + string(resp.Bytes()); got != tc.Body {
						t.Errorf("body %q, want %q", got, tc.Body)
					}
					return
				}
				var bad *wechatpay.VerifyError
				if !errors.Is(err, wechatpay.ErrVerify) || !errors.As(err, &bad) {
					t.Fatalf("error %v, want a *VerifyError", err)
				}
				if bad.Reason != tc.RejectKind {
					t.Errorf("reason %s, want %s", bad.Reason, tc.RejectKind)
				}
				if bad.Response == nil || bad.Response.StatusCode != tc.Status {
					t.Fatalf("response %v, want the answer", bad.Response)
				}
				if kind == "held" && string(bad.Response.Bytes()) != tc.Body {
					t.Errorf("body %q, want %q", bad.Response.Bytes(), tc.Body)
				}
				if resp != nil {
					t.Error("an unverified answer was returned as good")
				}
			})
		}
	}
}
