package settings

import (
	"cmp"
	"context"
	"crypto"
	"crypto/tls"
	"net/http"
	"net/url"
	"strings"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/exit"
	"github.com/wxchain/wechatpay/cmd/wxpay/internal/shared/lang"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// Signer returns the signer of APIv3 requests.
func (s *Settings) Signer() (signer.Signer, error) {
	key, ofSuite, err := s.readPrivateKey()
	if err != nil || ofSuite != nil {
		return ofSuite, err
	}
	merchant, err := signer.NewRSA(s.SerialNo, key)
	if err != nil {
		return nil, exit.Misuse(err)
	}
	return merchant, nil
}

// readPrivateKey reads the merchant's private key, and its serial number if the
// settings lack that. It returns an RSA key, or the signer of another suite.
func (s *Settings) readPrivateKey() (crypto.Signer, signer.Signer, error) {
	if err := s.Need("mchid", "serial_no", "private_key"); err != nil {
		return nil, nil, err
	}
	if err := s.readSerialNo(); err != nil {
		return nil, nil, err
	}
	key, err := s.Build.Private(s.PrivateKey)
	if err == nil {
		return key, nil, nil
	}
	if ofSuite := s.Build.SuiteSigner(s.SerialNo, s.PrivateKey); ofSuite != nil {
		return nil, ofSuite, nil
	}
	return nil, nil, exit.Misuse(lang.Errorf("--private-key or WECHATPAY_PRIVATE_KEY: %w", err))
}

// platformPublicKey returns the platform public key under its id. It returns
// nil if the settings have no such key.
func (s *Settings) platformPublicKey() (keys.Static, error) {
	if s.PlatformKeyID == "" && s.PlatformKey == "" {
		return nil, nil
	}
	if err := s.Need("platform_public_key_id", "platform_public_key"); err != nil {
		return nil, err
	}
	key, err := s.Build.Public(s.PlatformKey)
	if err != nil {
		return nil, exit.Misuse(lang.Errorf("--platform-public-key or WECHATPAY_PLATFORM_PUBLIC_KEY: %w", err))
	}
	return keys.Static{s.PlatformKeyID: key}, nil
}

// PublicKeys returns the keys that verify the platform's signatures: its public
// key, its downloaded certificates, or both.
func (s *Settings) PublicKeys(ctx context.Context) (signer.PublicKeys, error) {
	static, err := s.platformPublicKey()
	if err != nil {
		return nil, err
	}
	if s.APIv3Key == "" {
		if static == nil {
			return nil, exit.Misuse(lang.Errorf("missing: --platform-public-key-id and --platform-public-key, from the merchant platform's account center, under API security; " +
				"or WECHATPAY_APIV3_KEY, to download the platform's certificates"))
		}
		return static, nil
	}
	config, err := s.Downloader()
	if err != nil {
		if static != nil {
			return static, nil // the public key alone can verify
		}
		return nil, err
	}
	downloader, err := keys.NewDownloader(ctx, config)
	switch {
	case err != nil:
		return nil, exit.Misuse(err)
	case static == nil:
		return downloader, nil
	}
	return keys.Combined(static, downloader), nil
}

// IsAPIv2Only reports whether the settings can call APIv2 only.
func (s *Settings) IsAPIv2Only() bool {
	return s.APIv2Key != "" && s.PrivateKey == "" && s.SerialNo == ""
}

// An EditStack changes the stack of a protocol. platformKeys is nil if no
// platform keys are known.
type EditStack func(p wechatpay.Protocol, stack *middleware.Stack, platformKeys signer.PublicKeys) error

// NewClient returns a client with stacks that edit changes. If transport is not
// nil, the client uses it in place of the network and downloads nothing.
func (s *Settings) NewClient(ctx context.Context, transport http.RoundTripper, edit EditStack) (*wechatpay.Client, error) {
	if err := CheckBaseURL(s.BaseURL); err != nil {
		return nil, exit.Misuse(err)
	}
	config := wechatpay.Config{MchID: s.MchID, APIv2Key: s.APIv2Key, BaseURL: s.BaseURL, Transport: transport}
	if s.IsAPIv2Only() {
		if err := s.Need("mchid"); err != nil {
			return nil, err
		}
	} else if err := s.configureAPIv3(ctx, &config); err != nil {
		return nil, err
	}
	platformKeys := config.PlatformKeys
	config.Middleware = func(p wechatpay.Protocol, stack *middleware.Stack) error { return edit(p, stack, platformKeys) }
	return wechatpay.New(config)
}

// configureAPIv3 adds the keys of APIv3 to config. If config has a transport,
// it adds only the platform keys that are known without the network.
func (s *Settings) configureAPIv3(ctx context.Context, config *wechatpay.Config) (err error) {
	if config.PrivateKey, config.Signer, err = s.readPrivateKey(); err != nil {
		return err
	}
	if config.Signer == nil {
		config.SerialNo = s.SerialNo
	}
	if config.Transport == nil {
		config.PlatformKeys, err = s.PublicKeys(ctx)
	} else {
		config.PlatformKeys, err = s.platformKeysAtHand()
	}
	if err != nil {
		return err
	}
	if config.PlatformKeys, err = s.Build.PublicKeys(config.PlatformKeys); err != nil {
		return err
	}
	if config.Signer != nil { // whose key crypto/tls does not know
		return nil
	}
	config.ClientCert, err = s.clientCert()
	return err
}

// clientCert returns the client certificate for APIv2 calls that need mutual
// TLS.
func (s *Settings) clientCert() (*tls.Certificate, error) {
	if s.APIv2Key == "" || s.Certificate == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(s.Certificate, s.PrivateKey)
	if err != nil {
		return nil, exit.Misuse(lang.Errorf("--certificate and --private-key: %w", err))
	}
	return &cert, nil
}

// Host returns the host that calls go to, with the path of a gateway if the
// base URL has one.
func (s *Settings) Host() string {
	base := cmp.Or(s.BaseURL, wechatpay.DefaultBaseURL)
	if u, err := url.Parse(base); err == nil && u.Host != "" {
		return u.Host + strings.TrimSuffix(u.EscapedPath(), "/")
	}
	return base
}
