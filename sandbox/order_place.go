package sandbox

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

var outTradeNo = regexp.MustCompile(`^[0-9A-Za-z_\-|*]{6,32}$`)

const outTradeNoForm = "6 to 32 of 0-9 A-Z a-z _ - | * are wanted"

// What an order has at most: an amount, in fen, that the fields of APIv2 hold, and
// characters.
const (
	maxTotal       = math.MaxInt32
	maxDescription = 127
	maxAttach      = 128
	maxNotifyURL   = 255
)

// check is what stands against an order, whatever the state of things. Its
// fields are named as in APIv3, below at, and its amount is total.
func (o *order) check(at, total string) error {
	if !outTradeNo.MatchString(o.OutTradeNo) {
		return badField(at+"/out_trade_no", o.OutTradeNo, outTradeNoForm)
	}
	if o.Total < 1 || o.Total > maxTotal {
		return badField(at+total, o.Total, fmt.Sprintf("it must be 1 to %d fen", maxTotal))
	}
	for _, text := range [...]struct {
		field, value string
		most         int
	}{{"/description", o.Description, maxDescription}, {"/attach", o.Attach, maxAttach}} {
		if n := utf8.RuneCountInString(text.value); n > text.most {
			return badField(at+text.field, nil, fmt.Sprintf("%d characters, want at most %d", n, text.most))
		}
	}
	if o.SubOpenID != "" && o.SubAppID == "" {
		return badField(at+"/sub_appid", nil, "it is required with sub_openid")
	}
	return checkNotifyURL(o.NotifyURL)
}

// checkNotifyURL checks a notify_url; where it may be left out, nobody is told.
func checkNotifyURL(text string) error {
	if text == "" {
		return nil
	}
	if u, err := url.Parse(text); err != nil || u.Host == "" || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return badField("/notify_url", text[:min(len(text), maxShownValue)], "a URL without a query is wanted")
	}
	if n := utf8.RuneCountInString(text); n > maxNotifyURL {
		return badField("/notify_url", nil, fmt.Sprintf("%d characters, want at most %d", n, maxNotifyURL))
	}
	return nil
}

func checkCurrency(field, currency string) error {
	if currency != "" && currency != "CNY" {
		return badField(field, currency, "only CNY is known")
	}
	return nil
}

// place keeps a new order, which its user can pay then, and returns it as it is
// kept: the same number and parameters are the order that was placed before.
func (l *ledger) place(made *order) (*order, error) {
	if err := made.check("", "/amount/total"); err != nil {
		return nil, err
	}
	o, found, err := store.Load[order](l.tx, orders, made.key())
	if err != nil {
		return nil, err
	}
	if found {
		return &o, o.again(made, l.now)
	}
	if err := l.checkExpire(made.Expire); err != nil {
		return nil, err
	}
	if made.PrepayID, err = l.newPrepayID(); err != nil {
		return nil, err
	}
	made.State = stateNotPay
	return made, made.save(l.tx)
}

// checkExpire checks the time_expire of a new order alone: repeating an old one
// stays possible.
func (l *ledger) checkExpire(expire time.Time) error {
	if !expire.IsZero() && expire.Before(l.now.Add(time.Minute)) {
		return badField("/time_expire", beijing.Format(expire), "it must be a minute from now, or later")
	}
	return nil
}

func (l *ledger) newPrepayID() (string, error) {
	n, err := l.number("prepay_id")
	return fmt.Sprintf("wx%s%010d%s", beijing.Second(l.now), l.seed%numbers, n), err
}

// again is what stands against answering for an order once more.
func (o *order) again(made *order, now time.Time) error {
	switch state := o.state(now); {
	case state == stateClosed:
		return errOrderClosed
	case o.Fingerprint != made.Fingerprint:
		return errOrderUsed
	case state == stateRevoked:
		return errOrderReversed
	case state == stateFailed:
		return errOrderFailed
	case state != stateNotPay && state != stateUserPaying:
		return errOrderPaid
	}
	return nil
}
