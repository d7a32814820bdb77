package money

import (
	"cmp"
	"slices"
)

// A Wallet is what a user has, or can still get.
type Wallet struct {
	Coupons    []*Coupon
	Transfers  []Transfer   // that wait for the user
	RedPackets []*RedPacket // that the user can open
}

// Wallet returns what a user has.
func (l *Ledger) Wallet(openID string) (w Wallet, err error) {
	if w.Coupons, err = l.CouponsOf(openID, func(*Coupon) bool { return true }); err != nil {
		return w, err
	}
	err = each(l, transfers, "", func(t Transfer) error {
		if t = t.At(l.Now); t.OpenID == openID && t.State == TransferWaiting {
			w.Transfers = append(w.Transfers, t)
		}
		return nil
	})
	if err != nil {
		return w, err
	}
	err = each(l, redPackets, "", func(p RedPacket) error {
		if p.checkOpen(openID, l.Now) == nil {
			w.RedPackets = append(w.RedPackets, &p)
		}
		return nil
	})
	slices.SortStableFunc(w.Transfers, func(a, b Transfer) int { return b.Created.Compare(a.Created) })
	slices.SortStableFunc(w.RedPackets, func(a, b *RedPacket) int {
		return cmp.Or(b.Sent.Compare(a.Sent), cmp.Compare(a.MchBillNo, b.MchBillNo))
	})
	return w, err
}

// OrderToPay returns the order of a merchant's number, as Pay finds it.
func (l *Ledger) OrderToPay(mchID, outTradeNo string) (*Prepaid, error) {
	k, parts, err := l.orderToPlay(mchID, outTradeNo)
	switch {
	case err != nil:
		return nil, err
	case k != nil:
		return &Prepaid{k, parts, k.Prepay}, nil
	}
	return &Prepaid{nil, parts, parts[0].Prepay}, nil
}
