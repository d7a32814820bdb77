package sandbox_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox"
)

const (
	halfHeader = "GET /v3/certificates HTTP/1.1\r\nHost: a\r\nX: "
	halfBody   = "POST /v3/pay/transactions/native HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"
	whole      = "GET /v3/certificates HTTP/1.1\r\nHost: a\r\n\r\n"
)

// A client that stops during or after a request is cut off in time.
func TestServerCutsOff(t *testing.T) {
	const bad, nothing = "HTTP/1.1 400 ", ""
	for name, tt := range map[string]struct {
		sent, answer string // the beginning of it
		after        time.Duration
	}{
		"says nothing":              {"", nothing, 10 * time.Second},
		"says a byte":               {"G", bad, 10 * time.Second},
		"stops amid the header":     {halfHeader, nothing, 10 * time.Second},
		"stops amid the body":       {halfBody, nothing, time.Minute},
		"stops amid a chunk":        {strings.Replace(halfBody, "Content-Length: 1000", "Transfer-Encoding: chunked", 1), nothing, time.Minute},
		"says nothing more":         {whole, "HTTP/1.1 401 ", 2 * time.Minute},
		"stops amid what is second": {whole + halfHeader, "HTTP/1.1 401 ", 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(t *testing.T, s *served) {
				time.AfterFunc(tt.after/2, func() { s.serves(t) })
				answer, after := s.say(tt.sent)
				// After the last answer, the connection stays open half a second
				// so that the answer arrives.
				if after < tt.after || after > tt.after+time.Second {
					t.Errorf("cut off after %v, want %v", after, tt.after)
				}
				if !strings.HasPrefix(answer, tt.answer) || tt.answer == nothing && answer != nothing {
					t.Errorf("answered %.200q, want %q", answer, tt.answer)
				}
				s.serves(t)
			})
		})
	}
}

// A byte a second is too slow, in a header and in a body.
func TestServerCutsOffSlowSenders(t *testing.T) {
	for name, tt := range map[string]struct {
		sent string
		most time.Duration
	}{"header": {halfHeader, 11 * time.Second}, "body": {halfBody, 61 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			serve(t, func(t *testing.T, s *served) {
				began := time.Now()
				conn := s.dial()
				_, _ = io.WriteString(conn, tt.sent)
				var drip sync.WaitGroup
				drip.Go(func() {
					for err := error(nil); err == nil; _, err = io.WriteString(conn, " ") {
						time.Sleep(time.Second)
					}
				})
				_, _ = io.Copy(io.Discard, conn)
				if after := time.Since(began); after > tt.most {
					t.Errorf("it goes on for %v", after)
				}
				conn.Close()
				drip.Wait()
				s.serves(t)
			})
		})
	}
}

// A client that does not read the answer, or leaves during a request, does not
// hold up others.
func TestServerGoesOnWithoutReaders(t *testing.T) {
	serve(t, func(t *testing.T, s *served) {
		var deaf []net.Conn
		for _, sent := range []string{whole, halfBody, halfHeader} {
			conn := s.dial()
			defer conn.Close()
			_, _ = io.WriteString(conn, sent)
			deaf = append(deaf, conn)
			gone := s.dial()
			_, _ = io.WriteString(gone, sent)
			gone.Close()
		}
		s.serves(t)
		time.Sleep(3 * time.Minute)
		for i, conn := range deaf {
			if text, err := io.ReadAll(conn); len(text) > 0 || err != nil {
				t.Errorf("%d: after three minutes %.100q is read, %v", i, text, err)
			}
		}
		s.serves(t)
	})
}

// An answer that a fault delays is not cut off, and arrives.
func TestServerDelaysForLong(t *testing.T) {
	serve(t, func(t *testing.T, s *served) {
		if err := s.Faults(sandbox.Fault{Kind: sandbox.FaultDelay, Delay: time.Hour, Count: 1}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err := s.client.Chain(native).Post(t.Context(), wechatpay.JSON(orderOf("delayed", 1)), wechatpay.Timeout(2*time.Hour))
		if after := time.Since(began); err != nil || after != time.Hour {
			t.Errorf("after %v: %v, want an order after an hour", after, err)
		}
	})
}

// Orders are accepted while many connections are open that do nothing or stop
// midway.
func TestServerHasManyConnections(t *testing.T) {
	serve(t, func(t *testing.T, s *served) {
		began := time.Now()
		all := make([]net.Conn, 0, connections)
		for i := range connections {
			conn := s.dial()
			defer conn.Close()
			if sent := [...]string{"", halfHeader, halfBody}[i%3]; sent != "" {
				if _, err := io.WriteString(conn, sent); err != nil {
					t.Fatal(err)
				}
			}
			if all = append(all, conn); i%(connections/5) == 0 {
				s.serves(t)
			}
		}
		synctest.Wait() // each is where it stays
		s.serves(t)
		if after := time.Since(began); after > time.Second {
			t.Errorf("it took %v, in which nothing had to be waited for", after)
		}
		time.Sleep(3 * time.Minute)
		for _, conn := range all {
			if _, err := io.ReadAll(conn); err != nil {
				t.Fatal(err)
			}
		}
		s.serves(t)
	})
}
