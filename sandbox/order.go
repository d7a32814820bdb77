package sandbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// The trade states of an order.
const (
	stateNotPay  = "NOTPAY"
	stateSuccess = "SUCCESS"
	stateRefund  = "REFUND"
	stateClosed  = "CLOSED"
	stateFailed  = "PAYERROR"
)

var stateTexts = map[string]string{
	stateNotPay: "订单未支付", stateSuccess: "支付成功", stateRefund: "转入退款", stateClosed: "订单已关闭", stateFailed: "支付失败",
}

// An order is what a merchant wants to be paid. Amounts are in fen.
type order struct {
	AppID       string    `json:"appid"`
	MchID       string    `json:"mchid"`
	OutTradeNo  string    `json:"out_trade_no"`
	TradeType   string    `json:"trade_type"`
	Attach      string    `json:"attach,omitempty"`
	NotifyURL   string    `json:"notify_url"`
	OpenID      string    `json:"openid,omitempty"` // of who pays
	Total       int64     `json:"total"`
	Expire      time.Time `json:"expire,omitzero"` // the user cannot pay from then on
	Fingerprint string    `json:"fingerprint"`     // of the parameters
	PrepayID    string    `json:"prepay_id"`

	ProfitSharing bool  `json:"profit_sharing,omitempty"` // as it was ordered
	Shared        int64 `json:"shared,omitempty"`         // with receivers, or about to be
	Shares        int   `json:"shares,omitempty"`         // how many times
	Unfrozen      bool  `json:"unfrozen,omitempty"`       // the rest is the merchant's

	State         string    `json:"state"`
	TransactionID string    `json:"transaction_id,omitempty"`
	Paid          time.Time `json:"paid,omitzero"`
	Refunded      int64     `json:"refunded,omitempty"` // or about to be
	Refunds       int       `json:"refunds,omitempty"`  // how many
}

const (
	orders       = "order"       // by mchid/out_trade_no
	transactions = "transaction" // the key of the order, by transaction_id
)

func orderKey(mchID, outTradeNo string) string { return mchID + "/" + outTradeNo }

func (o *order) key() string { return orderKey(o.MchID, o.OutTradeNo) }

func (o *order) save(tx Tx) error { return save(tx, orders, o.key(), o) }

var errNoOrder = &refusal{Status: http.StatusNotFound, Code: "ORDER_NOT_EXIST", Message: "there is no such order of this merchant"}

// loadOrder returns the order of a merchant's number.
func loadOrder(tx Tx, mchID, outTradeNo string) (*order, error) {
	o, found, err := load[order](tx, orders, orderKey(mchID, outTradeNo))
	if err == nil && !found {
		err = errNoOrder
	}
	return &o, err
}

// loadTransaction returns the order of a merchant that was paid as
// transactionID.
func loadTransaction(tx Tx, mchID, transactionID string) (*order, error) {
	key, found, err := load[string](tx, transactions, transactionID)
	if err != nil {
		return nil, err
	}
	o, foundOrder, err := load[order](tx, orders, key)
	if err == nil && (!found || !foundOrder || o.MchID != mchID) {
		err = errNoOrder
	}
	return &o, err
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
	text, err := encode([]any{kind, v}) // maps are written sorted
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Pay pays an order as its user does, in full, and returns the transaction_id.
// It is an error that the order does not exist, is paid or closed already, or
// that its time_expire has passed.
func (s *Server) Pay(mchID, outTradeNo string) (transactionID string, err error) {
	var paid order
	err = s.store.Update(func(tx Tx) error {
		o, err := loadOrder(tx, mchID, outTradeNo)
		if err != nil {
			return err
		}
		now := s.clock()
		switch {
		case o.State != stateNotPay:
			return fmt.Errorf("it is %s, not %s", o.State, stateNotPay)
		case !o.Expire.IsZero() && !now.Before(o.Expire):
			return fmt.Errorf("its time_expire was %s", beijing(o.Expire))
		}
		c := &call{Server: s, tx: tx, now: now}
		n, err := c.number("transaction_id")
		if err != nil {
			return err
		}
		transactionID = fmt.Sprintf("4200%06d%s%s", s.seed%1_000_000, day(now), n)
		o.State, o.TransactionID, o.Paid = stateSuccess, transactionID, now
		if o.OpenID == "" {
			o.OpenID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
		}
		if err := save(tx, transactions, transactionID, o.key()); err != nil {
			return err
		}
		paid = *o
		return o.save(tx)
	})
	if err != nil {
		return "", fmt.Errorf("sandbox: paying order %q of merchant %q: %w", outTradeNo, mchID, err)
	}
	s.notify(mchID, paid.NotifyURL, paid.paymentEvent())
	return transactionID, nil
}

// Expire makes this instant the time_expire of an order that is not paid: the
// user cannot pay it any more. As on the platform the order stays NOTPAY until
// the merchant closes it.
func (s *Server) Expire(mchID, outTradeNo string) error {
	return s.changeUnpaid("expiring", mchID, outTradeNo, func(o *order) { o.Expire = s.clock() })
}

// changeUnpaid does something to an order that is not paid.
func (s *Server) changeUnpaid(doing, mchID, outTradeNo string, change func(*order)) error {
	err := s.store.Update(func(tx Tx) error {
		o, err := loadOrder(tx, mchID, outTradeNo)
		if err != nil {
			return err
		}
		if o.State != stateNotPay {
			return fmt.Errorf("it is %s, not %s", o.State, stateNotPay)
		}
		change(o)
		return o.save(tx)
	})
	if err != nil {
		return fmt.Errorf("sandbox: %s order %q of merchant %q: %w", doing, outTradeNo, mchID, err)
	}
	return nil
}
