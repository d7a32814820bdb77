package v3

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// parties are the owner of an order and its apps, with the field names of
// merchants or of partners.
type parties struct {
	AppID    string `json:"appid,omitempty"`
	MchID    string `json:"mchid,omitempty"`
	SpAppID  string `json:"sp_appid,omitempty"`
	SpMchID  string `json:"sp_mchid,omitempty"`
	SubAppID string `json:"sub_appid,omitempty"`
	SubMchID string `json:"sub_mchid,omitempty"`
}

// ownerParties returns the numbers of an owner.
func ownerParties(w money.Owner) parties {
	if w.SubMchID == "" {
		return parties{MchID: w.MchID}
	}
	return parties{SpMchID: w.MchID, SubMchID: w.SubMchID}
}

func partiesOf(o *money.Order) parties {
	p := ownerParties(o.Owner)
	if o.SubMchID == "" {
		p.AppID = o.AppID
	} else {
		p.SpAppID, p.SubAppID = o.AppID, o.SubAppID
	}
	return p
}

// A transaction is an order as notifications show it.
type transaction struct {
	parties
	OutTradeNo    string            `json:"out_trade_no"`
	TransactionID string            `json:"transaction_id,omitempty"`
	TradeType     string            `json:"trade_type,omitempty"`
	TradeState    money.OrderState  `json:"trade_state"`
	StateText     string            `json:"trade_state_desc"`
	BankType      string            `json:"bank_type,omitempty"`
	Attach        string            `json:"attach,omitempty"`
	SuccessTime   string            `json:"success_time,omitempty"`
	Payer         *payer            `json:"payer,omitempty"`
	Amount        transactionAmount `json:"amount"`
	Promotions    []promotion       `json:"promotion_detail,omitempty"`
}

// A payer is a user, named by the openid of either form.
type payer struct {
	OpenID    string `json:"openid,omitempty"`
	SpOpenID  string `json:"sp_openid,omitempty"`
	SubOpenID string `json:"sub_openid,omitempty"`
}

func payerOf(o *money.Order) *payer {
	if o.SubMchID == "" {
		return &payer{OpenID: o.OpenID}
	}
	return &payer{SpOpenID: o.OpenID, SubOpenID: o.SubOpenID}
}

type transactionAmount struct {
	Total         int64  `json:"total"`
	PayerTotal    int64  `json:"payer_total"` // 0 before it is paid
	Currency      string `json:"currency"`
	PayerCurrency string `json:"payer_currency,omitempty"`
}

func transactionOf(o *money.Order, now time.Time) *transaction {
	state := o.StateAt(now)
	t := &transaction{
		parties: partiesOf(o), OutTradeNo: o.OutTradeNo, Attach: o.Attach,
		TradeState: state, StateText: state.Text(),
		Amount: transactionAmount{Total: o.Total, Currency: "CNY"},
	}
	if o.IsPaid() {
		t.TransactionID, t.TradeType, t.BankType = o.TransactionID, o.TradeType, o.Bank()
		t.SuccessTime = beijing.Format(o.Paid)
		t.Payer = payerOf(o)
		t.Amount.PayerTotal, t.Amount.PayerCurrency = o.PayerTotal(), "CNY"
		t.Promotions = promotionsOf(o)
	}
	return t
}

// A queriedTransaction is an order as queries show it.
type queriedTransaction struct {
	*transaction
	Description string `json:"description"`
	NotifyURL   string `json:"notify_url"`
}

func queried(o *money.Order, now time.Time) queriedTransaction {
	return queriedTransaction{transactionOf(o, now), o.Description, o.NotifyURL}
}
