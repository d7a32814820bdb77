package wechatpay

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/wxchain/wechatpay/internal/baseurl"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
)

func (t *target) setBaseURL(u string) error {
	base, err := parseBaseURL(u)
	if err != nil {
		return fmt.Errorf(`option "base_uri": %w`, err)
	}
	t.base, t.elsewhere = base, true
	return nil
}

// A base is the part of a URL that stands before the path of a chain.
type base struct {
	scheme, host string
	path         string // escaped, with a slash at its end
}

func (b base) String() string { return b.scheme + "://" + b.host + b.path }

// cut returns the path that follows the base in a URL that starts with it.
func (b base) cut(u string) (path string, ok bool) {
	scheme, rest, ok := strings.Cut(u, "://")
	if !ok || !strings.EqualFold(scheme, b.scheme) {
		return "", false
	}
	end := strings.IndexAny(rest+"/", "/?#")
	path, ok = strings.CutPrefix(rest[end:], b.path)
	return path, ok && path != "" && strings.EqualFold(b.hostPort(rest[:end]), b.hostPort(b.host))
}

// hostPort returns host without the port that its scheme implies.
func (b base) hostPort(host string) string {
	if b.scheme == "http" {
		return strings.TrimSuffix(host, ":80")
	}
	return strings.TrimSuffix(host, ":443")
}

// url returns the URL of an escaped path and its query. The path starts with the
// path of the base.
func (b base) url(escaped string) (*url.URL, error) {
	escaped, query, _ := strings.Cut(escaped, "?")
	u := &url.URL{Scheme: b.scheme, Host: b.host, Path: escaped, RawQuery: query}
	if strings.ContainsAny(escaped, "%!'()*") { // net/url would escape these differently
		u.RawPath = escaped
		var err error
		if u.Path, err = url.PathUnescape(escaped); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// parseBaseURL parses the URL of a base.
func parseBaseURL(u string) (base, error) {
	if meant := baseurl.Meant(u); meant != "" {
		return base{}, fmt.Errorf("%s must start with https:// or http:// and a host; write %q", quote.Setting(u), meant)
	}
	p, err := url.Parse(u)
	if err != nil {
		return base{}, errors.New("is not a URL") // u is not shown, because it may hold a password
	}
	shown := quote.Setting(u)
	last := path.Base(strings.ToLower(p.Path))
	switch isPlatform := platform.IsHost(p.Hostname()); {
	case p.Scheme != "https" && p.Scheme != "http":
		return base{}, fmt.Errorf("%s must start with https://", shown)
	case p.Hostname() == "":
		return base{}, fmt.Errorf("%s has no host", shown)
	case p.User != nil:
		return base{}, fmt.Errorf("%s has a user name or a password; leave out what stands before the @", shown)
	case p.RawQuery != "" || p.ForceQuery || p.Fragment != "":
		return base{}, fmt.Errorf("%s has a query or a fragment; a base is a scheme, a host and perhaps a path", shown)
	case p.Scheme == "http" && isPlatform:
		return base{}, fmt.Errorf("%s must start with https://, because it is a host of the platform", shown)
	case last == "v3", last == "v2" && isPlatform:
		return base{}, fmt.Errorf("%s ends in %s/, with which paths start; leave that out", shown, last)
	}
	return base{p.Scheme, p.Host, strings.TrimSuffix(p.EscapedPath(), "/") + "/"}, nil
}
