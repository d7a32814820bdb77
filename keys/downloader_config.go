package keys

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/transport"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A DownloaderConfig says for whom a [Downloader] asks, and how. Printing or
// encoding it shows no secret, with one exception: package fmt does not ask an
// unexported field of another struct how to print itself. A DownloaderConfig in
// such a field is printed with its keys, and so is one behind a pointer by the
// verbs %s and %q. Keep the Downloader there.
type DownloaderConfig struct {
	// MchID is the merchant's number, mchid.
	MchID string
	// SerialNo and PrivateKey are the merchant API certificate's serial number
	// and RSA key, which sign the request.
	SerialNo   string
	PrivateKey crypto.Signer
	// Signer signs in the place of SerialNo and PrivateKey.
	Signer signer.Signer
	// APIv3Key, of 32 bytes, opens the certificates.
	APIv3Key string
	// BaseURL is the host to ask, https://api.mch.weixin.qq.com/ if empty.
	BaseURL string
	// Transport carries the requests; the default makes a connection for each.
	Transport http.RoundTripper
	// Trusted are platform certificates that are known already, such as those of
	// an earlier run: they are good from the start, and whatever the platform
	// lists later, while they are in force.
	Trusted []*x509.Certificate
	// OnRefresh, if there is one, is told how each download ended: with nil, or
	// with what failed; one after the other, and before those who wait for the
	// download go on. It must not wait for the Downloader.
	OnRefresh func(error)
	// Clock tells the time, [time.Now] by default: for signatures, and for what
	// is in force. When to download is decided by this machine's clock.
	Clock func() time.Time
}

const (
	defaultBaseURL = "https://api.mch.weixin.qq.com/"
	certificates   = "v3/certificates"
)

// source makes of the configuration what downloads, or reports all mistakes
// with it.
func (config *DownloaderConfig) source() (*source, error) {
	var problems []error
	problem := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if err := identity.CheckMchID(config.MchID); err != nil {
		problem("MchID %w", err)
	}
	s := &source{clock: config.Clock}
	if s.clock == nil {
		s.clock = time.Now
	}
	merchant, err := config.signer()
	if err != nil {
		problems = append(problems, err)
	}
	if s.gcm, err = cipher.NewGCM(config.APIv3Key); err != nil {
		problem("APIv3Key: %w", err)
	}
	if base, err := config.baseURL(); err != nil {
		problem("BaseURL %w", err)
	} else {
		s.url = base.JoinPath(certificates)
	}
	for i, cert := range config.Trusted {
		if cert == nil || cert.SerialNumber == nil {
			problem("Trusted[%d] is empty", i)
		} else if err := signer.CheckRSA(cert.PublicKey); err != nil {
			problem("Trusted[%d]: %w", i, err)
		} else {
			s.trusted = append(s.trusted, newPlatformCertificate(cert))
		}
	}
	if len(problems) > 0 {
		return nil, errors.New(strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; "))
	}
	carrier := config.Transport
	if carrier == nil {
		// A client asks twice a day, which is no reason to keep a connection.
		own := transport.New()
		own.DisableKeepAlives = true
		carrier = own
	}
	s.transport = middleware.Signer(config.MchID, merchant, middleware.Clock(s.clock))(middleware.Guard(carrier))
	return s, nil
}

// baseURL returns the host to ask, with the path before v3/, or what is wrong
// with BaseURL.
func (config *DownloaderConfig) baseURL() (*url.URL, error) {
	u, err := url.Parse(cmp.Or(config.BaseURL, defaultBaseURL))
	switch {
	case err != nil:
		return nil, errors.New("is not a URL") // which may hold a password
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s must be https://, a host and perhaps a path", quote.Setting(config.BaseURL))
	case u.Scheme == "http" && platform.IsHost(u.Hostname()):
		return nil, fmt.Errorf("%s must start with https://, because it is a host of the platform", quote.Setting(config.BaseURL))
	case strings.EqualFold(path.Base(u.Path), "v3"):
		return nil, fmt.Errorf("%s ends in v3/, with which paths start; leave that out", quote.Setting(config.BaseURL))
	}
	return u, nil
}

func (config *DownloaderConfig) signer() (signer.Signer, error) {
	if s := config.Signer; s != nil {
		if v := reflect.ValueOf(s); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, errors.New("the Signer is a nil pointer")
		}
		if config.PrivateKey != nil {
			return nil, errors.New("both PrivateKey and Signer are given, one signs")
		}
		return s, nil
	}
	s, err := signer.NewRSA(cmp.Or(config.SerialNo, "missing"), config.PrivateKey)
	if err != nil {
		err = fmt.Errorf("PrivateKey: %w", err)
	}
	if wrong := identity.CheckSerialNo(config.SerialNo); wrong != nil {
		err = errors.Join(fmt.Errorf("SerialNo %w", wrong), err)
	}
	return s, err
}

// String shows of the secrets whether they are there.
func (config DownloaderConfig) String() string {
	given := func(ok bool) string {
		if ok {
			return "(given)"
		}
		return "(none)"
	}
	return fmt.Sprintf("keys.DownloaderConfig{MchID: %s, SerialNo: %s, PrivateKey: %s, APIv3Key: %s}",
		quote.Setting(config.MchID), quote.Setting(config.SerialNo), given(config.PrivateKey != nil || config.Signer != nil), given(config.APIv3Key != ""))
}

// Format prints String, whatever the verb.
func (config DownloaderConfig) Format(f fmt.State, _ rune) { fmt.Fprint(f, config.String()) }

// LogValue is String, for [slog].
func (config DownloaderConfig) LogValue() slog.Value { return slog.StringValue(config.String()) }

// MarshalText writes String, for JSON, YAML and other texts: a DownloaderConfig
// has no form that could be read back.
func (config DownloaderConfig) MarshalText() ([]byte, error) { return []byte(config.String()), nil }

// MarshalBinary is an error: what encoding/gob and others would write is keys.
func (DownloaderConfig) MarshalBinary() ([]byte, error) {
	return nil, errors.New("a keys.DownloaderConfig holds keys and cannot be encoded")
}
