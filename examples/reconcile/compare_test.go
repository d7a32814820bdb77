package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/examples/internal/play"
	"github.com/wxchain/wechatpay/sandbox"
)

const eve = "2026-11-22"

// day plays two days of a shop in a sandbox, and returns the bill of the second, and
// books that agree with it.
func day(t *testing.T) (string, books) {
	t.Helper()
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.Clock = func() time.Time { return noon.AddDate(0, 0, -1) } })
	p := play.Platform{Server: sb.Server, Client: sb.Client()}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	do(sell(ctx, p, "no-eve", 1880)) // refunded on the next day
	do(sell(ctx, p, "no-slow", 1880))
	do(giveBack(ctx, p, "no-slow", 940, 1880)) // which the bank takes a day for
	do(sb.SettleRefund(p.Merchant().MchID, "no-slow-1", sandbox.RefundAbnormal))
	do(sb.Advance(24 * time.Hour))
	do(sb.SettleRefund(p.Merchant().MchID, "no-slow-1", sandbox.RefundSuccess))
	do(giveBack(ctx, p, "no-eve", 1880, 1880))
	do(sell(ctx, p, "no-plain", 1880))
	do(sell(ctx, p, "no-cheap", 1)) // without a fee
	do(sell(ctx, p, "no-back", 1880))
	do(giveBack(ctx, p, "no-back", 940, 1880))
	_, err := p.Client.Chain("v3/pay/transactions/codepay").Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": p.Merchant().MchID, "description": "tea", "out_trade_no": "reversed",
		"payer": wechatpay.M{"auth_code": "130061098828009406"}, "amount": wechatpay.M{"total": 1880},
		"scene_info": wechatpay.M{"store_info": wechatpay.M{"id": "0001"}},
	}))
	do(err)
	_, err = p.Client.Chain("v3/pay/transactions/out-trade-no/reversed/reverse").Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": p.Merchant().MchID}))
	do(err)
	do(sell(ctx, p, "no-asked", 1880))
	do(sb.Advance(12*time.Hour - 2*time.Second))
	do(giveBack(ctx, p, "no-asked", 940, 1880)) // two seconds before midnight: done on the third day
	do(sb.Advance(24 * time.Hour))

	path := filepath.Join(t.TempDir(), "bill.csv")
	if ok, err := download(ctx, p.Client, shopDay, path); err != nil || !ok {
		t.Fatal(ok, err)
	}
	text, err := os.ReadFile(path)
	do(err)
	return string(text), books{
		orders: map[string]order{
			"no-eve": {1880, 11, "paid", eve}, "no-slow": {1880, 11, "paid", eve},
			"no-plain": {1880, 11, "paid", shopDay}, "no-cheap": {1, 0, "paid", shopDay}, "no-back": {1880, 11, "paid", shopDay},
			"reversed": {1880, 11, "reversed", shopDay}, "no-asked": {1880, 11, "paid", shopDay},
			"open": {1880, 0, "open", ""}, "closed": {1880, 0, "closed", ""},
		},
		refunds: map[string]refund{
			"no-eve-1": {"no-eve", 1880, 11, "done", shopDay}, "no-slow-1": {"no-slow", 940, 5, "done", shopDay},
			"no-back-1": {"no-back", 940, 5, "done", shopDay}, "no-asked-1": {"no-asked", 940, 5, "accepted", shopDay},
			"failed-1": {"no-plain", 940, 5, "failed", shopDay},
		},
	}
}

// Books that agree have no differences. Each kind of planted difference is found, and
// nothing else.
func TestCompare(t *testing.T) {
	text, agreed := day(t)
	for name, test := range map[string]struct {
		plant func(b books)
		want  string // kinds and numbers
	}{
		"nothing":                                {func(books) {}, ""},
		"a payment that is not booked":           {func(b books) { delete(b.orders, "no-plain") }, "not booked no-plain"},
		"a payment that is not in the bill":      {func(b books) { b.orders["more"] = order{5, 0, "paid", shopDay} }, "not in the bill more"},
		"an amount":                              {func(b books) { b.orders["no-plain"] = order{1881, 11, "paid", shopDay} }, "amount no-plain"},
		"a fee":                                  {func(b books) { b.orders["no-plain"] = order{1880, 12, "paid", shopDay} }, "fee no-plain"},
		"an amount and its fee":                  {func(b books) { b.orders["no-cheap"] = order{1880, 11, "paid", shopDay} }, "amount no-cheap, fee no-cheap"},
		"paid, and booked as open":               {func(b books) { b.orders["no-plain"] = order{1880, 11, "open", ""} }, "state no-plain"},
		"paid, and booked as closed":             {func(b books) { b.orders["no-plain"] = order{1880, 11, "closed", ""} }, "state no-plain"},
		"paid on another day":                    {func(b books) { b.orders["no-plain"] = order{1880, 11, "paid", eve} }, "day no-plain"},
		"reversed, and booked as paid":           {func(b books) { b.orders["reversed"] = order{1880, 11, "paid", shopDay} }, "state reversed"},
		"paid, and booked as reversed":           {func(b books) { b.orders["no-plain"] = order{1880, 11, "reversed", shopDay} }, "state no-plain"},
		"a reversal that is not booked":          {func(b books) { delete(b.orders, "reversed") }, "not booked reversed, not booked reversed"},
		"a reversal that is not in the bill":     {func(b books) { b.orders["more"] = order{5, 0, "reversed", shopDay} }, "not in the bill more"},
		"a refund that is not booked":            {func(b books) { delete(b.refunds, "no-back-1") }, "not booked no-back-1"},
		"a late refund that is not booked":       {func(b books) { delete(b.refunds, "no-eve-1") }, "not booked no-eve-1"},
		"a refund that is not in the bill":       {func(b books) { b.refunds["more"] = refund{"no-back", 5, 0, "done", shopDay} }, "not in the bill more"},
		"the amount of a refund":                 {func(b books) { b.refunds["no-back-1"] = refund{"no-back", 941, 5, "done", shopDay} }, "amount no-back-1"},
		"the fee of a refund":                    {func(b books) { b.refunds["no-back-1"] = refund{"no-back", 940, 0, "done", shopDay} }, "fee no-back-1"},
		"a refund of another order":              {func(b books) { b.refunds["no-back-1"] = refund{"no-plain", 940, 5, "done", shopDay} }, "order no-back-1"},
		"a refund that is booked as accepted":    {func(b books) { b.refunds["no-slow-1"] = refund{"no-slow", 940, 5, "accepted", eve} }, "state no-slow-1"},
		"a refund that is booked as failed":      {func(b books) { b.refunds["no-back-1"] = refund{"no-back", 940, 5, "failed", shopDay} }, "state no-back-1"},
		"a refund of another day":                {func(b books) { b.refunds["no-slow-1"] = refund{"no-slow", 940, 5, "done", eve} }, "day no-slow-1"},
		"a refund that takes three days":         {func(b books) { b.refunds["more"] = refund{"old", 5, 0, "accepted", "2026-11-20"} }, ""},
		"a refund that takes four days":          {func(b books) { b.refunds["more"] = refund{"old", 5, 0, "accepted", "2026-11-19"} }, "late more"},
		"a refund that failed long ago":          {func(b books) { b.refunds["more"] = refund{"old", 5, 0, "failed", "2026-11-01"} }, ""},
		"a refund booked as done, and not in it": {func(b books) { b.refunds["no-asked-1"] = refund{"no-asked", 940, 5, "done", shopDay} }, "not in the bill no-asked-1"},
		"an order of the next day":               {func(b books) { b.orders["more"] = order{5, 0, "paid", "2026-11-24"} }, ""},
		"several": {func(b books) {
			delete(b.orders, "no-cheap")
			delete(b.refunds, "no-back-1")
			b.orders["no-plain"] = order{1, 11, "open", ""}
		}, "not booked no-back-1, not booked no-cheap, state no-plain, amount no-plain"},
	} {
		t.Run(name, func(t *testing.T) {
			b := books{maps.Clone(agreed.orders), maps.Clone(agreed.refunds)}
			test.plant(b)
			check(t, text, b, test.want)
		})
	}
}

func check(t *testing.T, text string, b books, want string) {
	t.Helper()
	var trade io.Reader
	if text != "" {
		trade = strings.NewReader(text)
	}
	found, err := compare(trade, shopDay, b)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range found {
		got = append(got, d.kind+" "+d.number)
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("%q, want %q", found, want)
	}
}

// A bill that contradicts itself is found too.
func TestCompareDamagedBill(t *testing.T) {
	text, agreed := day(t)
	lines := strings.SplitAfter(text, "\n")
	plain := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, "`no-plain,") })
	for name, test := range map[string]struct{ text, want string }{
		"a row twice":         {strings.Replace(text, lines[plain], lines[plain]+lines[plain], 1), "summary 2026-11-23, twice no-plain"},
		"a row is missing":    {strings.Replace(text, lines[plain], "", 1), "summary 2026-11-23, not in the bill no-plain"},
		"an unknown state":    {strings.Replace(text, lines[plain], strings.Replace(lines[plain], "`SUCCESS", "`OTHER", 1), 1), "state no-plain, not in the bill no-plain"},
		"a fee that is wrong": {strings.Replace(text, lines[plain], strings.Replace(lines[plain], "`0.11000", "`0.12000", 1), 1), "summary 2026-11-23, fee no-plain"},
	} {
		t.Run(name, func(t *testing.T) { check(t, test.text, agreed, test.want) })
	}
	if _, err := compare(strings.NewReader(text[:len(text)/2]), shopDay, agreed); err == nil {
		t.Error("half a bill is compared")
	}
	if _, err := compare(strings.NewReader(strings.Replace(text, "`0.11000", "`0.11x", 1)), shopDay, agreed); err == nil {
		t.Error("what is not an amount is compared")
	}
}

// A day without a bill: whatever is booked is reported.
func TestCompareNothing(t *testing.T) {
	sb := sandbox.Start(t, func(c *sandbox.Config) { c.Clock = func() time.Time { return noon.AddDate(0, 0, 1) } })
	if ok, err := download(t.Context(), sb.Client(), shopDay, filepath.Join(t.TempDir(), "bill.csv")); ok || err != nil {
		t.Error(ok, err)
	}
	check(t, "", books{orders: map[string]order{"a": {1, 0, "paid", shopDay}, "b": {1, 0, "paid", eve}}}, "not in the bill a")
}
