package money

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// An OrderState is the trade state of an order.
type OrderState string

// The trade states.
const (
	OrderNotPay     OrderState = "NOTPAY"
	OrderUserPaying OrderState = "USERPAYING"
	OrderSuccess    OrderState = "SUCCESS"
	OrderRefunded   OrderState = "REFUND" // in part, or about to be
	OrderIsClosed   OrderState = "CLOSED"
	OrderRevoked    OrderState = "REVOKED"
	OrderPayError   OrderState = "PAYERROR"
)

// The trade_type of a payment by the user's code, and of one in a browser.
const (
	TradeByCode = "MICROPAY"
	TradeByH5   = "MWEB"
)

// An Order is an order of a merchant.
type Order struct {
	Owner
	SignType    string    `json:"sign_type,omitempty"` // of APIv2, which placed it; "" when APIv3 did
	AppID       string    `json:"appid,omitempty"`
	SubAppID    string    `json:"sub_appid,omitempty"`
	OutTradeNo  string    `json:"out_trade_no"`
	TradeType   string    `json:"trade_type"`
	Description string    `json:"description,omitempty"`
	Attach      string    `json:"attach,omitempty"`
	NotifyURL   string    `json:"notify_url,omitempty"`
	OpenID      string    `json:"openid,omitempty"` // of who pays
	SubOpenID   string    `json:"sub_openid,omitempty"`
	AnyUser     bool      `json:"any_user,omitempty"` // it named no user when it was paid: OpenID is made up
	Total       int64     `json:"total"`
	Expire      time.Time `json:"expire,omitzero"` // the user cannot pay from then on
	Fingerprint string    `json:"fingerprint"`     // of the parameters
	Placed      time.Time `json:"placed,omitzero"`
	Combined    string    `json:"combined,omitempty"` // the number of the combined order that it is part of

	ProfitSharing bool  `json:"profit_sharing,omitempty"` // as it was ordered
	Shared        int64 `json:"shared,omitempty"`         // with receivers, or about to be
	Shares        int   `json:"shares,omitempty"`         // how many times
	SharedOut     int64 `json:"shared_out,omitempty"`     // with others than the payee, and not returned
	Unfrozen      bool  `json:"unfrozen,omitempty"`       // the rest is the merchant's
	Platform      bool  `json:"platform,omitempty"`       // an e-commerce platform shares it
	Frozen        Hold  `json:"frozen,omitzero"`          // what can be shared

	State         OrderState `json:"state"` // see StateAt
	TransactionID string     `json:"transaction_id,omitempty"`
	Paid          time.Time  `json:"paid,omitzero"`
	Reversed      time.Time  `json:"reversed,omitzero"`
	Closed        time.Time  `json:"closed,omitzero"`    // by the merchant
	Failed        time.Time  `json:"failed,omitzero"`    // the latest payment that failed
	Refunded      int64      `json:"refunded,omitempty"` // or about to be
	Refunds       int        `json:"refunds,omitempty"`  // how many
	LastRefund    time.Time  `json:"last_refund,omitzero"`
	BankType      string     `json:"bank_type,omitempty"` // see Bank

	Discounts []Discount `json:"discounts,omitempty"`

	Prepay
}

const (
	orders       = "order"       // by owner and out_trade_no
	transactions = "transaction" // the key of the order, by transaction_id
)

// Key returns the unique key of the order in the store.
func (o *Order) Key() string { return o.Owner.key(o.OutTradeNo) }

func (o *Order) save(tx store.Tx) error { return store.Save(tx, orders, o.Key(), o) }

// StateAt returns the state at an instant. A user has limited time to enter the
// password, and to pay at all.
func (o *Order) StateAt(now time.Time) OrderState {
	if o.State == OrderNotPay && o.isOver(now) {
		return OrderIsClosed
	}
	if o.State == OrderUserPaying && o.isExpired(now) {
		return OrderPayError
	}
	return o.State
}

// IsPaid reports whether the order was ever paid.
func (o *Order) IsPaid() bool { return o.TransactionID != "" }

// Order returns the order of an owner's number.
func (l *Ledger) Order(w Owner, outTradeNo string) (*Order, error) {
	o, err := l.orderAt(w.key(outTradeNo))
	if err == nil && o.Owner != w { // a number with a slash in it can be the key of another owner's
		err = ErrNoOrder
	}
	return o, err
}

// orderAt returns the order under a key.
func (l *Ledger) orderAt(key string) (*Order, error) {
	o, found, err := store.Load[Order](l.Tx, orders, key)
	if err == nil && !found {
		err = ErrNoOrder
	}
	return &o, err
}

// PaidOrder returns the order that was paid as transactionID, whoever owns it.
func (l *Ledger) PaidOrder(transactionID string) (*Order, error) {
	key, found, err := store.Load[string](l.Tx, transactions, transactionID)
	if err == nil && !found {
		err = ErrNoOrder
	}
	if err != nil {
		return nil, err
	}
	return l.orderAt(key)
}

// EitherOrder returns the order of an owner by either number. One of them may be
// empty; two numbers must belong to the same order.
func (l *Ledger) EitherOrder(w Owner, transactionID, outTradeNo string) (*Order, error) {
	if transactionID == "" {
		return l.Order(w, outTradeNo)
	}
	o, err := l.PaidOrder(transactionID)
	switch {
	case err != nil:
		return nil, err
	case o.Owner != w:
		return nil, ErrNoOrder
	case outTradeNo != "" && o.OutTradeNo != outTradeNo:
		return nil, BadField("out_trade_no", outTradeNo, "it is not that of transaction_id")
	}
	return o, nil
}

// SingleOrder returns an order by either number, as EitherOrder does, unless it is
// part of a combined one: queries find that only as a whole.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012557006
func (l *Ledger) SingleOrder(w Owner, transactionID, outTradeNo string) (*Order, error) {
	o, err := l.EitherOrder(w, transactionID, outTradeNo)
	if err == nil && o.Combined != "" {
		return nil, ErrNoOrder
	}
	return o, err
}

// Text returns the platform's Chinese text for a state.
func (s OrderState) Text() string {
	switch s {
	case OrderNotPay:
		return "订单未支付"
	case OrderUserPaying:
		return "需要用户输入支付密码"
	case OrderSuccess:
		return "支付成功"
	case OrderRefunded:
		return "转入退款"
	case OrderIsClosed:
		return "订单已关闭"
	case OrderRevoked:
		return "订单已撤销"
	case OrderPayError:
		return "支付失败"
	}
	return ""
}
