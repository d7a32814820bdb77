package sandbox

// Query answers a query for an order as the sandbox does, with no signature on
// either side.
func (s *Server) Query(outTradeNo string) error {
	return s.v3.Query(s.first.MchID, outTradeNo, s.clock())
}
