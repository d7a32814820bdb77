package money

import (
	"regexp"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	// passwordTime is how long a user has to enter the password.
	passwordTime = time.Minute
	// passwordAbove is the amount in fen above which the user must always enter
	// the password.
	//
	// https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/pay/QuickPay/chapter3_3.shtml
	passwordAbove = 1000_00
)

// The last digits of a code decide what it does. All other codes pay at once.
const (
	codePassword  = "0001" // the user must enter the password
	codeExpired   = "0002"
	codeNotEnough = "0003" // the user has too little money
)

// authCode matches the code of a user's wallet.
var authCode = regexp.MustCompile(`^1[0-5][0-9]{16}$`)

// PayByCode pays an order with the code that its user shows, and returns the
// order as stored: paid, or USERPAYING while the user must enter the password. If
// the number and the parameters repeat an order that is USERPAYING, PayByCode
// returns that order. A paid order is refused, as documented. A refused order is
// not stored. A payment by code has no notification.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012382150
func (l *Ledger) PayByCode(made *Order, code string) (*Order, error) {
	made.NotifyURL = ""
	if err := made.Check(); err != nil {
		return nil, err
	}
	o, found, err := store.Load[Order](l.Tx, orders, made.Key())
	switch {
	case err != nil:
		return nil, err
	case found:
		return &o, o.checkRepeat(made.Fingerprint, l.Now)
	case !authCode.MatchString(code):
		return nil, errBadCode
	case strings.HasSuffix(code, codeExpired):
		return nil, errCodeExpired
	case strings.HasSuffix(code, codeNotEnough):
		return nil, errNotEnough
	}
	if err := l.take(orders, made.Owner, made.OutTradeNo, errOrderUsed); err != nil {
		return nil, err
	}
	made.State, made.Placed, made.Expire = OrderNotPay, l.Now, l.moveExpire(made.Expire, expireDays)
	if made.Total <= passwordAbove && !strings.HasSuffix(code, codePassword) {
		return made, l.pay(made, Payment{})
	}
	made.State = OrderUserPaying
	if until := l.Now.Add(passwordTime); made.Expire.IsZero() || until.Before(made.Expire) {
		made.Expire = until
	}
	return made, made.save(l.Tx)
}
