package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
)

// bills are what happened on a day, and what moved on an account.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654 (trade),
// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/fund-bill/get-fund-bill.html (fund flow)
func bills() map[string]handler {
	return map[string]handler{
		"GET v3/bill/tradebill":    applyBill(tradeBillName, "bill_type", billAll, billSuccess, billRefund),
		"GET v3/bill/fundflowbill": applyBill(fundFlowName, "account_type", accountBasic, accountOperation, accountFees),
		"GET v3/billdownload/file": downloadFile,
	}
}

// The names of bills as files.
const (
	tradeBillName = "trade"
	fundFlowName  = "fund-flow"
)

// errNoStatement refuses a bill in which nothing would be.
var errNoStatement = &refusal{Status: http.StatusBadRequest, Code: "NO_STATEMENT_EXIST", Message: "there is no such bill of that day, for there is nothing to be in it"}

// applyBill answers with where a bill is downloaded. A parameter is one of
// kinds, the first by default.
func applyBill(name, parameter string, kinds ...string) handler {
	return func(c *call) (int, any, error) {
		on, err := billDay(c.now, time.DateOnly, c.query.Get("bill_date"))
		if err != nil {
			return 0, nil, err
		}
		kind := cmp.Or(c.query.Get(parameter), kinds[0])
		if !slices.Contains(kinds, kind) {
			return 0, nil, paramError("query", parameter, kind, "it is none of "+strings.Join(kinds, ", "))
		}
		subMchID := c.query.Get("sub_mchid")
		if subMchID != "" {
			if err := c.checkSub(owner{c.merchant.MchID, subMchID}, ""); err != nil {
				return 0, nil, err
			}
		}
		url, sum, err := c.link(name, on, kind, subMchID)
		if err != nil {
			return 0, nil, err
		}
		if c.query.Get("tar_type") == "GZIP" {
			url += "&" + gzipParameter
		}
		return http.StatusOK, map[string]string{"download_url": url, "hash_type": "SHA1", "hash_value": sum}, nil
	}
}

func makeTradeBill(tx Tx, mchID string, f file) ([]byte, error) {
	return tradeBill(tx, mchID, f.Of[2], f.Of[0], f.Of[1])
}

func makeFundFlowBill(tx Tx, mchID string, f file) ([]byte, error) {
	return fundFlowBill(tx, cmp.Or(f.Of[2], mchID), f.Of[0], f.Of[1])
}

const (
	billHour   = 10 // o'clock in Beijing, from when on there is the bill of the day before
	billMonths = 3  // for which there are bills
)

// billDay is the day that a text in a layout names, in the form that the
// builders of bills take, if there can be a bill of it by now.
func billDay(now time.Time, layout, text string) (string, error) {
	bad := func(issue string) (string, error) { return "", paramError("query", "bill_date", text, issue) }
	now = beijing.In(now)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	on, err := time.ParseInLocation(layout, text, now.Location())
	switch {
	case err != nil || on.Format(layout) != text:
		return bad("a day such as " + time.Date(2019, 6, 11, 0, 0, 0, 0, time.UTC).Format(layout) + " is wanted")
	case !on.Before(today):
		return bad("a day that is over is wanted; today is " + today.Format(layout))
	case on.Before(today.AddDate(0, -billMonths, 0)):
		return bad("there are the bills of three months alone")
	case on.Equal(today.AddDate(0, 0, -1)) && now.Hour() < billHour:
		return "", &refusal{Status: http.StatusBadRequest, Code: "STATEMENT_CREATING", Message: "the bill of yesterday is ready from 10 o'clock on; it is " + beijing.DateTime(now)}
	}
	return on.Format(beijing.DayLayout), nil
}
