package money

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

var (
	outTradeNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)
	requestNo  = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{1,128}$`)
	// ownNo is a number that a merchant gives to a refund or a sharing.
	ownNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*@]{1,64}$`)
)

const (
	outTradeNoForm = "6 to 32 of 0-9 A-Z a-z _ - | * are wanted"
	ownNoForm      = "1 to 64 of 0-9 A-Z a-z _ - | * @ are wanted"
)

// Limits of an order: an amount, in fen, that the fields of APIv2 hold, and
// characters.
const (
	maxTotal       = math.MaxInt32
	maxDescription = 127
	maxAttach      = 128
	maxNotifyURL   = 255
	maxShownURL    = 256 // bytes
)

// Check returns what is wrong with an order, without regard to other orders.
func (o *Order) Check() error {
	if !outTradeNo.MatchString(o.OutTradeNo) {
		return BadField("out_trade_no", o.OutTradeNo, outTradeNoForm)
	}
	if o.Total < 1 || o.Total > maxTotal {
		return BadField("total", o.Total, fmt.Sprintf("it must be 1 to %d fen", maxTotal))
	}
	for _, text := range [...]struct {
		field, value string
		most         int
	}{{"description", o.Description, maxDescription}, {"attach", o.Attach, maxAttach}} {
		if n := utf8.RuneCountInString(text.value); n > text.most {
			return BadField(text.field, nil, fmt.Sprintf("%d characters, want at most %d", n, text.most))
		}
	}
	if o.SubOpenID != "" && o.SubAppID == "" {
		return BadField("sub_appid", nil, "it is required with sub_openid")
	}
	return checkNotifyURL(o.NotifyURL)
}

// CheckCurrency refuses every currency except CNY.
func CheckCurrency(field, currency string) error {
	if currency != "" && currency != "CNY" {
		return BadField(field, currency, "only CNY is known")
	}
	return nil
}

// checkNotifyURL checks a notify_url. If it may be empty and is, nobody is
// notified.
func checkNotifyURL(text string) error {
	if text == "" {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return BadField("notify_url", text[:min(len(text), maxShownURL)], "a URL without a query is wanted")
	}
	if n := utf8.RuneCountInString(text); n > maxNotifyURL {
		return BadField("notify_url", nil, fmt.Sprintf("%d characters, want at most %d", n, maxNotifyURL))
	}
	return nil
}

// Place stores a new order, which its user can then pay, and returns it as
// stored. If the number and the parameters were placed before, it returns the
// earlier order, with a new way to pay if the earlier one no longer lives.
func (l *Ledger) Place(made *Order) (*Order, error) {
	if err := made.Check(); err != nil {
		return nil, err
	}
	o, found, err := store.Load[Order](l.Tx, orders, made.Key())
	if err != nil {
		return nil, err
	}
	if found {
		if err := o.checkRepeat(made.Fingerprint, l.Now); err != nil || o.lives(o.TradeType, l.Now) {
			return &o, err
		}
		if err := l.renew(&o.Prepay, prepays, o.Key()); err != nil {
			return nil, err
		}
		return &o, o.save(l.Tx)
	}
	if err := l.take(orders, made.Owner, made.OutTradeNo, errOrderUsed); err != nil {
		return nil, err
	}
	if err := l.renew(&made.Prepay, prepays, made.Key()); err != nil {
		return nil, err
	}
	made.State, made.Placed, made.Expire = OrderNotPay, l.Now, l.moveExpire(made.Expire, expireDays)
	return made, made.save(l.Tx)
}

// checkRepeat returns why a repeated call with a fingerprint does not get the
// first answer.
func (o *Order) checkRepeat(fingerprint string, now time.Time) error {
	switch state := o.StateAt(now); {
	case state == OrderIsClosed:
		return errOrderClosed
	case o.Fingerprint != fingerprint:
		return errOrderUsed
	case state == OrderRevoked:
		return errOrderReversed
	case state == OrderPayError:
		return errOrderFailed
	case state != OrderNotPay && state != OrderUserPaying:
		return errOrderPaid
	case state == OrderNotPay && o.isExpired(now):
		return errOrderExpired
	}
	return nil
}

// The limits of a time_expire: the least time after the order, and the most, which
// is shorter for the combined orders of e-commerce platforms.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167,
// https://pay.weixin.qq.com/docs/partner/apis/ecommerce-payment/jsapi-prepay.html
const (
	leastExpire        = time.Minute
	expireDays         = 90
	platformExpireDays = 15
)

// moveExpire moves the time_expire of an order that is placed now, unless it is
// zero, to between a minute and a number of days after it.
func (l *Ledger) moveExpire(expire time.Time, days int) time.Time {
	if expire.IsZero() {
		return expire
	}
	if least := l.Now.Add(leastExpire); expire.Before(least) {
		return least
	}
	if most := l.Now.AddDate(0, 0, days); expire.After(most) {
		return most
	}
	return expire
}

func (o *Order) isExpired(now time.Time) bool { return !o.Expire.IsZero() && !now.Before(o.Expire) }

// unpaidDays is for how many days an order without time_expire can be paid. Then it
// is closed; with a time_expire it is closed not before that.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167
const unpaidDays = 7

// isOver reports whether an unpaid order is closed by its age.
func (o *Order) isOver(now time.Time) bool {
	return !o.Placed.IsZero() && !now.Before(o.Placed.AddDate(0, 0, unpaidDays)) && !now.Before(o.Expire)
}
