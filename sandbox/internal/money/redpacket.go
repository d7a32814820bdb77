package money

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// openTime is how long a red packet can be opened.
const openTime = 24 * time.Hour

// The limits of what a user gets, in fen, unless the scene of the red packet has
// others, and of the size of a group.
const (
	minRed, maxRed           = 1_00, 200_00
	minRedGroup, maxRedGroup = 3, 20
)

// A RedPacket is money that users open in a chat. A group's red packet is shared
// by the first users who open it.
type RedPacket struct {
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
	Opened      []RedPortion `json:"opened,omitempty"`
}

// A RedPortion is what one user got of a red packet.
type RedPortion struct {
	OpenID string    `json:"openid"`
	Amount int64     `json:"amount"`
	Time   time.Time `json:"time"`
}

// A RedPacketState is the state of a red packet.
type RedPacketState string

// The states of red packets.
const (
	RedPacketSent     RedPacketState = "SENT"
	RedPacketReceived RedPacketState = "RECEIVED" // all of it
	RedPacketRefunded RedPacketState = "REFUND"   // the rest of it
)

const redPackets = "red_packet" // by mchid/mch_billno

var (
	mchBillNo      = regexp.MustCompile(`^[0-9A-Za-z]{1,28}$`)
	errNoRedPacket = &Refusal{Reason: NoRedPacket, Message: "there is no such red packet of this merchant within 30 days"}
)

func (p *RedPacket) key() string { return key(p.MchID, p.MchBillNo) }

func (p *RedPacket) save(tx store.Tx) error { return store.Save(tx, redPackets, p.key(), p) }

func (l *Ledger) loadRedPacket(mchID, mchBillNo string) (*RedPacket, error) {
	p, found, err := store.Load[RedPacket](l.Tx, redPackets, key(mchID, mchBillNo))
	if err == nil && !found {
		err = errNoRedPacket
	}
	return &p, err
}

// RedPacket returns the red packet with a merchant's number, if it can still be
// queried.
func (l *Ledger) RedPacket(mchID, mchBillNo string) (*RedPacket, error) {
	p, err := l.loadRedPacket(mchID, mchBillNo)
	if err == nil && l.Now.After(p.Sent.AddDate(0, 0, queryDays)) {
		err = errNoRedPacket
	}
	return p, err
}

// Left returns what nobody has opened.
func (p *RedPacket) Left() int64 {
	left := p.Amount
	for _, portion := range p.Opened {
		left -= portion.Amount
	}
	return left
}

// End returns the time after which nobody can open the red packet.
func (p *RedPacket) End() time.Time { return p.Sent.Add(openTime) }

// StateAt returns the state at an instant.
func (p *RedPacket) StateAt(now time.Time) RedPacketState {
	switch {
	case len(p.Opened) == p.Num:
		return RedPacketReceived
	case !now.Before(p.End()):
		return RedPacketRefunded
	}
	return RedPacketSent
}

// SendRedPacket accepts a red packet. Repeating the number sends no second one.
// With a scene, the limits of what a user gets may be others.
func (l *Ledger) SendRedPacket(made *RedPacket, scene string) (*RedPacket, error) {
	if err := made.check(scene); err != nil {
		return nil, err
	}
	p, err := l.loadRedPacket(made.MchID, made.MchBillNo)
	switch {
	case err == nil && p.Fingerprint != made.Fingerprint:
		return nil, &Refusal{Reason: RedPacketUsed, Message: "mch_billno was used for another red packet; repeat that request as it was, or take a new number"}
	case err == nil:
		return p, nil
	case !errors.Is(err, errNoRedPacket):
		return nil, err
	}
	if err := l.checkBalance(made.MchID, AccountOperation, made.Amount); err != nil {
		return nil, err
	}
	if made.SendListID, err = l.nextLongNumber("send_listid", "10000", 6); err != nil {
		return nil, err
	}
	made.Sent = l.Now
	l.Postings = append(l.Postings,
		Posting{At: made.Sent, Kind: PostedRedPacket, Key: made.key(), MchIDs: []string{made.MchID}, Moves: made.Moves()},
		Posting{At: made.End(), Kind: PostedRedPacketReturn, Key: made.key(), MchIDs: []string{made.MchID}, Moves: made.ReturnMoves()})
	return made, made.save(l.Tx)
}

// check returns what is wrong with a red packet, without regard to others.
func (p *RedPacket) check(scene string) error {
	if !mchBillNo.MatchString(p.MchBillNo) {
		return BadField("mch_billno", p.MchBillNo, "1 to 28 of 0-9 A-Z a-z are wanted")
	}
	if !p.Group && p.Num != 1 || p.Group && (p.Num < minRedGroup || p.Num > maxRedGroup) {
		return BadField("total_num", p.Num, fmt.Sprintf("1 is wanted, or for a group %d to %d", minRedGroup, maxRedGroup))
	}
	each := p.Amount / int64(p.Num)
	if within := each >= minRed && p.Amount <= maxRed*int64(p.Num); each < 1 || !within && scene == "" {
		return &Refusal{Reason: RedPacketLimit, Message: fmt.Sprintf("%d to %d fen a user are wanted, or a scene_id", minRed, maxRed)}
	}
	return nil
}

// OpenRedPacket opens a red packet as a user does, and returns how much the user
// gets. openID is the user; "" is the user that it was sent to.
func (l *Ledger) OpenRedPacket(mchID, mchBillNo, openID string) (amount int64, err error) {
	p, err := l.loadRedPacket(mchID, mchBillNo)
	if err != nil {
		return 0, err
	}
	if openID == "" {
		openID = p.OpenID
	}
	if err := p.checkOpen(openID, l.Now); err != nil {
		return 0, err
	}
	before := negate(p.ReturnMoves())
	amount = p.share(l.Seed)
	p.Opened = append(p.Opened, RedPortion{openID, amount, l.Now})
	l.Postings = append(l.Postings, Posting{At: p.End(), Kind: PostedRedPacketReturn, Key: p.key(), MchIDs: []string{p.MchID},
		Moves: append(before, p.ReturnMoves()...), Corrects: true})
	return amount, p.save(l.Tx)
}

// checkOpen returns why a user cannot open a red packet.
func (p *RedPacket) checkOpen(openID string, now time.Time) error {
	if state := p.StateAt(now); state != RedPacketSent {
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
	return nil
}

// share returns what the next user gets: between one fen and twice the average of
// those who have not opened it yet. The last user gets the rest.
func (p *RedPacket) share(seed uint64) int64 {
	left, users := p.Left(), int64(p.Num-len(p.Opened))
	if users == 1 {
		return left
	}
	most := min(2*left/users, left-(users-1)) // everybody gets at least one fen
	return 1 + rand.New(rand.NewPCG(seed, uint64(left))).Int64N(most)
}

// Moves returns the moves of sending a red packet.
func (p *RedPacket) Moves() []Move {
	return []Move{{p.MchID, AccountOperation, -p.Amount, ByRedPacket, p.Remark}}
}

// ReturnMoves returns the moves that return what nobody has opened.
func (p *RedPacket) ReturnMoves() []Move {
	return withoutZero(Move{p.MchID, AccountOperation, p.Left(), ByRedPacketReturn, p.Remark})
}
