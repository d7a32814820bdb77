package sandbox

// noteKey remembers the key of the platform that a merchant works with, which
// its notifications are signed with as its answers are.
func (s *Server) noteKey(in *inbound) {
	if serial := in.header.Get("Wechatpay-Serial"); serial != "" {
		s.keysOf.Store(in.mchID, s.signerFor(serial).SerialNo())
	}
}

// keyOf is the serial number or id of that key, or "" when it is not known.
func (s *Server) keyOf(mchID string) string {
	serial, _ := s.keysOf.Load(mchID)
	text, _ := serial.(string)
	return text
}
