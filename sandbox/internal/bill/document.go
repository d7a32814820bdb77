package bill

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// The names of documents.
const (
	Trade            = "trade"       // of a day, a type and, when not "", a sub-merchant
	FundFlow         = "fund-flow"   // of a day, an account and, when not "", a sub-merchant
	Sharing          = "sharing"     // of a day, "" and, when not "", a sub-merchant
	CouponUseFlow    = "use-flow"    // of a stock
	CouponRefundFlow = "refund-flow" // of a stock
	Receipt          = "receipt"     // of a sub-merchant or "", a kind and a number
)

// The types of trade bills.
const (
	TradeAll     = "ALL"
	TradeSuccess = "SUCCESS" // payments alone
	TradeRefund  = "REFUND"  // refunds alone, and what was reversed
)

// A Maker makes documents.
type Maker struct{}

// Make returns the text of a merchant's document, as of an instant. It refuses a
// document that would be empty.
func (Maker) Make(l *money.Ledger, mchID, name string, at time.Time, of ...string) ([]byte, error) {
	switch name {
	case Trade:
		return tradeBill(l, mchID, of[2], of[0], of[1])
	case FundFlow:
		return fundFlowBill(l, cmp.Or(of[2], mchID), of[0], of[1])
	case Sharing:
		return sharingBill(l, mchID, of[2], of[0])
	case CouponUseFlow:
		return useFlow.text(l, mchID, of[0], at)
	case CouponRefundFlow:
		return refundFlow.text(l, mchID, of[0], at)
	case Receipt:
		return receipt(l, money.Owner{MchID: mchID, SubMchID: of[0]}, money.ReceiptKind(of[1]), of[2])
	}
	return nil, fmt.Errorf("a document %q", name)
}

// errNoStatement refuses a bill that would be empty.
var errNoStatement = &money.Refusal{Reason: money.NoStatement, Message: "there is no such bill of that day, for there is nothing to be in it"}

const (
	readyHour   = 10 // o'clock in Beijing, from when on there is the bill of the day before
	readyMonths = 3  // for which there are bills
)

// Day returns the day that a text in a layout names, in the form that documents
// take it. It refuses a day of which there is no bill by now.
//
// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/download-fund-bill.html
func (Maker) Day(now time.Time, layout, text string) (string, error) {
	bad := func(issue string) (string, error) { return "", money.UnfitField("bill_date", text, issue) }
	wanted := "a day such as " + time.Date(2019, 6, 11, 0, 0, 0, 0, time.UTC).Format(layout) + " is wanted"
	if !hasForm(layout, text) {
		return "", money.BadField("bill_date", text, wanted)
	}
	now = beijing.In(now)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	on, err := time.ParseInLocation(layout, text, now.Location())
	switch {
	case err != nil:
		return bad("there is no such day; " + wanted)
	case !on.Before(today):
		return bad("a day that is over is wanted; today is " + today.Format(layout))
	case on.Before(today.AddDate(0, -readyMonths, 0)):
		return bad("there are the bills of three months alone")
	case on.Equal(today.AddDate(0, 0, -1)) && now.Hour() < readyHour:
		return "", &money.Refusal{Reason: money.StatementCreating, Message: "the bill of yesterday is ready from 10 o'clock on; it is " + beijing.DateTime(now)}
	}
	return on.Format(beijing.DayLayout), nil
}

// hasForm reports whether a text has digits where the layout has them, and else the
// same characters.
func hasForm(layout, text string) bool {
	shape := func(text string) string {
		return strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return '0'
			}
			return r
		}, text)
	}
	return shape(text) == shape(layout)
}
