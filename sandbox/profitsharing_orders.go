package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A sharing is an order of profit sharing. Amounts are in fen.
type sharing struct {
	SubMchID      string    `json:"sub_mchid,omitempty"`
	OutOrderNo    string    `json:"out_order_no"`
	TransactionID string    `json:"transaction_id"`
	OrderID       string    `json:"order_id"`
	Parts         []part    `json:"parts"`
	Created       time.Time `json:"created"`
	Fingerprint   string    `json:"fingerprint"` // of the parameters
}

// A part is what one receiver gets.
type part struct {
	Type        string `json:"type"`
	Account     string `json:"account"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	DetailID    string `json:"detail_id"`
	Returned    int64  `json:"returned,omitempty"` // or about to be
}

const (
	shares   = "share"    // by mchid/out_order_no
	shareIDs = "share_id" // the out_order_no, by mchid/order_id
)

func (c *call) loadSharing(outOrderNo string) (s sharing, found bool, err error) {
	return store.Load[sharing](c.tx, shares, orderKey(c.merchant.MchID, outOrderNo))
}

func (c *call) saveSharing(s *sharing) error {
	return store.Save(c.tx, shares, orderKey(c.merchant.MchID, s.OutOrderNo), s)
}

// shareOnce does once what a number asks for: add puts the parts into the sharing and
// takes them from the order.
func (c *call) shareOnce(kind string, add func(*sharing, *order) error) (*sharing, error) {
	number := c.body.Get("out_order_no").String()
	if err := checkSharingNo("/out_order_no", number); err != nil {
		return nil, err
	}
	print, err := fingerprint(kind, c.body)
	if err != nil {
		return nil, err
	}
	s, found, err := c.loadSharing(number)
	switch {
	case err != nil:
		return nil, err
	case found && s.Fingerprint != print:
		return nil, usedBefore("out_order_no")
	case found:
		return &s, nil
	}
	s = sharing{SubMchID: c.body.Get("sub_mchid").String(), OutOrderNo: number, TransactionID: c.body.Get("transaction_id").String(),
		Created: c.now, Fingerprint: print}
	o, err := c.sharedOrder(s.TransactionID)
	if err != nil {
		return nil, err
	}
	if o.SubMchID != s.SubMchID {
		return nil, badField("/sub_mchid", s.SubMchID, "it is not that of the order")
	}
	if o.Shares >= maxShares {
		return nil, &refusal{Status: http.StatusForbidden, Code: "RULE_LIMIT", Message: fmt.Sprintf("the order was shared %d times, which is the most", o.Shares)}
	}
	n, err := c.number("order_id")
	if err != nil {
		return nil, err
	}
	s.OrderID = fmt.Sprintf("3008%06d%s%s", c.seed%1_000_000, beijing.Day(c.now), n)
	if err := add(&s, o); err != nil {
		return nil, err
	}
	o.Shares++
	if err := o.save(c.tx); err != nil {
		return nil, err
	}
	if err := store.Save(c.tx, shareIDs, orderKey(c.merchant.MchID, s.OrderID), s.OutOrderNo); err != nil {
		return nil, err
	}
	if err := s.post(c.tx, c.merchant.MchID); err != nil {
		return nil, err
	}
	return &s, c.saveSharing(&s)
}

// addPart adds a part to a sharing and takes it from what is left of the order.
func (c *call) addPart(s *sharing, o *order, p part) error {
	n, err := c.number("detail_id")
	if err != nil {
		return err
	}
	p.DetailID = "36011" + beijing.Day(c.now) + n
	s.Parts = append(s.Parts, p)
	o.Shared += p.Amount
	return nil
}

// addRest gives the merchant what is left of the order, which ends its
// sharing.
func (c *call) addRest(s *sharing, o *order, description string) error {
	left := o.unsplit(c.now)
	o.Unfrozen = true
	if left == 0 {
		return nil
	}
	return c.addPart(s, o, part{Type: receiverMerchant, Account: o.payee(), Amount: left, Description: description})
}

// applyShare shares an order; the same number shares once.
func applyShare(c *call) (int, any, error) {
	s, err := c.shareOnce("share", func(s *sharing, o *order) error {
		if err := c.addParts(s, o); err != nil {
			return err
		}
		if c.body.Get("unfreeze_unsplit").Bool() {
			return c.addRest(s, o, "解冻给分账方")
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.answer(c.now), nil
}

// addParts adds the parts of the receivers in the body.
func (c *call) addParts(s *sharing, o *order) error {
	list := c.body.Get("receivers").Array()
	if len(list) < 1 || len(list) > maxReceived {
		return badField("/receivers", nil, fmt.Sprintf("1 to %d receivers are wanted, not %d", maxReceived, len(list)))
	}
	for i, v := range list {
		at := fmt.Sprintf("/receivers/%d", i)
		p := part{Type: v.Get("type").String(), Account: v.Get("account").String(), Amount: v.Get("amount").Int(), Description: v.Get("description").String()}
		if err := c.checkReceiver(at, p.Type); err != nil {
			return err
		}
		if p.Amount < 1 {
			return badField(at+"/amount", p.Amount, "it must be 1 fen or more")
		}
		added, err := c.isReceiver(receiver{SubMchID: s.SubMchID, Type: p.Type, Account: p.Account})
		if err != nil {
			return err
		}
		if !added {
			return invalid(at + " is no receiver of this merchant; add it first")
		}
		if left := o.unsplit(c.now); p.Amount > left {
			return notEnough(left)
		}
		if err := c.addPart(s, o, p); err != nil {
			return err
		}
	}
	return nil
}

// unfreeze gives the merchant what is left of an order.
//
// https://pay.weixin.qq.com/doc/v3/merchant/4012526374
func unfreeze(c *call) (int, any, error) {
	s, err := c.shareOnce("unfreeze", func(s *sharing, o *order) error {
		if o.unsplit(c.now) == 0 {
			return notEnough(0)
		}
		return c.addRest(s, o, c.body.Get("description").String())
	})
	if err != nil {
		return 0, nil, err
	}
	a := s.answer(c.now)
	a.Receivers = nil // documented to have a fail_reason here, which there is none of
	return http.StatusOK, a, nil
}

func queryShare(c *call) (int, any, error) {
	s, found, err := c.loadSharing(c.vars["out_order_no"])
	if err == nil && (!found || s.TransactionID != c.query.Get("transaction_id")) {
		err = noResource("order of profit sharing")
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, s.answer(c.now), nil
}

// A sharingAnswer is a sharing as the platform shows it.
type sharingAnswer struct {
	SubMchID      string       `json:"sub_mchid,omitempty"`
	TransactionID string       `json:"transaction_id"`
	OutOrderNo    string       `json:"out_order_no"`
	OrderID       string       `json:"order_id"`
	State         string       `json:"state"`
	Receivers     []partAnswer `json:"receivers,omitempty"`
}

type partAnswer struct {
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Account     string `json:"account"`
	Result      string `json:"result"`
	DetailID    string `json:"detail_id"`
	CreateTime  string `json:"create_time"`
	FinishTime  string `json:"finish_time"`
}

func (s *sharing) answer(now time.Time) sharingAnswer {
	a := sharingAnswer{SubMchID: s.SubMchID, TransactionID: s.TransactionID, OutOrderNo: s.OutOrderNo, OrderID: s.OrderID, State: "PROCESSING"}
	result := resultPending
	if _, ok := finished(s.Created, now); ok {
		a.State, result = "FINISHED", resultSuccess
	}
	for _, p := range s.Parts {
		a.Receivers = append(a.Receivers, partAnswer{
			Amount: p.Amount, Description: p.Description, Type: p.Type, Account: p.Account, Result: result,
			DetailID: p.DetailID, CreateTime: beijing.Format(s.Created), FinishTime: finishTime(s.Created, now),
		})
	}
	return a
}
