package wechatpay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/wxchain/wechatpay"
)

func TestResponse(t *testing.T) {
	const body = `{"total_count":2,"unknown":{"new":1},"data":[{"coupon_id":"1","status":"SENDED"},{"coupon_id":"2","status":"USED"}],"big":12345678901234567}`
	client, _ := newSigning(t, func(req *http.Request, _ []byte) *http.Response { return answer(200, body) })
	resp, err := client.Chain("v3/x").Get(background())
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != 200 || resp.RequestID() != "REQ-1" || string(resp.Bytes()) != body {
		t.Errorf("%d %q %s", resp.StatusCode, resp.RequestID(), resp.Bytes())
	}
	if resp.Request.URL.Path != "/v3/x" || resp.Request.Header.Get("Authorization") == "" {
		t.Errorf("Request %v", resp.Request)
	}
	for path, want := range map[string]string{
		"total_count":                      "2",
		"data.#.coupon_id":                 `["1","2"]`,
		`data.#(status=="USED").coupon_id`: "2",
		"big":                              "12345678901234567",
		"nothing.here":                     "",
	} {
		if got := resp.Get(path).String(); got != want {
			t.Errorf("Get(%q) = %s, want %s", path, got, want)
		}
	}
	if resp.Get("nothing").Exists() || resp.JSON().Get("data.#").Int() != 2 {
		t.Errorf("JSON %s", resp.JSON())
	}
	var v struct {
		Data []struct {
			CouponID string `json:"coupon_id"`
		}
	}
	if err := resp.Decode(&v); err != nil || len(v.Data) != 2 || v.Data[1].CouponID != "2" {
		t.Errorf("Decode: %v, %v", v, err)
	}
	if err := resp.Decode(v); err == nil {
		t.Error("Decode into a value that cannot be set has no error")
	}
}

func TestNoContent(t *testing.T) {
	client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(204, "") })
	resp, err := client.Chain("v3/x").Post(background())
	if err != nil || resp.StatusCode != 204 || len(resp.Bytes()) != 0 || resp.Get("x").Exists() || resp.JSON().Exists() {
		t.Fatalf("%v, %v", resp, err)
	}
	if err := resp.Decode(new(struct{})); err == nil || !strings.Contains(err.Error(), "no body") {
		t.Errorf("Decode: %v", err)
	}
}

func TestBodyLimit(t *testing.T) {
	client, config := newSigning(t, func(req *http.Request, _ []byte) *http.Response {
		resp := answer(200, strings.Repeat("x", 1001))
		if req.URL.Query().Get("length") == "" {
			resp.ContentLength = -1
		}
		return resp
	})
	config.MaxBodyBytes = 1000
	limited := newClient(t, config)
	for _, path := range []string{"v3/x", "v3/x?length=1"} {
		if _, err := limited.Chain(path).Get(background()); err == nil || !strings.Contains(err.Error(), "Sink") {
			t.Errorf("%s: %v", path, err)
		}
		var sink bytes.Buffer
		if _, err := limited.Chain(path).Get(background(), wechatpay.Sink(&sink)); err != nil || sink.Len() != 1001 {
			t.Errorf("%s: sink got %d bytes, %v", path, sink.Len(), err)
		}
		if resp, err := client.Chain(path).Get(background()); err != nil || len(resp.Bytes()) != 1001 {
			t.Errorf("%s: %v", path, err)
		}
	}
	// The same limit applies to a raw body, which is held in memory too.
	_, err := limited.Chain("v3/x").Post(background(), wechatpay.Body("text/plain", strings.NewReader(strings.Repeat("x", 1001))))
	if !errors.Is(err, wechatpay.ErrOption) || !strings.Contains(err.Error(), "1000 bytes") {
		t.Errorf("body: %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenBody(t *testing.T) {
	out := new(recorder)
	_, err := newClient(t, newConfig(t, out)).Chain("v3/x").Post(background(), wechatpay.Body("", brokenReader{}))
	if !errors.Is(err, wechatpay.ErrOption) || !errors.Is(err, io.ErrClosedPipe) || out.count() != 0 {
		t.Errorf("error %v, %d requests sent", err, out.count())
	}
}

func TestSink(t *testing.T) {
	const body = "a,b\n1,2\n"
	client, config := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(200, body) })
	var sink bytes.Buffer
	resp, err := client.Chain("v3/x").Get(background(), wechatpay.Options{"sink": &sink})
	if err != nil || sink.String() != body || len(resp.Bytes()) != 0 || resp.StatusCode != 200 {
		t.Fatalf("%v, %v, sink %q", resp, err, sink.String())
	}

	// A byte that changes on the way is noticed at the end.
	base := config.Transport
	config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(req)
		if err == nil {
			resp.Body = io.NopCloser(strings.NewReader("a,b\n1,3\n"))
		}
		return resp, err
	})
	_, err = newClient(t, config).Chain("v3/x").Get(background(), wechatpay.Sink(io.Discard))
	var bad *wechatpay.VerifyError
	if !errors.As(err, &bad) || bad.Reason != "signature" || bad.Response.StatusCode != 200 || bad.Response.RequestID() != "REQ-1" {
		t.Errorf("error %v, want a *VerifyError", err)
	}

	// The error of a failing writer is kept.
	pr, pw := io.Pipe()
	pr.CloseWithError(io.ErrShortBuffer)
	if _, err := client.Chain("v3/x").Get(background(), wechatpay.Sink(pw)); !errors.Is(err, io.ErrShortBuffer) || errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

// A refusal is an error, and the sink receives nothing of it.
func TestSinkOfRefused(t *testing.T) {
	client, _ := newSigning(t, func(*http.Request, []byte) *http.Response {
		return answer(404, `{"code":"RESOURCE_NOT_EXISTS","message":"no bill"}`)
	})
	var sink bytes.Buffer
	if _, err := client.Chain("v3/x").Get(background(), wechatpay.Sink(&sink)); !wechatpay.IsCode(err, "RESOURCE_NOT_EXISTS") || sink.Len() != 0 {
		t.Errorf("%v, sink %q", err, sink.String())
	}
	resp, err := client.Chain("v3/x").Get(background(), wechatpay.Sink(&sink), wechatpay.HTTPErrors(false))
	if err != nil || sink.Len() != 0 || resp.Get("code").String() != "RESOURCE_NOT_EXISTS" {
		t.Errorf("%v, %v, sink %q", resp, err, sink.String())
	}
}

func TestTransportErrorStays(t *testing.T) {
	for _, want := range []error{context.DeadlineExceeded, io.ErrUnexpectedEOF, errNotSent{}} {
		config := newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) { return nil, want }))
		_, err := newClient(t, config).Chain("v3/pay/{no}").Get(background(), wechatpay.Options{"no": "NO-1"})
		if !errors.Is(err, want) || !strings.Contains(err.Error(), "GET v3/pay/{no}") {
			t.Errorf("error %v, want %v and the call", err, want)
		}
	}
	// An answer that ends early is an error.
	config := newConfig(t, roundTripper(func(*http.Request) (*http.Response, error) {
		resp := answer(200, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), iotestErr{io.ErrUnexpectedEOF}))
		return resp, nil
	}))
	if _, err := newClient(t, config).Chain("v3/x").Get(background()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want %v", err, io.ErrUnexpectedEOF)
	}
}

type iotestErr struct{ err error }

func (e iotestErr) Read([]byte) (int, error) { return 0, e.err }

// early stops reading before the end, where the signature is checked.
type early struct{ bytes.Buffer }

func (e *early) ReadFrom(r io.Reader) (int64, error) {
	n, err := io.ReadFull(r, make([]byte, 1))
	return int64(n), err
}

func TestSinkCannotLeaveTheSignatureUnread(t *testing.T) {
	_, config := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(200, "genuine") })
	base := config.Transport
	config.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
		resp, err := base.RoundTrip(req)
		resp.Body = io.NopCloser(strings.NewReader("forged!"))
		return resp, err
	})
	if _, err := newClient(t, config).Chain("v3/x").Get(background(), wechatpay.Sink(new(early))); !errors.Is(err, wechatpay.ErrVerify) {
		t.Errorf("error %v, want ErrVerify", err)
	}
}

// The value of a variable cannot make the client accept an unsigned answer.
func TestVariableDoesNotWidenTheUnsigned(t *testing.T) {
	client := newClient(t, newConfig(t, canAnswer(200, nil, `{"trade_state":"SUCCESS"}`)))
	for _, id := range []string{"../../pay/transactions/id/1", "a/./b", `a\b`, "upload"} {
		if _, err := client.Chain("v3/merchant-service/images/{media_id}").Get(background(), wechatpay.Bind("media_id", id)); !errors.Is(err, wechatpay.ErrVerify) {
			t.Errorf("%s: error %v, want ErrVerify", id, err)
		}
	}
}

func TestResponsePrintsNoBody(t *testing.T) {
	client, _ := newSigning(t, func(*http.Request, []byte) *http.Response { return answer(200, `{"name":"ZhangSan"}`) })
	resp, err := client.Chain("v3/x").Get(background())
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	slog.New(slog.NewTextHandler(&logs, nil)).Info("x", "resp", resp)
	texts := []string{logs.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, resp), fmt.Sprintf(verb, *resp))
	}
	for _, text := range texts {
		if !strings.Contains(text, "200") || !strings.Contains(text, "REQ-1") || len(text) > 200 {
			t.Errorf("prints as %s", text)
		}
	}
}
