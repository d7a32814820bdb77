package sandbox

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

const (
	// passwordTime is how long a user has to enter his password.
	passwordTime = time.Minute
	// passwordAbove is the amount in fen above which he always must.
	//
	// https://pay.weixin.qq.com/wiki/doc/api/wxpay/ch/pay/QuickPay/chapter3_3.shtml
	passwordAbove = 1000_00
)

// What the codes with these ends do in a sandbox. All others pay at once.
const (
	codePassword  = "0001" // the user must enter his password
	codeExpired   = "0002"
	codeNotEnough = "0003" // the user has too little money
)

// authCode is what the code of a user's wallet looks like.
var authCode = regexp.MustCompile(`^1[0-5][0-9]{16}$`)

var (
	errBadCode = &refusal{Status: http.StatusBadRequest, Code: "AUTH_CODE_INVALID",
		Message: "auth_code is no code of a user, which has 18 digits and starts with 10 to 15"}
	errCodeExpired = &refusal{Status: http.StatusBadRequest, Code: "AUTHCODEEXPIRE",
		Message: "auth_code has expired; ask the user for another one"}
	errNotEnough = &refusal{Status: http.StatusForbidden, Code: "NOT_ENOUGH", CodeV2: "NOTENOUGH",
		Message: "the user has too little money; ask for another card, with a new out_trade_no"}
)

// payByCode pays an order with the code that its user shows, and returns it as
// it is kept: paid, or USERPAYING as long as the user must enter his password.
// The same number and parameters are the order that is USERPAYING; one that is
// paid is refused, as documented. A refusal keeps no order.
func (l *ledger) payByCode(made *order, code string) (*order, error) {
	if err := made.check("", "/amount/total"); err != nil {
		return nil, err
	}
	o, found, err := store.Load[order](l.tx, orders, made.key())
	switch {
	case err != nil:
		return nil, err
	case found:
		return &o, o.again(made, l.now)
	case !authCode.MatchString(code):
		return nil, errBadCode
	case strings.HasSuffix(code, codeExpired):
		return nil, errCodeExpired
	case strings.HasSuffix(code, codeNotEnough):
		return nil, errNotEnough
	}
	if err := l.checkExpire(made.Expire); err != nil {
		return nil, err
	}
	made.State = stateNotPay
	if made.Total <= passwordAbove && !strings.HasSuffix(code, codePassword) {
		return made, l.pay(made)
	}
	made.State = stateUserPaying
	if until := l.now.Add(passwordTime); made.Expire.IsZero() || until.Before(made.Expire) {
		made.Expire = until
	}
	return made, made.save(l.tx)
}
