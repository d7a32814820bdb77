package sandbox

import (
	"maps"
	"strconv"
)

// refundsV2 are those of paid orders as APIv2 has them, which are those that
// APIv3 has.
//
// https://pay.weixin.qq.com/wiki/doc/api/jsapi.php?chapter=9_4 (refund),
// …?chapter=9_5 (query)
func refundsV2() map[string]handlerV2 {
	all := make(map[string]handlerV2)
	for _, version := range [...]string{"", "v2"} { // v2 names goods, too
		all["POST v2/secapi/pay/refund"+version] = handlerV2{handle: applyRefundV2}
		all["POST v2/pay/refundquery"+version] = handlerV2{handle: queryRefundsV2, reads: true}
	}
	return all
}

func applyRefundV2(c *callV2) (map[string]any, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	f := c.fields
	made := refund{
		owner: w, AppID: f["appid"], SubAppID: f["sub_appid"], OutRefundNo: f["out_refund_no"], OutTradeNo: f["out_trade_no"], TransactionID: f["transaction_id"],
		FundsAccount: fundsAccounts[f["refund_account"]], NotifyURL: f["notify_url"],
	}
	if made.FundsAccount == "" {
		return nil, badField("refund_account", f["refund_account"], "REFUND_SOURCE_UNSETTLED_FUNDS or REFUND_SOURCE_RECHARGE_FUNDS is wanted")
	}
	if err := checkCurrency("refund_fee_type", f["refund_fee_type"]); err != nil {
		return nil, err
	}
	if made.Total, err = c.fen("total_fee"); err != nil {
		return nil, err
	}
	if made.Amount, err = c.fen("refund_fee"); err != nil {
		return nil, err
	}
	if made.Fingerprint, err = c.fingerprint("refund"); err != nil {
		return nil, err
	}
	r, err := c.refund(made)
	if err != nil {
		return nil, err
	}
	return r.acceptedV2(), nil
}

// maxRefundsShown is how many refunds an answer has at most.
const maxRefundsShown = 10

// queryRefundsV2 answers with a refund, or with those of an order from an
// offset on.
func queryRefundsV2(c *callV2) (map[string]any, error) {
	all, err := c.refundsNamed()
	if err != nil {
		return nil, err
	}
	offset := 0
	if text := c.fields["offset"]; text != "" {
		if offset, err = strconv.Atoi(text); err != nil || offset < 0 {
			return nil, badField("offset", text, "an integer of 0 or more is wanted")
		}
	}
	if offset >= len(all) {
		return nil, errNoRefund
	}
	shown := all[offset:min(offset+maxRefundsShown, len(all))]
	texts := shown[0].orderV2()
	texts["total_refund_count"], texts["refund_count"] = digits(len(all)), digits(len(shown))
	for i, r := range shown {
		maps.Copy(texts, r.textsV2(i, c.now))
	}
	return present(texts), nil
}

// refundsNamed are those that the fields name, by the first of four numbers that
// is there.
func (c *callV2) refundsNamed() ([]*refund, error) {
	w, err := c.owner()
	if err != nil {
		return nil, err
	}
	switch id, number := c.fields["refund_id"], c.fields["out_refund_no"]; {
	case id != "":
		r, err := loadRefundID(c.tx, w, id)
		return []*refund{r}, err
	case number != "":
		r, err := loadRefund(c.tx, w, number)
		return []*refund{r}, err
	}
	o, err := loadEither(c.tx, w, c.fields["transaction_id"], c.fields["out_trade_no"])
	if err != nil {
		return nil, err
	}
	return o.refunds(c.tx)
}
