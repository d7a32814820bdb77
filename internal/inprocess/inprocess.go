// Package inprocess passes requests of tests to handlers, without a socket.
package inprocess

import (
	"net/http"
	"net/http/httptest"
)

// Transport returns a transport whose answers are those of h, as a server would call
// it. Each call returns when h has returned.
func Transport(h http.Handler) http.RoundTripper { return transport{h} }

type transport struct{ http.Handler }

func (p transport) RoundTrip(req *http.Request) (*http.Response, error) {
	in := req.Clone(req.Context())
	in.RequestURI = req.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, in)
	in.Body.Close()
	resp := w.Result()
	resp.Request = req
	return resp, nil
}
