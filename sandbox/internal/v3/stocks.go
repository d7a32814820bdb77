package v3

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/wire"
)

// couponStocks returns the handlers of stocks of cash coupons.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_1.shtml
func couponStocks() map[string]handler {
	const one = "v3/marketing/favor/stocks/{stock_id}"
	return map[string]handler{
		"POST v3/marketing/favor/coupon-stocks": createStock,
		"GET v3/marketing/favor/stocks":         listStocks,
		"GET " + one:                            queryStock,

		"POST " + one + "/start":   moveStock("start_time", (*money.Ledger).StartStock),
		"POST " + one + "/pause":   moveStock("pause_time", (*money.Ledger).PauseStock),
		"POST " + one + "/restart": moveStock("restart_time", (*money.Ledger).RestartStock),
		"POST " + one + "/stop":    moveStock("stop_time", (*money.Ledger).StopStock),

		"GET " + one + "/items":       listOfStock(func(s *money.Stock) []string { return s.Items }),
		"GET " + one + "/merchants":   listOfStock(func(s *money.Stock) []string { return s.Merchants }),
		"GET " + one + "/use-flow":    flowLink("use-flow"),
		"GET " + one + "/refund-flow": flowLink("refund-flow"),
	}
}

// createStock creates a stock. Repeating the number creates no second one.
func createStock(c *call) (int, any, error) {
	print, err := c.fingerprint("stock")
	if err != nil {
		return 0, nil, err
	}
	made, fixed, err := c.newStock()
	if err != nil {
		return 0, nil, err
	}
	s, err := c.CreateStock(made, c.text("out_request_no"), print, fixed)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]string{"stock_id": s.ID, "create_time": beijing.Format(s.Created)}, nil
}

// newStock reads a stock from the body, and the value of its coupons, or nil if
// the body has none.
func (c *call) newStock() (s *money.Stock, fixed *money.CouponValue, err error) {
	if err := c.checkMchID("body", "/belong_merchant", c.text("belong_merchant")); err != nil {
		return nil, nil, err
	}
	limits, use := c.body.Get("stock_use_rule"), c.body.Get("coupon_use_rule")
	s = &money.Stock{
		Creator:     c.merchant.MchID,
		Name:        c.text("stock_name"),
		Description: c.text("pattern_info.description"),
		Type:        c.text("stock_type"),
		NoCash:      c.body.Get("no_cash").Bool(),
		Rule: money.StockRule{
			MaxCoupons:         limits.Get("max_coupons").Int(),
			MaxAmount:          limits.Get("max_amount").Int(),
			MaxAmountByDay:     limits.Get("max_amount_by_day").Int(),
			MaxCouponsPerUser:  limits.Get("max_coupons_per_user").Int(),
			NaturalPersonLimit: limits.Get("natural_person_limit").Bool(),
			PreventAPIAbuse:    limits.Get("prevent_api_abuse").Bool(),
		},
		Items:     texts(use.Get("available_items")),
		Merchants: texts(use.Get("available_merchants")),
	}
	if len(s.Merchants) == 0 {
		s.Merchants = []string{s.Creator}
	}
	if s.Begin, err = c.bodyTime("available_begin_time"); err != nil {
		return nil, nil, err
	}
	if s.End, err = c.bodyTime("available_end_time"); err != nil {
		return nil, nil, err
	}
	if s.Lifetime, err = c.lifetime(); err != nil {
		return nil, nil, err
	}
	if v := use.Get("fixed_normal_coupon"); v.Exists() {
		fixed = &money.CouponValue{Amount: v.Get("coupon_amount").Int(), Minimum: v.Get("transaction_minimum").Int()}
	}
	return s, fixed, nil
}

// texts returns the elements of an array.
func texts(array gjson.Result) []string {
	all := []string{}
	for _, v := range array.Array() {
		all = append(all, v.String())
	}
	return all
}

// bodyTime returns a time of the body.
func (c *call) bodyTime(field string) (time.Time, error) {
	t, err := beijing.Parse(c.text(field))
	if err != nil {
		err = wire.BadField("/"+field, c.text(field), timeForm)
	}
	return t, err
}

// lifetime reads how long a coupon can be used after it is sent. Zero means as
// long as the stock lasts.
func (c *call) lifetime() (time.Duration, error) {
	const field = "coupon_use_rule.coupon_available_time.available_time_after_receive"
	minutes := c.body.Get(field)
	if !minutes.Exists() {
		return 0, nil
	}
	if most := int64(money.MaxStockTime / time.Minute); minutes.Int() < 1 || minutes.Int() > most {
		return 0, wire.BadField("/"+strings.ReplaceAll(field, ".", "/"), minutes.Value(), fmt.Sprintf("1 to %d minutes are wanted", most))
	}
	return time.Duration(minutes.Int()) * time.Minute, nil
}

// ownStock returns the stock of the path. The merchant that signed must have
// created it, and the call must name that merchant as its creator.
func (c *call) ownStock(location, field, creator string) (*money.Stock, error) {
	if err := c.checkMchID(location, field, creator); err != nil {
		return nil, err
	}
	return c.Stock(creator, c.vars["stock_id"])
}

// moveStock brings a stock to another state, and answers with the time of the
// change.
func moveStock(since string, move func(*money.Ledger, *money.Stock) error) handler {
	return func(c *call) (int, any, error) {
		s, err := c.ownStock("body", "/stock_creator_mchid", c.text("stock_creator_mchid"))
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, map[string]string{"stock_id": s.ID, since: beijing.Format(c.Now)}, move(c.Ledger, s)
	}
}

// queryStock shows a stock to its creator and to the merchants that send from it.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_5.shtml
func queryStock(c *call) (int, any, error) {
	const field = "stock_creator_mchid"
	creator := c.query.Get(field)
	s, err := c.Stock(creator, c.vars["stock_id"])
	if own := c.checkMchID("query", field, creator); own != nil && (err != nil || !slices.Contains(s.Senders, c.merchant.MchID)) {
		return 0, nil, own
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, stockAnswerOf(s, c.Now), nil
}

// listStocks lists a merchant's stocks, oldest first.
func listStocks(c *call) (int, any, error) {
	creator := c.query.Get("stock_creator_mchid")
	if err := c.checkMchID("query", "stock_creator_mchid", creator); err != nil {
		return 0, nil, err
	}
	p, err := c.newPage(10)
	if err != nil {
		return 0, nil, err
	}
	from, err := c.queryTime("create_start_time")
	if err != nil {
		return 0, nil, err
	}
	to, err := c.queryTime("create_end_time")
	if err != nil {
		return 0, nil, err
	}
	all, err := c.Stocks(creator)
	if err != nil {
		return 0, nil, err
	}
	for _, s := range all {
		if passes(c.query.Get("status"), s.StateAt(c.Now)) && !s.Created.Before(from) && (to.IsZero() || !s.Created.After(to)) {
			p.add(stockAnswerOf(s, c.Now))
		}
	}
	return http.StatusOK, p, nil
}

// listOfStock lists texts of a stock.
func listOfStock(of func(*money.Stock) []string) handler {
	type list struct {
		*page
		StockID string `json:"stock_id"`
	}
	return func(c *call) (int, any, error) {
		s, err := c.ownStock("query", "stock_creator_mchid", c.query.Get("stock_creator_mchid"))
		if err != nil {
			return 0, nil, err
		}
		p, err := c.newPage(50)
		if err != nil {
			return 0, nil, err
		}
		for _, text := range of(s) {
			p.add(text)
		}
		return http.StatusOK, list{p, s.ID}, nil
	}
}

// flowLink answers with the URL of a flow.
func flowLink(name string) handler {
	return func(c *call) (int, any, error) {
		link, err := c.link(ofBills, name, c.vars["stock_id"])
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, map[string]string{"url": link.DownloadURL, "hash_type": link.HashType, "hash_value": link.HashValue}, nil
	}
}

// A stockAnswer is a stock as the platform shows it.
type stockAnswer struct {
	ID          string           `json:"stock_id"`
	Creator     string           `json:"stock_creator_mchid"`
	Name        string           `json:"stock_name"`
	Status      money.StockState `json:"status"`
	Type        string           `json:"stock_type"`
	Description string           `json:"description"`
	NoCash      bool             `json:"no_cash"`
	SingleItem  bool             `json:"singleitem"`
	Begin       string           `json:"available_begin_time"`
	End         string           `json:"available_end_time"`
	Created     string           `json:"create_time"`
	Started     string           `json:"start_time,omitempty"`
	Stopped     string           `json:"stop_time,omitempty"`
	Sent        int64            `json:"distributed_coupons"`
	Rule        money.StockRule  `json:"stock_use_rule"`
}

func stockAnswerOf(s *money.Stock, now time.Time) stockAnswer {
	a := stockAnswer{
		ID: s.ID, Creator: s.Creator, Name: s.Name, Status: s.StateAt(now), Type: s.Type, Description: s.Description,
		NoCash: s.NoCash, SingleItem: len(s.Items) > 0, Begin: beijing.Format(s.Begin), End: beijing.Format(s.End),
		Created: beijing.Format(s.Created), Sent: s.Sent, Rule: s.Rule,
	}
	if !s.Started.IsZero() {
		a.Started = beijing.Format(s.Started)
	}
	switch {
	case !s.Stopped.IsZero():
		a.Stopped = beijing.Format(s.Stopped)
	case a.Status == money.StockStopped:
		a.Stopped = a.End
	}
	return a
}
