package control

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/wxchain/wechatpay/internal/platform"
)

// Hosts are the additional names, in lower case, by which callers may reach the
// control API.
type Hosts map[string]bool

// NewHosts checks names.
func NewHosts(names []string) (Hosts, error) {
	allowed := make(Hosts, len(names))
	for _, name := range names {
		switch {
		case platform.IsHost(name):
			return nil, fmt.Errorf("the allowed host %.64q is a name of the platform, by which the control API is never called", name)
		case name == "" || strings.ContainsAny(name, "/:[]@ \t\r\n*"):
			return nil, fmt.Errorf("the allowed host %.64q is not a name; give it without a scheme, a port or a path", name)
		}
		allowed[hostName(name)] = true
	}
	return allowed, nil
}

// Guard returns a handler that refuses a request by a Host that the control API
// would refuse.
func (allowed Hosts) Guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'") // unless a page has its own
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !allowed.allows(r) {
			http.Error(w, allowed.refusal(r), http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refusal returns why a Host is refused.
func (Hosts) refusal(r *http.Request) string {
	return fmt.Sprintf("the control API is not called by the Host %.64q; "+
		"use localhost or an IP address, or allow the name with --allow-host or Config.AllowHosts", r.Host)
}

// allows reports whether the control API accepts the Host of a request:
// localhost, an IP address, or an allowed name. Any other name may belong to a
// web page whose owner points the name to this machine.
func (allowed Hosts) allows(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	host = hostName(strings.Trim(host, "[]"))
	_, err = netip.ParseAddr(host)
	return err == nil || host == "localhost" || strings.HasSuffix(host, ".localhost") || allowed[host]
}

func hostName(text string) string { return strings.TrimSuffix(strings.ToLower(text), ".") }
