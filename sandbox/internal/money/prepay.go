package money

import (
	"fmt"
	"net/url"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
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

// renew replaces the way to pay.
func (l *Ledger) renew(p *Prepay) error {
	n, err := l.NextNumber("prepay_id")
	*p = Prepay{fmt.Sprintf("wx%s%010d%s", beijing.Second(l.Now), l.Seed%numbers, n), l.Now}
	return err
}

// token returns the digits that links have in place of the prepay_id.
func (p *Prepay) token() string { return p.PrepayID[len(p.PrepayID)-10:] }

// H5Link returns the URL where a browser pays. It leads to the sandbox at base.
func (p *Prepay) H5Link(base string) string {
	return base + H5Path + "?prepay_id=" + url.QueryEscape(p.PrepayID) + "&package=" + p.token()
}

// H5Path is the path of an h5_url, below the URL of the sandbox.
const H5Path = "cgi-bin/mmpayweb-bin/checkmweb"

// CodeLink returns the content of the QR code.
func (p *Prepay) CodeLink() string { return "weixin://wxpay/bizpayurl?pr=" + p.token() }
