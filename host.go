package wechatpay

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

func (c *call) setBaseURL(u string) error {
	base, err := parseBaseURL(u)
	if err != nil {
		return fmt.Errorf(`option "base_uri": %w`, err)
	}
	c.base = base
	return nil
}

// parseBaseURL returns u with a slash at its end, ready for a path.
func parseBaseURL(u string) (string, error) {
	p, err := url.Parse(u)
	switch {
	case err != nil:
		return "", errors.New("is not a URL") // which may hold a password
	case p.Scheme != "https" && p.Scheme != "http":
		return "", fmt.Errorf("%q must start with https://", p.Redacted())
	case p.Hostname() == "":
		return "", fmt.Errorf("%q has no host", p.Redacted())
	case p.User != nil:
		return "", fmt.Errorf("%q has user information, which has no use here", p.Redacted())
	case p.RawQuery != "" || p.ForceQuery || p.Fragment != "":
		return "", fmt.Errorf("%q has a query or a fragment; a base is a scheme, a host and perhaps a path", u)
	}
	return strings.TrimSuffix(p.String(), "/") + "/", nil
}
