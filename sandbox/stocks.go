package sandbox

import (
	"net/http"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// couponStocks are stocks of cash coupons and what their creator does with
// them.
//
// https://pay.weixin.qq.com/wiki/doc/apiv3/wxpay/marketing/convention/chapter3_1.shtml
func couponStocks() map[string]handler {
	const one = "v3/marketing/favor/stocks/{stock_id}"
	return map[string]handler{
		"POST v3/marketing/favor/coupon-stocks": createStock,
		"GET v3/marketing/favor/stocks":         listStocks,
		"GET " + one:                            queryStock,

		"POST " + one + "/start":   moveStock(stockUnactivated, "start_time", func(s *stock, now time.Time) { s.Started = now }),
		"POST " + one + "/pause":   moveStock(stockRunning, "pause_time", func(s *stock, _ time.Time) { s.Paused = true }),
		"POST " + one + "/restart": moveStock(stockPaused, "restart_time", func(s *stock, _ time.Time) { s.Paused = false }),

		"GET " + one + "/items":       listOfStock(func(s *stock) []string { return s.Items }),
		"GET " + one + "/merchants":   listOfStock(func(s *stock) []string { return s.Merchants }),
		"GET " + one + "/use-flow":    flowLink(useFlow),
		"GET " + one + "/refund-flow": flowLink(refundFlow),
	}
}

// ownStock is the stock of the path, which the merchant that signed created and
// which it names as such.
func (c *call) ownStock(location, field, creator string) (*stock, error) {
	if err := c.checkMchID(location, field, creator); err != nil {
		return nil, err
	}
	return loadStock(c.tx, creator, c.vars["stock_id"])
}

// moveStock brings a stock from a state to another one, and answers with since
// when it is there.
func moveStock(from, since string, move func(*stock, time.Time)) handler {
	return func(c *call) (int, any, error) {
		s, err := c.ownStock("body", "/stock_creator_mchid", c.body.Get("stock_creator_mchid").String())
		if err != nil {
			return 0, nil, err
		}
		if state := s.state(c.now); state != from {
			return 0, nil, invalid("the stock is " + state + ", not " + from)
		}
		move(s, c.now)
		return http.StatusOK, map[string]string{"stock_id": s.ID, since: beijing.Format(c.now)}, s.save(c.tx)
	}
}

func queryStock(c *call) (int, any, error) {
	s, err := c.ownStock("query", "stock_creator_mchid", c.query.Get("stock_creator_mchid"))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.answer(c.now), nil
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
	from, err := c.timeOf("create_start_time")
	if err != nil {
		return 0, nil, err
	}
	to, err := c.timeOf("create_end_time")
	if err != nil {
		return 0, nil, err
	}
	var found []stock
	err = store.Each(c.tx, stockBucket, orderKey(creator, ""), func(s stock) error {
		if passes(c.query.Get("status"), s.state(c.now)) && !s.Created.Before(from) && (to.IsZero() || !s.Created.After(to)) {
			found = append(found, s)
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	slices.SortStableFunc(found, func(a, b stock) int { return a.Created.Compare(b.Created) })
	for _, s := range found {
		p.add(s.answer(c.now))
	}
	return http.StatusOK, p, nil
}

// timeOf reads a time of the query, zero if it is not there.
func (c *call) timeOf(name string) (t time.Time, err error) {
	text := c.query.Get(name)
	if text == "" {
		return t, nil
	}
	if t, err = time.Parse(time.RFC3339, text); err != nil {
		return t, paramError("query", name, text, "a time such as 2018-06-08T10:34:56+08:00 is wanted")
	}
	return t, nil
}

// listOfStock lists texts that a stock has.
func listOfStock(of func(*stock) []string) handler {
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
