package money

import (
	"fmt"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A Share is a merchant's request to share an order.
type Share struct {
	Sharing            // its numbers; the Parts are what each receiver gets
	AppIDs   [2]string // the appid and the sub_appid that users are named by
	Unfreeze bool      // the rest becomes the merchant's
}

// Share shares an order. Repeating the number shares nothing more.
func (l *Ledger) Share(mchID string, made Share) (*Sharing, error) {
	return l.shareOnce(mchID, made.Sharing, func(s *Sharing, o *Order) error {
		if err := l.addParts(mchID, made, s, o); err != nil {
			return err
		}
		if made.Unfreeze {
			return l.addRest(s, o, "解冻给分账方")
		}
		return nil
	})
}

// Unfreeze gives the merchant the rest of an order. Repeating the number changes
// nothing.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012526374
func (l *Ledger) Unfreeze(mchID string, made Sharing, description string) (*Sharing, error) {
	return l.shareOnce(mchID, made, func(s *Sharing, o *Order) error {
		if o.Unsplit(l.Now) == 0 {
			return errNotEnoughToShare(0)
		}
		return l.addRest(s, o, description)
	})
}

// shareOnce carries out a number's request once: add puts the parts into the
// sharing and takes them from the order.
func (l *Ledger) shareOnce(mchID string, made Sharing, add func(*Sharing, *Order) error) (*Sharing, error) {
	if !ownNo.MatchString(made.OutOrderNo) {
		return nil, BadField("out_order_no", made.OutOrderNo, ownNoForm)
	}
	s, found, err := store.Load[Sharing](l.Tx, shares, key(mchID, made.OutOrderNo))
	switch {
	case err != nil:
		return nil, err
	case found && s.Fingerprint != made.Fingerprint:
		return nil, errUsedBefore("out_order_no", "with other parameters")
	case found:
		return &s, nil
	}
	s = made
	s.Created, s.Parts = l.Now, nil
	o, err := l.SharedOrder(mchID, s.TransactionID)
	if err != nil {
		return nil, err
	}
	if o.SubMchID != s.SubMchID {
		return nil, BadField("sub_mchid", s.SubMchID, "it is not that of the order")
	}
	if o.Shares >= maxShares {
		return nil, &Refusal{Reason: OverLimit, Message: fmt.Sprintf("the order was shared %d times, which is the most", o.Shares)}
	}
	if s.OrderID, err = l.nextLongNumber("order_id", "3008", 6); err != nil {
		return nil, err
	}
	if err := add(&s, o); err != nil {
		return nil, err
	}
	o.Shares++
	if err := o.save(l.Tx); err != nil {
		return nil, err
	}
	if err := store.Save(l.Tx, shareIDs, key(mchID, s.OrderID), s.OutOrderNo); err != nil {
		return nil, err
	}
	l.postSharing(mchID, &s)
	return &s, s.save(l.Tx, mchID)
}

// addPart adds a part to a sharing and takes it from the rest of the order.
func (l *Ledger) addPart(s *Sharing, o *Order, p Part) error {
	n, err := l.NextNumber("detail_id")
	if err != nil {
		return err
	}
	p.DetailID = "36011" + beijing.Day(l.Now) + n
	s.Parts = append(s.Parts, p)
	o.Shared += p.Amount
	return nil
}

// addRest gives the merchant the rest of the order, which ends its sharing.
func (l *Ledger) addRest(s *Sharing, o *Order, description string) error {
	left := o.Unsplit(l.Now)
	o.Unfrozen = true
	if left == 0 {
		return nil
	}
	return l.addPart(s, o, Part{Type: ReceiverMerchant, Account: o.Payee(), Amount: left, Description: description})
}

// addParts adds the parts of the receivers.
func (l *Ledger) addParts(mchID string, made Share, s *Sharing, o *Order) error {
	if n := len(made.Parts); n < 1 || n > maxReceived {
		return BadField("receivers", nil, fmt.Sprintf("1 to %d receivers are wanted, not %d", maxReceived, n))
	}
	for i, p := range made.Parts {
		at := fmt.Sprintf("receivers/%d", i)
		if err := checkReceiver(at+"/", p.Type, made.AppIDs); err != nil {
			return err
		}
		if p.Amount < 1 {
			return BadField(at+"/amount", p.Amount, "it must be 1 fen or more")
		}
		added, err := l.isReceiver(mchID, Receiver{SubMchID: s.SubMchID, Type: p.Type, Account: p.Account})
		if err != nil {
			return err
		}
		if !added {
			return Invalid("/" + at + " is not a receiver of this merchant; add it first")
		}
		if left := o.Unsplit(l.Now); p.Amount > left {
			return errNotEnoughToShare(left)
		}
		if err := l.addPart(s, o, p); err != nil {
			return err
		}
	}
	return nil
}
