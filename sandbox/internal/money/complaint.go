package money

import (
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/wxchain/wechatpay/sandbox/internal/beijing"
	"github.com/wxchain/wechatpay/sandbox/internal/store"
)

// A ComplaintState is the state of a complaint.
type ComplaintState string

// The states of complaints.
const (
	ComplaintPending    ComplaintState = "PENDING"    // it has no response yet
	ComplaintProcessing ComplaintState = "PROCESSING" // it has one
	ComplaintProcessed  ComplaintState = "PROCESSED"
)

// Limits of a response.
const (
	maxResponse       = 200 // characters
	maxResponseImages = 4
)

// A Complaint is a user's complaint about a paid order.
type Complaint struct {
	Owner
	ID            string          `json:"complaint_id"`
	TransactionID string          `json:"transaction_id"`
	OpenID        string          `json:"openid"`
	Detail        string          `json:"detail"`
	Created       time.Time       `json:"created"`
	State         ComplaintState  `json:"state"`
	Times         int             `json:"times"` // how often the user has complained
	Steps         []ComplaintStep `json:"steps"` // oldest first
}

// A ComplaintStep is an action on a complaint.
type ComplaintStep struct {
	ID     string          `json:"id"`
	Action ComplaintAction `json:"action"`
	Time   time.Time       `json:"time"`
	Text   string          `json:"text,omitempty"`
	Images []string        `json:"images,omitempty"` // by media_id
}

// A ComplaintAction is a kind of action on a complaint.
type ComplaintAction string

// The actions.
const (
	CreateComplaint   ComplaintAction = "CREATE_COMPLAINT"
	ContinueComplaint ComplaintAction = "CONTINUE_COMPLAINT"
	RespondComplaint  ComplaintAction = "MERCHANT_RESPONSE"
	ConfirmComplaint  ComplaintAction = "MERCHANT_CONFIRM_COMPLETE"
)

const (
	complaints         = "complaint"          // by mchid/complaint_id
	complaintsOf       = "complaint-of"       // the complaint_id, by the key of the order
	complaintCallbacks = "complaint-callback" // where a merchant is told, by mchid
)

func (k *Complaint) save(tx store.Tx) error {
	return store.Save(tx, complaints, key(k.MchID, k.ID), k)
}

// Complaint returns a complaint about a merchant, or about one of its
// sub-merchants.
func (l *Ledger) Complaint(mchID, complaintID string) (*Complaint, error) {
	k, found, err := store.Load[Complaint](l.Tx, complaints, key(mchID, complaintID))
	if err == nil && !found {
		err = errNotFound("complaint")
	}
	return &k, err
}

// Complaints returns the complaints about a merchant and its sub-merchants,
// newest first. from is included, to is not.
func (l *Ledger) Complaints(mchID string, from, to time.Time) (all []*Complaint, err error) {
	err = store.Each(l.Tx, complaints, key(mchID, ""), func(k Complaint) error {
		if !k.Created.Before(from) && k.Created.Before(to) {
			all = append(all, &k)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b *Complaint) int { return b.Created.Compare(a.Created) })
	return all, err
}

// Complain complains of a paid order as its user does, and returns the
// complaint_id. A later complaint about the same order continues the first. The
// order is that of a merchant, or of one of its partners or sub-merchants.
func (l *Ledger) Complain(mchID, outTradeNo, detail string) (complaintID string, err error) {
	o, err := find[Order](l, orders, mchID, outTradeNo, ErrNoOrder)
	if err != nil {
		return "", err
	}
	if !o.IsPaid() {
		return "", errNotPaid
	}
	id, found, err := store.Load[string](l.Tx, complaintsOf, o.Key())
	if err != nil {
		return "", err
	}
	action, k := ContinueComplaint, new(Complaint)
	if found {
		if k, err = l.Complaint(o.MchID, id); err != nil {
			return "", err
		}
	} else {
		action = CreateComplaint
		if k, err = l.newComplaint(o); err != nil {
			return "", err
		}
	}
	k.Detail, k.State = detail, ComplaintPending
	k.Times++
	return k.ID, l.addStep(k, ComplaintStep{Action: action, Text: detail})
}

func (l *Ledger) newComplaint(o *Order) (*Complaint, error) {
	n, err := l.NextNumber("complaint_id")
	if err != nil {
		return nil, err
	}
	k := &Complaint{Owner: o.Owner, ID: "2002018" + beijing.Day(l.Now) + n, TransactionID: o.TransactionID, OpenID: o.OpenID, Created: l.Now}
	return k, store.Save(l.Tx, complaintsOf, o.Key(), k.ID)
}

// RespondToComplaint answers the user who complains.
func (l *Ledger) RespondToComplaint(k *Complaint, text string, images []string) error {
	switch n := utf8.RuneCountInString(text); {
	case n < 1 || n > maxResponse:
		return BadField("response_content", nil, fmt.Sprintf("%d characters, want 1 to %d", n, maxResponse))
	case len(images) > maxResponseImages:
		return BadField("response_images", nil, fmt.Sprintf("%d images, want at most %d", len(images), maxResponseImages))
	case k.State == ComplaintProcessed:
		return Invalid("the complaint is " + string(k.State))
	}
	k.State = ComplaintProcessing
	return l.addStep(k, ComplaintStep{Action: RespondComplaint, Text: text, Images: images})
}

// CompleteComplaint marks a complaint as settled. Doing so again changes nothing.
func (l *Ledger) CompleteComplaint(k *Complaint) error {
	if k.State == ComplaintProcessed {
		return nil
	}
	k.State = ComplaintProcessed
	return l.addStep(k, ComplaintStep{Action: ConfirmComplaint})
}

// addStep stores an action on a complaint, and notifies its merchant.
func (l *Ledger) addStep(k *Complaint, step ComplaintStep) (err error) {
	if step.ID, err = l.nextLongNumber("log_id", "3002", 6); err != nil {
		return err
	}
	step.Time = l.Now
	k.Steps = append(k.Steps, step)
	told, _, err := store.Load[string](l.Tx, complaintCallbacks, k.MchID)
	if err != nil {
		return err
	}
	l.Events = append(l.Events, ComplaintChanged{k, step.Action, told})
	return k.save(l.Tx)
}

// SetComplaintCallback sets the URL where a merchant is notified of complaints
// about it and its sub-merchants.
func (l *Ledger) SetComplaintCallback(mchID, notifyURL string) error {
	if u, err := url.Parse(notifyURL); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return BadField("url", notifyURL[:min(len(notifyURL), maxShownURL)], "a URL is wanted")
	}
	return store.Save(l.Tx, complaintCallbacks, mchID, notifyURL)
}

// ComplaintCallback returns the URL where a merchant is notified.
func (l *Ledger) ComplaintCallback(mchID string) (notifyURL string, err error) {
	notifyURL, found, err := store.Load[string](l.Tx, complaintCallbacks, mchID)
	if err == nil && !found {
		err = errNotFound("notification URL of complaints")
	}
	return notifyURL, err
}

// DeleteComplaintCallback ends the notifications of a merchant.
func (l *Ledger) DeleteComplaintCallback(mchID string) error {
	return l.Tx.Delete(complaintCallbacks, mchID)
}

// DemoComplaint is the complaint of the documentation's examples.
const DemoComplaint = "200201820200101080076610000"

// addDemoComplaint puts the complaint of the documentation's examples into the store,
// with its paid order, unless it is there. Neither is in bills.
func (l *Ledger) addDemoComplaint(mchID string) error {
	_, found, err := store.Load[Complaint](l.Tx, complaints, key(mchID, DemoComplaint))
	if found || err != nil {
		return err
	}
	o := &Order{
		Owner: Owner{MchID: mchID}, OutTradeNo: "20190906154617947762231", TradeType: "NATIVE", Description: "a demo",
		OpenID: somebody, Total: 3, Placed: l.Now, Paid: l.Now, State: OrderSuccess, TransactionID: "4200000404201909069117582536",
	}
	k := &Complaint{
		Owner: o.Owner, ID: DemoComplaint, TransactionID: o.TransactionID, OpenID: o.OpenID, Detail: "反馈一个重复扣费的问题", Created: l.Now, State: ComplaintPending, Times: 1,
		Steps: []ComplaintStep{{ID: "300285320210322170000071077", Action: CreateComplaint, Time: l.Now, Text: "反馈一个重复扣费的问题"}},
	}
	for _, save := range []func() error{
		func() error { return store.Save(l.Tx, orders, o.Key(), o) },
		func() error { return store.Save(l.Tx, transactions, o.TransactionID, o.Key()) },
		func() error { return store.Save(l.Tx, complaintsOf, o.Key(), k.ID) },
		func() error { return k.save(l.Tx) },
	} {
		if err := save(); err != nil {
			return err
		}
	}
	return nil
}
