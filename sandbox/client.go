package sandbox

import "github.com/wxchain/wechatpay"

// ClientConfig returns the configuration of a client for the first merchant of the
// sandbox, without BaseURL and Transport. Its Clock is that of the sandbox, which
// [Server.Advance] moves. A merchant without a PrivateKey has no ClientCert.
func (s *Server) ClientConfig() wechatpay.Config {
	config := wechatpay.Config{
		MchID:        s.first.MchID,
		PlatformKeys: s.PlatformKeys(),
		APIv3Key:     s.first.APIv3Key,
		APIv2Key:     s.first.APIv2Key,
		Clock:        s.clock,
	}
	if config.Signer = s.first.Signer; config.Signer == nil {
		config.SerialNo, config.PrivateKey = s.first.SerialNo, s.caller().Key.Private
	}
	if s.first.PrivateKey != nil {
		cert := s.first.TLS()
		config.ClientCert = &cert
	}
	return config
}
