package v3

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// bills returns the handlers of trade bills, fund-flow bills and bills of profit
// sharing.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654 (trade),
// https://pay.weixin.qq.com/docs/merchant/apis/bill-download/fund-bill/get-fund-bill.html (fund flow),
// https://pay.weixin.qq.com/doc/v3/merchant/4012529628 (profit sharing)
func bills() map[string]handler {
	return map[string]handler{
		"GET v3/bill/tradebill":      applyBill("trade", "bill_type", "ALL", "SUCCESS", "REFUND"),
		"GET v3/bill/fundflowbill":   applyBill("fund-flow", "account_type", money.AccountBasic, money.AccountOperation, money.AccountFees),
		"GET " + ofBills.path:        downloadFile(ofBills.path),
		"GET " + ofReceipts.path:     downloadFile(ofReceipts.path),
		"GET " + ofBatches.path:      downloadFile(ofBatches.path),
		"GET v3/profitsharing/bills": applyBill("sharing", ""),
	}
}

// gzipParameter is the query of a file's URL that asks for a compressed file.
const gzipParameter = "tartype=gzip"

// applyBill answers with the URL of a bill. A parameter has one of kinds; the
// first is the default. Without kinds there is one bill.
func applyBill(name, parameter string, kinds ...string) handler {
	return func(c *call) (int, any, error) {
		on, err := c.api.Bills.Day(c.Now, time.DateOnly, c.query.Get("bill_date"))
		if err != nil {
			return 0, nil, err
		}
		kind := ""
		if len(kinds) > 0 {
			kind = cmp.Or(c.query.Get(parameter), kinds[0])
		}
		if kind != "" && !slices.Contains(kinds, kind) {
			return 0, nil, wire.ParamError("query", parameter, kind, "want one of "+strings.Join(kinds, ", "))
		}
		if err := c.checkTarType(); err != nil {
			return 0, nil, err
		}
		subMchID := c.query.Get("sub_mchid")
		if subMchID != "" {
			if err := c.Parties.CheckSub(money.Owner{MchID: c.merchant.MchID, SubMchID: subMchID}, ""); err != nil {
				return 0, nil, err
			}
		}
		link, err := c.link(ofBills, name, on, kind, subMchID)
		if err != nil {
			return 0, nil, err
		}
		if c.query.Get("tar_type") == compressed {
			link.DownloadURL += "&" + gzipParameter
		}
		return http.StatusOK, link, nil
	}
}

// compressed is the tar_type of compressed files.
const compressed = "GZIP"

// checkTarType refuses a tar_type that does not exist.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012556654
func (c *call) checkTarType() error {
	if tar := c.query.Get("tar_type"); tar != "" && tar != compressed {
		return wire.ParamError("query", "tar_type", tar, "it is "+compressed+", or absent")
	}
	return nil
}

// downloadFile answers with the file of a token that link made for a path.
func downloadFile(path string) handler {
	return func(c *call) (int, any, error) {
		f, err := c.fileOf(path, c.query.Get("token"))
		if err != nil {
			return 0, nil, err
		}
		text, err := c.api.Bills.Make(c.Ledger, c.merchant.MchID, f.Name, f.At, f.Of...)
		if err == nil && c.query.Get("tartype") == "gzip" {
			text, err = wire.Zip(text)
		}
		return http.StatusOK, download{http.DetectContentType(text), text}, err
	}
}
