package wechatpay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/shallow"
	"github.com/wxchain/wechatpay/middleware"
)

// A Response is the answer to a call. It is verified before you receive it; see
// [HTTPErrors] for the exception, and [middleware.Verifier] for what the platform
// does not sign.
type Response struct {
	StatusCode int
	Header     http.Header
	// Request is the request as it left the stack.
	Request *http.Request

	body []byte
	json []byte // body, or the XML of an APIv2 answer as JSON; nil if it is nested too deep to read
	isV2 bool

	operation string // the method and the escaped path below the base URL
	decrypt   func(ctx context.Context, ciphertext string) (string, error)
}

// Get returns one value of the body by its gjson path, such as "coupon_id",
// "data.#.coupon_id" or `data.#(status=="SENDED")#.stock_id`. If the body lacks
// the path, Exists of the Result is false. This holds for every path if the body
// is nested more than 1000 deep.
func (r *Response) Get(path string) gjson.Result { return gjson.GetBytes(r.json, path) }

// JSON returns the whole body. The XML of an APIv2 answer is returned as a JSON
// object of its elements. Each element is a string, a repeated element is an
// array, and an element that contains elements is an object.
func (r *Response) JSON() gjson.Result { return gjson.ParseBytes(r.json) }

// Decode reads the body into v, as [json.Unmarshal] does. Fields that v lacks are
// ignored.
func (r *Response) Decode(v any) error {
	if len(r.body) == 0 {
		return fmt.Errorf("wechatpay: decode: the answer (%d) has no body", r.StatusCode)
	}
	if r.json == nil && !r.isV2 {
		return fmt.Errorf("wechatpay: decode: the answer (%d) is not JSON, or is nested deeper than %d", r.StatusCode, shallow.MaxDepth)
	}
	if err := json.Unmarshal(r.json, v); err != nil {
		return fmt.Errorf("wechatpay: decode: %w", err)
	}
	return nil
}

// Bytes returns the body as received. Do not change it. It is empty if the answer
// had no body or a [Sink] took it.
func (r *Response) Bytes() []byte { return r.body }

// text returns the value at a gjson path, as text.
func (r *Response) text(path string) string { return r.Get(path).String() }

// RequestID returns the header Request-ID. The platform's support finds the call
// by it.
func (r *Response) RequestID() string { return r.Header.Get("Request-ID") }

// String returns the status, the Request-ID and the size of the body, but not the
// content.
func (r Response) String() string {
	return fmt.Sprintf("wechatpay.Response{StatusCode: %d, RequestID: %s, %d bytes}", r.StatusCode, shorten(r.RequestID(), 64), len(r.body))
}

// Format prints String for every verb.
func (r Response) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue returns String, for package log/slog.
func (r Response) LogValue() slog.Value { return slog.StringValue(r.String()) }

// hold reads the body into r. The verifier has already decoded the fields of an
// APIv2 answer, unless a middleware replaced the body.
func (t *trip) hold(r *Response, resp *http.Response) error {
	b, err := middleware.ReadBody(resp, t.client.maxBodyBytes)
	if err != nil {
		return err
	}
	r.body = b
	if shallow.JSON(b) {
		r.json = b
	}
	if t.protocol == APIv2 {
		content := body.Content{Bytes: b}
		if held, ok := resp.Body.(*body.Held); ok {
			content = held.Content
		}
		if r.json = xmlToJSON(content); r.json == nil && shallow.ValidJSON(b) {
			r.json = b // a few operations and gateways answer in JSON
		}
	}
	return nil
}

// xmlToJSON returns the XML of an answer as a JSON object. It returns nil if the
// content is not XML, such as a bill or an HTML page.
func xmlToJSON(content body.Content) []byte {
	d, err := content.Document()
	if err != nil {
		return nil
	}
	text, err := encodeJSON(d.Fields(), nil)
	if err != nil {
		return nil
	}
	return text
}

// stream copies a body into the sink.
func (t *trip) stream(r *Response, body io.ReadCloser) (*Response, error) {
	// The sink is only used as a Writer. A ReadFrom of its own could leave the
	// end of the body, and with it the signature, unread.
	_, err := io.Copy(struct{ io.Writer }{t.sink}, body)
	body.Close()
	if err != nil {
		return nil, t.failed(err)
	}
	return &Response{StatusCode: r.StatusCode, Header: r.Header, Request: r.Request, isV2: r.isV2}, nil
}

func (t *trip) response(resp *http.Response) *Response {
	return &Response{
		StatusCode: resp.StatusCode, Header: resp.Header, Request: t.sent(), isV2: t.protocol == APIv2,
		operation: t.method + " " + strings.TrimPrefix(t.url.EscapedPath(), t.target.base.path), decrypt: t.client.decrypt,
	}
}

// sent returns the request as it left, or as it would have left if something in
// the stack answered it.
func (t *trip) sent() *http.Request {
	if sent := t.exchange.Sent(); sent != nil {
		return sent
	}
	return &t.entered
}
