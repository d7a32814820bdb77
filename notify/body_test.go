package notify_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// A notification whose body something has read says so, and speaks of no
// signature.
func TestBodyReadBefore(t *testing.T) {
	const empty = "the body is empty: something read it before"
	drain := func(r *http.Request) { io.Copy(io.Discard, r.Body) }
	tests := []struct {
		name string
		edit func(*http.Request)
		want string
	}{
		{"drained", drain, empty},
		{"drained, length unknown", func(r *http.Request) { drain(r); r.ContentLength = -1 }, empty},
		{"nil", func(r *http.Request) { r.Body = nil }, empty},
		{"nil, length unknown", func(r *http.Request) { r.Body, r.ContentLength = nil, -1 }, empty},
		{"NoBody", func(r *http.Request) { r.Body = http.NoBody }, empty},
		{"NoBody, no length", func(r *http.Request) { r.Body, r.ContentLength = http.NoBody, 0 }, empty},
		{"ParseForm", func(r *http.Request) {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if err := r.ParseForm(); err != nil {
				t.Fatal(err)
			}
		}, empty},
		{"a logger that takes the start", func(r *http.Request) { io.CopyN(io.Discard, r.Body, 10) }, "bytes: something read it before"},
		{"a logger that leaves one byte", func(r *http.Request) { io.CopyN(io.Discard, r.Body, r.ContentLength-1) }, "the body has 1 of "},
	}
	for protocol, request := range map[string]func() *http.Request{
		"APIv3": func() *http.Request { return paid(t, "EV-1") },
		"APIv2": func() *http.Request { return post(signedXML(t, "MD5", order())) },
	} {
		for _, tt := range tests {
			t.Run(protocol+" "+tt.name, func(t *testing.T) {
				req := request()
				tt.edit(req)
				var heard told
				n, err := newReceiver(t, heard.hear).Parse(req)
				if n != nil {
					t.Errorf("Parse = %v", n)
				}
				checkRefusal(t, err, 400, tt.want)
				checkUnverified(t, err, "")

				req = request()
				tt.edit(req)
				h := newReceiver(t, heard.hear).Handler(func(context.Context, *notify.Notification) error { t.Error("handed over"); return nil })
				checkAnswer(t, serve(h, req), 400, false)
				heard.check(t, tt.want)
			})
		}
	}
}

// On a real server a logger in front reads the body, and may close it.
func TestBodyReadBeforeOnAServer(t *testing.T) {
	for name, read := range map[string]func(*http.Request){
		"read":            func(r *http.Request) { io.Copy(io.Discard, r.Body) },
		"read and closed": func(r *http.Request) { io.Copy(io.Discard, r.Body); r.Body.Close() },
		"closed":          func(r *http.Request) { r.Body.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			var heard told
			h := newReceiver(t, heard.hear).Handler(func(context.Context, *notify.Notification) error { t.Error("handed over"); return nil })
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				read(req)
				h.ServeHTTP(w, req)
			}))
			defer server.Close()
			req := paid(t, "EV-1")
			out, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, req.Body)
			if err != nil {
				t.Fatal(err)
			}
			out.Header = req.Header
			resp, err := server.Client().Do(out)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != 400 {
				t.Errorf("answered %d", resp.StatusCode)
			}
			heard.check(t, "the body is empty: something read it before")
		})
	}
}

// Parse leaves the body as it was, whatever it makes of it.
func TestParsePutsTheBodyBack(t *testing.T) {
	long := strings.Repeat(" ", 1<<20+100)
	for name, tt := range map[string]struct {
		req  func() *http.Request
		body string
		err  bool // and the error of its reader
	}{
		"good":       {func() *http.Request { return paid(t, "EV-1") }, "", false},
		"unverified": {func() *http.Request { return post("{}") }, "{}", false},
		"APIv2":      {func() *http.Request { return post(signedXML(t, "MD5", order())) }, "", false},
		"empty":      {func() *http.Request { return post("") }, "", false},
		"too long": {func() *http.Request {
			req := post(long)
			req.ContentLength = -1
			return req
		}, long, false},
		"too long, and says so": {func() *http.Request { return post(long) }, long, false},
		"cut off": {func() *http.Request {
			req := post("{}")
			req.Body = io.NopCloser(io.MultiReader(strings.NewReader("{}"), iotest.ErrReader(errors.New("cut off"))))
			return req
		}, "{}", true},
	} {
		t.Run(name, func(t *testing.T) {
			r, req := newReceiver(t), tt.req()
			want := tt.body
			if want == "" {
				text, err := io.ReadAll(tt.req().Body)
				if err != nil {
					t.Fatal(err)
				}
				want = string(text)
			}
			first, firstErr := r.Parse(req)
			if !tt.err {
				second, secondErr := r.Parse(req)
				if (first == nil) != (second == nil) || firstErr != nil && firstErr.Error() != secondErr.Error() {
					t.Errorf("Parse = %v, %v; and then %v, %v", first, firstErr, second, secondErr)
				}
			}
			got, err := io.ReadAll(req.Body)
			if string(got) != want || (err != nil) != tt.err {
				t.Errorf("the body has %d bytes, %v; want %d", len(got), err, len(want))
			}
		})
	}
}

type closing struct {
	io.Reader
	closed int
}

func (c *closing) Close() error { c.closed++; return nil }

// Who closes the body closes the one that came.
func TestParseLeavesTheBodyToClose(t *testing.T) {
	req := paid(t, "EV-1")
	body := &closing{Reader: req.Body}
	req.Body = body
	for range 2 {
		if _, err := newReceiver(t).Parse(req); err != nil {
			t.Fatal(err)
		}
	}
	if body.closed != 0 {
		t.Error("Parse closed the body")
	}
	if req.Body.Close(); body.closed != 1 {
		t.Errorf("the body was closed %d times", body.closed)
	}
}

// While an APIv3 key is being changed, and with several merchants on one address,
// one receiver after the other tries.
func TestSeveralReceivers(t *testing.T) {
	v := loadMaterial(t)
	const next, other = "abcdefghijklmnopqrstuvwxyz012345", "PUB_KEY_ID_0114232134912410000000000009"
	seen := notify.NewMemorySeen(0, 0)
	edited := func(edit func(*notify.Config)) *notify.Receiver {
		return newReceiver(t, func(c *notify.Config) { c.Seen = seen; edit(c) })
	}
	newKey := edited(func(c *notify.Config) { c.APIv3Key, c.APIv2Key = next, next })
	oldKey := edited(func(*notify.Config) {})
	otherMerchant := edited(func(c *notify.Config) { c.Keys, c.APIv2Key = keys.Static{other: v.platformKey}, next })

	sealedNext, err := cipher.NewGCM(next)
	if err != nil {
		t.Fatal(err)
	}
	withNext := func(fields m) {
		sealed, err := sealedNext.Seal([]byte(`{"mchid":"2"}`), "0123456789ab", "")
		if err != nil {
			t.Fatal(err)
		}
		fields["resource"] = m{"algorithm": sealed.Algorithm, "ciphertext": sealed.Ciphertext, "nonce": sealed.Nonce}
	}
	var handled []string
	h := oneOf(func(_ context.Context, n *notify.Notification) error {
		handled = append(handled, n.ID)
		return nil
	}, otherMerchant, newKey, oldKey)
	for range 2 {
		checkAnswer(t, serve(h, paid(t, "EV-OLD")), 200, false)
		checkAnswer(t, serve(h, signed(t, envelope(t, "EV-NEW", "X", "", withNext))), 200, false)
		checkAnswer(t, serve(h, post(signedXML(t, "MD5", order()))), 200, true)
	}
	if len(handled) != 3 || handled[0] != "EV-OLD" || handled[1] != "EV-NEW" {
		t.Errorf("handled %q", handled)
	}
	forged := paid(t, "EV-3")
	forged.Body = io.NopCloser(bytes.NewReader(bytes.Repeat([]byte(" "), int(forged.ContentLength))))
	checkAnswer(t, serve(h, forged), 401, false)
	if _, err := otherMerchant.Parse(paid(t, "EV-3")); !errors.Is(err, signer.ErrUnknownSerial) {
		t.Errorf("the receiver of another merchant says %v", err)
	}
}
