package v3

import (
	"cmp"
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// ecommerceSharing returns the handlers of the profit sharing of e-commerce
// platforms: a platform shares the orders of its sub-merchants with receivers of
// its own. The rules are those of other profit sharing.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012691594 (share),
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_4_3.shtml (return),
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_4_7.shtml (receivers)
func ecommerceSharing() map[string]handler {
	const path = "v3/ecommerce/profitsharing/"
	return map[string]handler{
		"POST " + path + "receivers/add":                  addPlatformReceiver,
		"POST " + path + "receivers/delete":               deletePlatformReceiver,
		"POST " + path + "orders":                         applyPlatformShare,
		"GET " + path + "orders":                          queryPlatformShare,
		"GET " + path + "orders/{transaction_id}/amounts": queryPlatformUnshared,
		"POST " + path + "finish-order":                   finishPlatformOrder,
		"POST " + path + "returnorders":                   applyPlatformReturn,
		"GET " + path + "returnorders":                    queryPlatformReturn,
	}
}

// A receiverAnswer is a receiver of a platform as the platform shows it.
type receiverAnswer struct {
	Type    string `json:"type"`
	Account string `json:"account"`
}

func addPlatformReceiver(c *call) (int, any, error) {
	r := money.Receiver{Type: c.text("type"), Account: c.text("account"), RelationType: c.text("relation_type")}
	return http.StatusOK, receiverAnswer{r.Type, r.Account}, c.AddReceiver(c.merchant.MchID, r, c.appIDs())
}

func deletePlatformReceiver(c *call) (int, any, error) {
	r := money.Receiver{Type: c.text("type"), Account: c.text("account")}
	return http.StatusOK, receiverAnswer{r.Type, r.Account}, c.DeleteReceiver(c.merchant.MchID, r, c.appIDs())
}

// checkSubNamed refuses the number of a sub-merchant that the platform does not
// act for.
func (c *call) checkSubNamed() error {
	return c.Parties.CheckSub(money.Owner{MchID: c.merchant.MchID, SubMchID: c.named("sub_mchid")}, "")
}

// newPlatformSharing reads the numbers of a sharing from the body.
func (c *call) newPlatformSharing(kind string) (money.Sharing, error) {
	if err := c.checkSubNamed(); err != nil {
		return money.Sharing{}, err
	}
	s, err := c.newSharing("ecommerce " + kind)
	s.Platform = true
	return s, err
}

// applyPlatformShare shares an order. Repeating the number shares nothing more.
func applyPlatformShare(c *call) (int, any, error) {
	numbers, err := c.newPlatformSharing("share")
	if err != nil {
		return 0, nil, err
	}
	made := money.Share{Sharing: numbers, AppIDs: c.appIDs(), Unfreeze: c.body.Get("finish").Bool()}
	for _, v := range c.body.Get("receivers").Array() {
		made.Parts = append(made.Parts, money.Part{Type: v.Get("type").String(), Account: cmp.Or(v.Get("receiver_account").String(), v.Get("receiver_mchid").String()),
			Amount: v.Get("amount").Int(), Description: v.Get("description").String()})
	}
	s, err := c.Share(c.merchant.MchID, made)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.platformSharing(s), nil
}

// finishPlatformOrder gives the sub-merchant the rest of an order.
//
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-profit-sharing/orders/finish-order.html
func finishPlatformOrder(c *call) (int, any, error) {
	numbers, err := c.newPlatformSharing("finish")
	if err != nil {
		return 0, nil, err
	}
	s, err := c.Unfreeze(c.merchant.MchID, numbers, c.text("description"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, platformSharingAnswer{SubMchID: s.SubMchID, TransactionID: s.TransactionID, OutOrderNo: s.OutOrderNo, OrderID: s.OrderID}, nil
}

func queryPlatformShare(c *call) (int, any, error) {
	if err := c.checkSubNamed(); err != nil {
		return 0, nil, err
	}
	s, err := c.Sharing(c.merchant.MchID, c.query.Get("out_order_no"), c.query.Get("transaction_id"))
	if err == nil && s.SubMchID != c.query.Get("sub_mchid") {
		err = money.ErrNoSharing
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.platformSharing(s), nil
}

func queryPlatformUnshared(c *call) (int, any, error) {
	o, err := c.PlatformOrder(c.merchant.MchID, c.vars["transaction_id"])
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, unsplitAnswer{o.TransactionID, o.Unsplit(c.Now)}, nil
}

// applyPlatformReturn takes back what a merchant received. Repeating the number
// takes nothing more.
func applyPlatformReturn(c *call) (int, any, error) {
	if err := c.checkSubNamed(); err != nil {
		return 0, nil, err
	}
	print, err := c.fingerprint("ecommerce return")
	if err != nil {
		return 0, nil, err
	}
	g, err := c.ReturnSharing(c.merchant.MchID, money.SharingReturn{
		SubMchID: c.text("sub_mchid"), OrderID: c.text("order_id"), OutOrderNo: c.text("out_order_no"), OutReturnNo: c.text("out_return_no"),
		ReturnMchID: c.text("return_mchid"), Amount: c.body.Get("amount").Int(), Description: c.text("description"), Fingerprint: print,
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, platformReturnOf(g), nil
}

func queryPlatformReturn(c *call) (int, any, error) {
	if err := c.checkSubNamed(); err != nil {
		return 0, nil, err
	}
	g, err := c.SharingReturn(c.merchant.MchID, money.SharingReturn{
		SubMchID: c.query.Get("sub_mchid"), OrderID: c.query.Get("order_id"), OutOrderNo: c.query.Get("out_order_no"), OutReturnNo: c.query.Get("out_return_no"),
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, platformReturnOf(g), nil
}

// A platformSharingAnswer is a sharing of an e-commerce platform.
type platformSharingAnswer struct {
	SubMchID      string         `json:"sub_mchid"`
	TransactionID string         `json:"transaction_id"`
	OutOrderNo    string         `json:"out_order_no"`
	OrderID       string         `json:"order_id"`
	Status        string         `json:"status,omitempty"`
	Receivers     []platformPart `json:"receivers,omitempty"`

	FinishAmount      int64  `json:"finish_amount,omitempty"`
	FinishDescription string `json:"finish_description,omitempty"`
}

type platformPart struct {
	MchID       string `json:"receiver_mchid,omitempty"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	Result      string `json:"result"`
	FinishTime  string `json:"finish_time"`
	FailReason  string `json:"fail_reason,omitempty"`
	Type        string `json:"type"`
	Account     string `json:"receiver_account"`
	DetailID    string `json:"detail_id"`
}

// platformSharing returns a sharing as it is now. One that finishes an order has
// no receivers.
func (c *call) platformSharing(s *money.Sharing) platformSharingAnswer {
	a := platformSharingAnswer{SubMchID: s.SubMchID, TransactionID: s.TransactionID, OutOrderNo: s.OutOrderNo, OrderID: s.OrderID, Status: sharingState(s, c.Now)}
	for _, p := range s.Parts {
		if s.Ends {
			a.FinishAmount, a.FinishDescription = p.Amount, p.Description
			continue
		}
		part := platformPart{Amount: p.Amount, Description: p.Description, FinishTime: finishTime(s.Created, c.Now), Type: p.Type, Account: p.Account, DetailID: p.DetailID}
		if p.Type == money.ReceiverMerchant {
			part.MchID = p.Account
		}
		part.Result, part.FailReason = partResult(s, p, c.Now)
		a.Receivers = append(a.Receivers, part)
	}
	return a
}

// A platformReturn is a return to a sub-merchant of an e-commerce platform.
type platformReturn struct {
	SubMchID    string `json:"sub_mchid"`
	OrderID     string `json:"order_id"`
	OutOrderNo  string `json:"out_order_no"`
	OutReturnNo string `json:"out_return_no"`
	ReturnMchID string `json:"return_mchid"`
	Amount      int64  `json:"amount"`
	ReturnNo    string `json:"return_no"`
	Result      string `json:"result"`
	FailReason  string `json:"fail_reason,omitempty"`
	FinishTime  string `json:"finish_time"`
}

func platformReturnOf(g *money.SharingReturn) platformReturn {
	a := platformReturn{g.SubMchID, g.OrderID, g.OutOrderNo, g.OutReturnNo, g.ReturnMchID, g.Amount, g.ReturnID, resultSuccess, g.FailReason, beijing.Format(g.Created)}
	if g.FailReason != "" {
		a.Result = "FAIL" // spelled like this here
	}
	return a
}
