package wechatpay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/apiv2"
	"github.com/wxchain/wechatpay/middleware"
)

// A Response is the answer to a call, verified before anybody reads it; but see
// [HTTPErrors], and [middleware.Verifier] for what the platform does not sign.
type Response struct {
	StatusCode int
	Header     http.Header
	// Request is the request as it left, after the stack.
	Request *http.Request

	body []byte
	json []byte // body, or what the XML of an APIv2 answer is as JSON
	isV2 bool

	decrypt func(ciphertext string) (string, error)
}

// Get reads one value of the body by a gjson path, such as "coupon_id",
// "data.#.coupon_id" or `data.#(status=="SENDED")#.stock_id`. A path that is
// not there gives a Result whose Exists is false.
func (r *Response) Get(path string) gjson.Result { return gjson.GetBytes(r.json, path) }

// JSON returns the whole body. The XML of an APIv2 answer reads as the JSON
// object of its elements, each a string: what repeats is an array, and what
// has elements inside an object.
func (r *Response) JSON() gjson.Result { return gjson.ParseBytes(r.json) }

// Decode reads the body into v, as [json.Unmarshal] does: fields that v does
// not have are passed over.
func (r *Response) Decode(v any) error {
	if len(r.body) == 0 {
		return fmt.Errorf("wechatpay: decode: the answer (%d) has no body", r.StatusCode)
	}
	if err := json.Unmarshal(r.json, v); err != nil {
		return fmt.Errorf("wechatpay: decode: %w", err)
	}
	return nil
}

// Bytes returns the body as received, which must not be changed. It is empty
// when the answer had none or a [Sink] took it.
func (r *Response) Bytes() []byte { return r.body }

// text is what the body has at a gjson path, as text.
func (r *Response) text(path string) string { return r.Get(path).String() }

// RequestID is the header Request-ID, by which the platform's support finds
// the call.
func (r *Response) RequestID() string { return r.Header.Get("Request-ID") }

// String tells what came, but not what it says.
func (r Response) String() string {
	return fmt.Sprintf("wechatpay.Response{StatusCode: %d, RequestID: %s, %d bytes}", r.StatusCode, shorten(r.RequestID(), 64), len(r.body))
}

// Format prints String, whatever the verb.
func (r Response) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue is String, for [slog].
func (r Response) LogValue() slog.Value { return slog.StringValue(r.String()) }

// respond reads what came back out of the stack.
func (c *call) respond(resp *http.Response) (*Response, error) {
	r := c.response(resp)
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	// Where APIv2 was asked for a bill, XML says why there is none.
	if ok && c.sink != nil && (c.protocol == APIv3 || !apiv2.IsXML(resp)) {
		return c.stream(r, resp.Body)
	}
	body, err := middleware.ReadBody(resp, c.client.maxBodyBytes)
	if err != nil {
		return nil, c.failed(err)
	}
	c.hold(r, body)
	if c.protocol == APIv2 {
		_, _, refused := apiv2.Refusal(r.text)
		ok = ok && !refused
	}
	switch {
	case ok && c.sink != nil:
		return c.stream(r, io.NopCloser(bytes.NewReader(body)))
	case ok || c.keepErrors:
		return r, nil
	}
	last, verified := c.exchange.Answer()
	return nil, newError(r, verified && last == resp, c.exchange.Advice())
}

// hold gives r its body.
func (c *call) hold(r *Response, body []byte) {
	r.body, r.json = body, body
	if c.protocol == APIv2 {
		if r.json = xmlToJSON(body); r.json == nil && json.Valid(body) {
			r.json = body // as a few operations and gateways answer
		}
	}
}

// stream copies a body into the sink.
func (c *call) stream(r *Response, body io.ReadCloser) (*Response, error) {
	// As a Writer and no more: a ReadFrom of its own could leave the end, and
	// with it the signature, unread.
	_, err := io.Copy(struct{ io.Writer }{c.sink}, body)
	body.Close()
	if err != nil {
		return nil, c.failed(err)
	}
	return &Response{StatusCode: r.StatusCode, Header: r.Header, Request: r.Request, isV2: r.isV2}, nil
}

func (c *call) response(resp *http.Response) *Response {
	return &Response{StatusCode: resp.StatusCode, Header: resp.Header, Request: c.sent(), isV2: c.protocol == APIv2, decrypt: c.client.decrypt}
}
