package sandbox

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/wxchain/wechatpay/sandbox/internal/journal"
	"github.com/wxchain/wechatpay/sandbox/internal/money"
)

// A Step is a state of an order, a refund or the like, and since when.
type Step struct {
	State string    `json:"state"`
	Time  time.Time `json:"time"`
	// Kind and Number say whose state it is.
	Kind   RecordKind `json:"kind"`
	Number string     `json:"number"`
	// Coming reports whether that is a time to come.
	Coming bool `json:"coming,omitempty"`
}

// An OrderStory is an order with what happened to it.
type OrderStory struct {
	Order   Record   `json:"order"`
	Refunds []Record `json:"refunds"`
	// Steps are the states of the order and its refunds, oldest first.
	Steps []Step `json:"steps"`
	// Requests are the latest of its merchants that name the order by one of its
	// numbers, newest first, and those that were refused before a merchant was known.
	Requests []Request `json:"requests"`
	// Notifications are those that name its payment: also those of its refunds, of
	// profit sharing and of complaints, oldest first.
	Notifications []Notification `json:"notifications"`
	NotifyURL     string         `json:"notify_url,omitempty"`
	Attach        string         `json:"attach,omitempty"`
	// CodeURL and H5URL are how the user of a native or H5 order pays. CodeURL is ""
	// for other orders; H5URL is a path of the sandbox.
	CodeURL  string    `json:"code_url,omitempty"`
	H5URL    string    `json:"h5_url,omitempty"`
	Expire   time.Time `json:"time_expire,omitzero"`
	Refunded int64     `json:"refunded"`
	// Coupons are those that the user can pay with, or could still use on the payment.
	Coupons []Record `json:"coupons"`
	// BankType is how the order was paid, Used are the coupons that paid a part of it,
	// and PayerTotal is the rest.
	BankType   string   `json:"bank_type,omitempty"`
	PayerTotal int64    `json:"payer_total"`
	Used       []Record `json:"used_coupons"`
}

// OrderStory returns an order with what happened to it. The order is found as
// [Server.Pay] finds it. It is an error that it does not exist.
func (s *Server) OrderStory(mchID, outTradeNo string) (OrderStory, error) {
	var story OrderStory
	err := s.read(func(l *money.Ledger) error {
		o, refunds, coupons, err := l.Story(mchID, outTradeNo)
		if err != nil {
			return err
		}
		story = OrderStory{Order: recordOf(o.Record), NotifyURL: o.NotifyURL, Attach: o.Attach, CodeURL: o.CodeURL, H5URL: o.H5URL,
			Expire: o.Expire, Refunded: o.Refunded, Refunds: recordsOf(refunds), Coupons: recordsOf(coupons),
			BankType: o.BankType, PayerTotal: o.PayerTotal, Used: recordsOf(o.Used)}
		for _, t := range o.Steps {
			story.Steps = append(story.Steps, Step{t.State, t.At, RecordKind(t.Kind), t.Number, t.At.After(l.Now)})
		}
		return nil
	})
	if err != nil {
		return OrderStory{}, s.playError(err, "order %q of merchant %q", outTradeNo, mchID)
	}
	story.Requests = s.requestsOf(story.Order)
	story.Notifications = s.notificationsOf(story.Order)
	return story, nil
}

// requestsOf returns the latest requests that are about an order.
func (s *Server) requestsOf(r Record) []Request {
	about := newAbout(r)
	all := []Request{}
	s.requests.Newest(0, func(e *journal.Entry[Request, kept]) bool {
		if about.has(e) {
			all = append(all, numbered(e))
		}
		return len(all) < defaultLimit
	})
	return all
}

// An about selects the requests that are about an order. Another order may have a number
// that contains that of the order, and an order of another merchant may have the same.
type about struct {
	owners   []string // who may call; "" is who is not known
	numbers  []string // one of which names the order
	combined string   // is named by requests of others, or ""
}

func newAbout(r Record) about {
	a := about{owners: []string{"", r.MchID, r.SubMchID}, combined: r.Numbers["combine_out_trade_no"]}
	for _, name := range [...]string{"out_trade_no", "transaction_id", "prepay_id"} {
		if number := r.Numbers[name]; number != "" {
			a.numbers = append(a.numbers, number)
		}
	}
	return a
}

func (a about) has(e *journal.Entry[Request, kept]) bool {
	names := func(number string) bool { return isNamed(e, number) }
	isOwn := slices.Contains(a.owners, e.Line.MchID) || a.combined != "" && names(a.combined)
	return isOwn && slices.ContainsFunc(a.numbers, names)
}

// isNamed reports whether a request or its answer has a number, and not only as a part of
// another one.
func isNamed(e *journal.Entry[Request, kept], number string) bool {
	k := e.Detail()
	return isAsked(e, number) || k != nil && hasNumber(k.reply, number)
}

// isAsked does what isNamed does, without the answer.
func isAsked(e *journal.Entry[Request, kept], number string) bool {
	target, err := url.PathUnescape(e.Line.Target)
	if err != nil {
		target = e.Line.Target
	}
	k := e.Detail()
	return hasNumber([]byte(target), number) || k != nil && hasNumber(k.body, number)
}

// hasNumber reports whether text has a number that is not a part of another one.
func hasNumber(text []byte, number string) bool {
	for {
		i := bytes.Index(text, []byte(number))
		if i < 0 {
			return false
		}
		end := i + len(number)
		if (i == 0 || !isOfNumber(text[i-1])) && (end == len(text) || !isOfNumber(text[end])) {
			return true
		}
		text = text[i+1:]
	}
}

// isOfNumber reports whether a merchant's number may have a byte.
func isOfNumber(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || strings.IndexByte("_-|*@", b) >= 0
}

// notificationsOf returns the notifications that name the payment of an order.
func (s *Server) notificationsOf(r Record) []Notification {
	all := []Notification{}
	id := r.Numbers["transaction_id"]
	for _, n := range s.Notifications() {
		if id != "" && slices.Contains(n.Numbers, id) {
			all = append(all, n)
		}
	}
	return all
}
