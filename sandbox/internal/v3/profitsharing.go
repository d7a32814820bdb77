package v3

import (
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// profitSharing returns the handlers of profit sharing: others receive parts of
// what an order was paid, and can give them back.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012524936 (share),
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102 (rules)
func profitSharing() map[string]handler {
	return map[string]handler{
		"POST v3/profitsharing/receivers/add":                        addReceiver,
		"POST v3/profitsharing/receivers/delete":                     deleteReceiver,
		"POST v3/profitsharing/orders":                               applyShare,
		"POST v3/profitsharing/orders/unfreeze":                      unfreeze,
		"GET v3/profitsharing/orders/{out_order_no}":                 queryShare,
		"GET v3/profitsharing/transactions/{transaction_id}/amounts": queryUnshared,
		"POST v3/profitsharing/return-orders":                        applyReturn,
		"GET v3/profitsharing/return-orders/{out_return_no}":         queryReturn,
		"GET v3/profitsharing/merchant-configs/{sub_mchid}":          queryRatio,
	}
}

// newReceiver reads a receiver from the body.
func (c *call) newReceiver() money.Receiver {
	return money.Receiver{SubMchID: c.text("sub_mchid"), Type: c.text("type"), Account: c.text("account")}
}

// appIDs returns the apps whose openids name users in the body.
func (c *call) appIDs() [2]string { return [2]string{c.text("appid"), c.text("sub_appid")} }

func addReceiver(c *call) (int, any, error) {
	r := c.newReceiver()
	r.RelationType, r.CustomRelation = c.text("relation_type"), c.text("custom_relation")
	return http.StatusOK, r, c.AddReceiver(c.merchant.MchID, r, c.appIDs())
}

func deleteReceiver(c *call) (int, any, error) {
	r := c.newReceiver()
	return http.StatusOK, r, c.DeleteReceiver(c.merchant.MchID, r, c.appIDs())
}

// newSharing reads the numbers of a sharing from the body.
func (c *call) newSharing(kind string) (s money.Sharing, err error) {
	s = money.Sharing{SubMchID: c.text("sub_mchid"), NotifyURL: c.text("notify_url"), OutOrderNo: c.text("out_order_no"), TransactionID: c.text("transaction_id")}
	s.Fingerprint, err = c.fingerprint(kind)
	return s, err
}

// applyShare shares an order. Repeating the number shares nothing more.
func applyShare(c *call) (int, any, error) {
	numbers, err := c.newSharing("share")
	if err != nil {
		return 0, nil, err
	}
	made := money.Share{Sharing: numbers, AppIDs: c.appIDs(), Unfreeze: c.body.Get("unfreeze_unsplit").Bool()}
	for _, v := range c.body.Get("receivers").Array() {
		made.Parts = append(made.Parts, money.Part{Type: v.Get("type").String(), Account: v.Get("account").String(),
			Amount: v.Get("amount").Int(), Description: v.Get("description").String()})
	}
	s, err := c.Share(c.merchant.MchID, made)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, sharingAnswerOf(s, c.Now), nil
}

// unfreeze gives the merchant the rest of an order.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012526374
func unfreeze(c *call) (int, any, error) {
	numbers, err := c.newSharing("unfreeze")
	if err != nil {
		return 0, nil, err
	}
	s, err := c.Unfreeze(c.merchant.MchID, numbers, c.text("description"))
	if err != nil {
		return 0, nil, err
	}
	a := sharingAnswerOf(s, c.Now)
	a.Receivers = nil // documented to have a fail_reason here, but nothing fails
	return http.StatusOK, a, nil
}

func queryShare(c *call) (int, any, error) {
	s, err := c.Sharing(c.merchant.MchID, c.vars["out_order_no"], c.query.Get("transaction_id"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, sharingAnswerOf(s, c.Now), nil
}

// An unsplitAnswer is the amount of an order that can still be shared.
type unsplitAnswer struct {
	TransactionID string `json:"transaction_id"`
	UnsplitAmount int64  `json:"unsplit_amount"`
}

func queryUnshared(c *call) (int, any, error) {
	o, err := c.SharedOrder(c.merchant.MchID, c.vars["transaction_id"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, unsplitAnswer{o.TransactionID, o.Unsplit(c.Now)}, nil
}

// applyReturn takes back what a merchant received. Repeating the number takes
// nothing more.
func applyReturn(c *call) (int, any, error) {
	print, err := c.fingerprint("return")
	if err != nil {
		return 0, nil, err
	}
	g, err := c.ReturnSharing(c.merchant.MchID, money.SharingReturn{
		OrderID: c.text("order_id"), OutOrderNo: c.text("out_order_no"), OutReturnNo: c.text("out_return_no"),
		ReturnMchID: c.text("return_mchid"), Amount: c.body.Get("amount").Int(), Description: c.text("description"), Fingerprint: print,
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, returnAnswerOf(g), nil
}

func queryReturn(c *call) (int, any, error) {
	g, err := c.SharingReturn(c.merchant.MchID, money.SharingReturn{OutReturnNo: c.vars["out_return_no"], OutOrderNo: c.query.Get("out_order_no")})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, returnAnswerOf(g), nil
}

// A ratioAnswer is how much of each order of a sub-merchant can be shared with
// others, in ten-thousandths.
type ratioAnswer struct {
	SubMchID string `json:"sub_mchid"`
	MaxRatio int64  `json:"max_ratio"`
}

// queryRatio answers with the highest ratio of a sub-merchant.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3_partner/apis/chapter8_1_7.shtml
func queryRatio(c *call) (int, any, error) {
	sub := c.vars["sub_mchid"]
	return http.StatusOK, ratioAnswer{sub, c.Terms.SharingRatio}, c.Parties.CheckSub(money.Owner{MchID: c.merchant.MchID, SubMchID: sub}, "")
}

// The results of sharing a part and of taking one back.
const (
	resultPending = "PENDING"
	resultSuccess = "SUCCESS"
	resultClosed  = "CLOSED"
	resultFailed  = "FAILED"
)

// finishTime returns when a sharing finishes, as the platform writes it. Before that it returns the epoch, because the field is never left out.
func finishTime(created, now time.Time) string {
	at, ok := money.FinishedBy(created, now)
	if !ok {
		at = time.Unix(0, 0)
	}
	return beijing.Format(at)
}

// A sharingAnswer is a sharing as the platform shows it.
type sharingAnswer struct {
	SubMchID      string       `json:"sub_mchid,omitempty"`
	TransactionID string       `json:"transaction_id"`
	OutOrderNo    string       `json:"out_order_no"`
	OrderID       string       `json:"order_id"`
	State         string       `json:"state"`
	Receivers     []partAnswer `json:"receivers,omitempty"`
}

type partAnswer struct {
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Account     string `json:"account"`
	Result      string `json:"result"`
	DetailID    string `json:"detail_id"`
	CreateTime  string `json:"create_time"`
	FinishTime  string `json:"finish_time"`
	FailReason  string `json:"fail_reason,omitempty"`
}

func sharingAnswerOf(s *money.Sharing, now time.Time) sharingAnswer {
	a := sharingAnswer{SubMchID: s.SubMchID, TransactionID: s.TransactionID, OutOrderNo: s.OutOrderNo, OrderID: s.OrderID, State: sharingState(s, now)}
	for _, p := range s.Parts {
		part := partAnswer{Amount: p.Amount, Description: p.Description, Type: p.Type, Account: p.Account,
			DetailID: p.DetailID, CreateTime: beijing.Format(s.Created), FinishTime: finishTime(s.Created, now)}
		part.Result, part.FailReason = partResult(s, p, now)
		a.Receivers = append(a.Receivers, part)
	}
	return a
}

func sharingState(s *money.Sharing, now time.Time) string {
	if _, ok := money.FinishedBy(s.Created, now); ok {
		return "FINISHED"
	}
	return "PROCESSING"
}

// partResult returns the result of a part and, if it is CLOSED, why.
func partResult(s *money.Sharing, p money.Part, now time.Time) (result, failReason string) {
	if _, ok := money.FinishedBy(s.Created, now); !ok {
		return resultPending, ""
	}
	if p.FailReason != "" {
		return resultClosed, p.FailReason
	}
	return resultSuccess, ""
}

// A returnAnswer is a return from a receiver, as the platform shows it.
type returnAnswer struct {
	SubMchID    string `json:"sub_mchid,omitempty"`
	OrderID     string `json:"order_id"`
	OutOrderNo  string `json:"out_order_no"`
	OutReturnNo string `json:"out_return_no"`
	ReturnID    string `json:"return_id"`
	ReturnMchID string `json:"return_mchid"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	Result      string `json:"result"`
	CreateTime  string `json:"create_time"`
	FinishTime  string `json:"finish_time"`
	FailReason  string `json:"fail_reason,omitempty"`
}

func returnAnswerOf(g *money.SharingReturn) returnAnswer {
	a := returnAnswer{
		SubMchID: g.SubMchID, OrderID: g.OrderID, OutOrderNo: g.OutOrderNo, OutReturnNo: g.OutReturnNo, ReturnID: g.ReturnID,
		ReturnMchID: g.ReturnMchID, Amount: g.Amount, Description: g.Description,
		Result: resultSuccess, CreateTime: beijing.Format(g.Created), FinishTime: beijing.Format(g.Created), FailReason: g.FailReason,
	}
	if g.FailReason != "" {
		a.Result = resultFailed
	}
	return a
}
