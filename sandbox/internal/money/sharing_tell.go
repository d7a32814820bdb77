package money

import (
	"cmp"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// sharingURLs has the URLs at which merchants are notified of what they receive by
// profit sharing, by mchid.
const sharingURLs = "sharing_url"

// NotifySharing sets the URL at which a merchant is notified of what it receives by
// profit sharing and gives back. The URL "" ends this.
func (l *Ledger) NotifySharing(mchID, url string) error {
	if err := l.Parties.CheckMerchant(mchID); err != nil {
		return err
	}
	if err := checkNotifyURL(url); err != nil {
		return err
	}
	return store.Save(l.Tx, sharingURLs, mchID, url)
}

// A ReceiverMoved means that a receiver of profit sharing got money, or gave some
// back.
type ReceiverMoved struct {
	MchID, URL string // who is told, and where

	Sharer        Owner  // who asked for it, and who pays
	TransactionID string // of the order
	OrderID       string // of the sharing, or of the return
	OutOrderNo    string
	Type, Account string // of the receiver
	Amount        int64
	Description   string
	At            time.Time
	IsReturn      bool
}

// Told returns the merchant to notify and the URL.
func (e ReceiverMoved) Told() (mchID, url string) { return e.MchID, e.URL }

// Numbers returns the numbers of the sharing or the return, and of the payment.
func (e ReceiverMoved) Numbers() []string {
	return []string{e.OutOrderNo, e.OrderID, e.TransactionID}
}

// listener returns the URL at which the receiver of a part is notified, or "". Who
// shares is not told of its own part.
func (l *Ledger) listener(s *Sharing, p Part) (url string, err error) {
	if p.Type == ReceiverMerchant && p.Account != cmp.Or(s.SubMchID, s.MchID) {
		url, _, err = store.Load[string](l.Tx, sharingURLs, p.Account)
	}
	return url, err
}

// awaitShared notifies, when a sharing is finished, its receivers that have set a
// URL, and at notify_url the merchant who asked for it.
func (l *Ledger) awaitShared(s *Sharing) error {
	s.Tells = s.NotifyURL != ""
	for _, p := range s.Parts {
		url, err := l.listener(s, p)
		if err != nil {
			return err
		}
		s.Tells = s.Tells || url != ""
	}
	if s.Tells {
		l.Deadlines = append(l.Deadlines, s.deadline())
	}
	return nil
}

// deadline returns when a sharing is finished.
func (s *Sharing) deadline() Deadline {
	mchID, number := s.MchID, s.OutOrderNo
	return Deadline{s.Created.Add(shareTime), func(l *Ledger) error {
		s, err := l.loadSharing(mchID, number)
		if err != nil || !s.Tells {
			return err
		}
		s.Tells = false
		if err := l.tellShared(s); err != nil {
			return err
		}
		return s.save(l.Tx, mchID)
	}}
}

// tellShared notifies of the parts of a sharing that their receivers got.
func (l *Ledger) tellShared(s *Sharing) error {
	for _, p := range s.Parts {
		if p.FailReason != "" {
			continue
		}
		e := ReceiverMoved{Sharer: Owner{s.MchID, s.SubMchID}, TransactionID: s.TransactionID, OrderID: s.OrderID, OutOrderNo: s.OutOrderNo,
			Type: p.Type, Account: p.Account, Amount: p.Amount, Description: p.Description, At: s.Created.Add(shareTime)}
		url, err := l.listener(s, p)
		if err != nil {
			return err
		}
		for _, to := range [...][2]string{{p.Account, url}, {s.MchID, s.NotifyURL}} {
			if e.MchID, e.URL = to[0], to[1]; e.URL != "" {
				l.Events = append(l.Events, e)
			}
		}
	}
	return nil
}

// tellReturned notifies a receiver of what it gave back.
func (l *Ledger) tellReturned(mchID string, s *Sharing, g *SharingReturn) error {
	if g.FailReason != "" {
		return nil
	}
	url, _, err := store.Load[string](l.Tx, sharingURLs, g.ReturnMchID)
	if err == nil && url != "" {
		l.Events = append(l.Events, ReceiverMoved{MchID: g.ReturnMchID, URL: url, Sharer: Owner{mchID, s.SubMchID}, TransactionID: s.TransactionID,
			OrderID: g.ReturnID, OutOrderNo: g.OutReturnNo, Type: ReceiverMerchant, Account: g.ReturnMchID, Amount: g.Amount,
			Description: g.Description, At: g.Created, IsReturn: true})
	}
	return err
}
