package sandbox

import "cmp"

// moves are those of a sharing, in the daybook of a merchant: what sharer, who
// was paid, gives to others, or what this one gets.
func (s *sharing) moves(sharer, mchID string) (all []move) {
	for _, p := range s.Parts {
		m := move{at: s.Created.Add(shareTime), account: accountBasic, name: "分账", kind: "分账", amount: p.Amount,
			number: s.OrderID, voucher: s.OutOrderNo, by: byAPI(sharer), remark: p.Description}
		to := p.merchant()
		switch {
		case to == sharer: // it keeps what it has
		case mchID == sharer:
			m.amount = -p.Amount
			all = append(all, m)
		case mchID == to:
			all = append(all, m)
		}
	}
	return all
}

// merchant is the mchid of the receiver, or nothing when that is a user.
func (p part) merchant() string {
	if p.Type != receiverMerchant {
		return ""
	}
	return p.Account
}

// post writes a sharing that a merchant asked for into all daybooks that it
// is of.
func (s *sharing) post(tx Tx, mchID string) error {
	sharer := cmp.Or(s.SubMchID, mchID)
	done := map[string]bool{"": true} // users have no daybook
	for _, of := range append([]part{{Type: receiverMerchant, Account: sharer}}, s.Parts...) {
		to := of.merchant()
		moves := s.moves(sharer, to)
		if done[to] || len(moves) == 0 {
			continue
		}
		done[to] = true
		if err := post(tx, to, posting{s.Created.Add(shareTime), shares, orderKey(mchID, s.OutOrderNo)}, moves); err != nil {
			return err
		}
	}
	return nil
}

// moves are those of what a receiver gives back to sharer, in the daybook of a
// merchant.
func (g giveback) moves(sharer, mchID string) []move {
	m := move{at: g.Created.Add(shareTime), account: accountBasic, name: "分账回退", kind: "分账回退", amount: g.Amount,
		number: g.ReturnID, voucher: g.OutReturnNo, by: byAPI(sharer), remark: g.Description}
	switch {
	case g.ReturnMchID == sharer:
		return nil
	case mchID == g.ReturnMchID:
		m.amount = -g.Amount
	case mchID != sharer:
		return nil
	}
	return []move{m}
}

// post writes what is given back of a sharing of a merchant into both
// daybooks that it is of.
func (g giveback) post(tx Tx, mchID string) error {
	sharer := cmp.Or(g.SubMchID, mchID)
	for _, of := range [...]string{sharer, g.ReturnMchID} {
		moves := g.moves(sharer, of)
		if len(moves) == 0 {
			continue
		}
		if err := post(tx, of, posting{g.Created.Add(shareTime), givebacks, orderKey(mchID, g.OutReturnNo)}, moves); err != nil {
			return err
		}
	}
	return nil
}
