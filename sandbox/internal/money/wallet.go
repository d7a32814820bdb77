package money

import (
	"cmp"
	"errors"
	"slices"
)

// A Wallet is what a user has, or can still get.
type Wallet struct {
	Coupons    []*Coupon
	Takers     [][]string      // of each coupon: the merchants that take it
	Transfers  []Transfer      // that wait for the user
	RedPackets []*RedPacket    // that the user can open
	Consents   []Authorization // that wait for the user, or that the user can end
}

// Wallet returns what a user has.
func (l *Ledger) Wallet(openID string) (w Wallet, err error) {
	if w.Coupons, err = l.CouponsOf(openID, func(*Coupon) bool { return true }); err != nil {
		return w, err
	}
	for _, k := range w.Coupons {
		from, err := l.Stock(k.Creator, k.StockID)
		if err != nil {
			return w, err
		}
		w.Takers = append(w.Takers, from.Merchants)
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
	if err != nil {
		return w, err
	}
	if w.Consents, err = l.consentsOf(openID); err != nil {
		return w, err
	}
	slices.SortStableFunc(w.Transfers, func(a, b Transfer) int { return b.Created.Compare(a.Created) })
	slices.SortStableFunc(w.RedPackets, func(a, b *RedPacket) int {
		return cmp.Or(b.Sent.Compare(a.Sent), cmp.Compare(a.MchBillNo, b.MchBillNo))
	})
	return w, err
}

// consentsOf returns the authorizations of a user that wait alone, without a transfer,
// or take effect, newest first.
func (l *Ledger) consentsOf(openID string) (all []Authorization, err error) {
	err = each(l, authorizations, "", func(a Authorization) error {
		if a.OpenID != openID {
			return nil
		}
		a, err := l.Authorization(a.MchID, a.OutNo)
		if no := (*Refusal)(nil); errors.As(err, &no) {
			return nil
		}
		if a.State == AuthorizationActive || a.State == AuthorizationWaiting && a.OutBillNo == "" {
			all = append(all, a)
		}
		return err
	})
	slices.SortStableFunc(all, func(a, b Authorization) int { return b.Created.Compare(a.Created) })
	return all, err
}

// AuthorizationWhose returns the authorization without a transfer whose
// authorization_id matches, as it is now.
func (l *Ledger) AuthorizationWhose(matches func(authorizationID string) bool) (Authorization, error) {
	found := Authorization{}
	if err := each(l, authorizations, "", func(a Authorization) error {
		if a.OutBillNo != "" || !matches(a.ID) {
			return nil
		}
		found = a
		return errEnough
	}); err != nil {
		return found, err
	}
	return l.Authorization(found.MchID, found.OutNo)
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
