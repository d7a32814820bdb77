package sandbox

import "math/rand/v2"

// probePrefix starts the signature of a probe: a notification that a receiver
// must refuse, as it does any whose signature does not hold.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4013053249
const probePrefix = "WECHATPAY/SIGNTEST/"

// probes is of how many notifications one comes with a probe.
const probes = 10

// isProbed tells whether the n-th notification comes with a probe. The seed
// decides it.
func (s *Server) isProbed(n uint64) bool {
	return rand.New(rand.NewPCG(s.seed, n)).IntN(probes) == 0
}
