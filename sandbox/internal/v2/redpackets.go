package v2

import (
	"strconv"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// redPackets returns the handlers of red packets for one user and for a group.
// Only APIv2 has them.
//
// https://pay.weixin.qq.com/wiki/doc/api/tools/cash_coupon.php?chapter=13_4 (to
// a user), …?chapter=13_5 (to a group), …?chapter=13_6 (query)
func redPackets() map[string]handler {
	return map[string]handler{
		"POST v2/mmpaymkttransfers/sendredpack":      {handle: func(c *call) (map[string]any, error) { return c.sendRedPacket(false) }},
		"POST v2/mmpaymkttransfers/sendgroupredpack": {handle: func(c *call) (map[string]any, error) { return c.sendRedPacket(true) }},
		"POST v2/mmpaymkttransfers/gethbinfo":        {handle: queryRedPacket, reads: true},
	}
}

// sendRedPacket accepts a red packet. Repeating the number sends no second one.
func (c *call) sendRedPacket(group bool) (map[string]any, error) {
	made, err := c.newRedPacket(group)
	if err != nil {
		return nil, err
	}
	p, err := c.SendRedPacket(made, c.fields["scene_id"])
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"mch_billno": p.MchBillNo, "wxappid": c.fields["wxappid"], "re_openid": p.OpenID,
		"total_amount": digits(p.Amount), "send_listid": p.SendListID,
	}, nil
}

// newRedPacket reads a red packet from the fields.
func (c *call) newRedPacket(group bool) (*money.RedPacket, error) {
	if _, err := c.owner(); err != nil {
		return nil, err
	}
	p := &money.RedPacket{
		MchID: c.merchant.MchID, MchBillNo: c.fields["mch_billno"], OpenID: c.fields["re_openid"], Group: group,
		Wishing: c.fields["wishing"], Remark: c.fields["remark"], ActName: c.fields["act_name"],
	}
	var err error
	if p.Amount, err = c.fen("total_amount"); err != nil {
		return nil, err
	}
	if p.Num, err = strconv.Atoi(c.fields["total_num"]); err != nil {
		return nil, wire.BadField("total_num", c.fields["total_num"], "a number is wanted")
	}
	kind := "red packet"
	if group {
		kind = "group red packet"
	}
	p.Fingerprint, err = c.fingerprint(kind)
	return p, err
}

func queryRedPacket(c *call) (map[string]any, error) {
	p, err := c.RedPacket(c.merchant.MchID, c.fields["mch_billno"])
	if err != nil {
		return nil, err
	}
	state := p.StateAt(c.Now)
	fields := map[string]any{
		"mch_billno": p.MchBillNo, "detail_id": p.SendListID, "status": string(state), "send_type": "API", "hb_type": "NORMAL",
		"total_num": digits(p.Num), "total_amount": digits(p.Amount), "send_time": beijing.DateTime(p.Sent),
		"wishing": p.Wishing, "remark": p.Remark, "act_name": p.ActName,
	}
	if p.Group {
		fields["hb_type"] = "GROUP"
	}
	if state == money.RedPacketRefunded {
		fields["refund_time"], fields["refund_amount"] = beijing.DateTime(p.End()), digits(p.Left())
	}
	var opened []any
	for _, portion := range p.Opened {
		opened = append(opened, map[string]any{"openid": portion.OpenID, "amount": digits(portion.Amount), "rcv_time": beijing.DateTime(portion.Time)})
	}
	if opened != nil {
		fields["hblist"] = map[string]any{"hbinfo": opened}
	}
	return fields, nil
}
