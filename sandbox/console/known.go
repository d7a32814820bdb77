package console

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/wxchain/wechatpay/openapi"
	"github.com/wxchain/wechatpay/sandbox"
)

// appID is the app of all samples, so that calls about one order agree on it.
const appID = "wxd678efh567hg6787"

// A known is what the sample of a call takes from the sandbox, so that the call succeeds
// as it is: a new number for what it makes, and the numbers of what there is.
type known struct {
	values map[string]string
	order  *sandbox.Record // that the call is about, or nil
}

func (k known) find(name string) (string, bool) {
	value, ok := k.values[name]
	return value, ok
}

// stockOperation answers with the number of a stock of coupons.
const stockOperation = "POST v3/marketing/favor/coupon-stocks"

// known returns what is known to a merchant's call of an operation.
func (c *console) known(op *openapi.Operation, mchID string) (known, error) {
	k := known{values: make(map[string]string)}
	for _, name := range [...]string{"appid", "sp_appid", "combine_appid", "mch_appid", "wxappid"} {
		k.values[name] = appID
	}
	if number := op.Repeat.Number; number != "" && op.Repeat.Where != "path" && wantedState(op) != unpaid {
		k.values[number] = c.newNumber()
		if number == "combine_out_trade_no" {
			k.values["out_trade_no"] = c.newNumber()
		}
	}
	for _, kind := range kinds {
		if kind.Name == requestKind || kind.Name == notificationKind {
			continue
		}
		p, err := c.sandbox.Records(kind.Name, sandbox.Query{MchID: mchID})
		if err != nil {
			return k, err
		}
		if best := bestOf(p.Items, wantedState(op)); best != nil {
			k.add(best)
		}
	}
	return k, c.addStock(&k, op, mchID)
}

// newNumber returns a number that no order has.
func (c *console) newNumber() string {
	return c.sandbox.Now().In(beijing).Format("20060102150405") + strconv.Itoa(100_000+rand.IntN(900_000))
}

// unpaid is the state of an order that can be closed.
const unpaid = "NOTPAY"

// wantedState returns the state of an order that the call can be about.
func wantedState(op *openapi.Operation) string {
	for _, word := range [...]string{"close", "cancel", "reverse"} {
		if strings.Contains(op.Template, word) {
			return unpaid
		}
	}
	return "SUCCESS"
}

// bestOf returns the newest record in a state, or the newest of all, or nil.
func bestOf(records []sandbox.Record, state string) *sandbox.Record {
	if len(records) == 0 {
		return nil
	}
	return &records[max(0, slices.IndexFunc(records, func(r sandbox.Record) bool { return r.State == state }))]
}

// add adds the numbers of a record that are not known yet.
func (k *known) add(r *sandbox.Record) {
	if r.Kind == sandbox.RecordOrder {
		k.order = r
	}
	for name, number := range r.Numbers {
		k.values[name] = cmp.Or(k.values[name], number)
	}
	if r.OpenID != "" {
		k.values["openid"] = cmp.Or(k.values["openid"], r.OpenID)
	}
}

// addStock adds the stock of coupons that was made last, unless it is yet to begin and the
// call sends its coupons.
func (c *console) addStock(k *known, op *openapi.Operation, mchID string) error {
	p, err := c.sandbox.RequestPage(sandbox.Query{Operation: stockOperation, MchID: mchID, Limit: 1})
	if err != nil || len(p.Items) == 0 {
		return err
	}
	x, err := c.sandbox.Exchange(p.Items[0].ID)
	if err != nil {
		return nil // it is no longer remembered
	}
	id, begins := gjson.Get(x.Answer, "stock_id").String(), gjson.Get(x.Body, "available_begin_time").Time()
	if id != "" && (!begins.After(c.sandbox.Now()) || op.String() != "POST v3/marketing/favor/users/{openid}/coupons") {
		k.values["stock_id"] = cmp.Or(k.values["stock_id"], id)
	}
	return nil
}

// agree gives the body of a refund the amount of the order.
func (k known) agree(op *openapi.Operation, body []byte) []byte {
	if k.order == nil || !strings.Contains(op.Template, "refund") {
		return body
	}
	for _, path := range [...]string{"amount.total", "amount.refund"} {
		if gjson.GetBytes(body, path).Exists() {
			body, _ = sjson.SetBytes(body, path, k.order.Amount) // it is there
		}
	}
	for _, path := range [...]string{"total_fee", "refund_fee"} {
		if gjson.GetBytes(body, path).Exists() {
			body, _ = sjson.SetBytes(body, path, strconv.FormatInt(k.order.Amount, 10)) // it is there
		}
	}
	return body
}
