package sandbox

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// openTime is how long a red packet can be opened.
const openTime = 24 * time.Hour

// A redPacket is money that users open in a chat; a group's is shared among
// those who do so first. Amounts are in fen.
type redPacket struct {
	MchID       string       `json:"mchid"`
	MchBillNo   string       `json:"mch_billno"`
	SendListID  string       `json:"send_listid"`
	OpenID      string       `json:"openid"` // of who it was sent to
	Group       bool         `json:"group,omitempty"`
	Amount      int64        `json:"amount"`
	Num         int          `json:"num"` // how many may open it
	Wishing     string       `json:"wishing"`
	Remark      string       `json:"remark"`
	ActName     string       `json:"act_name"`
	Sent        time.Time    `json:"sent"`
	Fingerprint string       `json:"fingerprint"` // of the parameters
	Opened      []redPortion `json:"opened,omitempty"`
}

// A redPortion is what one user got of a red packet.
type redPortion struct {
	OpenID string    `json:"openid"`
	Amount int64     `json:"amount"`
	Time   time.Time `json:"time"`
}

const redPacketBucket = "red_packet" // by mchid/mch_billno

func (p *redPacket) save(tx Tx) error {
	return store.Save(tx, redPacketBucket, orderKey(p.MchID, p.MchBillNo), p)
}

var errNoRedPacket = &refusal{Status: http.StatusNotFound, Code: "NOT_FOUND", Message: "there is no such red packet of this merchant within 30 days"}

func loadRedPacket(tx Tx, mchID, mchBillNo string) (*redPacket, error) {
	p, found, err := store.Load[redPacket](tx, redPacketBucket, orderKey(mchID, mchBillNo))
	if err == nil && !found {
		err = errNoRedPacket
	}
	return &p, err
}

// left is what nobody has opened.
func (p *redPacket) left() int64 {
	left := p.Amount
	for _, portion := range p.Opened {
		left -= portion.Amount
	}
	return left
}

// end is from when on nobody can open it.
func (p *redPacket) end() time.Time { return p.Sent.Add(openTime) }

// state is the status at an instant, as queries show it.
func (p *redPacket) state(now time.Time) string {
	switch {
	case len(p.Opened) == p.Num:
		return "RECEIVED"
	case !now.Before(p.end()):
		return "REFUND"
	}
	return "SENT"
}

// OpenRedPacket has a user open a red packet, and returns how much the user
// gets, in fen: all of it, or of a group's a share that is as good as random.
// openID is the user, "" for who it was sent to. It is an error that there is no
// such red packet, that all of it is gone, that the user has opened it before, or
// that it was sent 24 hours ago: what is left then has gone back to the merchant.
func (s *Server) OpenRedPacket(mchID, mchBillNo, openID string) (amount int64, err error) {
	err = s.store.Update(func(tx Tx) error {
		p, err := loadRedPacket(tx, mchID, mchBillNo)
		if err != nil {
			return err
		}
		if openID == "" {
			openID = p.OpenID
		}
		now := s.clock()
		if state := p.state(now); state != "SENT" {
			return fmt.Errorf("it is %s already", state)
		}
		if !p.Group && openID != p.OpenID {
			return fmt.Errorf("it was sent to another user than %q", openID)
		}
		for _, portion := range p.Opened {
			if portion.OpenID == openID {
				return fmt.Errorf("user %q has opened it before", openID)
			}
		}
		amount = p.share(s.seed)
		if err := p.change(tx, func() { p.Opened = append(p.Opened, redPortion{openID, amount, now}) }); err != nil {
			return err
		}
		return p.save(tx)
	})
	if err != nil {
		return 0, fmt.Errorf("sandbox: opening red packet %q of merchant %q: %w", mchBillNo, mchID, err)
	}
	return amount, nil
}

// share is what the next user gets: between a fen and twice the average of those
// who have not opened it yet, and the last all that is left.
func (p *redPacket) share(seed uint64) int64 {
	left, users := p.left(), int64(p.Num-len(p.Opened))
	if users == 1 {
		return left
	}
	most := min(2*left/users, left-(users-1)) // a fen at least is everybody's
	return 1 + rand.New(rand.NewPCG(seed, uint64(left))).Int64N(most)
}
