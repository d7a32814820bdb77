package sandbox

import "github.com/wxchain/wechatpay"

// ClientConfig returns the configuration of a client for the first merchant of the
// sandbox, without BaseURL and Transport. Its Clock is that of the sandbox, which
// [Server.Advance] moves.
func (s *Server) ClientConfig() wechatpay.Config {
	cert := s.first.TLS()
	return wechatpay.Config{
		MchID:        s.first.MchID,
		SerialNo:     s.first.SerialNo,
		PrivateKey:   s.first.PrivateKey,
		PlatformKeys: s.PlatformKeys(),
		APIv3Key:     s.first.APIv3Key,
		APIv2Key:     s.first.APIv2Key,
		ClientCert:   &cert,
		Clock:        s.clock,
	}
}
