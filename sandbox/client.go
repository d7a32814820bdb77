package sandbox

import "github.com/wxchain/wechatpay"

// ClientConfig is how a client of the sandbox's first merchant is made, all but
// its BaseURL and Transport. Its Clock is that of the sandbox, which
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
