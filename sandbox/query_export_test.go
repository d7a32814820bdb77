package sandbox

import "github.com/wxchain/wechatpay/sandbox/internal/money"

// Query looks up an order as its query does, without signatures.
func (s *Server) Query(outTradeNo string) error {
	return s.transact(s.clock(), true, func(l *money.Ledger) error {
		_, err := l.Order(money.Owner{MchID: s.first.MchID}, outTradeNo)
		return err
	})
}
