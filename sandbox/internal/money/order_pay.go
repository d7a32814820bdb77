package money

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// somebody is the openid of the payer of an order that names no user.
const somebody = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"

// A Payment is how a user pays.
type Payment struct {
	OpenID            string     // of the user, for an order that names none
	BankType          string     // "" is that of the balance
	CouponIDs         []string   // of the coupons that the user uses
	SubOrderCouponIDs [][]string // of those for each order of a combined order
}

// The bank_type of what is not paid by a bank card, such as the balance (零钱).
const noBank = "OTHERS"

// bankType matches the bank_type of answers: the short name of a bank, and the kind
// of card or wallet.
//
// https://pay.weixin.qq.com/doc/v2/merchant/4011941162
var bankType = regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*$`)

// maxBankType is the longest bank_type of APIv3 and APIv2.
const maxBankType = 32

func (p Payment) check() error {
	if p.BankType != "" && (len(p.BankType) > maxBankType || !bankType.MatchString(p.BankType)) {
		return BadField("bank_type", p.BankType, fmt.Sprintf("a bank_type such as ICBC_DEBIT, CMB_CREDIT or %s is wanted", noBank))
	}
	return nil
}

// Bank returns the bank_type of a paid order.
func (o *Order) Bank() string { return cmp.Or(o.BankType, noBank) }

// bankNames are the names of some banks, by the first part of their bank_type.
var bankNames = map[string]string{
	"ICBC": "工商银行", "ABC": "农业银行", "BOC": "中国银行", "CCB": "建设银行", "COMM": "交通银行", "PSBC": "邮储银行", "CMB": "招商银行",
	"CITIC": "中信银行", "CEB": "光大银行", "CMBC": "民生银行", "CIB": "兴业银行", "SPDB": "浦发银行", "PAB": "平安银行", "GDB": "广发银行",
	"HXB": "华夏银行", "BOB": "北京银行", "BOSH": "上海银行", "NBCB": "宁波银行",
}

// cardNames are the kinds of cards and wallets, by the end of a bank_type.
var cardNames = map[string]string{"_DEBIT": "借记卡", "_CREDIT": "信用卡", "_ECNY": "数字人民币钱包"}

// cardEnd is the end of the number of every card.
const cardEnd = "0403"

// receivedAt returns where the money of a refund arrives that goes back to what paid.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791862
func receivedAt(bankType string) string {
	for end, name := range cardNames {
		if bank, ok := strings.CutSuffix(bankType, end); ok {
			return cmp.Or(bankNames[bank], bank) + name + cardEnd
		}
	}
	return "支付用户零钱"
}

// pay pays an order as its user does.
func (l *Ledger) pay(o *Order, by Payment) error {
	if err := l.checkPayable(o); err != nil {
		return err
	}
	if len(by.SubOrderCouponIDs) > 0 {
		return BadField("sub_order_coupon_ids", nil, "the order is not combined: name its coupons in coupon_ids")
	}
	if err := o.setPayer(by.OpenID); err != nil {
		return err
	}
	tenders, err := l.takeCoupons(nil, by.CouponIDs, o)
	if err != nil {
		return err
	}
	if err := l.markPaid(o, by.BankType); err != nil {
		return err
	}
	l.Events = append(l.Events, OrderWasPaid{o})
	return l.useTenders(tenders)
}

// setPayer makes a user pay the order, or have paid it. "" is any user.
func (o *Order) setPayer(openID string) error {
	named := o.OpenID
	if o.AnyUser {
		named = ""
	}
	switch {
	case openID == "" || openID == named || openID == o.SubOpenID:
		return nil
	case named != "" || o.SubOpenID != "":
		return fmt.Errorf("it is for the user %.128q, not for %.128q", cmp.Or(named, o.SubOpenID), openID)
	}
	o.OpenID, o.AnyUser = openID, false
	return nil
}

// checkPayable returns why an order cannot be paid.
func (l *Ledger) checkPayable(o *Order) error {
	if err := l.checkUnpaid(o); err != nil {
		return err
	}
	if o.isExpired(l.Now) {
		return fmt.Errorf("its time_expire was %s", beijing.Format(o.Expire))
	}
	return nil
}

// checkUnpaid returns why an order is not unpaid.
func (l *Ledger) checkUnpaid(o *Order) error {
	if state := o.StateAt(l.Now); state != OrderNotPay && state != OrderUserPaying {
		return fmt.Errorf("it is %s, not %s", state, OrderNotPay)
	}
	return nil
}

// markPaid marks an order as paid.
func (l *Ledger) markPaid(o *Order, bankType string) (err error) {
	if o.TransactionID, err = l.nextLongNumber("transaction_id", "4200", 6); err != nil {
		return err
	}
	o.State, o.Paid, o.BankType = OrderSuccess, l.Now, bankType
	if o.OpenID == "" {
		o.OpenID, o.AnyUser = somebody, o.Combined == "" // one user paid all orders of a combined one
	}
	if err := store.Save(l.Tx, transactions, o.TransactionID, o.Key()); err != nil {
		return err
	}
	l.Postings = append(l.Postings, Posting{At: o.Paid, Kind: PostedOrder, Key: o.Key(), MchIDs: o.members(), Moves: o.Moves()})
	if err := l.freeze(o); err != nil {
		return err
	}
	return o.save(l.Tx)
}

// Pay pays an order as its user does, or all orders of a combined order. It returns
// the transaction_id. The order is that of a merchant, or of one of its partners or
// sub-merchants.
func (l *Ledger) Pay(mchID, outTradeNo string, by Payment) (transactionID string, err error) {
	if err := by.check(); err != nil {
		return "", err
	}
	k, parts, err := l.orderToPlay(mchID, outTradeNo)
	switch {
	case err != nil:
		return "", err
	case k != nil:
		err := l.payCombined(k, parts, by)
		return k.TransactionID, err
	}
	err = l.pay(parts[0], by)
	return parts[0].TransactionID, err
}

// FailPayment makes the payment of an unpaid order fail. A payment by code fails for
// good. The users of all other orders may try again.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012791859
func (l *Ledger) FailPayment(mchID, outTradeNo string) error {
	return l.changeUnpaid(mchID, outTradeNo, func(o *Order) {
		o.Failed = l.Now
		if o.TradeType == TradeByCode {
			o.State = OrderPayError
		}
	})
}

// Expire sets the time_expire of an unpaid order to now.
func (l *Ledger) Expire(mchID, outTradeNo string) error {
	return l.changeUnpaid(mchID, outTradeNo, func(o *Order) { o.Expire = l.Now })
}

// changeUnpaid changes an unpaid order, or all orders of an unpaid combined
// order.
func (l *Ledger) changeUnpaid(mchID, outTradeNo string, change func(*Order)) error {
	_, parts, err := l.orderToPlay(mchID, outTradeNo)
	if err != nil {
		return err
	}
	for _, o := range parts {
		if err := l.checkUnpaid(o); err != nil {
			return err
		}
		change(o)
		if err := o.save(l.Tx); err != nil {
			return err
		}
	}
	return nil
}

// orderToPlay returns a combined order and its parts, or nil and a single order.
func (l *Ledger) orderToPlay(mchID, outTradeNo string) (*Combined, []*Order, error) {
	k, parts, err := l.CombinedOrder(mchID, outTradeNo)
	if err == nil || !errors.Is(err, ErrNoOrder) {
		return k, parts, err
	}
	o, err := find[Order](l, orders, mchID, outTradeNo, ErrNoOrder)
	if err == nil && o.Combined != "" {
		err = fmt.Errorf("it is part of the combined order %s", o.Combined)
	}
	return nil, []*Order{o}, err
}
