package middleware

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/wxchain/wechatpay/internal/body"
	"github.com/wxchain/wechatpay/signer"
)

// ErrTooLong is the error for an answer that is longer than [MaxBodyBytes].
var ErrTooLong = errors.New("answer is too long to hold in memory")

// SetBody makes b the body of req. Middlewares, retries and the transport can read it
// any number of times. Do not change b afterwards.
func SetBody(req *http.Request, b []byte) {
	body.Set(req, body.Content{Bytes: b})
}

// RequestBody returns the bytes that req would send, and closes its body.
//
// If something has read a part of the body before, RequestBody takes the whole body
// from [http.Request.GetBody]. If that is not possible, the error wraps
// [signer.ErrSign], because a part of a body must not be signed.
func RequestBody(req *http.Request) ([]byte, error) {
	c, err := requestBody(req)
	if err != nil {
		return nil, err
	}
	return c.Bytes, nil
}

func requestBody(req *http.Request) (body.Content, error) {
	if h, ok := req.Body.(*body.Held); ok {
		return h.Content, nil
	}
	b, err := wholeBody(req)
	if err != nil {
		err = fmt.Errorf("%w: reading the body: %w", signer.ErrSign, err)
	}
	return body.Content{Bytes: b}, err
}

// errLonger is the error for a body that something changed without its length.
var errLonger = errors.New("it is longer than ContentLength")

// wholeBody reads a body that a middleware has made, or wrapped. With errLonger
// it returns what it read.
func wholeBody(req *http.Request) ([]byte, error) {
	none := req.Body == nil || req.Body == http.NoBody
	length := req.ContentLength // to net/http, 0 is unknown when there is a body
	var b []byte
	var err error
	if !none {
		if b, err = readAll(req.Body); err != nil {
			return nil, err
		}
	}
	if length > 0 && int64(len(b)) == length {
		return b, nil
	}
	if req.GetBody != nil && (length > 0 || !none) {
		if b, err = completed(req, b); err != nil {
			return nil, err
		}
	}
	if err = checkWhole(req, b); err != nil && !errors.Is(err, errLonger) {
		return nil, err
	}
	return b, err
}

// completed returns what GetBody gives in place of b, if b may be what is left of
// it: its end. Anything else was put there, and stays.
func completed(req *http.Request, b []byte) ([]byte, error) {
	again, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	whole, err := readAll(again)
	if err != nil {
		return nil, err
	}
	if length := req.ContentLength; bytes.HasSuffix(whole, b) && (length <= 0 || int64(len(whole)) == length) {
		return whole, nil
	}
	return b, nil
}

// checkWhole reports that b is longer than the request's length, which is
// errLonger, or that it is only what is left of the request's body.
func checkWhole(req *http.Request, b []byte) error {
	length := req.ContentLength
	isRest := ExchangeOf(req.Context()).isRest(b)
	if s, ok := req.Context().Value(sendingKey{}).(*sending); ok && s.body != nil { // it is signed
		isRest = isRestOf(s.body, b)
	}
	switch {
	case length > 0 && int64(len(b)) > length:
		return fmt.Errorf("%w: %d bytes, not %d; a middleware that changes the body gives it with SetBody", errLonger, len(b), length)
	case int64(len(b)) < length:
		return fmt.Errorf("%d of %d bytes are left: something in the stack read it before; send it again with the body of GetBody", len(b), length)
	case isRest && !isBodiless(req):
		return fmt.Errorf("%d bytes of it are left: something in the stack read it before; send it again with the body of GetBody", len(b))
	}
	return nil
}

// isBodiless reports whether a request has no body, and a method that needs none.
func isBodiless(req *http.Request) bool {
	return (req.Body == nil || req.Body == http.NoBody) &&
		(req.Method == "" || req.Method == http.MethodGet || req.Method == http.MethodHead)
}

func readAll(r io.ReadCloser) ([]byte, error) {
	defer r.Close()
	return io.ReadAll(r)
}

// reopen gives a request whose body is streamed that body from its start.
func reopen(req *http.Request) error {
	if req.GetBody == nil {
		return fmt.Errorf("%w: a middleware took GetBody from a request whose body is streamed: it cannot be sent whole", signer.ErrSign)
	}
	again, err := req.GetBody()
	if err != nil {
		return fmt.Errorf("%w: opening the body again: %w", signer.ErrSign, err)
	}
	if req.Body != nil {
		req.Body.Close()
	}
	req.Body = again
	return nil
}

// ReadBody reads the body of resp to its end and closes it. If the body is longer than
// limit bytes, the error is [ErrTooLong]. Do not change the returned bytes.
func ReadBody(resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	if b, ok := resp.Body.(*body.Held); ok {
		return b.Bytes, nil
	}
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, over the limit of %d", ErrTooLong, resp.ContentLength, limit)
	}
	// What a header promises is trusted up to 1 MiB. One byte more lets the
	// end be seen without growing.
	room := int64(512)
	if resp.ContentLength >= 0 {
		room = min(resp.ContentLength, 1<<20) + 1
	}
	body := make([]byte, 0, room)
	for {
		n, err := resp.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case int64(len(body)) > limit:
			return nil, fmt.Errorf("%w: over the limit of %d bytes", ErrTooLong, limit)
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, err
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}
