package sandbox

import (
	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/sandbox/internal/party"
)

// ClientConfig returns the configuration of a client for the first merchant of the
// sandbox, without BaseURL and Transport. Its Clock is that of the sandbox, which
// [Server.Advance] moves. A merchant without a PrivateKey has no ClientCert.
func (s *Server) ClientConfig() wechatpay.Config { return s.configOf(s.caller()) }

// configOf returns the configuration of a client for a merchant.
func (s *Server) configOf(m party.Caller) wechatpay.Config {
	config := wechatpay.Config{
		MchID:        m.MchID,
		PlatformKeys: s.issuer.PublicKeys(m.Key.Scheme()),
		APIv3Key:     m.APIv3Key,
		APIv2Key:     m.APIv2Key,
		Clock:        s.clock,
	}
	if config.Signer = m.Signer; config.Signer == nil {
		config.SerialNo, config.PrivateKey = m.SerialNo, m.Key.Private
	}
	if m.PrivateKey != nil {
		cert := Merchant(m.Merchant).TLS()
		config.ClientCert = &cert
	}
	return config
}
