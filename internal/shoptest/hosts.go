package shoptest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// Names of hosts that only a [Hosts] knows.
const (
	MainURL   = "http://" + mainHost + "/"
	BackupURL = "http://" + backupHost + "/"

	mainHost   = "api.shop.test"
	backupHost = "api2.shop.test"
)

// Hosts are the addresses of the main host and of the backup, which a test moves.
type Hosts struct {
	mu           sync.Mutex
	main, backup string
	requests     map[string]int // by host
}

// Move sets the addresses, such as "127.0.0.1:8080".
func (h *Hosts) Move(main, backup string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.main, h.backup = main, backup
}

func (h *Hosts) address(host string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch host {
	case mainHost:
		return h.main
	case backupHost:
		return h.backup
	}
	return host
}

// Transport returns a transport that finds the hosts, and counts their requests.
func (h *Hosts) Transport(t testing.TB) http.RoundTripper {
	dialer := new(net.Dialer)
	to := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, network, h.address(host))
	}, MaxIdleConnsPerHost: 64}
	t.Cleanup(to.CloseIdleConnections)
	return counting{h, to}
}

type counting struct {
	hosts *Hosts
	to    *http.Transport
}

func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.hosts.mu.Lock()
	if c.hosts.requests == nil {
		c.hosts.requests = make(map[string]int)
	}
	c.hosts.requests[req.URL.Host]++
	c.hosts.mu.Unlock()
	return c.to.RoundTrip(req)
}

// Requests returns how many requests were sent to the main host and to the backup.
func (h *Hosts) Requests() (main, backup int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests[mainHost], h.requests[backupHost]
}
