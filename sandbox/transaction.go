package sandbox

// A transaction is an order as queries show it.
type transaction struct {
	AppID         string            `json:"appid"`
	MchID         string            `json:"mchid"`
	OutTradeNo    string            `json:"out_trade_no"`
	TransactionID string            `json:"transaction_id,omitempty"`
	TradeType     string            `json:"trade_type,omitempty"`
	TradeState    string            `json:"trade_state"`
	Description   string            `json:"trade_state_desc"`
	BankType      string            `json:"bank_type,omitempty"`
	Attach        string            `json:"attach,omitempty"`
	SuccessTime   string            `json:"success_time,omitempty"`
	Payer         *payer            `json:"payer,omitempty"`
	Amount        transactionAmount `json:"amount"`
}

type payer struct {
	OpenID string `json:"openid"`
}

type transactionAmount struct {
	Total         int64  `json:"total"`
	PayerTotal    int64  `json:"payer_total,omitempty"`
	Currency      string `json:"currency"`
	PayerCurrency string `json:"payer_currency,omitempty"`
}

func (o *order) transaction() *transaction {
	t := &transaction{
		AppID: o.AppID, MchID: o.MchID, OutTradeNo: o.OutTradeNo, Attach: o.Attach,
		TradeState: o.State, Description: stateTexts[o.State],
		Amount: transactionAmount{Total: o.Total, Currency: "CNY"},
	}
	if o.TransactionID != "" {
		t.TransactionID, t.TradeType, t.BankType = o.TransactionID, o.TradeType, "OTHERS"
		t.SuccessTime = beijing(o.Paid)
		t.Payer = &payer{o.OpenID}
		t.Amount.PayerTotal, t.Amount.PayerCurrency = o.Total, "CNY"
	}
	return t
}
