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
	"github.com/wxchain/wechatpay/internal/baseurl"
	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/internal/platform"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/internal/transport"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// A DownloaderConfig configures a [Downloader]. Printing or encoding it shows no
// secret, with one exception: package fmt cannot call the methods of an unexported
// field. If a struct has a DownloaderConfig in an unexported field, fmt prints its
// keys. If the field is a pointer, the verbs %s and %q do so. Keep the Downloader in
// such a field instead.
type DownloaderConfig struct {
	// MchID is the merchant number (mchid).
	MchID string
	// SerialNo and PrivateKey are the serial number and the RSA key of the merchant
	// API certificate. They sign the request.
	SerialNo   string
	PrivateKey crypto.Signer
	// Signer signs in place of SerialNo and PrivateKey. If it is a [signer.Suite],
	// the certificates are those of its suite.
	Signer signer.Signer
	// APIv3Key decrypts the certificates. It has 32 bytes.
	APIv3Key string
	// OtherAPIv3Key decrypts what APIv3Key does not, while the merchant changes its
	// APIv3 key: the new key before the change, the old key after it. Optional.
	OtherAPIv3Key string
	// BaseURL is the host of the request. The default is https://api.mch.weixin.qq.com/.
	BaseURL string
	// Transport sends the requests. The default opens a connection for each.
	Transport http.RoundTripper
	// Trusted has platform certificates that you know already, such as those of an
	// earlier run. They are used from the start and while they are in force, whatever
	// the platform lists later.
	Trusted []*x509.Certificate
	// OnRefresh is called after each download, with nil or with the error. The calls
	// come one after the other, and before a method that waits for the download
	// returns. OnRefresh must not wait for the Downloader. It may be nil.
	OnRefresh func(error)
	// Clock returns the time for signatures and for the validity of certificates. The
	// default is [time.Now]. The time of the downloads follows this machine's clock.
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
	s := &source{clock: config.Clock, parse: x509.ParseCertificate}
	if s.clock == nil {
		s.clock = time.Now
	}
	merchant, err := config.signer()
	if err != nil {
		problems = append(problems, err)
	}
	suite, _ := merchant.(signer.Suite)
	if s.gcm, err = cipher.NewGCMOf(suite, config.APIv3Key, config.OtherAPIv3Key); err != nil {
		problem("APIv3Key: %w", err)
	}
	if base, err := config.baseURL(); err != nil {
		problem("BaseURL %w", err)
	} else {
		s.url = base.JoinPath(certificates)
	}
	if suite != nil {
		s.parse = suite.ParseCertificate
		if s.url != nil {
			s.url.RawQuery = suite.CertificatesQuery()
		}
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
	s.transport = middleware.Signer(config.MchID, merchant, middleware.Clock(s.clock))(middleware.Guard(transport.NameProxy(carrier)))
	return s, nil
}

// baseURL returns the host to ask, with the path before v3/, or what is wrong
// with BaseURL.
func (config *DownloaderConfig) baseURL() (*url.URL, error) {
	if meant := baseurl.Meant(config.BaseURL); meant != "" {
		return nil, fmt.Errorf("%s must start with https:// or http:// and a host; write %q", quote.Setting(config.BaseURL), meant)
	}
	u, err := url.Parse(cmp.Or(config.BaseURL, defaultBaseURL))
	switch {
	case err != nil:
		return nil, errors.New("is not a URL") // which may hold a password
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%s must be https://, a host and perhaps a path", quote.Setting(config.BaseURL))
	case u.Scheme == "http" && platform.IsHost(u.Hostname()):
		return nil, fmt.Errorf("%s must start with https://, because it is a host of the platform", quote.Setting(config.BaseURL))
	case strings.EqualFold(path.Base(u.Path), "v3"):
		return nil, fmt.Errorf("%s ends in %s/, with which paths start; leave that out", quote.Setting(config.BaseURL), path.Base(u.Path))
	}
	return u, nil
}

func (config *DownloaderConfig) signer() (signer.Signer, error) {
	if s := config.Signer; s != nil {
		if v := reflect.ValueOf(s); v.Kind() == reflect.Pointer && v.IsNil() {
			return nil, errors.New("the Signer is a nil pointer")
		}
		if config.PrivateKey != nil {
			return nil, errors.New("both PrivateKey and Signer are set; leave one out")
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

// String shows which secrets are set, and no secret.
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

// MarshalText writes String, for JSON, YAML and other texts. You cannot read a
// DownloaderConfig back.
func (config DownloaderConfig) MarshalText() ([]byte, error) { return []byte(config.String()), nil }

// MarshalBinary returns an error, because encoding/gob and others would write keys.
func (DownloaderConfig) MarshalBinary() ([]byte, error) {
	return nil, errors.New("a keys.DownloaderConfig holds keys and cannot be encoded")
}
