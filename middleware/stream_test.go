package middleware_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// streaming gives an answer whose body is read from r.
func streaming(h http.Header, r io.Reader) (transport, *closing) {
	body := &closing{Reader: r}
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: h, Body: body, ContentLength: -1}, nil
	}, body
}

func TestStreamEndsInTheOutcome(t *testing.T) {
	const body = "line 1\nline 2\n"
	readers := map[string]func(io.Reader) io.Reader{
		"as they come":           func(r io.Reader) io.Reader { return r },
		"byte by byte":           iotest.OneByteReader,
		"the end with the data":  iotest.DataErrReader,
		"the end after the data": func(r io.Reader) io.Reader { return io.MultiReader(r, strings.NewReader("")) },
	}
	for name, reader := range readers {
		for _, good := range []bool{true, false} {
			h := seal(t, body)
			if !good {
				name += ", changed"
				h = seal(t, "line 1\nline 3\n")
			}
			t.Run(name, func(t *testing.T) {
				base, source := streaming(h, reader(strings.NewReader(body)))
				x := &middleware.Exchange{Stream: true}
				resp, err := middleware.Verifier(platformKeys(t), clock)(base).RoundTrip(newRequest(t, "GET", "/v3/x", x))
				if err != nil {
					t.Fatalf("the body is not there to be read: %v", err)
				}
				var got strings.Builder
				_, err = io.Copy(&got, resp.Body)
				if got.String() != body {
					t.Errorf("read %q, want all of %q", &got, body)
				}
				if verified(x) != good {
					t.Errorf("Verified is %v", verified(x))
				}
				if good {
					if err != nil {
						t.Errorf("error %v", err)
					}
				} else {
					checkRefusal(t, err, signer.ReasonSignature)
				}
				for range 2 { // the end stays what it was
					n, again := resp.Body.Read(make([]byte, 8))
					if want := errorOr(err, io.EOF); n != 0 || again != want {
						t.Errorf("Read at the end = %d, %v; want %v", n, again, want)
					}
				}
				if err := resp.Body.Close(); err != nil || !source.closed {
					t.Errorf("Close: %v, closed %v", err, source.closed)
				}
			})
		}
	}
}

func errorOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func TestStreamIsNotVerifiedBeforeItsEnd(t *testing.T) {
	base, _ := streaming(seal(t, "0123456789"), strings.NewReader("0123456789"))
	x := &middleware.Exchange{Stream: true}
	resp, err := middleware.Verifier(platformKeys(t), clock)(base).RoundTrip(newRequest(t, "GET", "/v3/x", x))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if verified(x) {
		t.Error("Verified is true, and nobody has seen the end")
	}
	if n, err := resp.Body.Read(make([]byte, 1)); n != 0 || err != io.EOF || !verified(x) {
		t.Errorf("Read at the end = %d, %v; Verified is %v", n, err, verified(x))
	}
}

func TestStreamCutShort(t *testing.T) {
	const body = "0123456789"
	reset := errors.New("connection reset")
	tests := []struct {
		name   string
		source io.Reader
		want   error
	}{
		{"the connection ends", io.MultiReader(strings.NewReader(body[:5]), broken{}), io.ErrUnexpectedEOF},
		{"the connection breaks after the last byte", io.MultiReader(strings.NewReader(body), iotest.ErrReader(reset)), reset},
		{"the body ends", strings.NewReader(body[:5]), signer.ErrVerify},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base, _ := streaming(seal(t, body), tt.source)
			x := &middleware.Exchange{Stream: true}
			_, err := readAll(middleware.Verifier(platformKeys(t), clock)(base).RoundTrip(newRequest(t, "GET", "/v3/x", x)))
			if !errors.Is(err, tt.want) || verified(x) {
				t.Errorf("error is %v, verified %v; want %v", err, verified(x), tt.want)
			}
		})
	}
}

// An answer that is refused for its headers is not read: a server that never
// stops sending must not hold anybody.
func TestStreamRefusedByItsHeaders(t *testing.T) {
	for _, path := range []string{"/v3/x", "/hk/v3/statements"} {
		base, source := streaming(http.Header{}, iotest.ErrReader(errors.New("the body was read")))
		x := &middleware.Exchange{Stream: true}
		_, err := middleware.Verifier(platformKeys(t), clock)(base).RoundTrip(newRequest(t, "GET", path, x))
		checkRefusal(t, err, signer.ReasonHeader)
		if !source.closed {
			t.Errorf("%s: the body was not closed", path)
		}
		if body, err := io.ReadAll(answerOf(x).Body); err != nil || len(body) > 0 {
			t.Errorf("%s: Exchange.Response has the body %q, %v", path, body, err)
		}
	}
}

// MaxBodyBytes is about memory, of which a stream takes none.
func TestStreamHasNoLimit(t *testing.T) {
	long := strings.Repeat("0123456789", 1000)
	base, _ := streaming(seal(t, long), strings.NewReader(long))
	rt := middleware.Verifier(platformKeys(t), clock, middleware.MaxBodyBytes(10))(base)
	body, err := readAll(rt.RoundTrip(newRequest(t, "GET", "/v3/x", &middleware.Exchange{Stream: true})))
	if err != nil || body != long {
		t.Errorf("%d bytes, %v; want %d", len(body), err, len(long))
	}
}
