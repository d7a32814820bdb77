// Package baseurl finds what was meant by a base URL that lacks its scheme or its host.
package baseurl

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
)

// Meant returns the base URL that u was probably meant to be. It returns "" if u has a
// scheme and a host already, if nothing can be told from u, or if u may be a secret.
func Meant(u string) string {
	if u == "" || isBase(u) {
		return ""
	}
	scheme, rest := split(strings.Trim(strings.TrimSpace(u), `"'`))
	switch port, _, _ := strings.Cut(strings.TrimPrefix(rest, ":"), "/"); {
	case port == "":
		return ""
	case strings.Trim(port, "0123456789") == "":
		rest = "localhost:" + strings.TrimPrefix(rest, ":")
	}
	rest = version.ReplaceAllString(rest, "/")
	parsed, err := url.Parse("https://" + rest)
	if err != nil {
		return ""
	}
	switch name := parsed.Hostname(); {
	case platform.IsHost(name):
		scheme = "https"
	case scheme == "" && isNear(name):
		scheme = "http"
	case scheme == "":
		scheme = "https"
	}
	meant := scheme + "://" + rest
	if !isBase(meant) || quote.Setting(meant) != strconv.Quote(meant) {
		return ""
	}
	return meant
}

// isBase reports whether u has the scheme and the host of a base, and nothing that a base
// must not have.
func isBase(u string) bool {
	p, err := url.Parse(u)
	if err != nil || p.Hostname() == "" || p.User != nil || p.RawQuery != "" || p.ForceQuery || p.Fragment != "" {
		return false
	}
	return p.Scheme == "https" || p.Scheme == "http"
}

var (
	// web is a scheme of the web, perhaps without its colon or with too few slashes.
	web = regexp.MustCompile(`^(?i:(https?)(:/{0,2}|/{1,2}))`)
	// other is another scheme, or none, before slashes.
	other = regexp.MustCompile(`^(?:[A-Za-z][A-Za-z0-9+.-]*:/{1,2}|//)`)
	// version ends a base by mistake: paths start with it.
	version = regexp.MustCompile(`(?i)/v3/?$`)
)

// split returns the scheme of u, or "" if it is not one of the web, and what follows it.
func split(u string) (scheme, rest string) {
	if m := web.FindStringSubmatch(u); m != nil {
		return strings.ToLower(m[1]), u[len(m[0]):]
	}
	return "", u[len(other.FindString(u)):]
}

// isNear reports whether a host is this machine or one of its network, as those of a
// sandbox are.
func isNear(name string) bool {
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.IsLoopback() || ip.IsPrivate() || ip.IsUnspecified()
	}
	name = strings.ToLower(name)
	return !strings.Contains(name, ".") || strings.HasSuffix(name, ".localhost") || strings.HasSuffix(name, ".internal") || strings.HasSuffix(name, ".local")
}
