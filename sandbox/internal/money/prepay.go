package money

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A Prepay is how the user pays an order: a prepay_id, from which the other ways
// follow.
type Prepay struct {
	PrepayID string    `json:"prepay_id,omitempty"`
	Prepaid  time.Time `json:"prepaid,omitzero"` // since when PrepayID lives
}

// How long the ways to pay live.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012525167
const (
	prepayTime = 2 * time.Hour
	h5Time     = 5 * time.Minute
)

// lives reports whether the way to pay of a trade type still lives.
func (p *Prepay) lives(tradeType string, now time.Time) bool {
	life := prepayTime
	if tradeType == TradeByH5 {
		life = h5Time
	}
	return now.Before(p.Prepaid.Add(life))
}

// Who has had a prepay_id: the key of an order, or of a combined one, by token.
const (
	prepays         = "prepay"
	combinedPrepays = "prepay-combined"
)

// renew replaces the way to pay what has a key in a bucket of prepays.
func (l *Ledger) renew(p *Prepay, bucket, key string) error {
	n, err := l.NextNumber("prepay_id")
	if err != nil {
		return err
	}
	*p = Prepay{fmt.Sprintf("wx%s%010d%s", beijing.Second(l.Now), l.Seed%numbers, n), l.Now}
	return store.Save(l.Tx, bucket, p.token(), key)
}

// A Prepaid is what has, or had, a prepay_id: an order, or a combined order and its
// orders.
type Prepaid struct {
	*Combined // nil for a single order
	Orders    []*Order
	Latest    Prepay
}

// Lives reports whether the latest prepay_id can be used.
func (p *Prepaid) Lives(now time.Time) bool { return p.Latest.lives(p.Orders[0].TradeType, now) }

// Expired reports whether time_expire is over.
func (p *Prepaid) Expired(now time.Time) bool { return p.Orders[0].isExpired(now) }

// Prepaid returns what had a prepay_id, by it or by the digits that links have in its
// place. A prepay_id that another one has replaced is still found, as Latest shows.
func (l *Ledger) Prepaid(id string) (*Prepaid, error) {
	if len(id) != tokenDigits && !prepayIDs.MatchString(id) {
		return nil, ErrNoOrder
	}
	token := id[len(id)-tokenDigits:]
	p, err := l.prepaidBy(token)
	if err == nil && len(id) > tokenDigits && token == p.Latest.token() && id != p.Latest.PrepayID {
		return nil, ErrNoOrder
	}
	return p, err
}

// prepayIDs matches all that renew makes.
var prepayIDs = regexp.MustCompile(`^wx[0-9]{34}$`)

// prepaidBy returns what had a prepay_id, by the digits that links have in its place.
func (l *Ledger) prepaidBy(token string) (*Prepaid, error) {
	at, found, err := store.Load[string](l.Tx, prepays, token)
	switch {
	case err != nil:
		return nil, err
	case found:
		o, err := l.orderAt(at)
		if err != nil {
			return nil, err
		}
		return &Prepaid{nil, []*Order{o}, o.Prepay}, nil
	}
	at, found, err = store.Load[string](l.Tx, combinedPrepays, token)
	if err != nil || !found {
		return nil, cmp.Or[error](err, ErrNoOrder)
	}
	mchID, number, _ := strings.Cut(at, "/")
	k, parts, err := l.CombinedOrder(mchID, number)
	if err != nil {
		return nil, err
	}
	return &Prepaid{k, parts, k.Prepay}, nil
}

const tokenDigits = 10

// token returns the digits that links have in place of the prepay_id.
func (p *Prepay) token() string { return p.PrepayID[len(p.PrepayID)-tokenDigits:] }

// H5Link returns the URL where a browser pays. It leads to the sandbox at base.
func (p *Prepay) H5Link(base string) string {
	return base + H5Path + "?prepay_id=" + url.QueryEscape(p.PrepayID) + "&package=" + p.token()
}

// H5Path is the path of an h5_url, below the URL of the sandbox.
const H5Path = "cgi-bin/mmpayweb-bin/checkmweb"

// CodeLink returns the content of the QR code.
func (p *Prepay) CodeLink() string { return "weixin://wxpay/bizpayurl?pr=" + p.token() }
