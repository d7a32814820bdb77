package wechatpay

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/middleware"
)

// A Response is the answer to a call, verified before anybody reads it.
type Response struct {
	StatusCode int
	Header     http.Header
	// Request is the request as it left, after the stack.
	Request *http.Request

	body []byte
}

// Get reads one value of the body by a gjson path, such as "coupon_id",
// "data.#.coupon_id" or `data.#(status=="SENDED")#.stock_id`. A path that is
// not there gives a Result whose Exists is false.
func (r *Response) Get(path string) gjson.Result { return gjson.GetBytes(r.body, path) }

// JSON returns the whole body.
func (r *Response) JSON() gjson.Result { return gjson.ParseBytes(r.body) }

// Decode reads the body into v, as [json.Unmarshal] does: fields that v does
// not have are passed over.
func (r *Response) Decode(v any) error {
	if len(r.body) == 0 {
		return fmt.Errorf("wechatpay: decode: the answer (%d) has no body", r.StatusCode)
	}
	if err := json.Unmarshal(r.body, v); err != nil {
		return fmt.Errorf("wechatpay: decode: %w", err)
	}
	return nil
}

// Bytes returns the body as received, which must not be changed. It is empty
// when the answer had none or a [Sink] took it.
func (r *Response) Bytes() []byte { return r.body }

// RequestID is the header Request-ID, by which the platform's support finds
// the call.
func (r *Response) RequestID() string { return r.Header.Get("Request-ID") }

// String tells what came, but not what it says.
func (r Response) String() string {
	return fmt.Sprintf("wechatpay.Response{StatusCode: %d, RequestID: %s, %d bytes}", r.StatusCode, r.RequestID(), len(r.body))
}

// Format prints String, whatever the verb.
func (r Response) Format(f fmt.State, _ rune) { fmt.Fprint(f, r.String()) }

// LogValue is String, for [slog].
func (r Response) LogValue() slog.Value { return slog.StringValue(r.String()) }

// respond reads what came back out of the stack.
func (c *call) respond(resp *http.Response) (*Response, error) {
	r := c.response(resp)
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	if ok && c.sink != nil {
		// As a Writer and no more: a ReadFrom of its own could leave the end, and
		// with it the signature, unread.
		_, err := io.Copy(struct{ io.Writer }{c.sink}, resp.Body)
		resp.Body.Close()
		if err != nil {
			return nil, c.failed(err)
		}
		return r, nil
	}
	body, err := middleware.ReadBody(resp, c.client.maxBodyBytes)
	if err != nil {
		return nil, c.failed(err)
	}
	r.body = body
	if ok || c.keepErrors {
		return r, nil
	}
	last, verified := c.exchange.Answer()
	return nil, newError(r, verified && last == resp)
}

func (c *call) response(resp *http.Response) *Response {
	return &Response{StatusCode: resp.StatusCode, Header: resp.Header, Request: c.sent()}
}
