package sandbox_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay"
	bills "github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/sandbox"
)

// account is what has moved on an account by its fund-flow bills, each of which
// begins with what the one before it ended with.
func (m *money) account(w *world, opts ...bills.Option) (sum int64) {
	m.t.Helper()
	for day := start; day.Before(w.clock.Now().AddDate(0, 0, -1)); day = day.AddDate(0, 0, 1) {
		b, err := w.tryStatement(bills.FundFlow, day.Format(time.DateOnly), opts...)
		if wechatpay.IsCode(err, "NO_STATEMENT_EXIST") {
			continue
		}
		if err != nil {
			m.t.Fatal(err)
		}
		m.said = append(m.said, b.text)
		for _, row := range b.rows {
			amount := fen(m.t, row, "收支金额(元)")
			if row.Get("收支类型") == "支出" {
				amount = -amount
			}
			if sum += amount; fen(m.t, row, "账户结余(元)") != 1_000_000_00+sum {
				m.t.Fatalf("%v: the balance is %s, want %d fen", day, row.Get("账户结余(元)"), 1_000_000_00+sum)
			}
		}
	}
	return sum
}

// fees returns what the platform has kept by the trade bills.
func (m *money) fees() (sum int64) {
	m.t.Helper()
	for day := start; day.Before(m.clock.Now().AddDate(0, 0, -1)); day = day.AddDate(0, 0, 1) {
		b, err := m.tryStatement(bills.Trade, day.Format(time.DateOnly))
		if wechatpay.IsCode(err, "NO_STATEMENT_EXIST") {
			continue
		}
		if err != nil {
			m.t.Fatal(err)
		}
		sum += b.sum(m.t, "手续费")
	}
	return sum
}

// given is what users, and who has paid for coupons with cash, have by what
// queries say.
func (m *money) given() (sum int64) {
	m.t.Helper()
	sum = m.users - m.cashPaid() + m.cashBack()
	for _, s := range m.shares {
		resp := m.mustCall(m.t, "GET", sharePath+"/"+s[0], nil, wechatpay.Query(wechatpay.M{"transaction_id": s[1]}))
		m.said = append(m.said, string(resp.Bytes()))
		for _, p := range resp.Get("receivers").Array() {
			if p.Get("type").String() == "PERSONAL_OPENID" {
				sum += p.Get("amount").Int()
			}
		}
	}
	for _, number := range m.transfers {
		if resp := m.mustCall(m.t, "GET", billsPath+"/out-bill-no/"+number, nil); resp.Get("state").String() == "SUCCESS" {
			sum += resp.Get("transfer_amount").Int()
		}
	}
	return sum
}

// cash sums up an amount of the promotions of a kind.
func cash(promotions []gjson.Result, kind, amount string) (sum int64) {
	for _, p := range promotions {
		if p.Get("type").String() == kind {
			sum += p.Get(amount).Int()
		}
	}
	return sum
}

// cashPaid is what the orders say that users and coupons paid in cash. What was
// reversed went back.
func (m *money) cashPaid() (sum int64) {
	m.t.Helper()
	for _, o := range m.orders {
		got, total := m.ofOrder(o)
		m.said = append(m.said, got.Raw)
		if got.Get("trade_state").String() != "REVOKED" {
			sum += total + cash(got.Get("promotion_detail").Array(), "CASH", "amount")
		}
	}
	return sum
}

// ofOrder queries an order, or the combined order that it is part of, and returns
// it and what its user paid.
func (m *money) ofOrder(o ordered) (got gjson.Result, total int64) {
	m.t.Helper()
	if o.combined != "" {
		resp := m.mustCall(m.t, "GET", combinePath+"out-trade-no/"+o.combined, nil)
		for _, got = range resp.Get("sub_orders").Array() {
			if got.Get("out_trade_no").String() == o.number {
				return got, got.Get("amount.payer_amount").Int()
			}
		}
		m.t.Fatalf("the combined order %s has no order %s", o.combined, o.number)
	}
	path, query := "v3/pay/transactions/id/", wechatpay.Query(wechatpay.M{"mchid": sandbox.DefaultMchID})
	if o.sub != "" {
		path, query = partnerPath+"id/", m.both(sub)
	}
	got = gjson.ParseBytes(m.mustCall(m.t, "GET", path+o.id, nil, query).Bytes())
	return got, got.Get("amount.payer_total").Int()
}

// cashBack is what the refunds say that went back to users and coupons in cash.
// It checks that no more of an order is refunded than it was worth.
func (m *money) cashBack() (sum int64) {
	m.t.Helper()
	refunded := make(map[string]int64)
	for _, r := range m.refunds {
		resp := m.ofRefund(r)
		m.said = append(m.said, string(resp.Bytes()))
		if resp.Get("status").String() == "SUCCESS" {
			sum += resp.Get("amount.payer_refund").Int() + cash(resp.Get("promotion_detail").Array(), "COUPON", "refund_amount")
		}
		if resp.Get("status").String() != "CLOSED" {
			refunded[resp.Get("out_trade_no").String()] += resp.Get("amount.refund").Int()
		}
	}
	for _, o := range m.orders {
		if refunded[o.number] > int64(o.total) {
			m.t.Errorf("%d fen are refunded of the %d of order %s", refunded[o.number], o.total, o.number)
		}
	}
	return sum
}

// FuzzMoney lets anything happen. The sum of what merchants have by their bills,
// of what the platform kept, and of what users and coupons have by queries is
// zero.
func FuzzMoney(f *testing.F) {
	for seed := range uint64(3) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		m := newMoney(t, seed)
		for range 60 {
			m.step()
		}
		m.until(t, m.clock.Now().AddDate(0, 0, 4).Format(time.DateOnly)+" 10:00:00")
		merchants := map[string]int64{
			"the first":              m.account(m.world),
			"the first, for users":   m.account(m.world, bills.AccountType("OPERATION")),
			"the sub-merchant":       m.account(m.world, bills.SubMchID(sub)),
			"the receiver of shares": m.account(m.other),
		}
		m.checkBalances(merchants)
		sum := int64(0)
		for _, amount := range merchants {
			sum += amount
		}
		if fees, given := m.fees(), m.given(); sum+fees+given != 0 {
			t.Errorf("merchants have %d %v, the platform %d, users %d: %d fen were made of nothing", sum, merchants, fees, given, sum+fees+given)
		}
	})
}

// checkBalances checks that accounts have what their bills end with.
func (m *money) checkBalances(moved map[string]int64) {
	m.t.Helper()
	for name, of := range map[string][2]string{
		"the first": {sandbox.DefaultMchID, basic}, "the first, for users": {sandbox.DefaultMchID, operation},
		"the sub-merchant": {sub, basic}, "the receiver of shares": {partner, basic},
	} {
		b, err := m.Balance(of[0], of[1])
		if err != nil || b.Available+b.Pending != million+moved[name] || b.Pending < 0 {
			m.t.Errorf("%s: the balance is %+v, %v, and the bills end with %d", name, b, err, million+moved[name])
		}
	}
}

// The same seed and the same calls give the same answers, to the byte.
func TestSameSeedSameAnswers(t *testing.T) {
	run := func(seed uint64) []string {
		m := newMoney(t, 1, func(c *sandbox.Config) { c.Seed = seed })
		for range 30 {
			m.step()
		}
		m.until(t, m.clock.Now().AddDate(0, 0, 4).Format(time.DateOnly)+" 10:00:00")
		m.account(m.world)
		m.given()
		return m.said
	}
	one, again, other := run(1), run(1), run(2)
	if !slices.Equal(one, again) {
		t.Errorf("the same calls were answered with\n%s\nand then with\n%s", one, again)
	}
	if slices.Equal(one, other) {
		t.Error("two seeds give the same numbers")
	}
}
