package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/keys"
	"github.com/wxchain/wechatpay/middleware"
	"github.com/wxchain/wechatpay/signer"
)

// merchant is the signer of requests of APIv3.
func (s *settings) merchant() (signer.Signer, error) {
	if err := s.need("mchid", "serial_no", "private_key"); err != nil {
		return nil, err
	}
	if err := s.readSerialNo(); err != nil {
		return nil, err
	}
	key, err := keys.Private(s.privateKey)
	if err != nil {
		return nil, misuse{fmt.Errorf("--private-key or WECHATPAY_PRIVATE_KEY: %w", err)}
	}
	merchant, err := signer.NewRSA(s.serialNo, key)
	if err != nil {
		return nil, misuse{err}
	}
	return merchant, nil
}

// platformPublicKey is the platform public key under its id, or nil when the
// settings have none.
func (s *settings) platformPublicKey() (keys.Static, error) {
	if s.platformKeyID == "" && s.platformKey == "" {
		return nil, nil
	}
	if err := s.need("platform_public_key_id", "platform_public_key"); err != nil {
		return nil, err
	}
	key, err := keys.Public(s.platformKey)
	if err != nil {
		return nil, misuse{fmt.Errorf("--platform-public-key or WECHATPAY_PLATFORM_PUBLIC_KEY: %w", err)}
	}
	return keys.Static{s.platformKeyID: key}, nil
}

// platformKeys has what the platform signs with: its public key, certificates
// that are downloaded, or both.
func (s *settings) platformKeys(ctx context.Context) (signer.PublicKeys, error) {
	static, err := s.platformPublicKey()
	if err != nil {
		return nil, err
	}
	if s.apiv3Key == "" {
		if static == nil {
			return nil, misuse{errors.New("missing: --platform-public-key-id and --platform-public-key, from the merchant platform's account center, under API security; " +
				"or WECHATPAY_APIV3_KEY, to download the platform's certificates")}
		}
		return static, nil
	}
	config, err := s.downloader()
	if err != nil {
		if static != nil {
			return static, nil // which is enough to verify with
		}
		return nil, err
	}
	downloader, err := keys.NewDownloader(ctx, config)
	switch {
	case err != nil:
		return nil, misuse{err}
	case static == nil:
		return downloader, nil
	}
	return keys.Combined(static, downloader), nil
}

// isAPIv2Only tells of settings with which APIv2 alone can be called.
func (s *settings) isAPIv2Only() bool {
	return s.apiv2Key != "" && s.privateKey == "" && s.serialNo == ""
}

// An editStack changes the stack of a protocol. platformKeys is nil where there
// are none.
type editStack func(p wechatpay.Protocol, stack *middleware.Stack, platformKeys signer.PublicKeys) error

// client returns a client with stacks that edit changes. With transport, which
// may be nil, it does not use the network, and so downloads nothing.
func (s *settings) client(ctx context.Context, transport http.RoundTripper, edit editStack) (*wechatpay.Client, error) {
	if err := s.checkBaseURL(); err != nil {
		return nil, err
	}
	config := wechatpay.Config{MchID: s.mchID, APIv2Key: s.apiv2Key, BaseURL: s.baseURL, Transport: transport}
	if s.isAPIv2Only() {
		if err := s.need("mchid"); err != nil {
			return nil, err
		}
	} else if err := s.configureAPIv3(ctx, &config); err != nil {
		return nil, err
	}
	platformKeys := config.PlatformKeys
	config.Middleware = func(p wechatpay.Protocol, stack *middleware.Stack) error { return edit(p, stack, platformKeys) }
	return wechatpay.New(config)
}

// configureAPIv3 completes config with keys, of the platform those that need no
// network if it has a transport.
func (s *settings) configureAPIv3(ctx context.Context, config *wechatpay.Config) (err error) {
	if config.Signer, err = s.merchant(); err != nil {
		return err
	}
	if config.Transport == nil {
		config.PlatformKeys, err = s.platformKeys(ctx)
	} else {
		config.PlatformKeys, err = s.platformKeysAtHand()
	}
	if err != nil {
		return err
	}
	config.ClientCert, err = s.clientCert()
	return err
}

// clientCert is what APIv2 calls that want mutual TLS present.
func (s *settings) clientCert() (*tls.Certificate, error) {
	if s.apiv2Key == "" || s.certificate == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(s.certificate, s.privateKey)
	if err != nil {
		return nil, misuse{fmt.Errorf("--certificate and --private-key: %w", err)}
	}
	return &cert, nil
}
