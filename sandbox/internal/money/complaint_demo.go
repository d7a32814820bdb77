package money

import "github.com/wxchain/wechatpay/sandbox/internal/store"

// DemoComplaint is the complaint of the documentation's examples.
const DemoComplaint = "200201820200101080076610000"

// addDemoComplaint puts the complaint of the documentation's examples into the store,
// with its paid order, unless it is there. Neither is in bills.
func (l *Ledger) addDemoComplaint(mchID string) error {
	_, found, err := store.Load[Complaint](l.Tx, complaints, key(mchID, DemoComplaint))
	if found || err != nil {
		return err
	}
	o := &Order{
		Owner: Owner{MchID: mchID}, OutTradeNo: "20190906154617947762231", TradeType: "NATIVE", Description: "a demo",
		OpenID: somebody, Total: 3, Placed: l.Now, Paid: l.Now, State: OrderSuccess, TransactionID: "4200000404201909069117582536",
	}
	k := &Complaint{
		Owner: o.Owner, ID: DemoComplaint, TransactionID: o.TransactionID, OpenID: o.OpenID, Detail: "反馈一个重复扣费的问题", Created: l.Now, State: ComplaintPending, Times: 1,
		Steps: []ComplaintStep{{ID: "300285320210322170000071077", Action: CreateComplaint, Time: l.Now, Text: "反馈一个重复扣费的问题"}},
	}
	for _, save := range []func() error{
		func() error { return store.Save(l.Tx, orders, o.Key(), o) },
		func() error { return store.Save(l.Tx, transactions, o.TransactionID, o.Key()) },
		func() error { return store.Save(l.Tx, complaintsOf, o.Key(), k.ID) },
		func() error { return k.save(l.Tx) },
	} {
		if err := save(); err != nil {
			return err
		}
	}
	return nil
}
