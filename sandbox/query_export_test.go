package sandbox

import "net/url"

// Query answers a query for an order as the sandbox does, with no signature on
// either side.
func (s *Server) Query(outTradeNo string) error {
	c := &call{ledger: ledger{Server: s, now: s.clock()}, merchant: s.first,
		vars: map[string]string{"out_trade_no": outTradeNo}, query: url.Values{"mchid": {s.first.MchID}}}
	_, _, err := c.run(s.handlers["GET v3/pay/transactions/out-trade-no/{out_trade_no}"], "GET")
	return err
}
