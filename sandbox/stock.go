package sandbox

import (
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// The states of a stock of coupons.
const (
	stockUnactivated = "unactivated"
	stockRunning     = "running"
	stockPaused      = "paused"
	stockStopped     = "stoped" // as the platform spells it
)

// A stock is what cash coupons are taken from. Amounts are in fen.
type stock struct {
	ID          string        `json:"stock_id"`
	Creator     string        `json:"creator"` // a mchid
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	Type        string        `json:"type"`
	NoCash      bool          `json:"no_cash"`
	Begin       time.Time     `json:"begin"`
	End         time.Time     `json:"end"` // it stops then, whatever its state
	Rule        stockRule     `json:"rule"`
	Fixed       *couponValue  `json:"fixed,omitempty"`    // of a coupon, unless it is named on sending
	Lifetime    time.Duration `json:"lifetime,omitempty"` // of a coupon, if it does not last as long as the stock
	Items       []string      `json:"items"`              // the goods that a coupon is for, all if there are none
	Merchants   []string      `json:"merchants"`          // who takes the coupons
	Senders     []string      `json:"senders,omitempty"`  // who sends them, beside the creator
	Created     time.Time     `json:"created"`
	Started     time.Time     `json:"started,omitzero"`
	Paused      bool          `json:"paused,omitempty"`

	Sent       int64  `json:"sent"` // how many coupons
	SentAmount int64  `json:"sent_amount"`
	Day        string `json:"day,omitempty"` // of the latest coupon
	DayAmount  int64  `json:"day_amount,omitempty"`
}

// A stockRule limits what is sent of a stock.
type stockRule struct {
	MaxCoupons         int64 `json:"max_coupons"`
	MaxAmount          int64 `json:"max_amount"`
	MaxAmountByDay     int64 `json:"max_amount_by_day,omitempty"`
	MaxCouponsPerUser  int64 `json:"max_coupons_per_user"`
	NaturalPersonLimit bool  `json:"natural_person_limit"`
	PreventAPIAbuse    bool  `json:"prevent_api_abuse"`
}

// A couponValue is what a coupon takes off an order, and of how much at least.
type couponValue struct {
	Amount  int64 `json:"coupon_amount"`
	Minimum int64 `json:"transaction_minimum"`
}

const stockBucket = "stock" // by creator/stock_id

func (s *stock) save(tx Tx) error { return store.Save(tx, stockBucket, orderKey(s.Creator, s.ID), s) }

func loadStock(tx Tx, creator, stockID string) (*stock, error) {
	s, found, err := store.Load[stock](tx, stockBucket, orderKey(creator, stockID))
	if err == nil && !found {
		err = &refusal{Status: http.StatusNotFound, Code: "RESOURCE_NOT_EXISTS", Message: "stock_creator_mchid has no such stock"}
	}
	return &s, err
}

// state is the state at an instant.
func (s *stock) state(now time.Time) string {
	switch {
	case !now.Before(s.End):
		return stockStopped
	case s.Started.IsZero():
		return stockUnactivated
	case s.Paused:
		return stockPaused
	}
	return stockRunning
}

// A stockAnswer is a stock as the platform shows it.
type stockAnswer struct {
	ID          string    `json:"stock_id"`
	Creator     string    `json:"stock_creator_mchid"`
	Name        string    `json:"stock_name"`
	Status      string    `json:"status"`
	Type        string    `json:"stock_type"`
	Description string    `json:"description,omitempty"`
	NoCash      bool      `json:"no_cash"`
	SingleItem  bool      `json:"singleitem"`
	Begin       string    `json:"available_begin_time"`
	End         string    `json:"available_end_time"`
	Created     string    `json:"create_time"`
	Started     string    `json:"start_time,omitempty"`
	Stopped     string    `json:"stop_time,omitempty"`
	Sent        int64     `json:"distributed_coupons"`
	Rule        stockRule `json:"stock_use_rule"`
}

func (s *stock) answer(now time.Time) stockAnswer {
	a := stockAnswer{
		ID: s.ID, Creator: s.Creator, Name: s.Name, Status: s.state(now), Type: s.Type, Description: s.Description,
		NoCash: s.NoCash, SingleItem: len(s.Items) > 0, Begin: beijing.Format(s.Begin), End: beijing.Format(s.End),
		Created: beijing.Format(s.Created), Sent: s.Sent, Rule: s.Rule,
	}
	if !s.Started.IsZero() {
		a.Started = beijing.Format(s.Started)
	}
	if a.Status == stockStopped {
		a.Stopped = a.End
	}
	return a
}
