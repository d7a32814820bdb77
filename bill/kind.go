// Package bill downloads the bills of WeChat Pay and reads their rows.
package bill

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/wxchain/wechatpay/cipher"
)

// A Kind is a kind of bill: the path of its operation. You can use any other path
// whose answer names files to download in the same way.
type Kind string

const (
	// Trade has the payments and refunds of a day: those of the merchant, of all
	// sub-merchants of a partner, or of one sub-merchant with [SubMchID].
	//
	// https://pay.weixin.qq.com/doc/v3/merchant/4012556654
	Trade Kind = "v3/bill/tradebill"
	// FundFlow has the movements of an account of the merchant; see [AccountType].
	//
	// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/fund-bill/get-fund-bill.html
	FundFlow Kind = "v3/bill/fundflowbill"
	// SubMerchantFundFlow has the movements of an account of one sub-merchant. It
	// requires [SubMchID] and is encrypted for the partner.
	//
	// https://pay.weixin.qq.com/doc/v3/partner/4014314390
	SubMerchantFundFlow Kind = "v3/bill/sub-merchant-fundflowbill"
	// EcommerceFundFlow has the movements of the accounts of all sub-merchants of
	// an e-commerce platform. It is encrypted for that platform.
	//
	// https://pay.weixin.qq.com/docs/partner/apis/bill-download/sub-merchant-fund-flow-bill/get-sub-merchant-fund-flow-bill.html
	EcommerceFundFlow Kind = "v3/ecommerce/bill/fundflowbill"
	// ProfitSharing has what receivers of profit sharing got and gave back: of the
	// merchant, of all sub-merchants of a partner, or of one sub-merchant with
	// [SubMchID].
	//
	// https://pay.weixin.qq.com/doc/v3/merchant/4012529628
	ProfitSharing Kind = "v3/profitsharing/bills"
)

// query returns the query of the request. An option without effect is an error,
// because the caller would get another bill than expected.
func (o *options) query(kind Kind, date string) (url.Values, error) {
	if t, err := time.Parse(time.DateOnly, date); err != nil || t.Format(time.DateOnly) != date {
		return nil, fmt.Errorf("date is %.40q, want a day such as 2026-11-23", date)
	}
	if err := o.check(kind); err != nil {
		return nil, err
	}
	q := url.Values{"bill_date": {date}}
	accountType := o.accountType
	switch kind {
	case SubMerchantFundFlow:
		q.Set("algorithm", cipher.AlgorithmGCM)
		accountType = cmp.Or(accountType, "BASIC")
	case EcommerceFundFlow:
		q.Set("algorithm", cipher.AlgorithmGCM)
		accountType = cmp.Or(accountType, "ALL")
	}
	for name, value := range map[string]string{
		"bill_type": o.billType, "account_type": accountType, "sub_mchid": o.subMchID, "tar_type": o.tarType,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q, nil
}

// check returns an error for an option that this kind does not have, or that it
// requires and lacks.
func (o *options) check(kind Kind) error {
	fundFlow := kind == FundFlow || kind == SubMerchantFundFlow || kind == EcommerceFundFlow
	switch {
	case kind == "":
		return errors.New("kind is empty, want one such as bill.Trade")
	case kind == Trade && o.accountType != "":
		return errors.New("a trade bill has no AccountType; leave it out")
	case kind == ProfitSharing && (o.accountType != "" || o.billType != ""):
		return errors.New("a bill of profit sharing has neither BillType nor AccountType; leave them out")
	case fundFlow && o.billType != "":
		return errors.New("a fund-flow bill has no BillType; leave it out")
	case kind == SubMerchantFundFlow && o.subMchID == "":
		return errors.New("a sub-merchant's bill needs SubMchID")
	case kind == EcommerceFundFlow && o.subMchID != "":
		return errors.New("this bill has all sub-merchants; leave SubMchID out, or use SubMerchantFundFlow")
	}
	return nil
}
