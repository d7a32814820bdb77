package v3

import (
	"net/http"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// grants returns the handlers of a partner's applications to transfer the money of
// its sub-merchants. Transfers work without one, because every merchant of a
// sandbox has every product.
//
// https://pay.weixin.qq.com/doc/v3/partner/4015469102 (apply),
// https://pay.weixin.qq.com/doc/v3/partner/4015469112 (query)
func grants() map[string]handler {
	const path = "v3/fund-app/mch-transfer/partner/sub-mch-authorizations"
	return map[string]handler{"POST " + path: askGrant, "GET " + path + "/{sub_mchid}": queryGrant}
}

func askGrant(c *call) (int, any, error) {
	w, err := ofSub(c)
	if err != nil {
		return 0, nil, err
	}
	g, err := c.AskGrant(w, c.text("out_apply_no"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, c.grantAnswer(g), nil
}

func queryGrant(c *call) (int, any, error) {
	w := money.Owner{MchID: c.merchant.MchID, SubMchID: c.vars["sub_mchid"]}
	if err := c.Parties.CheckSub(w, ""); err != nil {
		return 0, nil, err
	}
	a := grantStatus{SubMchID: w.SubMchID, State: "AUTHORIZED"}
	g, found, err := c.LastGrant(w)
	if err != nil || !found {
		return http.StatusOK, a, err
	}
	apply := c.grantAnswer(g)
	a.Apply = &apply
	if apply.State == money.GrantPassed {
		a.Time = apply.UpdateTime
	}
	return http.StatusOK, a, nil
}

// A grantStatus says whether a partner may transfer the money of a sub-merchant.
type grantStatus struct {
	SubMchID string       `json:"sub_mchid"`
	State    string       `json:"state"`
	Apply    *grantAnswer `json:"apply_order,omitempty"`
	Time     string       `json:"authorization_time,omitempty"`
}

// A grantAnswer is an application as answers show it.
type grantAnswer struct {
	SubMchID   string           `json:"sub_mchid"`
	OutApplyNo string           `json:"out_apply_no"`
	State      money.GrantState `json:"state"`
	AcceptTime string           `json:"accept_time"`
	UpdateTime string           `json:"update_time"`
}

func (c *call) grantAnswer(g money.Grant) grantAnswer {
	state, since := g.StateAt(c.Now)
	return grantAnswer{g.SubMchID, g.OutApplyNo, state, beijing.Format(g.Applied), beijing.Format(since)}
}
