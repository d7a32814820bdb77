package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	maxStockTime       = 90 * 24 * time.Hour
	maxCouponsPerUser  = 60
	stockTypeFixed     = "NORMAL"
	stockTypeOnSending = "RANDOM"
)

var stockRequestNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{1,128}$`)

// A request is one that is done once, however often it is sent.
type request struct {
	Fingerprint string `json:"fingerprint"`
	ID          string `json:"id"` // of what it made
}

// once makes something, unless a request of that kind and out_request_no made
// it already, and returns its id.
func (c *call) once(kind, fingerprint string, create func() (id string, err error)) (string, error) {
	number := c.body.Get("out_request_no").String()
	if !stockRequestNo.MatchString(number) {
		return "", badField("/out_request_no", number, "1 to 128 of 0-9 A-Z a-z _ - | * are wanted")
	}
	key := orderKey(c.merchant.MchID, number)
	r, found, err := store.Load[request](c.tx, kind, key)
	switch {
	case err != nil:
		return "", err
	case found && r.Fingerprint != fingerprint:
		return "", invalid("out_request_no was used for another request; repeat that one as it was, or take a new number")
	case found:
		return r.ID, nil
	}
	id, err := create()
	if err != nil {
		return "", err
	}
	return id, store.Save(c.tx, kind, key, request{fingerprint, id})
}

// createStock takes a stock; the same number creates one.
func createStock(c *call) (int, any, error) {
	print, err := fingerprint("stock", c.body)
	if err != nil {
		return 0, nil, err
	}
	id, err := c.once("stock-request", print, func() (string, error) {
		s, err := c.newStock()
		if err != nil {
			return "", err
		}
		n, err := c.number("stock_id")
		if err != nil {
			return "", err
		}
		s.ID = "1" + n
		return s.ID, s.save(c.tx)
	})
	if err != nil {
		return 0, nil, err
	}
	s, err := loadStock(c.tx, c.merchant.MchID, id)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]string{"stock_id": s.ID, "create_time": beijing.Format(s.Created)}, nil
}

// newStock reads a stock from the body.
func (c *call) newStock() (*stock, error) {
	if err := c.checkMchID("body", "/belong_merchant", c.body.Get("belong_merchant").String()); err != nil {
		return nil, err
	}
	limits, use := c.body.Get("stock_use_rule"), c.body.Get("coupon_use_rule")
	s := &stock{
		Creator:     c.merchant.MchID,
		Name:        c.body.Get("stock_name").String(),
		Description: c.body.Get("pattern_info.description").String(),
		Type:        c.body.Get("stock_type").String(),
		NoCash:      c.body.Get("no_cash").Bool(),
		Rule: stockRule{
			MaxCoupons:         limits.Get("max_coupons").Int(),
			MaxAmount:          limits.Get("max_amount").Int(),
			MaxAmountByDay:     limits.Get("max_amount_by_day").Int(),
			MaxCouponsPerUser:  limits.Get("max_coupons_per_user").Int(),
			NaturalPersonLimit: limits.Get("natural_person_limit").Bool(),
			PreventAPIAbuse:    limits.Get("prevent_api_abuse").Bool(),
		},
		Items:     texts(use.Get("available_items")),
		Merchants: texts(use.Get("available_merchants")),
		Created:   c.now,
	}
	if len(s.Merchants) == 0 {
		s.Merchants = []string{s.Creator}
	}
	if err := checkStockName(s.Name); err != nil {
		return nil, err
	}
	if err := s.setTimes(c.body, c.now); err != nil {
		return nil, err
	}
	if err := s.Rule.check(); err != nil {
		return nil, err
	}
	return s, s.setValue(use.Get("fixed_normal_coupon"))
}

// texts are the elements of an array.
func texts(array gjson.Result) []string {
	all := []string{}
	for _, v := range array.Array() {
		all = append(all, v.String())
	}
	return all
}

// checkStockName refuses a name of more than 9 Chinese characters or 20
// letters, of which a Chinese character takes the place of two.
func checkStockName(name string) error {
	chinese, letters := 0, 0
	for _, r := range name {
		if r < 0x80 {
			letters++
		} else {
			chinese++
		}
	}
	if name == "" || chinese > 9 || 2*chinese+letters > 20 {
		return badField("/stock_name", name, "at most 9 Chinese characters or 20 letters are wanted")
	}
	if strings.ContainsAny(name, "_,;|") {
		return badField("/stock_name", name, "it must have none of _ , ; |")
	}
	return nil
}

// setTimes reads when the coupons can be used.
func (s *stock) setTimes(body gjson.Result, now time.Time) error {
	var err error
	for _, read := range []struct {
		field string
		to    *time.Time
	}{{"available_begin_time", &s.Begin}, {"available_end_time", &s.End}} {
		text := body.Get(read.field).String()
		if *read.to, err = beijing.Parse(text); err != nil {
			return badField("/"+read.field, text, "a time such as 2018-06-08T10:34:56+08:00 is wanted")
		}
	}
	end := body.Get("available_end_time").String()
	switch {
	case !s.End.After(s.Begin):
		return badField("/available_end_time", end, "it must be after available_begin_time")
	case !s.End.After(now):
		return badField("/available_end_time", end, "it has passed")
	case s.End.Sub(s.Begin) > maxStockTime:
		return badField("/available_end_time", end, "it must be at most 90 days after available_begin_time")
	}
	const lifetime = "coupon_use_rule.coupon_available_time.available_time_after_receive"
	minutes := body.Get(lifetime)
	if !minutes.Exists() {
		return nil
	}
	if most := int64(maxStockTime / time.Minute); minutes.Int() < 1 || minutes.Int() > most {
		return badField("/"+strings.ReplaceAll(lifetime, ".", "/"), minutes.Value(), fmt.Sprintf("1 to %d minutes are wanted", most))
	}
	s.Lifetime = time.Duration(minutes.Int()) * time.Minute
	return nil
}

func (r stockRule) check() error {
	const rule = "/stock_use_rule/"
	switch {
	case r.MaxCoupons < 1:
		return badField(rule+"max_coupons", r.MaxCoupons, "it must be 1 or more")
	case r.MaxAmount < 1:
		return badField(rule+"max_amount", r.MaxAmount, "it must be 1 fen or more")
	case r.MaxAmountByDay < 0 || r.MaxAmountByDay > r.MaxAmount:
		return badField(rule+"max_amount_by_day", r.MaxAmountByDay, "it must be at most max_amount")
	case r.MaxCouponsPerUser < 1 || r.MaxCouponsPerUser > min(maxCouponsPerUser, r.MaxCoupons):
		return badField(rule+"max_coupons_per_user", r.MaxCouponsPerUser,
			fmt.Sprintf("it must be 1 to %d, and at most max_coupons", maxCouponsPerUser))
	}
	return nil
}

// setValue reads what a coupon is worth: with NORMAL that is fixed, and times
// max_coupons it is max_amount; with RANDOM who sends a coupon names it. Stocks
// of the other types are not made by this call.
func (s *stock) setValue(fixed gjson.Result) error {
	const field = "/coupon_use_rule/fixed_normal_coupon"
	switch s.Type {
	case stockTypeOnSending:
		if fixed.Exists() {
			return badField(field, nil, "it is not for the stock_type "+s.Type)
		}
		return nil
	case stockTypeFixed:
	default:
		return badField("/stock_type", s.Type, "only "+stockTypeFixed+" and "+stockTypeOnSending+" can be created by this call")
	}
	each, rest := s.Rule.MaxAmount/s.Rule.MaxCoupons, s.Rule.MaxAmount%s.Rule.MaxCoupons
	v := couponValue{each, each}
	if fixed.Exists() { // required by some of the documentation, unknown to the rest
		v = couponValue{fixed.Get("coupon_amount").Int(), fixed.Get("transaction_minimum").Int()}
	}
	switch {
	case v.Amount != each || rest != 0:
		return badField("/stock_use_rule/max_amount", s.Rule.MaxAmount, "it must be coupon_amount times max_coupons")
	case v.Amount < 1:
		return badField(field+"/coupon_amount", v.Amount, "it must be 1 fen or more")
	case v.Minimum < v.Amount:
		return badField(field+"/transaction_minimum", v.Minimum, "it must be coupon_amount or more")
	}
	s.Fixed = &v
	return nil
}
