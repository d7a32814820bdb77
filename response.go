package wechatpay

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/internal/shallow"
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
	json []byte // body, or what the XML of an APIv2 answer is as JSON; nil if it is nested too deep to be read
	isV2 bool

	decrypt func(ciphertext string) (string, error)
}

// Get reads one value of the body by a gjson path, such as "coupon_id",
// "data.#.coupon_id" or `data.#(status=="SENDED")#.stock_id`. A path that is
// not there gives a Result whose Exists is false, and so does every path of a
// body that is nested more than 1000 deep.
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
	if r.json == nil && !r.isV2 {
		return fmt.Errorf("wechatpay: decode: the answer (%d) is not JSON, or is nested deeper than %d", r.StatusCode, shallow.MaxDepth)
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

// hold gives r its body. The fields of an APIv2 answer have been decoded, by
// the verifier, unless a middleware made the body anew.
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
			r.json = b // as a few operations and gateways answer
		}
	}
	return nil
}

// xmlToJSON returns the JSON object that an answer's XML is equal to, or nothing
// when it is no XML, but a bill or a page of HTML.
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
	// As a Writer and no more: a ReadFrom of its own could leave the end, and
	// with it the signature, unread.
	_, err := io.Copy(struct{ io.Writer }{t.sink}, body)
	body.Close()
	if err != nil {
		return nil, t.failed(err)
	}
	return &Response{StatusCode: r.StatusCode, Header: r.Header, Request: r.Request, isV2: r.isV2}, nil
}

func (t *trip) response(resp *http.Response) *Response {
	return &Response{StatusCode: resp.StatusCode, Header: resp.Header, Request: t.sent(), isV2: t.protocol == APIv2, decrypt: t.client.decrypt}
}

// sent is the request as it left, or as it would have left when something in
// the stack answered it.
func (t *trip) sent() *http.Request {
	if sent := t.exchange.Sent(); sent != nil {
		return sent
	}
	return t.entered
}
