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

// HTTPServer returns a new [http.Server] that serves s, with limits that keep it
// serving whatever clients do: a header must arrive within ten seconds, a request
// within a minute, and an answer must be read within a minute; a header has at
// most 64 KiB. [Start] and the wxpay command use it.
func (s *Server) HTTPServer() *http.Server {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      bodyTimeout + writeTimeout, // both begin with the request
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
	}
	server.RegisterOnShutdown(s.watch.close) // so that it does not wait for pages that are open
	return server
}
