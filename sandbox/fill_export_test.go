package sandbox

import (
	"fmt"
	"time"
)

// Full is the n-th number of an order that Fill stores, and of its refund and
// transaction.
func Full(n int) string { return fmt.Sprintf("full-%08d", n) }

// Fill stores n orders of a merchant that are paid, each with a refund, and n
// coupons of as many users.
func Fill(store Store, mchID string, n int) error {
	at := time.Date(2018, 6, 8, 2, 0, 0, 0, time.UTC)
	return store.Update(func(tx Tx) error {
		for i := range n {
			number := Full(i)
			o := order{owner: owner{MchID: mchID}, AppID: "wxd678efh567hg6787", OutTradeNo: number, TradeType: "NATIVE", Total: 100, Refunded: 1,
				Refunds: 1, State: stateRefund, TransactionID: number, Paid: at, OpenID: "o"}
			r := refund{owner: owner{MchID: mchID}, OutRefundNo: number, OutTradeNo: number, TransactionID: number, RefundID: number, Amount: 1,
				Total: 100, Created: at, State: refundProcessing}
			k := coupon{ID: number, StockID: "1", OpenID: number, AppID: o.AppID, Creator: mchID, Sender: mchID, Sent: at}
			for _, v := range []interface{ save(Tx) error }{&o, &r, &k} {
				if err := v.save(tx); err != nil {
					return err
				}
			}
			if err := save(tx, transactions, number, o.key()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Query answers a query for an order as the sandbox does, with no signature on
// either side.
func (s *Server) Query(outTradeNo string) error {
	c := &call{ledger: ledger{Server: s, now: s.clock()}, merchant: s.first, vars: map[string]string{"out_trade_no": outTradeNo},
		query: map[string][]string{"mchid": {s.first.MchID}}}
	_, _, err := c.run(queryOrder(ofMerchant), "GET")
	return err
}
