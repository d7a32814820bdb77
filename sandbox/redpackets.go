package sandbox

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// redPackets are those of one user and those of a group. They are known to
// APIv2 alone.
//
// https://pay.weixin.qq.com/wiki/doc/api/tools/cash_coupon.php?chapter=13_4 (to
// a user), …?chapter=13_5 (to a group), …?chapter=13_6 (query)
func redPackets() map[string]handlerV2 {
	return map[string]handlerV2{
		"POST v2/mmpaymkttransfers/sendredpack":      {handle: func(c *callV2) (map[string]any, error) { return c.sendRedPacket(false) }},
		"POST v2/mmpaymkttransfers/sendgroupredpack": {handle: func(c *callV2) (map[string]any, error) { return c.sendRedPacket(true) }},
		"POST v2/mmpaymkttransfers/gethbinfo":        {handle: queryRedPacket, reads: true},
	}
}

// What a user may get, in fen, unless the scene of the red packet has other
// bounds, and how many a group is.
const (
	minRed, maxRed           = 1_00, 200_00
	minRedGroup, maxRedGroup = 3, 20
)

var mchBillNo = regexp.MustCompile(`^[0-9A-Za-z]{1,28}$`)

// sendRedPacket takes a red packet; the same number sends once.
func (c *callV2) sendRedPacket(group bool) (map[string]any, error) {
	made, err := c.newRedPacket(group)
	if err != nil {
		return nil, err
	}
	p, err := loadRedPacket(c.tx, made.MchID, made.MchBillNo)
	switch {
	case err == nil && p.Fingerprint != made.Fingerprint:
		return nil, &refusal{Code: "FATAL_ERROR", Message: "mch_billno was used for another red packet; repeat that request as it was, or take a new number"}
	case err == nil:
		return c.sent(p), nil
	case !errors.Is(err, errNoRedPacket):
		return nil, err
	}
	n, err := c.number("send_listid")
	if err != nil {
		return nil, err
	}
	made.SendListID = fmt.Sprintf("10000%06d%s%s", c.seed%1_000_000, beijing.Day(c.now), n)
	if err := made.post(c.tx); err != nil {
		return nil, err
	}
	return c.sent(made), made.save(c.tx)
}

// newRedPacket reads a red packet from the fields.
func (c *callV2) newRedPacket(group bool) (*redPacket, error) {
	if _, err := c.owner(); err != nil {
		return nil, err
	}
	p := &redPacket{
		MchID: c.merchant.MchID, MchBillNo: c.fields["mch_billno"], OpenID: c.fields["re_openid"], Group: group,
		Wishing: c.fields["wishing"], Remark: c.fields["remark"], ActName: c.fields["act_name"], Sent: c.now,
	}
	if !mchBillNo.MatchString(p.MchBillNo) {
		return nil, badField("mch_billno", p.MchBillNo, "1 to 28 of 0-9 A-Z a-z are wanted")
	}
	var err error
	if p.Amount, err = c.fen("total_amount"); err != nil {
		return nil, err
	}
	if p.Num, err = strconv.Atoi(c.fields["total_num"]); err != nil || !group && p.Num != 1 || group && (p.Num < minRedGroup || p.Num > maxRedGroup) {
		return nil, badField("total_num", c.fields["total_num"], fmt.Sprintf("1 is wanted, or for a group %d to %d", minRedGroup, maxRedGroup))
	}
	each := p.Amount / int64(p.Num)
	if within := each >= minRed && p.Amount <= maxRed*int64(p.Num); each < 1 || !within && c.fields["scene_id"] == "" {
		return nil, &refusal{Code: "MONEY_LIMIT", Message: fmt.Sprintf("%d to %d fen a user are wanted, or a scene_id", minRed, maxRed)}
	}
	kind := "red packet"
	if group {
		kind = "group red packet"
	}
	p.Fingerprint, err = c.fingerprint(kind)
	return p, err
}

func (c *callV2) sent(p *redPacket) map[string]any {
	return map[string]any{
		"mch_billno": p.MchBillNo, "wxappid": c.fields["wxappid"], "re_openid": p.OpenID,
		"total_amount": digits(p.Amount), "send_listid": p.SendListID,
	}
}

func queryRedPacket(c *callV2) (map[string]any, error) {
	p, err := loadRedPacket(c.tx, c.merchant.MchID, c.fields["mch_billno"])
	if err != nil {
		return nil, err
	}
	if c.now.After(p.Sent.AddDate(0, 0, queryDays)) {
		return nil, errNoRedPacket
	}
	fields := map[string]any{
		"mch_billno": p.MchBillNo, "detail_id": p.SendListID, "status": p.state(c.now), "send_type": "API", "hb_type": "NORMAL",
		"total_num": digits(p.Num), "total_amount": digits(p.Amount), "send_time": beijing.DateTime(p.Sent),
		"wishing": p.Wishing, "remark": p.Remark, "act_name": p.ActName,
	}
	if p.Group {
		fields["hb_type"] = "GROUP"
	}
	if fields["status"] == "REFUND" {
		fields["refund_time"], fields["refund_amount"] = beijing.DateTime(p.end()), digits(p.left())
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
