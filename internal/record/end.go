package record

import (
	"io"
	"net/http"
	"sync"

	"github.com/wxchain/wechatpay/middleware"
)

// IsStream reports whether a call goes on after a RoundTripper returned, until the body
// of its answer ends.
func IsStream(req *http.Request, resp *http.Response, err error) bool {
	return err == nil && resp != nil && resp.StatusCode/100 == 2 && middleware.ExchangeOf(req.Context()).Stream
}

// OnEnd calls end with the result of a request, as [Of] returns it. It calls end at once,
// or if the call [IsStream] when the body ends.
func OnEnd(req *http.Request, resp *http.Response, err error, end func(Call)) {
	call := Of(req, resp, err)
	if !IsStream(req, resp, err) {
		end(call)
		return
	}
	resp.Body = &stream{ReadCloser: resp.Body, end: func(err error) {
		if err != nil {
			call.Outcome, call.Failure = middleware.OutcomeOf(req, nil, err), Failure(err)
		}
		end(call)
	}}
}

// A stream is the body of a streamed answer. It tells its end once: when it was read to
// its end, when reading fails, or when it is closed before.
type stream struct {
	io.ReadCloser
	once sync.Once
	end  func(error)
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	switch {
	case err == io.EOF:
		s.once.Do(func() { s.end(nil) })
	case err != nil:
		s.once.Do(func() { s.end(err) })
	}
	return n, err
}

func (s *stream) Close() error {
	err := s.ReadCloser.Close()
	s.once.Do(func() { s.end(io.ErrUnexpectedEOF) })
	return err
}
