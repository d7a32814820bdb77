package v3

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// balances returns the handlers of the balances of a merchant's accounts and of
// its sub-merchants', now and at the end of a day.
//
// https://pay.weixin.qq.com/doc/v3/partner/4012720926 (now),
// https://pay.weixin.qq.com/wiki/doc/apiv3/apis/chapter7_7_4.shtml (end of a day),
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-balance/accounts/query-e-commerce-balance.html and
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-balance/accounts/query-e-commerce-day-end-balance.html (sub-merchants)
func balances() map[string]handler {
	return map[string]handler{
		"GET v3/merchant/fund/balance/{account_type}":       queryBalance,
		"GET v3/merchant/fund/dayendbalance/{account_type}": queryDayEndBalance,
		"GET v3/ecommerce/fund/balance/{sub_mchid}":         querySubBalance,
		"GET v3/ecommerce/fund/enddaybalance/{sub_mchid}":   querySubDayEndBalance,
	}
}

// A balanceAnswer is a balance as the platform shows it.
type balanceAnswer struct {
	SubMchID  string `json:"sub_mchid,omitempty"`
	Account   string `json:"account_type,omitempty"`
	Available int64  `json:"available_amount"`
	Pending   int64  `json:"pending_amount"`
}

func queryBalance(c *call) (int, any, error) {
	return c.balance(c.merchant.MchID, c.vars["account_type"], "uri_template", balanceAnswer{})
}

func queryDayEndBalance(c *call) (int, any, error) {
	return c.dayEndBalance(c.merchant.MchID, c.vars["account_type"], "uri_template", balanceAnswer{})
}

func querySubBalance(c *call) (int, any, error) {
	a, err := c.subAccount()
	if err != nil {
		return 0, nil, err
	}
	return c.balance(a.SubMchID, a.Account, "query", a)
}

func querySubDayEndBalance(c *call) (int, any, error) {
	a, err := c.subAccount()
	if err != nil {
		return 0, nil, err
	}
	return c.dayEndBalance(a.SubMchID, a.Account, "query", a)
}

// subAccount returns the account of the sub-merchant in the path. Its type is in
// the query.
func (c *call) subAccount() (balanceAnswer, error) {
	a := balanceAnswer{SubMchID: c.vars["sub_mchid"], Account: cmp.Or(c.query.Get("account_type"), money.AccountBasic)}
	return a, c.Parties.CheckSub(money.Owner{MchID: c.merchant.MchID, SubMchID: a.SubMchID}, "")
}

// closedAccounts are the types of accounts that merchants of a sandbox do not
// have.
var closedAccounts = []string{"DEPOSIT"}

// checkAccount refuses a type of accounts that is unknown, or that the merchant
// does not have.
func checkAccount(location, account string) error {
	switch {
	case money.IsAccount(account):
		return nil
	case slices.Contains(closedAccounts, account):
		return wire.Invalid("the merchant has no account " + account + " (输入账户类型未开通)")
	}
	return wire.ParamError(location, "account_type", account, "one of "+strings.Join([]string{money.AccountBasic, money.AccountOperation, money.AccountFees}, ", ")+" is wanted")
}

// balance answers with the balance of an account as it is now.
func (c *call) balance(mchID, account, location string, a balanceAnswer) (int, any, error) {
	if err := checkAccount(location, account); err != nil {
		return 0, nil, err
	}
	b, err := c.Balance(mchID, account)
	if err != nil {
		return 0, nil, err
	}
	a.Available, a.Pending = b.Available, b.Pending
	return http.StatusOK, a, nil
}

// dayEndBalance answers with the balance of an account at the end of the day in
// the query.
func (c *call) dayEndBalance(mchID, account, location string, a balanceAnswer) (int, any, error) {
	if err := checkAccount(location, account); err != nil {
		return 0, nil, err
	}
	day, err := c.dayEnd()
	if err != nil {
		return 0, nil, err
	}
	all, err := c.api.Bills.Closing(c.Ledger, mchID, account, day)
	if err != nil {
		return 0, nil, err
	}
	held, err := c.HeldAt(mchID, account, day)
	if err != nil {
		return 0, nil, err
	}
	a.Available, a.Pending = all-held, held
	return http.StatusOK, a, nil
}

const (
	closingDays = 90 // for which there are balances of the end of a day
	closingHour = 10 // o'clock in Beijing, from when on there is that of the day before
)

// dayEnd returns the day in the query, such as "20180608", if there is a balance of
// its end.
func (c *call) dayEnd() (string, error) {
	text := c.query.Get("date")
	now := beijing.In(c.Now)
	day, err := time.ParseInLocation(time.DateOnly, text, now.Location())
	if err != nil || day.Format(time.DateOnly) != text {
		return "", wire.ParamError("query", "date", text, "a day such as 2019-08-17 is wanted")
	}
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case !day.Before(today):
		return "", wire.Invalid("date is not over; today is " + today.Format(time.DateOnly) + " (日终余额当日无数据)")
	case day.Equal(today.AddDate(0, 0, -1)) && now.Hour() < closingHour:
		return "", wire.Invalid("the balance of yesterday is ready from 10 o'clock on; it is " + beijing.DateTime(now) + " (日终余额当日无数据)")
	case day.Before(today.AddDate(0, 0, -closingDays)):
		return "", wire.Invalid("there are the balances of 90 days (日终余额当日无数据)")
	}
	return beijing.Day(day), nil
}
