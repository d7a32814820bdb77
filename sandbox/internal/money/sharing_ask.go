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
	made.Ends = true
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
	if err := checkNotifyURL(made.NotifyURL); err != nil {
		return nil, err
	}
	s, found, err := store.Load[Sharing](l.Tx, shares, key(mchID, made.OutOrderNo))
	switch {
	case err != nil:
		return nil, err
	case found && s.Fingerprint != made.Fingerprint:
		const issue = "it was used with other parameters (分账接收方与原请求不一致); repeat that request as it was, or take a new number"
		return nil, &Refusal{ShareUsed, "out_order_no: " + issue, &Field{"out_order_no", made.OutOrderNo, issue}}
	case found:
		return &s, nil
	}
	s = made
	s.MchID, s.Created, s.Parts = mchID, l.Now, nil
	o, err := l.orderToShare(mchID, &s)
	if err != nil {
		return nil, err
	}
	if s.OrderID, err = l.nextLongNumber("order_id", "3008", 6); err != nil {
		return nil, err
	}
	if err := add(&s, o); err != nil {
		return nil, err
	}
	o.Shares++
	if err := l.freeze(o); err != nil {
		return nil, err
	}
	if err := o.save(l.Tx); err != nil {
		return nil, err
	}
	if err := store.Save(l.Tx, shareIDs, key(mchID, s.OrderID), s.OutOrderNo); err != nil {
		return nil, err
	}
	if err := l.postSharing(mchID, &s); err != nil {
		return nil, err
	}
	if err := l.awaitShared(&s); err != nil {
		return nil, err
	}
	return &s, s.save(l.Tx, mchID)
}

// orderToShare returns the order of a sharing, if it can be shared now.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func (l *Ledger) orderToShare(mchID string, s *Sharing) (o *Order, err error) {
	if s.Platform {
		o, err = l.PlatformOrder(mchID, s.TransactionID)
	} else {
		o, err = l.SharedOrder(mchID, s.TransactionID)
	}
	switch {
	case err != nil:
		return nil, err
	case o.SubMchID != s.SubMchID:
		return nil, BadField("sub_mchid", s.SubMchID, "it is not that of the order")
	case l.Now.Before(o.Paid.Add(shareAfter)):
		return nil, Invalid(fmt.Sprintf("an order can be shared from %v after its payment on (订单处理中,请稍后重试)", shareAfter))
	case o.Shares >= maxShares:
		return nil, &Refusal{Reason: ManyShares, Message: fmt.Sprintf("the order was shared %d times, which is the most (分账次数过多)", o.Shares)}
	}
	return o, nil
}

// addPart adds a part to a sharing and takes it from the rest of the order.
func (l *Ledger) addPart(s *Sharing, o *Order, p Part) error {
	n, err := l.NextNumber("detail_id")
	if err != nil {
		return err
	}
	p.DetailID = "36011" + beijing.Day(l.Now) + n
	if p.FailReason == "" {
		o.Shared += p.Amount
		if p.Type != ReceiverMerchant || p.Account != o.Payee() {
			o.SharedOut += p.Amount
		}
	}
	s.Parts = append(s.Parts, p)
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

// addParts adds the parts of the receivers. Each receives once in a request.
func (l *Ledger) addParts(mchID string, made Share, s *Sharing, o *Order) error {
	if n := len(made.Parts); n < 1 || n > maxReceived {
		return BadField("receivers", nil, fmt.Sprintf("1 to %d receivers are wanted, not %d", maxReceived, n))
	}
	seen := make(map[[2]string]bool)
	for i, p := range made.Parts {
		at := fmt.Sprintf("receivers/%d", i)
		if err := checkReceiver(at+"/", p.Type, made.AppIDs); err != nil {
			return err
		}
		if p.Amount < 1 {
			return BadField(at+"/amount", p.Amount, "it must be 1 fen or more")
		}
		name := [2]string{p.Type, p.Account}
		if seen[name] {
			return BadField(at+"/account", p.Account, "the request has this receiver already; add the amounts up")
		}
		seen[name] = true
		if err := l.checkPart(mchID, made, o, p, at); err != nil {
			return err
		}
		var err error
		if p.FailReason, err = l.failOf(p.Account, shareFailures); err != nil {
			return err
		}
		if err := l.addPart(s, o, p); err != nil {
			return err
		}
	}
	return nil
}

// checkPart refuses a receiver that was not added, more than is left of the order,
// and more than the ratio that the merchant agreed to share with others.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4014547102
func (l *Ledger) checkPart(mchID string, made Share, o *Order, p Part, at string) error {
	r := Receiver{SubMchID: o.SubMchID, Type: p.Type, Account: p.Account}
	if made.Platform {
		r.SubMchID = ""
	}
	added, _, err := store.Load[bool](l.Tx, receivers, r.key(mchID))
	if err != nil {
		return err
	}
	if !added {
		return Invalid("/" + at + " is not a receiver of this merchant; add it first")
	}
	if left := o.Unsplit(l.Now); p.Amount > left {
		return errNotEnoughToShare(left)
	}
	if most := o.Total * l.Terms.SharingRatio / 10_000; p.Account != o.Payee() && o.SharedOut+p.Amount > most {
		return &Refusal{Reason: OverLimit, Message: fmt.Sprintf("at most %d fen of this order, %d ten-thousandths, can be shared with others", most, l.Terms.SharingRatio)}
	}
	return nil
}
