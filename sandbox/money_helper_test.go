package sandbox_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/internal/inprocess"
	"github.com/wxchain/wechatpay/sandbox"
)

// A money is a world in which anything happens, with what its answers reported.
type money struct {
	*world
	t         testing.TB
	rand      *rand.Rand
	other     *world // of the merchant partner
	nocash    string // stocks of coupons
	cash      string
	orders    []ordered
	refunds   []refundAsked
	shares    [][2]string // out_order_no, transaction_id
	transfers []string
	packets   []string
	users     int64    // what users have of red packets
	said      []string // by queries, and in bills
	n         int
}

type ordered struct {
	number, id, sub string
	total           int
	combined        string // the number of the combined order that it is part of
}

type refundAsked struct{ number, sub string }

func newMoney(t testing.TB, seed uint64, edit ...func(*sandbox.Config)) *money {
	w := newWorld(t, append(edit, shareAll, func(c *sandbox.Config) {
		c.Merchants = testConfig(t).Merchants
		second := c.Merchants[0]
		second.MchID = partner
		c.Merchants = append(c.Merchants, second)
	})...)
	m := &money{world: w, t: t, rand: rand.New(rand.NewPCG(seed, 0))}
	m.other = &world{Sandbox: w.Sandbox, clock: w.clock, client: w.Client(func(c *wechatpay.Config) { c.Transport, c.MchID = inprocess.Transport(w.Server), partner })}
	for kind, account := range map[string]string{"MERCHANT_ID": partner, "PERSONAL_OPENID": staff} {
		for _, edit := range []wechatpay.M{nil, {"sub_mchid": sub}} {
			if _, err := w.receiver("add", kind, account, edit); err != nil {
				t.Fatal(err)
			}
		}
	}
	stock := func(noCash bool) string {
		return w.running(t, func(body, rule, use wechatpay.M) {
			worth(70, noCash)(body, rule, use)
			rule["max_amount"], rule["max_coupons"], rule["max_coupons_per_user"] = 70_000, 1000, 60
			use["available_merchants"] = []string{sandbox.DefaultMchID, sub}
		})
	}
	m.cash, m.nocash = stock(false), stock(true)
	return m
}

func (m *money) number(kind string) string { m.n++; return fmt.Sprintf("%s%06d", kind, m.n) }

// may accepts the refusal of a call by a rule, but no other error.
func (m *money) may(resp *wechatpay.Response, err error) *wechatpay.Response {
	m.t.Helper()
	if err != nil && !wechatpay.IsCode(err, "INVALID_REQUEST", "NOT_ENOUGH", "RULE_LIMIT", "ERROR", "TRADE_STATE_ERROR", "TRADE_ERROR", "PARAM_ERROR", "NOTENOUGH", "RESOURCE_NOT_EXISTS") {
		m.t.Error(err)
	}
	if err != nil {
		return nil
	}
	return resp
}

// order places an order in any of the possible ways, and pays it.
func (m *money) order() {
	number, total, shared := m.number("order"), 100+m.rand.IntN(5000), wechatpay.M{"profit_sharing": m.rand.IntN(2) == 0}
	o := ordered{number: number, total: total}
	switch m.rand.IntN(5) {
	case 0:
		m.mustCall(m.t, "POST", native, with(m.world.order(number, total), wechatpay.M{"settle_info": shared}))
	case 1:
		m.mustV2(m.t, unified, orderV2(number, total, wechatpay.M{"profit_sharing": "Y"}))
	case 2:
		o.sub = sub
		m.mustCall(m.t, "POST", partnerPath+"native", with(m.subOrder(sub, number, total), wechatpay.M{"settle_info": shared}))
	case 3:
		m.mustCall(m.t, "POST", codePayPath, m.byCode(number, total, userCode))
		o.id = m.query(m.t, "v3/pay/transactions/out-trade-no/"+number).Get("transaction_id").String()
		m.orders = append(m.orders, o)
		return
	case 4:
		part := m.number("part")
		m.mustCall(m.t, "POST", combinePath+"app", with(m.combination(m.part("", number, total), with(m.part(sub, part, 2*total), wechatpay.M{"settle_info": shared})),
			wechatpay.M{"combine_out_trade_no": number}))
		m.pay(number)
		for _, p := range m.mustCall(m.t, "GET", combinePath+"out-trade-no/"+number, nil).Get("sub_orders").Array() {
			m.orders = append(m.orders, ordered{p.Get("out_trade_no").String(), p.Get("transaction_id").String(), p.Get("sub_mchid").String(), int(p.Get("amount.total_amount").Int()), number})
		}
		return
	}
	o.id = m.pay(number)
	m.orders = append(m.orders, o)
}

func (m *money) pay(number string) string {
	id, err := m.Pay(sandbox.DefaultMchID, number)
	if err != nil {
		m.t.Fatal(err)
	}
	return id
}

// refund asks for a refund in any of the possible ways.
func (m *money) refund(o ordered) {
	number, amount := m.number("refund"), 1+m.rand.IntN(o.total)
	body := wechatpay.M{"transaction_id": o.id, "out_refund_no": number, "amount": wechatpay.M{"refund": amount, "total": o.total, "currency": "CNY"}}
	var resp *wechatpay.Response
	switch way := m.rand.IntN(3); {
	case way == 0:
		fields := refundV2(number, amount, wechatpay.M{"out_trade_no": nil, "transaction_id": o.id, "total_fee": o.total})
		if o.sub != "" {
			fields["sub_mch_id"] = o.sub
		}
		resp = m.may(m.v2(refundV2Path, fields))
	case o.sub == "":
		resp = m.may(m.call("POST", refundPath, body))
	case way == 1:
		resp = m.may(m.call("POST", refundPath, with(body, wechatpay.M{"sub_mchid": o.sub})))
	default:
		source := []string{"REFUND_SOURCE_SUB_MERCHANT", "REFUND_SOURCE_PARTNER_ADVANCE"}[m.rand.IntN(2)]
		resp = m.may(m.call("POST", ecommercePath+"apply", with(body, wechatpay.M{"sub_mchid": o.sub, "sp_appid": "wxd678efh567hg6787", "refund_account": source})))
	}
	if resp == nil {
		return
	}
	m.refunds = append(m.refunds, refundAsked{number, o.sub})
	state := []sandbox.RefundState{"", "", sandbox.RefundSuccess, sandbox.RefundClosed, sandbox.RefundAbnormal}[m.rand.IntN(5)]
	if state == "" {
		return
	}
	if err := m.SettleRefund(sandbox.DefaultMchID, number, state); err != nil {
		m.t.Error(err)
	}
	id := wechatpay.Bind("refund_id", m.ofRefund(refundAsked{number, o.sub}).Get("refund_id").String())
	if state == sandbox.RefundAbnormal && m.rand.IntN(2) == 0 {
		body := wechatpay.M{"out_refund_no": number, "type": "MERCHANT_BANK_CARD"}
		if o.sub != "" {
			body["sub_mchid"] = o.sub
		}
		m.may(m.call("POST", ecommercePath+"{refund_id}/apply-abnormal-refund", body, id))
	}
	if o.sub != "" && m.rand.IntN(2) == 0 {
		m.may(m.call("POST", ecommercePath+"{refund_id}/return-advance", wechatpay.M{"sub_mchid": o.sub}, id))
	}
}

func (m *money) ofRefund(r refundAsked) *wechatpay.Response {
	var opts []wechatpay.Option
	if r.sub != "" {
		opts = append(opts, wechatpay.Query(wechatpay.M{"sub_mchid": r.sub}))
	}
	return m.mustCall(m.t, "GET", refundPath+"/"+r.number, nil, opts...)
}

// share shares an order, or what is left of it, and may take some back.
func (m *money) share(o ordered) {
	number := m.number("share")
	body := wechatpay.M{"transaction_id": o.id, "out_order_no": number}
	if o.sub != "" {
		body["sub_mchid"] = o.sub
	}
	var resp *wechatpay.Response
	platform := o.sub != "" && m.rand.IntN(2) == 0
	if finish := m.rand.IntN(4) == 0; platform {
		resp = m.platformShare(body, o.total, finish)
	} else if finish {
		resp = m.may(m.call("POST", unfreezePath, with(body, wechatpay.M{"description": "解冻"})))
	} else {
		personal := wechatpay.M{"type": "PERSONAL_OPENID", "account": staff, "amount": 1 + m.rand.IntN(o.total/4), "description": "分给员工"}
		resp = m.may(m.call("POST", sharePath, with(body, wechatpay.M{"appid": "wx8888888888888888", "unfreeze_unsplit": m.rand.IntN(3) == 0,
			"receivers": []wechatpay.M{merchantPart(partner, 1+m.rand.IntN(o.total/2)), personal}})))
	}
	if resp == nil {
		return
	}
	m.shares = append(m.shares, [2]string{number, o.id})
	m.clock.add(5 * time.Second)
	path, edit := returnPath, wechatpay.M{}
	if platform {
		path, edit = platformReturns, wechatpay.M{"sub_mchid": o.sub}
	}
	for range m.rand.IntN(3) {
		m.may(m.call("POST", path, with(edit, wechatpay.M{"out_order_no": number, "out_return_no": m.number("return"), "return_mchid": partner,
			"amount": 1 + m.rand.IntN(o.total/2), "description": "退"})))
	}
}

// platformShare shares an order of a sub-merchant as an e-commerce platform does.
func (m *money) platformShare(body wechatpay.M, total int, finish bool) *wechatpay.Response {
	if finish {
		return m.may(m.call("POST", platformFinish, with(body, wechatpay.M{"description": "完结"})))
	}
	return m.may(m.call("POST", platformShares, with(body, wechatpay.M{"appid": "wx8888888888888888", "finish": m.rand.IntN(3) == 0,
		"receivers": []wechatpay.M{platformPart(partner, 1+m.rand.IntN(total/2)), platformPersonal(1 + m.rand.IntN(total/4))}})))
}

// coupon uses a coupon on an order as its payer does.
func (m *money) coupon(o ordered) {
	stock := []string{m.cash, m.nocash}[m.rand.IntN(2)]
	id := m.send(m.t, stock, user(m.n/50))
	m.n++
	payee := sandbox.DefaultMchID
	if o.sub != "" {
		payee = o.sub
	}
	_ = m.UseCoupon(payee, id, o.id) // which a rule may refuse
}

// give transfers money to a user, or sends a red packet that is opened or not.
func (m *money) give() {
	number := m.number("give")
	if m.rand.IntN(2) == 0 {
		m.mustTransfer(m.t, wechatpay.M{"out_bill_no": number, "transfer_amount": 30 + m.rand.IntN(1000)})
		m.transfers = append(m.transfers, number)
		if state := []sandbox.TransferState{"", sandbox.TransferSuccess, sandbox.TransferFail}[m.rand.IntN(3)]; state != "" {
			if err := m.SettleTransfer(sandbox.DefaultMchID, number, state); err != nil {
				m.t.Error(err)
			}
		}
		return
	}
	m.mustV2(m.t, "v2/mmpaymkttransfers/sendgroupredpack", redPacket(number, wechatpay.M{"total_amount": 300 + m.rand.IntN(1000), "total_num": 3, "client_ip": nil, "amt_type": "ALL_RAND"}))
	m.packets = append(m.packets, number)
	for i := range m.rand.IntN(4) {
		m.users += m.open(m.t, number, user(i))
	}
}

func (m *money) step() {
	pick := func() ordered {
		if len(m.orders) == 0 {
			m.order()
		}
		return m.orders[m.rand.IntN(len(m.orders))]
	}
	switch m.rand.IntN(8) {
	case 0, 1:
		m.order()
	case 2:
		m.refund(pick())
	case 3, 4:
		m.share(pick())
	case 5:
		m.coupon(pick())
	case 6:
		m.give()
	case 7:
		if o := pick(); o.sub == "" {
			m.may(m.reverse(o.number))
		}
	}
	m.clock.add(time.Duration(m.rand.Int64N(int64(time.Hour))))
}
