// Reconcile compares the platform's bill of a day with a shop's own books, in both
// directions: payments, refunds and reversals, their amounts, fees and states, refunds
// that do not arrive, and the totals of the bill.
package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/wxchain/wechatpay"
	"github.com/wxchain/wechatpay/bill"
	"github.com/wxchain/wechatpay/examples/internal/play"
	"github.com/wxchain/wechatpay/sandbox"
)

// Books are what the shop knows. Days are those of success_time, in China.
type books struct {
	orders  map[string]order  // by out_trade_no
	refunds map[string]refund // by out_refund_no
}

type order struct {
	total, fee int64  // in fen
	state      string // paid, reversed, open or closed
	day        string // of the payment
}

type refund struct {
	outTradeNo  string
	amount, fee int64  // fee is what comes back of it
	state       string // accepted, done or failed
	day         string // of its end, or of its request while it is accepted
}

// A difference is something to look into.
type difference struct {
	kind   string // such as "not booked"
	number string // out_trade_no or out_refund_no
	text   string
}

func (d difference) String() string { return fmt.Sprintf("%s: %s: %s", d.number, d.kind, d.text) }

// refundsTake is how many days a refund may take. Refunds to bank cards take one to three.
const refundsTake = 3

// compare returns what differs between the bill of a day and the books. It reads the bill
// row by row, whatever its length. trade is nil for a day without a bill.
func compare(trade io.Reader, day string, b books) ([]difference, error) {
	c := comparison{day: day, books: b, seen: make(map[string]bool)}
	if trade != nil {
		if err := c.read(bill.Rows(trade)); err != nil {
			return nil, err
		}
	}
	c.addUnseen()
	slices.SortStableFunc(c.found, func(a, b difference) int { return cmp.Compare(a.number, b.number) })
	return c.found, nil
}

// A comparison is under way.
type comparison struct {
	day   string
	books books
	seen  map[string]bool // rows of the bill
	sum   sums            // of the rows
	found []difference
}

type sums struct{ rows, orders, refunds, fees int64 }

func (c *comparison) read(rows *bill.Reader) error {
	for row, err := range rows.All() {
		if err == nil {
			err = c.add(row)
		}
		if err != nil {
			return err // the bill has more rows than came before
		}
	}
	for _, summary := range rows.Summary() {
		if err := c.checkSummary(summary); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) differ(kind, number, format string, args ...any) {
	c.found = append(c.found, difference{kind, number, fmt.Sprintf(format, args...)})
}

// add compares a row of the bill with the books.
func (c *comparison) add(row bill.Row) error {
	amounts, err := fen(row, "订单金额", "申请退款金额", "手续费")
	if err != nil {
		return err
	}
	total, refunded, fee := amounts[0], amounts[1], amounts[2]
	c.sum = sums{c.sum.rows + 1, c.sum.orders + total, c.sum.refunds + refunded, c.sum.fees + fee}
	outTradeNo, outRefundNo, state := row.Get("商户订单号"), row.Get("商户退款单号"), row.Get("交易状态")
	number := outTradeNo
	if state == "REFUND" {
		number = outRefundNo
	}
	if key := state + " " + number; c.seen[key] {
		c.differ("twice", number, "the bill has it more than once")
	} else {
		c.seen[key] = true
	}
	switch state {
	case "SUCCESS":
		c.payment(outTradeNo, total, fee)
	case "REVOKED": // a payment by code that was reversed
		c.reversal(outTradeNo, refunded)
	case "REFUND":
		c.refund(outRefundNo, outTradeNo, refunded, -fee)
	default:
		c.differ("state", number, "the bill has the unknown state %q", state)
	}
	return nil
}

// fen returns amounts of a row.
func fen(row bill.Row, columns ...string) (amounts []int64, err error) {
	for _, column := range columns {
		amount, err := row.Fen(column)
		if err != nil {
			return nil, err
		}
		amounts = append(amounts, amount)
	}
	return amounts, nil
}

func (c *comparison) payment(outTradeNo string, total, fee int64) {
	o, ok := c.books.orders[outTradeNo]
	switch {
	case !ok:
		c.differ("not booked", outTradeNo, "paid %d fen", total)
		return
	case o.state != "paid" && o.state != "reversed":
		c.differ("state", outTradeNo, "paid, and booked as %s", o.state)
	case o.day != c.day:
		c.differ("day", outTradeNo, "paid on %s, and booked on %s", c.day, o.day)
	}
	c.amounts(outTradeNo, total, o.total, fee, o.fee)
}

// amounts compares an amount and its fee with those of the books.
func (c *comparison) amounts(number string, amount, booked, fee, bookedFee int64) {
	if amount != booked {
		c.differ("amount", number, "%d fen, and booked with %d", amount, booked)
	}
	if fee != bookedFee {
		c.differ("fee", number, "%d fen, and booked with %d", fee, bookedFee)
	}
}

func (c *comparison) reversal(outTradeNo string, amount int64) {
	switch o, ok := c.books.orders[outTradeNo]; {
	case !ok:
		c.differ("not booked", outTradeNo, "reversed %d fen", amount)
	case o.state != "reversed":
		c.differ("state", outTradeNo, "reversed, and booked as %s", o.state)
	}
}

// refund compares a refund, which is in the bill of the day on which it succeeded. Its
// order may be of an earlier day.
func (c *comparison) refund(outRefundNo, outTradeNo string, amount, fee int64) {
	r, ok := c.books.refunds[outRefundNo]
	switch {
	case !ok:
		c.differ("not booked", outRefundNo, "refunded %d fen of %s", amount, outTradeNo)
		return
	case r.state != "done":
		c.differ("state", outRefundNo, "done, and booked as %s", r.state)
	case r.day != c.day:
		c.differ("day", outRefundNo, "done on %s, and booked on %s", c.day, r.day)
	}
	if r.outTradeNo != outTradeNo {
		c.differ("order", outRefundNo, "of %s, and booked for %s", outTradeNo, r.outTradeNo)
	}
	c.amounts(outRefundNo, amount, r.amount, fee, r.fee)
}

// addUnseen adds what the books have on that day and the bill lacks.
func (c *comparison) addUnseen() {
	for outTradeNo, o := range c.books.orders {
		isPaid, isReversed := c.seen["SUCCESS "+outTradeNo], c.seen["REVOKED "+outTradeNo]
		switch {
		case o.day != c.day || o.state != "paid" && o.state != "reversed":
		case !isPaid && !isReversed:
			c.differ("not in the bill", outTradeNo, "booked as %s with %d fen", o.state, o.total)
		case o.state == "reversed" && !isReversed:
			c.differ("state", outTradeNo, "paid, and booked as reversed")
		}
	}
	c.addUnseenRefunds()
}

func (c *comparison) addUnseenRefunds() {
	for outRefundNo, r := range c.books.refunds {
		switch {
		case c.seen["REFUND "+outRefundNo]:
		case r.state == "done" && r.day == c.day:
			c.differ("not in the bill", outRefundNo, "booked as a refund of %d fen", r.amount)
		case r.state == "accepted" && daysBetween(r.day, c.day) > refundsTake:
			c.differ("late", outRefundNo, "%d fen, accepted on %s: query it", r.amount, r.day)
		}
	}
}

func daysBetween(from, to string) int {
	a, _ := time.Parse(time.DateOnly, from) // a day of the books
	b, _ := time.Parse(time.DateOnly, to)
	return int(b.Sub(a).Hours() / 24)
}

// checkSummary compares the totals of the bill with its rows.
func (c *comparison) checkSummary(summary bill.Row) error {
	amounts, err := fen(summary, "订单总金额", "申请退款总金额", "手续费总金额")
	if err != nil {
		return err
	}
	rows := fmt.Sprint(c.sum.rows)
	if got := summary.Get("总交易单数"); got != rows || amounts[0] != c.sum.orders || amounts[1] != c.sum.refunds || amounts[2] != c.sum.fees {
		c.differ("summary", c.day, "it says %s rows with %d fen, and the bill has %s with %d", got, amounts, rows, []int64{c.sum.orders, c.sum.refunds, c.sum.fees})
	}
	return nil
}

// The shop's day.
const shopDay = "2026-11-23"

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.FixedZone("", 8*60*60))

func main() {
	play.Run(func(ctx context.Context, p play.Platform) error {
		for _, no := range []string{"20261123-001", "20261123-002", "20261123-003"} {
			if err := sell(ctx, p, no, 1880); err != nil {
				return err
			}
		}
		if err := giveBack(ctx, p, "20261123-001", 940, 1880); err != nil {
			return err
		}
		b := books{
			orders: map[string]order{
				"20261123-001": {1880, 11, "paid", shopDay},
				"20261123-002": {1800, 11, "paid", shopDay}, // a typing error
				"20261123-004": {1880, 11, "paid", shopDay}, // not paid
			}, // and 003, whose notification was lost
			refunds: map[string]refund{
				"20261123-001-1": {"20261123-001", 940, 5, "accepted", shopDay}, // its notification was lost
				"20261119-007-1": {"20261119-007", 500, 3, "accepted", "2026-11-19"},
			},
		}
		if err := p.Advance(23 * time.Hour); err != nil { // the bill is ready at 10 o'clock
			return err
		}
		folder, err := os.MkdirTemp("", "bills-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		return reconcile(ctx, p.Client, shopDay, filepath.Join(folder, shopDay+".csv"), b)
	}, func(config *sandbox.Config) { config.Clock = func() time.Time { return noon } })
}

// reconcile downloads the bill of a day and prints what differs.
func reconcile(ctx context.Context, client *wechatpay.Client, day, path string, b books) error {
	var trade io.Reader
	ok, err := download(ctx, client, day, path)
	if err != nil {
		return err
	}
	if ok {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		trade = file
	}
	found, err := compare(trade, day, b)
	for _, d := range found {
		fmt.Println(d)
	}
	return err
}

// download downloads the bill of a day. The file appears only after its hash is
// verified. It returns false if the day has no bill.
func download(ctx context.Context, client *wechatpay.Client, date, path string) (ok bool, err error) {
	_, err = bill.Download(ctx, client, bill.Trade, date, bill.File(path), bill.Gzip())
	if wechatpay.IsCode(err, "NO_STATEMENT_EXIST") {
		return false, nil // nothing was sold that day
	}
	return err == nil, err
}

// sell places an order and lets the user pay it.
func sell(ctx context.Context, p play.Platform, outTradeNo string, total int64) error {
	_, err := p.Client.V3().Pay().Transactions().Native().Post(ctx, wechatpay.JSON(wechatpay.M{
		"appid": "wxd678efh567hg6787", "mchid": p.Merchant().MchID, "description": "a pot of tea", "out_trade_no": outTradeNo,
		"notify_url": "https://example.com/notify", "amount": wechatpay.M{"total": total},
	}))
	if err != nil {
		return err
	}
	_, err = p.Pay(p.Merchant().MchID, outTradeNo)
	return err
}

// giveBack refunds a part of an order.
func giveBack(ctx context.Context, p play.Platform, outTradeNo string, amount, total int64) error {
	_, err := p.Client.V3().Refund().Domestic().Refunds().Post(ctx, wechatpay.JSON(wechatpay.M{
		"out_trade_no": outTradeNo, "out_refund_no": outTradeNo + "-1",
		"amount": wechatpay.M{"refund": amount, "total": total, "currency": "CNY"},
	}))
	return err
}
