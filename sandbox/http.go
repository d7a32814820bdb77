package sandbox

import (
	"net/http"
	"time"
)

// How long a client may take, and what it may send. Bodies have limits of their
// own.
const (
	headerTimeout = 10 * time.Second
	bodyTimeout   = time.Minute     // with the header
	writeTimeout  = time.Minute     // for an answer
	idleTimeout   = 2 * time.Minute // between requests
	maxHeader     = 64 << 10        // bytes
)

// HTTPServer returns a new [http.Server] that serves s, and goes on serving it
// whatever clients do: one that takes more than ten seconds for a header, a
// minute for a request or a minute to read the answer is cut off, and a header
// is of 64 KiB at most. [Start] and the wxpay command serve with it.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      bodyTimeout + writeTimeout, // both begin with the request
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
}
