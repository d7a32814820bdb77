package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// switching is a server that answers 101 and keeps the connection.
func switching(t *testing.T) (url string) {
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

// An answer of 101, whose body never ends, holds no command.
func TestSwitchingProtocols(t *testing.T) {
	t.Parallel()
	p := newPatient(t)
	p.baseURL = switching(t)
	c := p.examine(false)
	for _, f := range c.findings {
		if f.Check == "connection" && (f.OK != wrong || f.code != exitNetwork || !strings.Contains(f.Message, "101 Switching Protocols")) {
			t.Errorf("doctor: %+v", f)
		}
	}

	w := newBatchWorld(t)
	w.writeSettings(w.ClientConfig(), p.baseURL)
	if code, _, stderr := exec(t.Context(), "call", "GET", "v3/certificates", "--config", w.config()); code != exitNetwork || !strings.Contains(stderr, "101 Switching Protocols") {
		t.Errorf("call: exit %d, %s", code, stderr)
	}

	dir := t.TempDir()
	if _, err := writeSandboxDir(dir); err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := exec(t.Context(), "notify", "send", p.baseURL, "--dir", dir); code != exitFailed || !strings.Contains(stdout, "101 Switching Protocols") {
		t.Errorf("notify send: exit %d, %s, %s", code, stdout, stderr)
	}
}
