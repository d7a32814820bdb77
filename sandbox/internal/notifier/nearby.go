package notifier

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

var errFar = errors.New("notifications go to this machine and private networks alone; to send them elsewhere, give Config.Client")

// nearby returns a transport that reaches only this machine and private networks.
// A test that has the notify_url of a real shop must not notify that shop.
func nearby() *http.Transport {
	dialer := &net.Dialer{Timeout: sendTimeout, Control: dialNearby}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); err != nil || !isNear(host) {
			return nil, fmt.Errorf("%s: %w", address, errFar) // the name is not looked up
		}
		return dialer.DialContext(ctx, network, address)
	}
	return &http.Transport{DialContext: dial, MaxIdleConnsPerHost: maxSending, IdleConnTimeout: 30 * time.Second}
}

// isNear reports whether a host may be near: it is an address, or a name without
// a public domain.
func isNear(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.Contains(host, ".") ||
		slices.ContainsFunc([]string{".localhost", ".local", ".internal", ".test"}, func(top string) bool { return strings.HasSuffix(host, top) })
}

// dialNearby refuses the address of a connection that is not near.
func dialNearby(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if ip := to.Addr().Unmap(); err != nil || !ip.IsLoopback() && !ip.IsPrivate() {
		return fmt.Errorf("%s: %w", address, errFar)
	}
	return nil
}
