package v3

import (
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// A combinedAnswer is a combined order as queries and notifications show it.
type combinedAnswer struct {
	AppID         string               `json:"combine_appid"`
	MchID         string               `json:"combine_mchid"`
	OutTradeNo    string               `json:"combine_out_trade_no"`
	TransactionID string               `json:"combine_transaction_id"` // empty before it is paid
	Scene         *combinedScene       `json:"scene_info,omitempty"`
	Orders        []combinedPartAnswer `json:"sub_orders"`
	Payer         *payer               `json:"combine_payer_info,omitempty"`
	Scenario      string               `json:"trade_scenario,omitempty"`
}

type combinedScene struct {
	DeviceID string `json:"device_id"`
}

type combinedPartAnswer struct {
	MchID         string           `json:"mchid"`
	SubMchID      string           `json:"sub_mchid,omitempty"`
	SubAppID      string           `json:"sub_appid,omitempty"`
	SubOpenID     string           `json:"sub_openid,omitempty"`
	AuthID        string           `json:"individual_auth_id,omitempty"`
	Name          string           `json:"individual_name,omitempty"`
	OutTradeNo    string           `json:"out_trade_no"`
	TransactionID string           `json:"transaction_id,omitempty"`
	TradeType     string           `json:"trade_type"`
	TradeState    money.OrderState `json:"trade_state"`
	BankType      string           `json:"bank_type,omitempty"`
	Attach        string           `json:"attach,omitempty"`
	SuccessTime   string           `json:"success_time,omitempty"`
	Amount        combinedAmount   `json:"amount"`
	Promotions    []promotion      `json:"promotion_detail,omitempty"`
}

type combinedAmount struct {
	Total         int64  `json:"total_amount"`
	Payer         int64  `json:"payer_amount"` // 0 before it is paid
	Currency      string `json:"currency"`
	PayerCurrency string `json:"payer_currency"`
}

func combinedAnswerOf(k *money.Combined, parts []*money.Order, now time.Time) combinedAnswer {
	a := combinedAnswer{AppID: k.AppID, MchID: k.MchID, OutTradeNo: k.OutTradeNo, TransactionID: k.TransactionID, Scenario: k.Scenario}
	if k.DeviceID != "" {
		a.Scene = &combinedScene{k.DeviceID}
	}
	for i, o := range parts {
		t := transactionOf(o, now)
		a.Orders = append(a.Orders, combinedPartAnswer{
			MchID: o.MchID, SubMchID: o.SubMchID, SubAppID: o.SubAppID, SubOpenID: o.SubOpenID,
			AuthID: k.Parts[i].AuthID, Name: k.Parts[i].Name,
			OutTradeNo: o.OutTradeNo, TransactionID: t.TransactionID, TradeType: o.TradeType, TradeState: t.TradeState,
			BankType: t.BankType, Attach: o.Attach, SuccessTime: t.SuccessTime,
			Amount: combinedAmount{t.Amount.Total, t.Amount.PayerTotal, "CNY", "CNY"}, Promotions: t.Promotions,
		})
		if o.IsPaid() {
			a.Payer = &payer{OpenID: o.OpenID}
		}
	}
	return a
}
