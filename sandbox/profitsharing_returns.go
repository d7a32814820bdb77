package sandbox

import (
	"fmt"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A giveback is what a receiver gives back of its part, in fen.
type giveback struct {
	givebackFields
	Created     time.Time `json:"created"`
	Fingerprint string    `json:"fingerprint"` // of the parameters
}

type givebackFields struct {
	SubMchID    string `json:"sub_mchid,omitempty"`
	OrderID     string `json:"order_id"`
	OutOrderNo  string `json:"out_order_no"`
	OutReturnNo string `json:"out_return_no"`
	ReturnID    string `json:"return_id"`
	ReturnMchID string `json:"return_mchid"`
	Amount      int64  `json:"amount"`
	Description string `json:"description"`
}

const givebacks = "share_return" // by mchid/out_return_no

// applyReturn takes back what a merchant received; the same number takes it
// once.
func applyReturn(c *call) (int, any, error) {
	number := c.body.Get("out_return_no").String()
	if err := checkSharingNo("/out_return_no", number); err != nil {
		return 0, nil, err
	}
	print, err := fingerprint("return", c.body)
	if err != nil {
		return 0, nil, err
	}
	key := orderKey(c.merchant.MchID, number)
	g, found, err := store.Load[giveback](c.tx, givebacks, key)
	switch {
	case err != nil:
		return 0, nil, err
	case found && g.Fingerprint != print:
		return 0, nil, usedBefore("out_return_no")
	case found:
		return http.StatusOK, g.answer(c.now), nil
	}
	s, err := c.sharingToReturn()
	if err != nil {
		return 0, nil, err
	}
	g = giveback{givebackFields{
		SubMchID: s.SubMchID, OrderID: s.OrderID, OutOrderNo: s.OutOrderNo, OutReturnNo: number,
		ReturnMchID: c.body.Get("return_mchid").String(), Amount: c.body.Get("amount").Int(),
		Description: c.body.Get("description").String(),
	}, c.now, print}
	if g.Amount < 1 {
		return 0, nil, badField("/amount", g.Amount, "it must be 1 fen or more")
	}
	if _, ok := finished(s.Created, c.now); !ok {
		return 0, nil, invalid("the order of profit sharing is PROCESSING")
	}
	if err := s.takeBack(g.ReturnMchID, g.Amount); err != nil {
		return 0, nil, err
	}
	n, err := c.number("return_id")
	if err != nil {
		return 0, nil, err
	}
	g.ReturnID = fmt.Sprintf("3009%06d%s%s", c.seed%1_000_000, beijing.Day(c.now), n)
	if err := c.saveSharing(&s); err != nil {
		return 0, nil, err
	}
	if err := g.post(c.tx, c.merchant.MchID); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, g.answer(c.now), store.Save(c.tx, givebacks, key, g)
}

// sharingToReturn is the sharing that the body names, by either number; when it
// names both, they must be of one sharing.
func (c *call) sharingToReturn() (s sharing, err error) {
	id, number := c.body.Get("order_id").String(), c.body.Get("out_order_no").String()
	of := number
	switch {
	case id != "":
		if of, _, err = store.Load[string](c.tx, shareIDs, orderKey(c.merchant.MchID, id)); err != nil {
			return s, err
		}
	case number == "":
		return s, badField("/order_id", nil, "order_id or out_order_no is required")
	}
	s, found, err := c.loadSharing(of)
	switch {
	case err != nil:
		return s, err
	case !found:
		return s, noResource("order of profit sharing")
	case number != "" && number != s.OutOrderNo:
		return s, badField("/out_order_no", number, "it is not that of order_id")
	}
	return s, nil
}

// takeBack takes amount from what a merchant has left of its parts.
func (s *sharing) takeBack(mchID string, amount int64) error {
	left := int64(0)
	for _, p := range s.Parts {
		if p.Type == receiverMerchant && p.Account == mchID {
			left += p.Amount - p.Returned
		}
	}
	if amount > left {
		return invalid(fmt.Sprintf("the return is of %d fen, but return_mchid has %d left of this order", amount, left))
	}
	for i := range s.Parts {
		if p := &s.Parts[i]; p.Type == receiverMerchant && p.Account == mchID {
			take := min(amount, p.Amount-p.Returned)
			p.Returned += take
			amount -= take
		}
	}
	return nil
}

func queryReturn(c *call) (int, any, error) {
	g, found, err := store.Load[giveback](c.tx, givebacks, orderKey(c.merchant.MchID, c.vars["out_return_no"]))
	if err == nil && (!found || g.OutOrderNo != c.query.Get("out_order_no")) {
		err = noResource("return of profit sharing")
	}
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, g.answer(c.now), nil
}

// A givebackAnswer is a giveback as the platform shows it.
type givebackAnswer struct {
	givebackFields
	Result     string `json:"result"`
	CreateTime string `json:"create_time"`
	FinishTime string `json:"finish_time"`
}

func (g giveback) answer(now time.Time) givebackAnswer {
	a := givebackAnswer{g.givebackFields, resultProcessing, beijing.Format(g.Created), finishTime(g.Created, now)}
	if _, ok := finished(g.Created, now); ok {
		a.Result = resultSuccess
	}
	return a
}
