package sandbox

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math/bits"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A flow is a file on what became of a stock's coupons up to an instant.
type flow struct {
	name  string // as of a file
	title []string
	rows  func(tx Tx, s *stock, until time.Time) ([]flowRow, error)
}

type flowRow struct {
	time   time.Time
	values []string
}

var (
	useFlow = flow{"use-flow",
		[]string{"批次id", "优惠id", "优惠类型", "优惠金额(元)", "订单总金额(元)", "交易类型", "支付单号", "消耗时间", "消耗商户号", "设备号", "银行流水号", "单品信息"},
		useRows}
	refundFlow = flow{"refund-flow",
		[]string{"批次id", "优惠id", "优惠类型", "优惠退款金额(元)", "订单退款金额(元)", "交易类型", "支付单号", "退款单号", "退款时间", "消耗商户号", "设备号", "银行流水号", "单品信息"},
		refundRows}
)

// A couponUse is a coupon and the order that it was used on.
type couponUse struct {
	*coupon
	order *order
}

// yuan writes fen as files show amounts.
func yuan(fen int64) string {
	sign, n := "", uint64(fen)
	if fen < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// refundedPart is as much of an amount as part is of whole, rounded down.
func refundedPart(amount, part, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(part))
	quotient, _ := bits.Div64(hi, lo, uint64(whole))
	return int64(quotient)
}

// uses are the coupons of a stock that are used. Creators may have stocks of
// the same number, as of the documentation's.
func (s *stock) uses(tx Tx) (all []couponUse, err error) {
	err = store.Each(tx, usedCoupons, orderKey(s.ID, ""), func(couponID string) error {
		k, err := loadCoupon(tx, couponID)
		if err != nil || k.Creator != s.Creator {
			return err
		}
		o, err := loadPaid(tx, k.TransactionID)
		all = append(all, couponUse{k, o})
		return err
	})
	return all, err
}

func (s *stock) kind() string {
	if len(s.Items) > 0 {
		return "单品券"
	}
	return "全场券"
}

func useRows(tx Tx, s *stock, until time.Time) (rows []flowRow, err error) {
	all, err := s.uses(tx)
	for _, u := range all {
		if u.Used.After(until) {
			continue
		}
		rows = append(rows, flowRow{u.Used, []string{s.ID, u.ID, s.kind(), yuan(u.Amount), yuan(u.order.Total), u.order.TradeType,
			u.TransactionID, beijing.DateTime(u.Used), u.UsedMchID, "", "", ""}})
	}
	return rows, err
}

// refundRows shows the part of a coupon that a refund of its order gives back.
func refundRows(tx Tx, s *stock, until time.Time) (rows []flowRow, err error) {
	all, err := s.uses(tx)
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		refunds, err := u.order.refunds(tx)
		if err != nil {
			return nil, err
		}
		for _, r := range refunds {
			state, since := r.state(until)
			i := slices.IndexFunc(r.Discounts, func(d discount) bool { return d.CouponID == u.ID })
			if state != RefundSuccess || since.After(until) || i < 0 {
				continue
			}
			rows = append(rows, flowRow{since, []string{s.ID, u.ID, s.kind(), yuan(r.Discounts[i].Refunded), yuan(r.Amount), u.order.TradeType,
				u.TransactionID, r.RefundID, beijing.DateTime(since), u.UsedMchID, "", "", ""}})
		}
	}
	return rows, nil
}

// file is the flow of a stock up to an instant, as CSV.
func (f flow) file(tx Tx, s *stock, until time.Time) ([]byte, error) {
	rows, err := f.rows(tx, s, until)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b flowRow) int {
		return cmp.Or(a.time.Compare(b.time), slices.Compare(a.values, b.values))
	})
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.UseCRLF = true
	records := [][]string{f.title}
	for _, row := range rows {
		records = append(records, row.values)
	}
	err = w.WriteAll(records)
	return []byte(text.String()), err
}

// make is the flow that a file is, of a stock of the merchant.
func (f flow) make(tx Tx, mchID string, of file) ([]byte, error) {
	s, err := loadStock(tx, mchID, of.Of[0])
	if err != nil {
		return nil, err
	}
	return f.file(tx, s, of.At)
}

// flowLink answers with where a flow is downloaded.
func flowLink(f flow) handler {
	return func(c *call) (int, any, error) {
		url, sum, err := c.link(f.name, c.vars["stock_id"])
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, map[string]string{"url": url, "hash_type": "SHA1", "hash_value": sum}, nil
	}
}
