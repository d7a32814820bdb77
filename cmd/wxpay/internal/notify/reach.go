package notify

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"

	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/cause"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/internal/quote"
)

// unreached says why a handler did not get a notification, or gave no answer, and what to
// do.
func unreached(target *url.URL, err error) error {
	return exit.With(lang.Errorf("%s: %w", shownURL(target), whyUnreached(target, err)), exit.Network)
}

// shownURL returns the URL without what may be a secret.
func shownURL(u *url.URL) string {
	return quote.Plain((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
}

func whyUnreached(target *url.URL, err error) error {
	refused := (*tls.CertificateVerificationError)(nil)
	switch {
	case cause.IsRefused(err):
		return lang.Errorf("nothing listens on %s; start your service, or give another URL", target.Host)
	case cause.IsUnresolved(err):
		return lang.Errorf("there is no host %s; give the address of your service, such as http://127.0.0.1:8080/notify", target.Hostname())
	case cause.IsUnreachable(err):
		return lang.Errorf("there is no way to %s; check the address and the network, or give another URL", target.Host)
	case cause.IsNotTLS(err):
		return lang.Errorf("%s does not speak TLS; write http:// in place of https://", target.Host)
	case errors.As(err, &refused):
		return lang.Errorf("its certificate is not accepted: %w; serve another one, or HTTP on this machine", refused.Err)
	case cause.IsTimeout(err):
		return lang.Errorf("no connection within %v; check the address and the firewall, or give another URL", timeout)
	case cause.IsCut(err):
		return lang.Errorf("your service closed the connection without an answer; look at its log")
	}
	return lang.Errorf("it does not answer as an HTTP service does: %w; check the port and the scheme of the URL", err)
}

// remedyOf says what to do about an answer that does not acknowledge, or "".
func remedyOf(status int) lang.Phrase {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "the handler refused it; your program must use the keys of this folder of a sandbox"
	case isNoHandler(status) && status >= 400:
		return "nothing handles a POST to this path; correct the path"
	case isNoHandler(status):
		return "the platform does not follow redirects; give the URL that answers"
	case status >= 500:
		return "the handler failed; look at its log"
	}
	return ""
}

// isNoHandler reports whether a status is that of a path which no handler serves: it says
// nothing about how a handler judges notifications.
func isNoHandler(status int) bool {
	return status >= 300 && status < 400 || status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}
