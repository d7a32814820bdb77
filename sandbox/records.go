package sandbox

import (
	"fmt"
	"slices"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/money"
	"github.com/wxchain/wechatpay/sandbox/internal/records"
)

// A RecordKind is a kind of what a sandbox keeps.
type RecordKind string

// The kinds of records.
const (
	RecordOrder     RecordKind = "order"
	RecordRefund    RecordKind = "refund"
	RecordCoupon    RecordKind = "coupon"
	RecordTransfer  RecordKind = "transfer"
	RecordSharing   RecordKind = "sharing"
	RecordRedPacket RecordKind = "redpacket"
	// A combined order, of which each part is a RecordOrder too.
	RecordCombined  RecordKind = "combined"
	RecordComplaint RecordKind = "complaint"
	// A user's consent to receive transfers without confirming each.
	RecordAuthorization RecordKind = "authorization"
)

var recordKinds = []RecordKind{RecordOrder, RecordRefund, RecordCoupon, RecordTransfer, RecordSharing, RecordRedPacket,
	RecordCombined, RecordComplaint, RecordAuthorization}

// A Record is what a list shows of an order, a refund and the other kinds.
type Record struct {
	Kind     RecordKind `json:"kind"`
	MchID    string     `json:"mchid"`
	SubMchID string     `json:"sub_mchid,omitempty"`
	// Number is the merchant's number, such as out_trade_no, or the platform's if
	// there is none. Numbers has all numbers by name.
	Number  string            `json:"number"`
	Numbers map[string]string `json:"numbers"`
	State   string            `json:"state"`
	// Amount is in fen.
	Amount  int64     `json:"amount"`
	Created time.Time `json:"created"`
	// OpenID is the user, if one is known.
	OpenID string `json:"openid,omitempty"`
	// Type is the trade_type of an order, the transfer_scene_id of an authorization, or
	// the hb_type of a red packet.
	Type string `json:"type,omitempty"`
	// Title is the description of an order, what the user sees of a transfer or a red
	// packet, the text of a complaint, or the user's name of an authorization.
	Title string `json:"title,omitempty"`
}

// note adds the records of a transaction, once it is stored, to the lists.
func (s *Server) note(changed []records.Noted) {
	s.records.Add(changed)
	for _, c := range changed {
		s.watch.tell(Change(c.Kind()))
	}
}

// read runs f with what is stored, as of now.
func (s *Server) read(f func(*money.Ledger) error) error { return s.transact(s.clock(), true, f) }

// Records returns a page of what the sandbox keeps of a kind.
func (s *Server) Records(kind RecordKind, q Query) (Page[Record], error) {
	if !slices.Contains(recordKinds, kind) {
		return Page[Record]{}, fmt.Errorf("sandbox: records of the kind %.32q: there are %q", kind, recordKinds)
	}
	found, next, err := s.records.Page(s.read, money.RecordKind(kind), records.Filter{MchID: q.MchID, Text: q.Text}, q.Before, q.limit())
	if err != nil {
		return Page[Record]{}, fmt.Errorf("sandbox: records of the kind %s: %w", kind, err)
	}
	return Page[Record]{Items: recordsOf(found), Next: next}, nil
}

func recordsOf(found []money.Record) []Record {
	all := make([]Record, len(found))
	for i, r := range found {
		all[i] = recordOf(r)
	}
	return all
}

func recordOf(r money.Record) Record {
	return Record{RecordKind(r.Kind), r.MchID, r.SubMchID, r.Number, r.Numbers, r.State, r.Amount, r.Created, r.OpenID, r.Type, r.Title}
}

// Counts returns how many records there are of each kind.
func (s *Server) Counts() (map[RecordKind]int, error) {
	counts := make(map[RecordKind]int, len(recordKinds))
	for _, kind := range recordKinds {
		n, err := s.records.Count(s.read, money.RecordKind(kind))
		if err != nil {
			return nil, fmt.Errorf("sandbox: counting records: %w", err)
		}
		counts[kind] = n
	}
	return counts, nil
}
