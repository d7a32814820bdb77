package wechatpay

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/cipher"
	"github.com/wxchain/wechatpay/internal/identity"
	"github.com/wxchain/wechatpay/internal/quote"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/notify"
	"github.com/wxchain/wechatpay/signer"
)

// Version is the version of this library. The header User-Agent carries it.
const Version = "0.2.0"

// DefaultBaseURL is the platform's main host.
const DefaultBaseURL = "https://api.mch.weixin.qq.com/"

// defaultTimeout limits a call for which neither [Timeout] nor the context sets
// an end.
const defaultTimeout = 30 * time.Second

// A Protocol is one of the two API protocols of the platform.
type Protocol = middleware.Protocol

// The two protocols. APIv2 calls are those whose path starts with v2.
const (
	APIv2 = middleware.APIv2
	APIv3 = middleware.APIv3
)

// A Config holds the settings of a [Client]: the merchant, its keys, and how to
// reach the platform. Printing or encoding a Config shows no secret, with one
// exception: package fmt does not call the methods of unexported struct fields.
// If your struct has a Config in an unexported field, printing your struct prints
// the keys. The verbs %s and %q do so even if the field is a pointer. Keep the
// Client in such a field, not the Config.
type Config struct {
	// MchID is the merchant number (mchid).
	MchID string
	// SerialNo is the serial number of the merchant API certificate, in
	// upper-case hexadecimal. [keys.SerialNo] reads it from apiclient_cert.pem.
	SerialNo string
	// PrivateKey is the RSA key of that certificate. It has at least 2048 bits.
	// [keys.Private] loads it from apiclient_key.pem. A key in an HSM or a KMS
	// works too.
	PrivateKey crypto.Signer
	// Signer signs in place of SerialNo and PrivateKey. Set it to use a remote
	// signing service or another suite than RSA. If it is a [signer.Suite], it also
	// decrypts fields and opens notifications.
	Signer signer.Signer
	// PlatformKeys holds the public keys that verify the platform's signatures: RSA
	// keys, or keys that are a [signer.Verifier].
	PlatformKeys signer.PublicKeys
	// APIv3Key is the APIv3 key, which has 32 bytes. The platform encrypts
	// certificates and notifications with it. Optional.
	APIv3Key string
	// OtherAPIv3Key opens notifications that APIv3Key does not open, while the merchant
	// changes its APIv3 key: the new key before the change, the old key after it. It
	// has 32 bytes. Optional.
	OtherAPIv3Key string
	// APIv2Key is the APIv2 key, which has 32 bytes. Optional. A client with only
	// MchID and APIv2Key makes only APIv2 calls.
	APIv2Key string
	// ClientCert is the merchant API certificate with its private key. APIv2
	// calls that need mutual TLS present it. Optional. A Transport that is not an
	// *http.Transport has to present it itself.
	ClientCert *tls.Certificate
	// BaseURL is the host to call. The default is [DefaultBaseURL].
	BaseURL string
	// Transport sends the requests, below the stack of middlewares. By default
	// each client has a transport of its own: HTTP/2, TLS 1.2 or newer, 5 seconds
	// to connect, the proxy from the environment, and 100 idle connections per
	// host. It keeps an idle connection for 7 seconds, because the platform
	// closes one after 8. It pings an HTTP/2 connection that is silent for 2
	// seconds, and closes the connection if the ping is not answered within 2
	// seconds. If a proxy makes no connection, the error names the proxy; so it
	// does for an *http.Transport of yours without OnProxyConnectResponse.
	Transport http.RoundTripper
	// Middleware edits the stack of a protocol before the client uses it. Later
	// changes to the stack have no effect. [middleware.Edits] makes one edit of
	// several, such as those of package resilience.
	Middleware middleware.Edit
	// Seen remembers the notifications that were handled. The default is the memory of
	// this process, one for each client. Give the same Seen to clients that replace
	// each other. The option [notify.WithSeen] of one receiver wins over it.
	Seen notify.Seen
	// MaxBodyBytes limits the size of an answer without a [Sink], in bytes. 0
	// means 10 MiB. A longer answer is an error.
	MaxBodyBytes int64
	// Clock returns the current time. The default is [time.Now].
	Clock func() time.Time
	// Nonce returns the nonce of a request. The default returns 32 base-62
	// characters from crypto/rand.
	Nonce func() string
}

// A Client calls WeChat Pay for one merchant. It is immutable, and any number of
// goroutines may use it at the same time. Printing it shows no secret.
type Client struct {
	mchID, serialNo string
	base            base
	userAgent       string
	maxBodyBytes    int64
	platformKeys    signer.PublicKeys
	stacks          map[Protocol]http.RoundTripper // only of protocols that the client has keys for
	noClientCert    bool                           // calls that need one are refused
	clock           func() time.Time
	nonce           func() string
	receiver        *notify.Receiver
	// These are functions because package fmt would print the contents of other
	// values.
	notify  func() notify.Config
	decrypt func(ctx context.Context, ciphertext string) (string, error)
	sign    func(context.Context, []byte) ([]byte, error)                   // nil without APIv3
	v2Sign  func(signType string, fields map[string]string) (string, error) // nil without APIv2
}

// New returns a client for config. It checks everything that can be checked
// without the network. The error wraps [ErrConfig] and reports all mistakes. An
// error of the function Middleware is reported only if everything else is right.
func New(config Config) (*Client, error) {
	c, err := newClient(config)
	if err != nil {
		return nil, &fault{what: "config", kind: ErrConfig, err: err}
	}
	return c, nil
}

func newClient(config Config) (*Client, error) {
	c := &Client{
		mchID:        config.MchID,
		userAgent:    fmt.Sprintf("wxchain-wechatpay/%s (%s; %s) %s", Version, runtime.GOOS, runtime.GOARCH, runtime.Version()),
		maxBodyBytes: middleware.DefaultMaxBodyBytes,
		platformKeys: config.PlatformKeys,
		clock:        config.Clock,
		nonce:        config.Nonce,
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	if c.nonce == nil {
		c.nonce = middleware.NewNonce
	}
	problems := config.mistakes()
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
	}
	var err error
	if c.base, err = parseBaseURL(cmp.Or(config.BaseURL, DefaultBaseURL)); err != nil {
		problem("BaseURL %w", err)
	}
	switch {
	case config.MaxBodyBytes < 0:
		problem("MaxBodyBytes is %d, want more than 0", config.MaxBodyBytes)
	case config.MaxBodyBytes > 0:
		c.maxBodyBytes = config.MaxBodyBytes
	}

	var s signer.Signer
	if !config.isAPIv2Only() {
		if s, err = config.signer(); err != nil {
			problems = append(problems, err)
		} else {
			c.sign, c.serialNo = s.Sign, s.SerialNo()
		}
		if err := config.checkPlatformKeys(cmp.Or(c.serialNo, config.SerialNo)); err != nil {
			problems = append(problems, err)
		}
	}
	transport, err := config.transport()
	if err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	c.noClientCert = transport.secure == nil
	c.decrypt = config.decrypt
	if key := config.APIv2Key; key != "" {
		c.v2Sign = func(signType string, fields map[string]string) (string, error) {
			return signer.V2SignOpen(signType, key, fields) // for pages and apps
		}
	}
	notifications := config.notify(c.clock)
	c.notify = func() notify.Config { return notifications }
	c.receiver = newReceiver(notifications)
	c.stacks, err = c.resolve(&config, s, middleware.Guard(transport))
	return c, err
}

// mistakes reports what is wrong with the merchant's number, keys and
// certificate, each by itself.
func (config *Config) mistakes() (problems []error) {
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf(format, args...))
	}
	if err := identity.CheckMchID(config.MchID); err != nil {
		problem("MchID %w", err)
	}
	if n := len(config.APIv3Key); n != 0 && n != 32 {
		problem("APIv3Key has %d bytes, an APIv3 key has 32", n)
	}
	if n := len(config.OtherAPIv3Key); n != 0 && n != 32 {
		problem("OtherAPIv3Key has %d bytes, an APIv3 key has 32", n)
	}
	if config.OtherAPIv3Key != "" && config.APIv3Key == "" {
		problem("OtherAPIv3Key is set without APIv3Key")
	}
	if n := len(config.APIv2Key); n != 0 && n != 32 {
		problem("APIv2Key has %d bytes, an APIv2 key has 32", n)
	}
	if cert := config.ClientCert; cert != nil && (len(cert.Certificate) == 0 || cert.PrivateKey == nil) {
		problem("ClientCert needs both a certificate and its private key; tls.LoadX509KeyPair loads them")
	}
	return problems
}

func (config *Config) isAPIv2Only() bool {
	return config.APIv2Key != "" && config.SerialNo == "" && config.PrivateKey == nil && config.Signer == nil && config.PlatformKeys == nil
}

func (config *Config) signer() (signer.Signer, error) {
	s := config.Signer
	switch {
	case s != nil && isNil(s):
		return nil, errors.New("the Signer is a nil pointer")
	case s != nil && config.PrivateKey != nil:
		return nil, errors.New("both PrivateKey and Signer are set; leave one out")
	case s != nil && config.SerialNo != "" && config.SerialNo != s.SerialNo():
		return nil, fmt.Errorf("SerialNo is %s, but the Signer's is %s", quote.Setting(config.SerialNo), quote.Setting(s.SerialNo()))
	case s != nil:
		if err := checkMerchantSerialNo(s.SerialNo()); err != nil {
			return nil, fmt.Errorf("serial number of the Signer %w", err)
		}
		return s, nil
	}
	var problems []error
	if err := checkMerchantSerialNo(config.SerialNo); err != nil {
		problems = append(problems, fmt.Errorf("SerialNo %w", err))
	}
	// A serial number that is missing was reported above.
	s, err := signer.NewRSA(cmp.Or(config.SerialNo, "missing"), config.PrivateKey)
	if err != nil {
		problems = append(problems, fmt.Errorf("PrivateKey: %w", err))
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return s, nil
}

func checkMerchantSerialNo(serial string) error {
	if strings.HasPrefix(strings.ToUpper(serial), keys.PublicKeyIDPrefix) {
		return fmt.Errorf("%s is the id of a platform public key; it is that of the merchant API certificate here, which keys.SerialNo reads from apiclient_cert.pem", quote.Setting(serial))
	}
	return identity.CheckSerialNo(serial)
}

// checkPlatformKeys checks the platform's keys that are known without the
// network.
func (config *Config) checkPlatformKeys(serialNo string) error {
	if isNil(config.PlatformKeys) {
		return errors.New("PlatformKeys is missing: keys.Static with the platform public key, from the merchant platform's account center, under API security")
	}
	static, ok := config.PlatformKeys.(keys.Static)
	switch combined, isCombined := config.PlatformKeys.(interface{ Static() keys.Static }); {
	case isCombined:
		static = combined.Static()
	case ok && len(static) == 0:
		return errors.New("PlatformKeys is empty: add the platform public key, from the merchant platform's account center, under API security")
	}
	var problems []error
	for serial, key := range static {
		if err := identity.CheckSerialNo(serial); err != nil {
			problems = append(problems, fmt.Errorf("an id of PlatformKeys %w", err))
			continue
		}
		if strings.EqualFold(serial, serialNo) {
			problems = append(problems, fmt.Errorf(
				"SerialNo %s is also a key of PlatformKeys: the one is of the merchant's certificate, the others are the platform's", quote.Setting(serialNo)))
		}
		err := signer.CheckRSA(key)
		if err == nil && config.isOwn(key) {
			err = errors.New("it is the merchant's own public key; the platform's is in pub_key.pem")
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("PlatformKeys[%s]: %w", quote.Setting(serial), err))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

// isOwn reports whether key belongs to PrivateKey or to the Signer.
func (config *Config) isOwn(key crypto.PublicKey) bool {
	var own crypto.PublicKey
	if s, ok := config.Signer.(interface{ Public() crypto.PublicKey }); ok && !isNil(s) {
		own = s.Public()
	} else if !isNil(config.PrivateKey) {
		own = config.PrivateKey.Public()
	}
	if k, ok := own.(*rsa.PublicKey); ok && (k == nil || k.N == nil) {
		return false
	}
	k, ok := key.(interface{ Equal(crypto.PublicKey) bool })
	return ok && own != nil && k.Equal(own)
}

// suite returns the suite of the Signer, or nil for RSA.
func (config *Config) suite() signer.Suite {
	suite, _ := config.Signer.(signer.Suite)
	return suite
}

// decrypt decrypts a field with the suite of the Signer, or with PrivateKey.
func (config *Config) decrypt(ctx context.Context, ciphertext string) (string, error) {
	if suite := config.suite(); suite != nil {
		raw, err := base64.StdEncoding.DecodeString(ciphertext)
		if err != nil {
			return "", errors.New("ciphertext is not base64")
		}
		text, err := suite.Decrypt(ctx, raw)
		return string(text), err
	}
	key, ok := config.PrivateKey.(crypto.Decrypter)
	if !ok {
		return "", fmt.Errorf("%w: to decrypt, PrivateKey must be an RSA key that decrypts (crypto.Decrypter), or Signer a signer.Suite", ErrConfig)
	}
	return cipher.DecryptOAEP(key, ciphertext)
}

// resolve builds the stack of each protocol that the client has keys for, on top
// of transport.
func (c *Client) resolve(config *Config, s signer.Signer, transport http.RoundTripper) (map[Protocol]http.RoundTripper, error) {
	opts := []middleware.Option{middleware.Clock(c.clock), middleware.Nonce(c.nonce), middleware.MaxBodyBytes(c.maxBodyBytes)}
	stacks := make(map[Protocol]http.RoundTripper, 2)
	add := func(p Protocol, verifier, signer middleware.Middleware) error {
		stack := new(middleware.Stack)
		err := errors.Join(stack.Push(middleware.NameVerifier, verifier), stack.Push(middleware.NameSigner, signer))
		if err == nil && config.Middleware != nil {
			err = config.Middleware(p, stack)
		}
		if err == nil {
			err = stack.Check()
		}
		if err != nil {
			return fmt.Errorf("the function Middleware, for %s: %w", p, err)
		}
		stacks[p] = stack.Resolve(transport)
		return nil
	}
	var err error
	if s != nil {
		err = add(APIv3, middleware.Verifier(c.platformKeys, opts...), middleware.Signer(c.mchID, s, opts...))
	}
	if key := config.APIv2Key; key != "" && err == nil {
		err = add(APIv2, middleware.V2Verifier(key, opts...), middleware.V2Signer(key, opts...))
	}
	return stacks, err
}

// String returns the merchant number, the serial number and the base URL.
func (c *Client) String() string {
	return fmt.Sprintf("wechatpay.Client{MchID: %s, SerialNo: %s, BaseURL: %s}", c.mchID, c.serialNo, c.base)
}

// Format prints String for every verb.
func (c *Client) Format(f fmt.State, _ rune) { fmt.Fprint(f, c.String()) }

// LogValue returns String, for package log/slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// String shows the settings that are not secret. Of each secret it shows only
// whether it is set.
func (config Config) String() string {
	given := func(ok bool) string {
		if ok {
			return "(given)"
		}
		return "(none)"
	}
	baseURL := "(invalid)" // New reports it; it may hold a password
	if b, err := parseBaseURL(cmp.Or(config.BaseURL, DefaultBaseURL)); err == nil {
		baseURL = b.String()
	}
	return fmt.Sprintf("wechatpay.Config{MchID: %s, SerialNo: %s, PrivateKey: %s, PlatformKeys: %s, APIv3Key: %s, APIv2Key: %s, ClientCert: %s, BaseURL: %s}",
		quote.Setting(config.MchID), quote.Setting(config.SerialNo),
		given(config.PrivateKey != nil || config.Signer != nil), given(config.PlatformKeys != nil),
		given(config.APIv3Key != ""), given(config.APIv2Key != ""), given(config.ClientCert != nil), baseURL)
}

// Format prints String for every verb.
func (config Config) Format(f fmt.State, _ rune) { fmt.Fprint(f, config.String()) }

// LogValue returns String, for package log/slog.
func (config Config) LogValue() slog.Value { return slog.StringValue(config.String()) }

// MarshalText returns String, for JSON, YAML and other text formats. The result
// cannot be decoded into a Config again.
func (config Config) MarshalText() ([]byte, error) { return []byte(config.String()), nil }

// MarshalBinary returns an error, because encoding/gob and other codecs would
// write the keys.
func (Config) MarshalBinary() ([]byte, error) {
	return nil, errors.New("a wechatpay.Config holds keys and cannot be encoded")
}
