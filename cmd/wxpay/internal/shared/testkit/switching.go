package testkit

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Switching is a server that answers 101 and keeps the connection open.
func Switching(t *testing.T) (url string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		io.Copy(io.Discard, conn) // until the client hangs up
	}))
	t.Cleanup(server.Close)
	return server.URL
}
