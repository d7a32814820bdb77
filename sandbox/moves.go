package sandbox

import "time"

// The accounts of a merchant.
const (
	accountBasic     = "BASIC"     // what users pay in
	accountOperation = "OPERATION" // what is given to users
	accountFees      = "FEES"      // nothing here: fees are taken from BASIC
)

// A move is money that came to an account, or left it, as a fund-flow bill
// tells of it.
type move struct {
	at      time.Time
	account string
	name    string // 业务名称
	kind    string // 业务类型
	amount  int64  // in fen, negative when it left
	number  string // the platform's, of what moved it
	voucher string // the merchant's number of that
	by      string // who asked for it
	remark  string
}

// movesOf are the moves of something in the daybook of a merchant.
type movesOf func(mchID string) []move

// bySystem is who asks for what no merchant asks for.
const bySystem = "system"

// byAPI is who asks for what a merchant calls for.
func byAPI(mchID string) string { return mchID + "API" }

// fee is what the platform takes of a payment, in fen: 0.6 %, rounded.
func fee(amount int64) int64 { return amount/1000*6 + (amount%1000*6+500)/1000 }

// feeRate is that as bills show it.
const feeRate = "0.60%"

// members are the merchants whose daybooks tell of what is the owner's.
func (w owner) members() []string {
	if w.SubMchID == "" {
		return []string{w.MchID}
	}
	return []string{w.MchID, w.SubMchID}
}

// post writes a posting into the daybooks.
func (w owner) post(tx Tx, p posting, moves movesOf) error {
	for _, mchID := range w.members() {
		if err := post(tx, mchID, p, moves(mchID)); err != nil {
			return err
		}
	}
	return nil
}

// adjust adds to the daybooks of a day, so many times, what was not posted as
// it is.
func (w owner) adjust(tx Tx, at time.Time, moves movesOf, times int64) error {
	for _, mchID := range w.members() {
		if err := adjust(tx, mchID, at, moves(mchID), times); err != nil {
			return err
		}
	}
	return nil
}

// moves are those of a transfer that has succeeded.
func (t transfer) moves() []move {
	return []move{{at: t.Changed, account: accountOperation, name: "商家转账", kind: "商家转账", amount: -t.Amount,
		number: t.TransferBillNo, voucher: t.OutBillNo, by: byAPI(t.MchID), remark: t.Remark}}
}

func (t transfer) post(tx Tx) error {
	return post(tx, t.MchID, posting{t.Changed, transferBucket, orderKey(t.MchID, t.OutBillNo)}, t.moves())
}
