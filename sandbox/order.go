package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/plainjson"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The trade states of an order.
const (
	stateNotPay     = "NOTPAY"
	stateUserPaying = "USERPAYING"
	stateSuccess    = "SUCCESS"
	stateRefund     = "REFUND"
	stateClosed     = "CLOSED"
	stateRevoked    = "REVOKED"
	stateFailed     = "PAYERROR"
)

var stateTexts = map[string]string{
	stateNotPay: "订单未支付", stateUserPaying: "需要用户输入支付密码", stateSuccess: "支付成功", stateRefund: "转入退款",
	stateClosed: "订单已关闭", stateRevoked: "订单已撤销", stateFailed: "支付失败",
}

// tradeByCode is the trade_type of a payment by the user's code.
const tradeByCode = "MICROPAY"

// An order is what a merchant wants to be paid. Amounts are in fen.
type order struct {
	owner
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
	Total       int64     `json:"total"`
	Expire      time.Time `json:"expire,omitzero"` // the user cannot pay from then on
	Fingerprint string    `json:"fingerprint"`     // of the parameters
	PrepayID    string    `json:"prepay_id,omitempty"`
	Combined    string    `json:"combined,omitempty"` // the number of the combined order that it is part of

	ProfitSharing bool  `json:"profit_sharing,omitempty"` // as it was ordered
	Shared        int64 `json:"shared,omitempty"`         // with receivers, or about to be
	Shares        int   `json:"shares,omitempty"`         // how many times
	Unfrozen      bool  `json:"unfrozen,omitempty"`       // the rest is the merchant's

	State         string    `json:"state"` // see state
	TransactionID string    `json:"transaction_id,omitempty"`
	Paid          time.Time `json:"paid,omitzero"`
	Reversed      time.Time `json:"reversed,omitzero"`
	Refunded      int64     `json:"refunded,omitempty"` // or about to be
	Refunds       int       `json:"refunds,omitempty"`  // how many

	Discounts []discount `json:"discounts,omitempty"`
}

const (
	orders       = "order"       // by owner and out_trade_no
	transactions = "transaction" // the key of the order, by transaction_id
)

func orderKey(mchID, outTradeNo string) string { return mchID + "/" + outTradeNo }

func (o *order) key() string { return o.owner.key(o.OutTradeNo) }

func (o *order) save(tx Tx) error { return store.Save(tx, orders, o.key(), o) }

// state is the state at an instant: a user has a time to enter his password.
func (o *order) state(now time.Time) string {
	if o.State == stateUserPaying && o.expired(now) {
		return stateFailed
	}
	return o.State
}

func (o *order) expired(now time.Time) bool { return !o.Expire.IsZero() && !now.Before(o.Expire) }

// loadOrder returns the order of an owner's number.
func loadOrder(tx Tx, w owner, outTradeNo string) (*order, error) {
	o, found, err := store.Load[order](tx, orders, w.key(outTradeNo))
	if err == nil && (!found || o.owner != w) { // a number with a slash in it can be the key of another owner's
		err = errNoOrder
	}
	return &o, err
}

// loadPaid returns the order that was paid as transactionID, whoever owns it.
func loadPaid(tx Tx, transactionID string) (*order, error) {
	key, found, err := store.Load[string](tx, transactions, transactionID)
	if err != nil {
		return nil, err
	}
	o, foundOrder, err := store.Load[order](tx, orders, key)
	if err == nil && (!found || !foundOrder) {
		err = errNoOrder
	}
	return &o, err
}

// loadTransaction returns the order of an owner that was paid as
// transactionID.
func loadTransaction(tx Tx, w owner, transactionID string) (*order, error) {
	o, err := loadPaid(tx, transactionID)
	if err == nil && o.owner != w {
		err = errNoOrder
	}
	return o, err
}

// loadEither returns the order of an owner by either number, of which one may
// be empty; the two must be of one order.
func loadEither(tx Tx, w owner, transactionID, outTradeNo string) (*order, error) {
	if transactionID == "" {
		return loadOrder(tx, w, outTradeNo)
	}
	o, err := loadTransaction(tx, w, transactionID)
	if err == nil && outTradeNo != "" && o.OutTradeNo != outTradeNo {
		err = badField("/out_trade_no", outTradeNo, "it is not that of transaction_id")
	}
	return o, err
}

// fingerprint tells two sets of parameters apart, whatever the order of their
// fields.
func fingerprint(kind string, body gjson.Result) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(body.Raw))
	decoder.UseNumber() // a float64 would make two large amounts one
	var v any
	if err := decoder.Decode(&v); err != nil {
		return "", err
	}
	text, err := plainjson.Encode([]any{kind, v}) // maps are written sorted
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
