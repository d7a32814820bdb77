package middleware

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// ErrTooLong is the error for an answer longer than [MaxBodyBytes] allows.
var ErrTooLong = errors.New("answer is too long to hold in memory")

// held is a body in memory, which is read without being copied.
type held struct {
	bytes.Reader
	body []byte
}

func newHeld(body []byte) *held { return &held{*bytes.NewReader(body), body} }

func (*held) Close() error { return nil }

// SetBody makes body, which must not change any more, the body of req: it can
// be read any number of times, by a middleware, by a retry and by the
// transport.
func SetBody(req *http.Request, body []byte) {
	req.ContentLength = int64(len(body))
	if len(body) == 0 {
		req.Body, req.GetBody = http.NoBody, noBody
		return
	}
	before, ok := req.Body.(*held)
	req.Body = newHeld(body)
	if ok && len(before.body) == len(body) && &before.body[0] == &body[0] {
		return // its GetBody gives these bytes
	}
	req.GetBody = func() (io.ReadCloser, error) { return newHeld(body), nil }
}

func noBody() (io.ReadCloser, error) { return http.NoBody, nil }

// RequestBody returns the bytes that req would send, and closes its body.
func RequestBody(req *http.Request) ([]byte, error) {
	switch b := req.Body.(type) {
	case nil:
		return nil, nil
	case *held:
		return b.body, nil
	default:
		defer b.Close()
		return io.ReadAll(b)
	}
}

// ReadBody reads the body of resp to its end and closes it. A body longer than
// limit bytes is an error, [ErrTooLong]. The bytes must not be changed.
func ReadBody(resp *http.Response, limit int64) ([]byte, error) {
	defer resp.Body.Close()
	if b, ok := resp.Body.(*held); ok {
		return b.body, nil
	}
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, over the limit of %d", ErrTooLong, resp.ContentLength, limit)
	}
	// What a header promises is trusted up to 1 MiB. One byte more lets the
	// end be seen without growing.
	body := make([]byte, 0, max(512, min(resp.ContentLength, 1<<20)+1))
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
